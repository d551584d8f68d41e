"""Subprocesses of every kind, and calls of other processes."""

import pytest

from tests.engine.bpmn.elements.conftest import BY, ON, ROOTS, UNDOABLE, refusals
from tests.engine.diagrams import boundary, call, diagram, end, flows, line, script, start, throw, user


def around(inner, tag="subProcess", attributes="", *more):
    scope = f'<{tag} id="sub" {attributes}>{inner}</{tag}>'
    return start(), scope, *more, user("after"), end(), flows("start>sub", "sub>after", "after>end")


def test_a_subprocess_ends_when_no_token_is_left_in_it(play):
    """BPMN 2.0.2, 10.3.5 and 13.3.4."""
    inner = start("first") + user("a") + user("b") + end("last") + flows("first>a", "first>b", "a>last", "b>last")
    instance = play(*around(inner))

    assert instance.complete("a").active == ["b", "sub"]
    assert instance.complete("b").active == ["after"]


def test_a_subprocess_has_variables_of_its_own_and_sees_those_around(play):
    """BPMN 2.0.2, 10.4.2: data lives as long as the scope that holds it, and is seen from within."""
    local = '<extensionElements><zeebe:ioMapping><zeebe:input source="=level" target="own"/></zeebe:ioMapping></extensionElements>'
    inner = local + start("first") + script("calculate", "=own + level + 1", "own") + flows("first>calculate")
    instance = play(*around(inner), level=5)

    assert instance.variables == {"order": "A1", "level": 5}
    changes = [
        line.data for line in instance.history if line.element_id == "calculate" and line.kind == "variables_set"
    ]
    assert changes == [{"own": [5, 11]}]


def test_subprocesses_nest(play):
    """BPMN 2.0.2, 10.3.5 and 13.3.4."""
    inner = user("work")
    for level in range(10):
        inner = f'<subProcess id="level{level}">{inner}</subProcess>'
    instance = play(*around(inner))

    assert len(instance.active) == 12
    assert instance.complete("work").active == ["after"]


def test_a_transaction_that_ends_well_goes_on_behind_it(play):
    """BPMN 2.0.2, 10.3.5 and 13.3.4."""
    inner = start("first") + UNDOABLE + end("last") + flows("first>pay", "pay>last") + BY
    off = boundary("off", "sub", ON["cancel"])
    instance = play(*around(inner, "transaction", "", off, end("canceled")), flows("off>canceled"))

    assert instance.complete("pay").active == ["after"]


def test_a_transaction_that_is_left_by_an_error_is_not_compensated(play):
    """BPMN 2.0.2, 10.3.5: a hazard is left without compensation."""
    inner = start("first") + UNDOABLE + end("broken", ON["error"]) + flows("first>pay", "pay>broken") + BY
    caught = boundary("caught", "sub", ON["error"])
    instance = play(*around(inner, "transaction", "", caught, end("failed")), flows("caught>failed"))

    assert instance.complete("pay").path == ["start", "first", "pay", "caught", "failed"]


@pytest.mark.parametrize(
    "parts",
    [
        (start(), end("event", ON["cancel"]), flows("start>event")),
        (start(), user("work"), boundary("event", "work", ON["cancel"]), flows("start>work", "event>work")),
    ],
    ids=["end", "boundary"],
)
def test_a_cancel_outside_a_transaction_is_refused(parts):
    """BPMN 2.0.2, 10.3.5 and 10.5.5."""
    assert "cancel-position" in refusals(diagram(*parts))


AD_HOC = user("a") + user("b") + user("c") + flows("b>c")


def test_an_ad_hoc_subprocess_begins_all_that_no_flow_leads_to(play):
    """BPMN 2.0.2, 10.3.5 and 13.3.5: parallel ordering."""
    instance = play(*around(AD_HOC, "adHocSubProcess"))

    assert instance.active == ["a", "b", "sub"]
    assert instance.complete("b").active == ["a", "c", "sub"]
    assert instance.complete("a").complete("c").active == ["after"]


