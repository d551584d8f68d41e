"""Intermediate events that wait in the flow."""

import pytest

from engine.bpmn.progress import SetVariables
from tests.engine.bpmn.elements.conftest import ON
from tests.engine.diagrams import boundary, catch, end, flows, on_timer, start, throw, user


def waiting(inner, attributes=""):
    event = catch("wait", inner).replace("Event id", f"Event {attributes} id", 1)
    return start(), event, end(), flows("start>wait", "wait>end")


@pytest.mark.parametrize("kind", ["message", "signal", "timer"])
def test_a_token_waits_until_the_event_comes(play, kind):
    """BPMN 2.0.2, 10.5.4 and 13.5.2."""
    instance = play(*waiting(ON[kind]))
    assert instance.active == ["wait"]

    instance.happen(kind, "wait")

    assert instance.path == ["start", "wait", "end"]
    assert instance.open == {}


@pytest.mark.parametrize(
    ("timer", "due"),
    [
        (on_timer(date="2026-01-03T10:00:00+08:00"), "2026-01-03T02:00:00+00:00"),
        (on_timer("PT2H"), "2026-01-01T02:00:00+00:00"),
        (on_timer("=duration(&quot;PT1H&quot;) * 3"), "2026-01-01T03:00:00+00:00"),
        (on_timer(cycle="0 9 * * *"), "2026-01-01T01:00:00+00:00"),
    ],
    ids=["date", "duration", "expression", "cron"],
)
def test_a_timer_is_due_at_its_date_duration_or_next_beat(play, timer, due):
    """BPMN 2.0.2, 10.5.5 and 13.5.2."""
    instance = play(*waiting(timer))

    assert instance.waits_at("wait")[0].due_at.isoformat() == due


def test_what_a_message_brings_becomes_variables(play):
    """BPMN 2.0.2, 10.5.1 and 13.5.2: an output of a message event goes to data of the process."""
    instance = play(*waiting(ON["message"]))

    assert instance.waits_at("wait")[0].key == "A1"
    assert instance.happen("message", "wait", {"sum": 12}).variables["sum"] == 12


def test_a_condition_that_becomes_true_lets_the_token_go_on(play):
    """BPMN 2.0.2, 10.5.5 and 13.5.2."""
    instance = play(*waiting(ON["conditional"]))
    assert instance.give(SetVariables({"level": 2})).active == ["wait"]

    assert instance.give(SetVariables({"level": 4})).outcome == "completed"


def test_a_condition_that_holds_already_does_not_wait(play):
    """BPMN 2.0.2, 10.5.5 and 13.5.2: like Camunda 7, a condition that is true when the token comes happens at once."""
    assert play(*waiting(ON["conditional"]), level=9).outcome == "completed"


def test_a_link_goes_on_where_its_partner_stands(play):
    """BPMN 2.0.2, 10.5.5 and 13.5.2."""
    jump, land = throw("jump", ON["link"]), catch("land", ON["link"])
    instance = play(start(), jump, land, user("work"), end(), flows("start>jump", "land>work", "work>end"))

    assert instance.path == ["start", "jump", "land"]
    assert instance.active == ["work"]


@pytest.mark.parametrize("first", ["message", "signal", "timer", "conditional"])
def test_of_several_triggers_the_first_one_is_enough(play, first):
    """BPMN 2.0.2, 10.5.4 and 13.5.2: a multiple event."""
    instance = play(*waiting(ON["message"] + ON["signal"] + ON["timer"] + ON["conditional"]))

    instance.happen(first, "wait")

    assert instance.path == ["start", "wait", "end"]
    assert instance.open == {}


def test_a_parallel_multiple_event_needs_all_its_triggers(play):
    """BPMN 2.0.2, 10.5.4 and 13.5.2."""
    instance = play(*waiting(ON["message"] + ON["signal"] + ON["timer"], 'parallelMultiple="true"'))

    instance.happen("signal", "wait", {"wind": 9}).happen("timer", "wait")
    assert instance.active == ["wait"]

    assert instance.happen("message", "wait", {"sum": 1}).path == ["start", "wait", "end"]
    assert instance.variables["wind"] == 9


def test_an_event_that_waits_is_ended_with_its_scope(play):
    """BPMN 2.0.2, 13.5.2 and 13.5.3: the handler of a waiting event is removed when its scope is interrupted."""
    inner = start("first") + catch("wait", ON["message"]) + flows("first>wait")
    sub = f'<subProcess id="sub">{inner}</subProcess>' + boundary("late", "sub", ON["timer"])
    instance = play(start(), sub, end(), flows("start>sub", "sub>end", "late>end"))

    assert instance.happen("timer", "late").open == {}
