"""Event subprocesses: handlers inside the scope that they belong to."""

import pytest

from engine.bpmn.progress import SetVariables
from engine.bpmn.run import visible
from tests.engine.bpmn.elements.conftest import ON, ROOTS, refusals
from tests.engine.diagrams import boundary, diagram, end, flows, start, throw, user

FROM_OUTSIDE = ("message", "timer", "signal", "conditional")
FROM_INSIDE = ("error", "escalation")


def handler(inner, *, interrupting=True, attributes=""):
    begin = start("event", inner).replace(
        "Event id", f'Event isInterrupting="{str(interrupting).lower()}" {attributes} id', 1
    )
    content = begin + user("handle") + end("handled") + flows("event>handle", "handle>handled")
    return f'<subProcess id="handler" triggeredByEvent="true">{content}</subProcess>'


def guarded(inner, *, thrown="", **options):
    """A process in which a person works, then throws; with an event subprocess."""
    return start(), user("work"), end("last", thrown), flows("start>work", "work>last"), handler(inner, **options)


@pytest.mark.parametrize("kind", FROM_OUTSIDE)
def test_an_interrupting_one_takes_over_its_scope(play, kind):
    """BPMN 2.0.2, 10.5.6 and 13.5.4."""
    instance = play(*guarded(ON[kind]))

    instance.happen(kind, "event")

    assert instance.active == ["handle", "handler"]
    assert instance.waits_at("event") == []
    assert instance.complete("handle").outcome == "completed"


def test_a_boundary_event_of_the_scope_stays_armed_while_an_interrupting_one_runs(play):
    """BPMN 2.0.2, 13.5.3 and 13.5.4: the subprocess is still at work."""
    inner = start("first") + user("work") + flows("first>work") + handler(ON["signal"])
    sub = f'<subProcess id="sub">{inner}</subProcess>' + boundary("late", "sub", ON["timer"])
    instance = play(start(), sub, end(), end("off"), flows("start>sub", "sub>end", "late>off"))
    assert instance.happen("signal", "event").active == ["handle", "handler", "sub"]

    instance.happen("timer", "late")

    assert instance.path[-2:] == ["late", "off"]
    assert instance.outcome == "completed"


def test_an_ad_hoc_subprocess_that_an_interrupting_one_has_taken_over_starts_nothing_more(play):
    """BPMN 2.0.2, 10.3.5, 13.3.5 and 13.5.4: it ends with its handler."""
    inner = user("a") + user("b") + handler(ON["signal"])
    sub = f'<adHocSubProcess id="sub" ordering="Sequential">{inner}</adHocSubProcess>'
    instance = play(start(), sub, end(), flows("start>sub", "sub>end"))
    assert instance.happen("signal", "event").active == ["handle", "handler", "sub"]

    assert instance.complete("handle").outcome == "completed"


@pytest.mark.parametrize("kind", FROM_OUTSIDE)
def test_a_non_interrupting_one_runs_beside_its_scope(play, kind):
    """BPMN 2.0.2, 10.5.6 and 13.5.4."""
    instance = play(*guarded(ON[kind], interrupting=False))

    instance.happen(kind, "event")
    assert instance.active == ["handle", "handler", "work"]

    assert instance.complete("work").outcome == "active"
    assert instance.complete("handle").outcome == "completed"


@pytest.mark.parametrize("kind", ["message", "signal"])
def test_a_non_interrupting_one_begins_again_each_time(play, kind):
    """BPMN 2.0.2, 10.3.5 and 13.5.4: several may run at once."""
    instance = play(*guarded(ON[kind], interrupting=False))

    instance.happen(kind, "event").happen(kind, "event")

    assert len(instance.waits_at("handle")) == 2


@pytest.mark.parametrize("kind", FROM_INSIDE)
def test_what_is_thrown_in_the_scope_is_caught_there(play, kind):
    """BPMN 2.0.2, 10.5.6 and 13.5.4."""
    instance = play(*guarded(ON[kind], thrown=ON[kind])).complete("work")

    assert instance.active == ["handle", "handler"]
    assert instance.complete("handle").outcome == "completed"


def test_a_non_interrupting_one_for_an_escalation_lets_the_thrower_go_on(play):
    """BPMN 2.0.2, 10.5.6 and 13.5.4."""
    content = start(), throw("up", ON["escalation"]), user("work"), end(), flows("start>up", "up>work", "work>end")
    instance = play(*content, handler(ON["escalation"], interrupting=False))

    assert instance.active == ["handle", "handler", "work"]


