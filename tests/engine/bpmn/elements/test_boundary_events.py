"""Boundary events: what ends an activity, or goes on beside it."""

import pytest

from engine.bpmn.progress import Catches
from tests.engine.bpmn.elements.conftest import BY, ON, UNDOABLE
from tests.engine.diagrams import boundary, call, end, extended, flows, on_timer, script, service, start, user

UNKNOWN = '<zeebe:calledDecision decisionId="unknown" resultVariable="n"/>'

FROM_INSIDE = ("error", "escalation")
FROM_OUTSIDE = ("message", "timer", "signal", "conditional")
RECEIVE = '<receiveTask id="host" messageRef="m"/>'
AD_HOC = '<adHocSubProcess id="host"><userTask id="inside"/></adHocSubProcess>'
HOSTS = {
    "user task": user("host"),
    "service task": service("host"),
    "receive task": RECEIVE,
    "subprocess": f'<subProcess id="host">{user("inside")}</subProcess>',
    "transaction": f'<transaction id="host">{user("inside")}</transaction>',
    "ad-hoc subprocess": AD_HOC,
    "call activity": call("host", "other"),
    "loop": '<userTask id="host"><standardLoopCharacteristics loopMaximum="3"/></userTask>',
    "multi-instance": '<userTask id="host"><multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality>'
    "</multiInstanceLoopCharacteristics></userTask>",
}


def guarded(inner, *, interrupting=True, thrown="", attributes=""):
    """A subprocess in which a person works, then throws; and an event at its border that leads to another task."""
    sub = start("first") + user("work") + end("last", thrown) + flows("first>work", "work>last")
    event = boundary("event", "sub", inner, interrupting=interrupting).replace(
        "<boundaryEvent", f"<boundaryEvent {attributes}"
    )
    return (
        start(), f'<subProcess id="sub">{sub}</subProcess>', event, user("handle"), end(), end("handled"),
        flows("start>sub", "sub>end", "event>handle", "handle>handled"),
    )  # fmt: skip


def terminated(instance):
    return [line.element_id for line in instance.history if line.kind == "element_terminated"]


@pytest.mark.parametrize("kind", FROM_OUTSIDE)
def test_an_interrupting_event_ends_its_activity(play, kind):
    """BPMN 2.0.2, 10.5.4, 10.5.6 and 13.5.3."""
    instance = play(*guarded(ON[kind]))

    instance.happen(kind, "event")

    assert instance.active == ["handle"]
    assert terminated(instance) == ["work", "sub"]
    assert instance.complete("handle").path == ["start", "first", "event", "handle", "handled"]


@pytest.mark.parametrize("kind", FROM_INSIDE)
def test_what_is_thrown_inside_ends_the_activity_that_catches_it(play, kind):
    """BPMN 2.0.2, 10.5.6 and 13.5.3."""
    instance = play(*guarded(ON[kind], thrown=ON[kind])).complete("work")

    assert instance.active == ["handle"]
    assert "sub" in terminated(instance)


@pytest.mark.parametrize("kind", FROM_OUTSIDE)
def test_a_non_interrupting_event_goes_on_beside_its_activity(play, kind):
    """BPMN 2.0.2, 10.5.4, 10.5.6 and 13.5.3."""
    instance = play(*guarded(ON[kind], interrupting=False))

    instance.happen(kind, "event")

    assert instance.active == ["handle", "sub", "work"]
    assert instance.complete("work").complete("handle").outcome == "completed"
    assert instance.open == {}


@pytest.mark.parametrize("kind", ["message", "signal", "conditional"])
def test_a_non_interrupting_event_happens_as_often_as_it_comes(play, kind):
    """BPMN 2.0.2, 10.5.6 and 13.5.3: the handler stays active until its activity ends."""
    instance = play(*guarded(ON[kind], interrupting=False))

    for level in (5, 1, 5):
        if kind != "conditional":
            instance.happen(kind, "event")
        else:
            instance.happen(kind, "event", {"level": level})

    assert instance.path.count("event") == (2 if kind == "conditional" else 3)


def test_a_non_interrupting_escalation_lets_the_activity_go_on(play):
    """BPMN 2.0.2, 10.5.6 and 13.5.3."""
    instance = play(*guarded(ON["escalation"], interrupting=False, thrown=ON["escalation"])).complete("work")

    assert instance.active == ["handle"]
    assert terminated(instance) == []
    assert {"event", "sub", "end"} <= set(instance.path)


def test_a_cycle_fires_again_and_again_until_its_activity_ends(play):
    """BPMN 2.0.2, 10.5.5 and 13.5.3."""
    cycle = "<timerEventDefinition><timeCycle>R3/PT10M</timeCycle></timerEventDefinition>"
    instance = play(*guarded(cycle, interrupting=False))

    instance.happen("timer", "event").happen("timer", "event")
    assert len(instance.waits_at("event")) == 1
    instance.complete("work")

    assert instance.waits_at("event") == []


@pytest.mark.parametrize("interrupting", [True, False], ids=["interrupting", "beside"])
def test_of_several_triggers_each_happens(play, interrupting):
    """BPMN 2.0.2, 10.5.4 and 13.5.3: a multiple event."""
    instance = play(*guarded(ON["message"] + ON["signal"], interrupting=interrupting))

    instance.happen("signal", "event")

    assert instance.path.count("event") == 1
    assert len(instance.waits_at("event")) == (0 if interrupting else 2)


