"""Drives small processes that a deployment would accept, and makes events happen by their kind."""

from __future__ import annotations

from typing import Any

import pytest

from engine.bpmn.lint import lint
from engine.bpmn.progress import OpenSubscription, OpenTimer, SetVariables
from engine.bpmn.read import read
from engine.errors import Invalid
from engine.testing import Harness
from tests.engine.bpmn.conftest import Drive
from tests.engine.diagrams import diagram, message, on_message, on_timer

ROOTS = (
    message("m", "paid", "=order")
    + message("begin", "alarm")
    + '<signal id="s" name="storm"/><error id="err" errorCode="BROKEN"/><escalation id="esc" escalationCode="UP"/>'
)
ON = {
    "message": on_message("m"),
    "timer": on_timer("PT1H"),
    "signal": '<signalEventDefinition signalRef="s"/>',
    "conditional": "<conditionalEventDefinition><condition>=level &gt; 3</condition></conditionalEventDefinition>",
    "error": '<errorEventDefinition errorRef="err"/>',
    "escalation": '<escalationEventDefinition escalationRef="esc"/>',
    "compensate": "<compensateEventDefinition/>",
    "cancel": "<cancelEventDefinition/>",
    "terminate": "<terminateEventDefinition/>",
    "link": '<linkEventDefinition name="there"/>',
}
"""{kind of event: an event definition}; what they refer to is in ``ROOTS``."""
UNDOABLE = (
    '<userTask id="pay"/><userTask id="refund" isForCompensation="true"/>'
    '<boundaryEvent id="undo" attachedToRef="pay"><compensateEventDefinition/></boundaryEvent>'
)
"""A task that can be undone; ``BY`` belongs at the end of its scope, as the schema of BPMN demands."""
BY = '<association id="by" sourceRef="undo" targetRef="refund"/>'
VARIABLES = {"order": "A1", "level": 1}


def refusals(xml: bytes) -> list[str]:
    """Give the rules that refuse a diagram."""
    try:
        found = read(xml)
    except Invalid as error:
        return [problem.rule for problem in error.problems]
    problems = [*found.problems, *(problem for each in found.definitions for problem in lint(each))]
    return [problem.rule for problem in problems if problem.severity == "error"]


class Instance(Drive):
    """A drive that knows how each kind of event happens."""

    def happen(self, kind: str, event: str, values: dict[str, Any] | None = None) -> Instance:
        """Let the event ``event`` happen: its timer, message, signal or condition."""
        if kind == "conditional":
            return self.give(SetVariables({"level": 5})) if not values else self.give(SetVariables(values))
        for id, ask in self.open.items():
            is_timer = isinstance(ask, OpenTimer) and kind == "timer"
            listens = isinstance(ask, OpenSubscription) and ask.kind.value == kind
            if ask.element_id == event and (is_timer or listens):
                self.open = {id: ask, **self.open}
                return self.fire(event, values)
        raise AssertionError(f"{event} does not wait for a {kind}: {self.open}")

    def waits_at(self, event: str) -> list[Any]:
        return [ask for ask in self.open.values() if ask.element_id == event]


@pytest.fixture
def play():
    """Start an instance of a process whose diagram a deployment accepts."""

    def make(*parts: str, roots: str = "", start: dict[str, Any] | None = None, **variables: Any) -> Instance:
        xml = diagram(*parts, roots=ROOTS + roots)
        assert refusals(xml) == []
        return Instance(xml).start({**VARIABLES, **variables}, **(start or {}))

    return make


@pytest.fixture
def h():
    with Harness() as harness:
        yield harness
