"""Drives the pure runtime: a diagram in, triggers one by one, and what came of it. No database, no clock."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.bpmn import migrate, run, snapshot
from engine.bpmn.definition import Definition
from engine.bpmn.progress import (
    Close,
    CompleteElement,
    Continue,
    Fail,
    Fire,
    Limits,
    OpenJob,
    OpenSubscription,
    OpenTask,
    OpenTimer,
    Progress,
    RaiseIncident,
    ResolveIncident,
    Retry,
    Skip,
    Start,
    StartChild,
    Surroundings,
    ThrowError,
)
from engine.bpmn.read import read
from engine.errors import NotFound

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d" targetNamespace="t">'
)


def diagram(body: str, *, roots: str = "", attributes: str = "") -> bytes:
    """Wrap the content of one process ``p``."""
    return f'{HEAD}{roots}<process id="p" isExecutable="true" {attributes}>{body}</process></definitions>'.encode()


def definition(xml: bytes) -> Definition:
    """Read a diagram that must be readable."""
    found = read(xml)
    assert not [problem for problem in found.problems if problem.severity == "error"], found.problems
    return found.definitions[0]


class Drive:
    """One instance; with ``snapshots`` it is saved and loaded after every command."""

    def __init__(self, source: bytes | Definition, *, snapshots: bool = True, limits: Limits | None = None) -> None:
        self.definition = definition(source) if isinstance(source, bytes) else source
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.limits = limits or Limits()
        self.snapshots = snapshots
        self.state = None
        self.stored: dict[int, str] = {}
        self.head = ""
        self.open: dict[int, Any] = {}
        self.incidents: dict[int, RaiseIncident] = {}
        self.asks: list[Any] = []
        self.history: list[Any] = []
        self.ended = None
        self.decisions: dict[str, Any] = {}

    def start(self, variables: Mapping[str, Any] | None = None, **options: Any) -> Drive:
        return self.give(Start(dict(variables or {}), **options))

    def give(self, trigger: Any) -> Drive:
        progress = self._advance(trigger)
        while progress.continues:
            progress = self._advance(Continue())
        if self.ended is None:
            assert migrate.problems(self.definition, self.definition, self.state, {}) == [], "it fits its own version"
        return self

    def _advance(self, trigger: Any) -> Progress:
        surroundings = Surroundings(self.now, ZoneInfo("Asia/Shanghai"), self._decide, self.limits)
        state = self.state
        if self.snapshots and self.head:
            state = snapshot.load(self.head, self.stored)
        progress = run.advance(self.definition, state, trigger, surroundings)
        self.state = progress.state
        for ask in progress.asks:
            self._take(ask)
        self.history += progress.history
        self.ended = progress.ended or self.ended
        dump = snapshot.dump(progress.state)
        self.head = dump.head
        for id in dump.removed:
            del self.stored[id]
        self.stored |= dump.changed
        whole = {node.id: snapshot.encode(node) for node in progress.state}
        assert self.stored == whole, "the changes that were noted are not all the changes"
        return progress

    def _take(self, ask: Any) -> None:
        self.asks.append(ask)
        if isinstance(ask, OpenTask | OpenJob | OpenTimer | OpenSubscription | StartChild):
            assert ask.id not in self.open
            self.open[ask.id] = ask
        elif isinstance(ask, Close):
            del self.open[ask.id]
        elif isinstance(ask, RaiseIncident):
            self.incidents[ask.id] = ask
        elif isinstance(ask, ResolveIncident):
            del self.incidents[ask.id]

    def _decide(self, decision_id: str, context: Mapping[str, Any], **_: Any) -> tuple[Any, Mapping[str, Any]]:
        if decision_id not in self.decisions:
            raise NotFound("no decision {id}", id=decision_id)
        return self.decisions[decision_id](context), {"decision": decision_id}

    def find(self, element_id: str, kind: type = object) -> int:
        """Give the oldest open thing at an element."""
        found = [id for id, ask in self.open.items() if ask.element_id == element_id and isinstance(ask, kind)]
        assert found, f"nothing open at {element_id}: {self.open}"
        return found[0]

    def complete(self, element_id: str, variables: Mapping[str, Any] | None = None) -> Drive:
        id = self.find(element_id)
        del self.open[id]
        return self.give(CompleteElement(id, dict(variables or {})))

    def throw(self, element_id: str, code: str, variables: Mapping[str, Any] | None = None) -> Drive:
        id = self.find(element_id)
        del self.open[id]
        return self.give(ThrowError(id, code, "", dict(variables or {})))

    def fail(self, element_id: str, message: str = "it broke") -> Drive:
        id = self.find(element_id)
        del self.open[id]
        return self.give(Fail(id, "job", message))

    def fire(self, element_id: str, variables: Mapping[str, Any] | None = None) -> Drive:
        id = self.find(element_id)
        if isinstance(self.open[id], OpenTimer):
            self.now = max(self.now, self.open.pop(id).due_at)
        return self.give(Fire(id, dict(variables or {})))

    def retry(self, element_id: str) -> Drive:
        [id] = [id for id, incident in self.incidents.items() if incident.element_id == element_id]
        return self.give(Retry(id))

    def skip(self, element_id: str, variables: Mapping[str, Any] | None = None) -> Drive:
        [id] = [id for id, incident in self.incidents.items() if incident.element_id == element_id]
        return self.give(Skip(id, dict(variables or {})))

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)

    @property
    def path(self) -> list[str]:
        return [line.element_id for line in self.history if line.kind == "element_completed"]

    @property
    def active(self) -> list[str]:
        return run.active(self.state)

    @property
    def variables(self) -> dict[str, Any]:
        return dict(self.ended.variables) if self.ended else run.local(self.state)

    @property
    def outcome(self) -> str:
        return self.ended.outcome.value if self.ended else ("incident" if self.incidents else "active")

    @property
    def kinds(self) -> list[str]:
        return [incident.kind for incident in self.incidents.values()]


@pytest.fixture
def drive():
    """Make a drive from the body of a process, or from a whole document or definition."""

    def make(source: str | bytes | Definition, *, roots: str = "", **options: Any) -> Drive:
        return Drive(diagram(source, roots=roots) if isinstance(source, str) else source, **options)

    return make


def chain(*elements: str) -> str:
    """Write elements with a sequence flow from each to the next; each is XML whose first attribute is its id."""
    ids = [re.search(r'id="([^"]+)"', element).group(1) for element in elements]
    flows = [f'<sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairwise(ids)]
    return "".join([*elements, *flows])


@pytest.fixture(name="chain")
def chain_fixture():
    return chain