def test_an_ad_hoc_subprocess_in_sequence_begins_one_after_the_other(play):
    """BPMN 2.0.2, 10.3.5 and 13.3.5: sequential ordering."""
    instance = play(*around(AD_HOC, "adHocSubProcess", 'ordering="Sequential"'))

    assert instance.active == ["a", "sub"]
    assert instance.complete("a").active == ["b", "sub"]
    assert instance.complete("b").active == ["c", "sub"]
    assert instance.complete("c").active == ["after"]


@pytest.mark.parametrize(
    ("attributes", "left"),
    [("", ["after"]), ('cancelRemainingInstances="false"', ["b", "sub"])],
    ids=["cancels", "awaits"],
)
def test_an_ad_hoc_subprocess_ends_by_its_completion_condition(play, attributes, left):
    """BPMN 2.0.2, 10.3.5 and 13.3.5: it is evaluated after each inner activity; what is left is canceled or awaited."""
    condition = "<completionCondition>=enough</completionCondition>"
    instance = play(*around(AD_HOC + condition, "adHocSubProcess", attributes), enough=False)

    instance.complete("a", {"enough": True})

    assert instance.active == left


@pytest.mark.parametrize("inner", [start("first"), end("last")], ids=["start", "end"])
def test_an_ad_hoc_subprocess_with_a_start_or_end_event_is_refused(inner):
    """BPMN 2.0.2, 10.3.5."""
    assert "ad-hoc-content" in refusals(diagram(*around(inner + user("work"), "adHocSubProcess")))


def test_a_call_activity_runs_another_process_and_goes_on_when_it_ends(h):
    """BPMN 2.0.2, 10.3.6 and 13.3.4."""
    h.deploy(line(user("work"), id="other"))
    h.deploy(line(call("sub", "other"), user("after")))
    parent = h.start("p", {"room": 7})

    (child,) = h.children(parent)
    assert h.variables(child) == {"room": 7}
    h.complete("work", {"fixed": True})

    assert h.active(parent) == ["after"]
    assert h.variables(parent) == {"room": 7, "fixed": True}


def test_a_called_process_begins_at_its_start_event_without_a_trigger(h):
    """BPMN 2.0.2, 13.3.4: its other start events are ignored when it is called."""
    starts = start("told", ON["message"]) + start("plain")
    h.deploy(diagram(starts, user("work"), flows("told>work", "plain>work"), id="other", roots=ROOTS))
    h.deploy(line(call("sub", "other")))

    (child,) = h.children(h.start("p"))

    assert h.path(child) == ["plain"]


def test_an_error_and_an_escalation_of_a_called_process_reach_the_call_activity(h):
    """BPMN 2.0.2, 10.5.6 and 13.3.4."""
    up = throw("up", ON["escalation"])
    other = (start(), up, user("work"), end("broken", ON["error"]), flows("start>up", "up>work", "work>broken"))
    h.deploy(diagram(*other, id="other", roots=ROOTS))
    told, caught = boundary("told", "sub", ON["escalation"], interrupting=False), boundary("caught", "sub", ON["error"])
    ways = flows("start>sub", "sub>well", "told>heard", "caught>handled")
    h.deploy(
        diagram(
            start(), call("sub", "other"), told, caught, end("well"), end("heard"), end("handled"), ways, roots=ROOTS
        )
    )

    parent = h.start("p")
    assert h.path(parent) == ["start", "told", "heard"]
    h.complete("work")

    assert h.path(parent) == ["start", "told", "heard", "caught", "handled"]
    assert h.state(parent) == "completed"


def test_a_call_activity_runs_a_global_task(h):
    """BPMN 2.0.2, 10.3.6 and 10.3.7."""
    h.deploy(
        diagram(start(), call("sub", "ask"), end(), flows("start>sub", "sub>end"), roots='<globalUserTask id="ask"/>')
    )
    parent = h.start("p")

    h.complete("ask_task", {"answer": 42})

    assert h.state(parent) == "completed"
    assert h.variables(parent) == {"answer": 42}


def test_calls_without_end_stop_with_an_incident(h):
    """BPMN 2.0.2, 10.3.6: a process may call itself; the depth is bounded."""
    h.deploy(line(call("sub", "p")))
    h.start("p")

    assert [incident.kind for incident in h.incidents()] == ["limit"]
    assert len(h.instances()) == 8
