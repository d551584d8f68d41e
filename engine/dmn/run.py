"""One evaluation in progress: FEEL's own run with its clock and budget, what is known so far and, when asked for, notes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Any, TypeAlias

from engine import feel
from engine.dmn.explain import Evaluated, Note
from engine.errors import LimitExceeded, Text
from engine.feel.bounds import CALLS

Scope: TypeAlias = dict[str, Any]
Step: TypeAlias = "Callable[[Scope, Run], Any]"
"""Compiled logic: gives a value from the names in scope."""


class Run:
    """The state of one evaluation.

    Attributes:
        context: what the caller knows, by name.
        feel: the run that all expressions share, so that its bounds hold for the whole evaluation.
        given: {element key: value} for inputs and input decisions that a service was called with.
        results: {element key: value} of decisions evaluated so far.
        functions: {element key: function} of knowledge models and services met so far.
        note: where the decision at work writes its notes; ``None`` when nobody asked.
        decisions: what was evaluated, in order, when somebody asked.
    """

    __slots__ = ("context", "decisions", "feel", "functions", "given", "note", "results")

    def __init__(self, context: Mapping[str, Any], engine: feel.Run, note: Note | None) -> None:
        self.context = context
        self.feel = engine
        self.given: dict[str, Any] = {}
        self.results: dict[str, Any] = {}
        self.functions: dict[str, Any] = {}
        self.note = note
        self.decisions: list[Evaluated] = []

    @classmethod
    def start(cls, context: Mapping[str, Any], *, now: datetime | None, zone: tzinfo | None, explain: bool) -> Run:
        """Start an evaluation."""
        return cls(feel.accept(context), feel.Run({}, now, zone), Note() if explain else None)

    def inside(self, context: Mapping[str, Any], given: dict[str, Any]) -> Run:
        """Give a run for the inside of a service: other inputs, nothing known yet, the same clock, budget and notes."""
        inner = Run(context, self.feel, self.note)
        inner.given = given
        inner.decisions = self.decisions
        return inner

    def evaluate(self, expression: feel.Expression, scope: Scope, at: str) -> Any:
        """Evaluate an expression over the names in scope. Raises LimitExceeded."""
        engine = self.feel
        outer, engine.context = engine.context, scope
        if self.note is None:
            try:
                return expression.evaluate_in(engine)
            finally:
                engine.context = outer
        heard, engine.messages = engine.messages, []
        try:
            return expression.evaluate_in(engine)
        finally:
            for message in engine.messages:
                self.say(at, "{message}", message=message)
            engine.context, engine.messages = outer, heard

    def meets(self, test: feel.UnaryTests, value: Any, scope: Scope) -> bool:
        """Tell whether a value meets unary tests over the names in scope. Raises LimitExceeded."""
        engine = self.feel
        outer, engine.context = engine.context, scope
        try:
            return test.test_in(engine, value) is True
        finally:
            engine.context = outer

    def call(self, body: Callable[[], Any]) -> Any:
        """Evaluate the body of a function. Raises LimitExceeded when calls are nested too deeply."""
        engine = self.feel
        engine.spend(2)
        engine.calls -= 1
        if engine.calls < 0:
            raise LimitExceeded("functions call one another more than {limit} deep", limit=CALLS)
        try:
            return body()
        finally:
            engine.calls += 1

    def say(self, at: str, template: str, **params: Any) -> None:
        """Write down why something became null."""
        if self.note is not None:
            self.note.messages.append(Text("{at}: {reason}", at=at, reason=Text(template, **params)))