@pytest.mark.parametrize("interrupting", [True, False], ids=["interrupting", "beside"])
def test_of_several_triggers_each_begins_it(play, interrupting):
    """BPMN 2.0.2, 10.5.2 and 13.5.4: a multiple start event."""
    instance = play(*guarded(ON["message"] + ON["signal"], interrupting=interrupting))

    instance.happen("signal", "event")

    assert "handle" in instance.active
    assert len(instance.waits_at("event")) == (0 if interrupting else 2)


@pytest.mark.parametrize("interrupting", [True, False], ids=["interrupting", "beside"])
def test_a_parallel_multiple_start_needs_all_its_triggers(play, interrupting):
    """BPMN 2.0.2, 10.5.2 and 13.5.4."""
    both = ON["message"] + ON["signal"]
    instance = play(*guarded(both, interrupting=interrupting, attributes='parallelMultiple="true"'))

    assert instance.happen("signal", "event").active == ["work"]
    instance.happen("message", "event")

    assert "handle" in instance.active


def test_one_for_compensation_undoes_its_completed_subprocess(play):
    """BPMN 2.0.2, 10.7.1 and 13.5.5: it sees the variables of the subprocess as they were at its end."""
    mapping = '<extensionElements><zeebe:ioMapping><zeebe:input source="=1" target="paid"/></zeebe:ioMapping></extensionElements>'
    inner = (
        mapping
        + start("first")
        + user("work")
        + end("last")
        + flows("first>work", "work>last")
        + handler(ON["compensate"])
    )
    sub = f'<subProcess id="sub">{inner}</subProcess>'
    instance = play(start(), sub, end("back", ON["compensate"]), flows("start>sub", "sub>back"))

    instance.complete("work", {"paid": 7})

    assert instance.active == ["back", "handle", "handler", "sub"]
    id = next(iter(instance.open))
    assert visible(instance.state, id)["paid"] == 7
    assert instance.complete("handle").outcome == "completed"


def test_one_in_a_subprocess_lives_as_long_as_the_subprocess(play):
    """BPMN 2.0.2, 10.3.5 and 13.5.4."""
    inner = start("first") + user("work") + end("last") + flows("first>work", "work>last") + handler(ON["message"])
    after = user("after"), end(), flows("start>sub", "sub>after", "after>end")
    sub = f'<subProcess id="sub">{inner}</subProcess>'
    interrupted = play(start(), sub, *after).happen("message", "event").complete("handle")
    completed = play(start(), sub, *after).complete("work")

    assert interrupted.active == completed.active == ["after"]
    assert interrupted.waits_at("event") == completed.waits_at("event") == []


def test_a_waiting_one_does_not_keep_its_scope_open(play):
    """BPMN 2.0.2, 13.2 and 13.5.4."""
    assert play(*guarded(ON["timer"])).complete("work").outcome == "completed"


def test_a_condition_starts_one_when_a_variable_changes(play):
    """BPMN 2.0.2, 10.5.5 and 13.5.4."""
    instance = play(*guarded(ON["conditional"], interrupting=False))

    for level in (2, 5, 6, 1, 7):
        instance.give(SetVariables({"level": level}))

    assert instance.path.count("event") == 2


@pytest.mark.parametrize(
    "content",
    ["", start("event"), start("event", ON["message"]) + start("second", ON["signal"])],
    ids=["none", "untriggered", "two"],
)
def test_one_that_does_not_begin_with_one_triggered_start_is_refused(content):
    """BPMN 2.0.2, 10.3.5: an event subprocess has exactly one start event, which has a trigger."""
    body = content + user("handle")
    scope = f'<subProcess id="handler" triggeredByEvent="true">{body}</subProcess>'
    xml = diagram(start(), user("work"), flows("start>work"), scope, roots=ROOTS)

    assert "event-subprocess-start" in refusals(xml)


def test_one_that_a_flow_leads_to_is_refused():
    """BPMN 2.0.2, 10.3.5: an event subprocess has no incoming or outgoing flow."""
    assert "event-subprocess-flow" in refusals(diagram(*guarded(ON["message"]), flows("work>handler"), roots=ROOTS))
