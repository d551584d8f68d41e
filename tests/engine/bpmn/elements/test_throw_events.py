"""Intermediate events that throw, and end events."""

import pytest

from engine.bpmn.progress import Catches, OpenJob, SendEscalation, SendMessage, SendSignal
from tests.engine.bpmn.elements.conftest import BY, ON, UNDOABLE
from tests.engine.diagrams import boundary, catch, end, extended, flows, parallel, start, throw, user

PLACES = ["intermediateThrowEvent", "endEvent"]


def throwing(place, inner, *before):
    """A way to an event that throws in the flow or at its end, and a user task after the former."""
    if place == "endEvent":
        return start(), *before, end("event", inner)
    return start(), *before, throw("event", inner), user("after"), end(), flows("event>after", "after>end")


@pytest.mark.parametrize("place", PLACES)
def test_an_event_without_trigger_only_passes(play, place):
    """BPMN 2.0.2, 10.5.3, 10.5.4, 13.5.2 and 13.5.6."""
    instance = play(*throwing(place, ""), flows("start>event"))

    assert instance.path == ["start", "event"]
    assert instance.outcome == ("completed" if place == "endEvent" else "active")


@pytest.mark.parametrize("place", PLACES)
def test_a_message_is_sent(play, place):
    """BPMN 2.0.2, 10.5.3, 10.5.5, 13.5.2 and 13.5.6."""
    instance = play(*throwing(place, ON["message"]), flows("start>event"))

    (sent,) = [ask for ask in instance.asks if isinstance(ask, SendMessage)]
    assert (sent.name, sent.key) == ("paid", "A1")
    assert instance.path == ["start", "event"]


@pytest.mark.parametrize("place", PLACES)
def test_a_message_event_with_a_job_type_is_work_for_a_worker(play, place):
    """BPMN 2.0.2, 10.5.5: how a message is sent is left to the implementation."""
    inner = extended('<zeebe:taskDefinition type="notify:mail"/>') + "<messageEventDefinition/>"
    instance = play(*throwing(place, inner), flows("start>event"))
    assert [ask.type for ask in instance.open.values() if isinstance(ask, OpenJob)] == ["notify:mail"]

    assert instance.complete("event").path == ["start", "event"]


@pytest.mark.parametrize("place", PLACES)
def test_a_signal_reaches_this_instance_and_is_broadcast(play, place):
    """BPMN 2.0.2, 10.5.3, 10.5.5, 13.5.2 and 13.5.6."""
    both = parallel("both") + catch("hear", ON["signal"]) + end("heard")
    instance = play(*throwing(place, ON["signal"], both), flows("start>both", "both>hear", "hear>heard", "both>event"))

    assert {"event", "hear", "heard"} <= set(instance.path)
    assert [ask.name for ask in instance.asks if isinstance(ask, SendSignal)] == ["storm"]


@pytest.mark.parametrize("place", PLACES)
def test_an_escalation_that_nobody_catches_is_told_and_the_flow_goes_on(play, place):
    """BPMN 2.0.2, 10.5.3, 10.5.5 and 10.5.6: an unresolved escalation has no effect on the flow."""
    instance = play(*throwing(place, ON["escalation"]), flows("start>event"))

    assert [line.kind for line in instance.history if line.element_id == "event"] == [
        "escalation_thrown",
        "element_completed",
    ]


def test_an_escalation_that_a_caller_catches_is_handed_to_it(play):
    """BPMN 2.0.2, 10.5.6 and 13.5.6."""
    catches = Catches(escalations=frozenset({"UP"}))
    instance = play(*throwing("endEvent", ON["escalation"]), flows("start>event"), start={"catches": catches})

    assert [ask.code for ask in instance.asks if isinstance(ask, SendEscalation)] == ["UP"]
    assert instance.outcome == "completed"


@pytest.mark.parametrize("place", PLACES)
def test_compensation_undoes_what_was_completed_before_the_flow_goes_on(play, place):
    """BPMN 2.0.2, 10.7.2, 13.5.5 and 13.5.6."""
    instance = play(*throwing(place, ON["compensate"], UNDOABLE), flows("start>pay", "pay>event"), BY)
    assert instance.complete("pay").active == ["event", "refund"]

    instance.complete("refund")

    assert instance.path == ["start", "pay", "undo", "refund", "event"]


@pytest.mark.parametrize("place", PLACES)
def test_an_event_throws_everything_that_it_has(play, place):
    """BPMN 2.0.2, 10.5.3, 10.5.4, 13.5.2 and 13.5.6: a multiple event throws all its triggers."""
    instance = play(*throwing(place, ON["message"] + ON["signal"] + ON["escalation"]), flows("start>event"))

    assert [type(ask) for ask in instance.asks if isinstance(ask, SendMessage | SendSignal)] == [
        SendMessage,
        SendSignal,
    ]
    assert "escalation_thrown" in [line.kind for line in instance.history]


def test_an_end_event_leaves_the_other_ways_alone(play):
    """BPMN 2.0.2, 13.2 and 13.5.6: an instance ends when no token is left."""
    ways = flows("start>both", "both>early", "both>work", "work>end")
    instance = play(start(), parallel("both"), end("early"), user("work"), end(), ways)
    assert instance.outcome == "active"

    assert instance.complete("work").outcome == "completed"


def test_an_error_end_event_goes_to_the_nearest_handler(play):
    """BPMN 2.0.2, 10.5.6 and 13.5.6."""
    inner = start("first") + end("broken", ON["error"]) + flows("first>broken")
    sub = f'<subProcess id="sub">{inner}</subProcess>' + boundary("caught", "sub", ON["error"])
    instance = play(start(), sub, end("well"), end("handled"), flows("start>sub", "sub>well", "caught>handled"))

    assert instance.path == ["start", "first", "caught", "handled"]


def test_an_error_that_nobody_catches_is_an_incident(play):
    """BPMN 2.0.2, 10.5.6: what happens to an unresolved error is left to the engine; here a person must look."""
    instance = play(start(), end("broken", ON["error"]), flows("start>broken"))

    assert instance.kinds == ["error"]
    assert instance.active == ["broken"]


def test_a_cancel_end_event_undoes_its_transaction_and_leaves_by_the_cancel_event(play):
    """BPMN 2.0.2, 10.3.5, 13.3.4 and 13.5.6."""
    inner = start("first") + UNDOABLE + end("no", ON["cancel"]) + flows("first>pay", "pay>no") + BY
    transaction = f'<transaction id="tx">{inner}</transaction>' + boundary("canceled", "tx", ON["cancel"])
    instance = play(start(), transaction, end("well"), end("off"), flows("start>tx", "tx>well", "canceled>off"))

    instance.complete("pay").complete("refund")

    assert instance.path == ["start", "first", "pay", "undo", "refund", "no", "canceled", "off"]


def test_a_terminate_end_event_ends_everything_in_its_own_scope_only(play):
    """BPMN 2.0.2, 10.5.3, 13.3.4 and 13.5.6."""
    inner = start("first") + parallel("both") + user("work") + end("stop", ON["terminate"])
    inner += flows("first>both", "both>work", "both>stop")
    sub = f'<subProcess id="sub">{inner}</subProcess>'
    instance = play(start(), sub, user("after"), end(), flows("start>sub", "sub>after", "after>end"))

    assert instance.active == ["after"]
    assert [line.element_id for line in instance.history if line.kind == "element_terminated"] == ["work"]