@pytest.mark.parametrize("interrupting", [True, False], ids=["interrupting", "beside"])
def test_a_parallel_multiple_event_needs_all_its_triggers(play, interrupting):
    """BPMN 2.0.2, 10.5.4 and 13.5.3."""
    both = ON["message"] + ON["signal"]
    instance = play(*guarded(both, interrupting=interrupting, attributes='parallelMultiple="true"'))

    instance.happen("signal", "event")
    assert instance.active == ["sub", "work"]
    instance.happen("message", "event")

    assert instance.path.count("event") == 1
    assert len(instance.waits_at("event")) == (0 if interrupting else 2)


def test_a_parallel_multiple_event_with_a_cycle_happens_once_for_each_round(play):
    """BPMN 2.0.2, 10.5.4 and 13.5.3: a beat waits for the other trigger; then both are armed anew."""
    both = ON["message"] + on_timer(cycle="R/PT1H")
    instance = play(*guarded(both, interrupting=False, attributes='parallelMultiple="true"'))

    instance.happen("timer", "event").happen("message", "event")
    assert instance.path.count("event") == 1

    instance.happen("message", "event").happen("timer", "event")
    assert instance.path.count("event") == 2


@pytest.mark.parametrize("host", HOSTS)
def test_every_activity_can_have_boundary_events(play, host):
    """BPMN 2.0.2, 10.5.4 and 13.5.3."""
    event = boundary("event", "host", ON["timer"])
    instance = play(start(), HOSTS[host], event, end(), end("late"), flows("start>host", "host>end", "event>late"))

    instance.happen("timer", "event")

    assert instance.path == ["start", "event", "late"]
    assert instance.open == {}


@pytest.mark.parametrize(("thrown", "caught"), [("BROKEN", "exact"), ("OTHER", "any")])
def test_an_error_of_a_job_goes_to_the_event_with_its_code_before_one_for_any(play, thrown, caught):
    """BPMN 2.0.2, 10.5.5 and 10.5.6."""
    events = boundary("any", "host", "<errorEventDefinition/>") + boundary("exact", "host", ON["error"])
    instance = play(start(), service("host"), events, end(), flows("start>host", "host>end", "any>end", "exact>end"))

    assert instance.throw("host", thrown).path == ["start", caught, "end"]


def test_a_compensation_event_waits_until_something_is_undone(play):
    """BPMN 2.0.2, 10.7.1 and 13.5.5: it is enabled when its activity completes, and happens when compensation is thrown."""
    instance = play(start(), UNDOABLE, end("back", ON["compensate"]), flows("start>pay", "pay>back"), BY)
    assert instance.waits_at("undo") == []

    assert instance.complete("pay").active == ["back", "refund"]


def test_a_cancel_event_is_where_a_canceled_transaction_goes_on(play):
    """BPMN 2.0.2, 10.3.5, 10.5.5 and 13.5.3."""
    inner = start("first") + user("work") + end("no", ON["cancel"]) + flows("first>work", "work>no")
    transaction = f'<transaction id="tx">{inner}</transaction>' + boundary("off", "tx", ON["cancel"])
    instance = play(start(), transaction, user("handle"), end(), flows("start>tx", "off>handle", "handle>end"))

    assert instance.complete("work").active == ["handle"]


def mapped(inner):
    return f'<userTask id="host">{extended(f"<zeebe:ioMapping>{inner}</zeebe:ioMapping>")}</userTask>'


FAILING = {
    "expression": script("host", "=1 / none", "n"),
    "mapping": mapped('<zeebe:input source="=none.x" target="n"/>'),
    "decision": f'<businessRuleTask id="host">{extended(UNKNOWN)}</businessRuleTask>',
}


@pytest.mark.parametrize("failure", FAILING)
@pytest.mark.parametrize("named", [True, False], ids=["by its kind", "without a code"])
def test_what_fails_in_an_activity_is_caught_like_an_error(play, failure, named):
    """BPMN 2.0.2, 10.5.5 and 10.5.6: by the kind of the failure as code, or by an event without a code."""
    code = f'<error id="failed" errorCode="{failure}"/>'
    event = boundary(
        "event", "host", '<errorEventDefinition errorRef="failed"/>' if named else "<errorEventDefinition/>"
    )
    way = flows("start>host", "host>end", "event>off")

    instance = play(start(), FAILING[failure], event, end(), end("off"), way, roots=code)

    assert instance.path == ["start", "event", "off"]
    assert instance.kinds == []


def test_what_fails_when_a_task_is_completed_is_caught_around_it(play):
    """BPMN 2.0.2, 10.5.6: the nearest handler outwards, past those for other codes."""
    task = mapped('<zeebe:output source="=none.x" target="n"/>') + boundary("other", "host", ON["error"])
    sub = f'<subProcess id="sub">{start("first")}{task}{end("off")}{flows("first>host", "other>off")}</subProcess>'
    event = boundary("event", "sub", "<errorEventDefinition/>")
    instance = play(start(), sub, event, end(), flows("start>sub", "sub>end", "event>end"))

    assert instance.complete("host").outcome == "completed"
    assert "event" in instance.path


@pytest.mark.parametrize("failure", FAILING)
def test_what_fails_and_is_not_caught_is_an_incident(play, failure):
    """BPMN 2.0.2, 10.5.6: an event for another code does not catch it, and callers do not either."""
    event = boundary("event", "host", ON["error"])
    above = {"catches": Catches(errors=frozenset({None}))}

    instance = play(start(), FAILING[failure], event, end(), flows("start>host", "host>end", "event>end"), start=above)

    assert instance.kinds == [failure]
