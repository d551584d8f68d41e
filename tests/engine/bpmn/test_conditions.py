"""Conditions are looked at whenever a variable has changed, whoever changed it and wherever a transaction ended (BPMN 2.0.2, 13.5.1)."""

import pytest

from engine.bpmn.progress import Limits, SetVariables
from tests.engine.diagrams import boundary, catch, diagram, end, extended, flows, start, user


def when(condition):
    return f"<conditionalEventDefinition><condition>={condition}</condition></conditionalEventDefinition>"


def output(source, target):
    return extended(f'<zeebe:ioMapping><zeebe:output source="={source}" target="{target}"/></zeebe:ioMapping>')


@pytest.mark.parametrize("budget", [1, 2, 3, 1000])
def test_what_the_last_step_of_a_transaction_has_changed_is_looked_at_in_the_next(drive, budget):
    both = '<parallelGateway id="both"/>' + f'<userTask id="a">{output("1", "n")}</userTask>'
    parts = start(), both, catch("c", when("n = 1")), user("t"), end()
    xml = diagram(*parts, flows("start>both", "both>a", "both>c", "a>end", "c>t", "t>end"))
    instance = drive(xml, limits=Limits(steps_per_transaction=budget)).start({"n": 0})

    assert instance.complete("a").active == ["t"]


@pytest.mark.parametrize("budget", [1, 1000])
def test_what_an_event_hands_on_can_make_another_condition_true(drive, budget):
    first = boundary("first", "a", output("1", "m") + when("n = 1"), interrupting=False)
    both = '<parallelGateway id="both"/>'
    ways = flows("start>both", "both>a", "both>c", "a>end", "first>t", "t>end", "c>u", "u>end")
    parts = start(), both, user("a"), first, user("t"), catch("c", when("m = 1")), user("u"), end(), ways
    instance = drive(diagram(*parts), limits=Limits(steps_per_transaction=budget)).start({"n": 0, "m": 0})

    instance.give(SetVariables({"n": 1}))

    assert instance.active == ["a", "t", "u"]


def test_conditions_that_make_one_another_true_for_ever_are_an_incident_that_can_be_tried_again(drive):
    def beside(id, condition, value):
        begin = f'<startEvent id="{id}_start" isInterrupting="false">{output(value, "n")}{when(condition)}</startEvent>'
        return f'<subProcess id="{id}" triggeredByEvent="true">{begin}</subProcess>'

    parts = start(), user("a"), end(), flows("start>a", "a>end"), beside("x", "n = 1", "2"), beside("y", "n = 2", "1")
    instance = drive(diagram(*parts), limits=Limits(steps_per_transaction=10, steps_per_instance=50)).start({"n": 0})

    instance.give(SetVariables({"n": 1}))

    assert instance.kinds == ["limit"]
    assert instance.path.count("x_start") + instance.path.count("y_start") <= 51

    instance.retry("p")
    assert instance.kinds == ["limit"]

    instance.give(SetVariables({"n": 0})).retry("p")
    assert instance.kinds == []
    assert instance.complete("a").outcome == "completed"


def test_a_condition_is_taken_by_all_that_wait_for_it_at_once(drive):
    c, more = catch("c", when("n = 1")), boundary("b", "a", when("n = 1"))
    ways = flows("start>both", "both>a", "both>c", "a>end", "b>t", "t>end", "c>u", "u>end")
    parts = start(), '<parallelGateway id="both"/>', user("a"), more, user("t"), c, user("u"), end()
    instance = drive(diagram(*parts, ways)).start({"n": 0})

    assert instance.give(SetVariables({"n": 1})).active == ["t", "u"]
