"""One evaluation in progress: its clock, its budget, what is known so far and, when asked for, its notes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Any, TypeAlias

from engine.dmn.explain import Evaluated, Note
from engine.errors import LimitExceeded, Text

MAX_STEPS = 200_000
MAX_CALLS = 40

Scope: TypeAlias = dict[str, Any]
Step: TypeAlias = "Callable[[Scope, Run], Any]"
"""Compiled logic: gives a value from the names in scope."""


class Run:
    """The state of one evaluation.

    Attributes:
        context: what the caller knows, by name.
        given: {element key: value} for inputs and input decisions that a service was called with.
        results: {element key: value} of decisions evaluated so far.
        functions: {element key: function} of knowledge models and services met so far.
        note: where the decision at work writes its notes; ``None`` when nobody asked.
    """

    __slots__ = ("calls", "context", "decisions", "functions", "given", "note", "now", "results", "steps", "zone")

    def __init__(self, context: Mapping[str, Any], *, now: datetime | None, zone: tzinfo | None, explain: bool) -> None:
        self.context = context
        self.given: dict[str, Any] = {}
        self.results: dict[str, Any] = {}
        self.functions: dict[str, Any] = {}
        self.now = now
        self.zone = zone
        self.note: Note | None = Note() if explain else None
        self.decisions: list[Evaluated] = []
        self.steps = [0]
        self.calls = 0

    def inside(self, context: Mapping[str, Any], given: dict[str, Any]) -> Run:
        """Give a run for the inside of a service: other inputs, nothing known yet, the same clock and budget."""
        inner = Run(context, now=self.now, zone=self.zone, explain=False)
        inner.given = given
        inner.note = self.note
        inner.decisions = self.decisions
        inner.steps = self.steps
        inner.calls = self.calls
        return inner

    def step(self) -> None:
        """Count a step.

        Raises:
            LimitExceeded: there were too many.
        """
        self.steps[0] += 1
        if self.steps[0] > MAX_STEPS:
            raise LimitExceeded("the decision takes more than {limit} steps", limit=MAX_STEPS)

    def enter(self) -> None:
        """Count a call.

        Raises:
            LimitExceeded: calls are nested too deeply.
        """
        self.step()
        self.calls += 1
        if self.calls > MAX_CALLS:
            raise LimitExceeded("functions call one another more than {limit} levels deep", limit=MAX_CALLS)

    def leave(self) -> None:
        """Count the end of a call."""
        self.calls -= 1

    def say(self, at: str, template: str, **params: Any) -> None:
        """Write down why something became null."""
        if self.note is not None:
            self.note.messages.append(Text("{at}: " + template, at=at, **params))
