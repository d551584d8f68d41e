"""The same random diagrams on our runtime and on SpiffWorkflow's: they must come to the same end."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import UTC, datetime

import pytest

from engine.bpmn import run
from engine.bpmn.lint import lint
from engine.bpmn.progress import (
    Close,
    CompleteElement,
    Continue,
    Fire,
    OpenJob,
    OpenTask,
    OpenTimer,
    RaiseIncident,
    Start,
    Surroundings,
)
from engine.bpmn.read import read
from engine.bpmn.spiff import EXCLUDED, Happens, Trace, compare, excluded, recorded
from tests.engine.bpmn.blocks import Blocks

DIAGRAMS, MANY = 1000, 10_000
BATCH = 100
CONSTRUCTS = {
    "task", "throw", "script_task", "user_task", "service_task", "catch", "standard_loop", "multi_instance", "link",
    "boundary", "exclusive", "parallel", "inclusive", "implicit_split", "conditional_split", "loop", "subprocess",
    "event_gateway", "terminating",
}  # fmt: skip


def decide(*_args, **_more):
    raise AssertionError("these diagrams decide nothing")


SURROUNDINGS = Surroundings(datetime(2026, 1, 1, tzinfo=UTC), UTC, decide)


class Ours:
    """Our runtime, answered like the other one."""

    surroundings = SURROUNDINGS

    def __init__(self, definition, variables, answers):
        self.definition = definition
        self.answers = {element: list(given) for element, given in answers.items()}
        self.open = {}
        self.completed = []
        self.history = []
        self.stuck = ""
        self.ended = None
        self.state = None
        self._give(Start(dict(variables)))

    def run(self):
        while self.ended is None and not self.stuck and self._answer():
            pass
        variables = self.ended.variables if self.ended else run.local(self.state)
        waiting = () if self.ended or self.stuck else tuple(sorted(run.active(self.state)))
        return Trace(tuple(self.completed), variables, self._only_leaves(waiting), self.stuck)

    def _only_leaves(self, waiting):
        """Leave out what waits for what is inside it, or for other tokens."""
        given = {ask.element_id for ask in self.open.values()}
        gateways = {
            flow.source for flow in self.definition.flows.values()
            if flow.target in given and self.definition.elements[flow.source].kind == "eventBasedGateway"
        }  # fmt: skip
        return tuple(element for element in waiting if element in given | gateways)

    def _give(self, trigger):
        progress = run.advance(self.definition, self.state, trigger, self.surroundings)
        self.state = progress.state
        for ask in progress.asks:
            if isinstance(ask, OpenTask | OpenJob | OpenTimer):
                self.open[ask.id] = ask
            elif isinstance(ask, Close):
                self.open.pop(ask.id, None)
            elif isinstance(ask, RaiseIncident):
                self.stuck = ask.element_id
        self.history += progress.history
        self.completed += [line.element_id for line in progress.history if line.kind == "element_completed"]
        self.ended = progress.ended
        if progress.continues:
            self._give(Continue())

    def _answer(self):
        for id, ask in list(self.open.items()):
            asked = ask.element_id
            if isinstance(ask, OpenTimer):
                asked = self._owner(ask.element_id)
            given = self.answers.get(asked)
            if not given or (isinstance(given[0], Happens) and given[0].event not in (ask.element_id, "")):
                continue
            if not isinstance(given[0], Happens) and ask.element_id != asked:
                continue
            answer = given.pop(0)
            del self.open[id]
            values = answer.variables if isinstance(answer, Happens) else answer
            self._give(Fire(id, values) if isinstance(ask, OpenTimer) else CompleteElement(id, values))
            return True
        return False

    def _owner(self, event_id):
        """Give the element that is answered when an event happens."""
        event = self.definition.elements[event_id]
        for flow in event.incoming:
            source = self.definition.elements[self.definition.flows[flow].source]
            if source.kind == "eventBasedGateway":
                return source.id
        return event.attached_to or event_id


@pytest.mark.parametrize(
    "batch",
    [
        *range(DIAGRAMS // BATCH),
        *(pytest.param(each, marks=pytest.mark.long) for each in range(DIAGRAMS // BATCH, MANY // BATCH)),
    ],
)
def test_random_diagrams_end_alike_on_both_runtimes(batch):
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        made = Blocks(seed)
        result = read(made.xml)
        (definition,) = result.definitions
        assert result.problems == ()
        assert [problem for problem in lint(definition) if problem.severity == "error"] == []

        ours = Ours(definition, made.variables, made.answers).run()

        assert compare(definition, made.variables, made.answers, ours) == (), f"seed {seed}"


def test_a_run_that_is_read_back_from_its_history_ends_alike_too():
    for seed in range(60):
        made = Blocks(seed)
        (definition,) = read(made.xml).definitions
        ours = Ours(definition, made.variables, made.answers)
        done = ours.run()

        waiting = () if ours.ended else run.active(ours.state)
        answers, trace = recorded(definition, ours.history, done.variables, waiting)

        assert trace == done
        assert compare(definition, made.variables, answers, trace) == (), f"seed {seed}"


def test_every_construct_is_in_the_diagrams_of_a_run():
    used = sum((Blocks(seed).used for seed in range(DIAGRAMS)), Counter())

    assert set(used) == CONSTRUCTS
    assert min(used.values()) >= 10


def test_no_diagram_needs_an_excluded_construct(capsys):
    left_out = {reason for seed in range(DIAGRAMS) for reason in excluded(read(Blocks(seed).xml).definitions[0])}

    with capsys.disabled():
        sys.stdout.write("\nnot compared with SpiffWorkflow: " + ", ".join(sorted(EXCLUDED)) + "\n")
    assert left_out == set()
