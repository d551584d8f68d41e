"""Events: boundary events, event subprocesses, errors, escalations, signals, timers (BPMN 2.0.2, 10.5, 13.5)."""

import pytest

from engine.bpmn.progress import Catches, Close, OpenTimer, SendEscalation, SendMessage, SendSignal


def flow(id, source, target):
    return f'<sequenceFlow id="{id}" sourceRef="{source}" targetRef="{target}"/>'


def boundary(id, attached, definition, interrupting=True):
    return f'<boundaryEvent id="{id}" attachedToRef="{attached}" cancelActivity="{str(interrupting).lower()}">{definition}</boundaryEvent>'


def timer(text, kind="timeDuration"):
    return f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>"


BODY = (
    '<startEvent id="s"/><userTask id="t"/><endEvent id="e"/><userTask id="late"/>'
    + flow("_1", "s", "t")
    + flow("_2", "t", "e")
)
ERRORS = '<error id="e1" errorCode="BROKEN"/><error id="e2" errorCode="OTHER"/>'
ESCALATIONS = '<escalation id="esc" escalationCode="UP"/>'


def test_an_interrupting_boundary_timer_ends_its_task(drive):
    instance = drive(BODY + boundary("b", "t", timer("PT2H")) + flow("_3", "b", "late")).start()
    assert instance.open[instance.find("b")].due_at.isoformat() == "2026-01-01T02:00:00+00:00"

    instance.fire("b")

    assert instance.active == ["late"]
    assert instance.path == ["s", "b"]
    assert [line.element_id for line in instance.history if line.kind == "element_terminated"] == ["t"]


def test_completing_the_task_closes_its_boundary_timer(drive):
    instance = drive(BODY + boundary("b", "t", timer("PT2H")) + flow("_3", "b", "late")).start().complete("t")

    assert instance.outcome == "completed"
    assert any(isinstance(ask, Close) for ask in instance.asks)
    assert instance.open == {}


def test_a_non_interrupting_cycle_fires_as_often_as_it_says_while_the_task_goes_on(drive):
    body = BODY + boundary("b", "t", timer("R3/PT10M", "timeCycle"), interrupting=False) + flow("_3", "b", "late")
    instance = drive(body).start()

    for _ in range(3):
        instance.fire("b")

    assert instance.path.count("b") == 3
    assert not [ask for ask in instance.open.values() if isinstance(ask, OpenTimer)]
    assert instance.active == ["late", "t"]


def test_a_non_interrupting_message_fires_each_time_it_comes(drive):
    roots = '<message id="m" name="urge"><extensionElements><zeebe:subscription correlationKey="=1"/></extensionElements></message>'
    body = (
        BODY
        + boundary("b", "t", '<messageEventDefinition messageRef="m"/>', interrupting=False)
        + flow("_3", "b", "late")
    )
    instance = drive(body, roots=roots).start()

    instance.fire("b").fire("b")

    assert instance.path == ["s", "b", "b"]
    assert instance.complete("late").complete("late").complete("t").outcome == "completed"
    assert instance.open == {}


def test_an_error_of_a_job_goes_to_the_boundary_event_with_its_code_before_one_for_any(drive):
    body = (
        '<startEvent id="s"/><serviceTask id="t"><extensionElements><zeebe:taskDefinition type="x"/></extensionElements></serviceTask>'
        + '<endEvent id="any"/><endEvent id="exact"/>'
        + boundary("b1", "t", "<errorEventDefinition/>")
        + boundary("b2", "t", '<errorEventDefinition errorRef="e1"/>')
        + flow("_1", "s", "t")
        + flow("_3", "b1", "any")
        + flow("_4", "b2", "exact")
    )

    assert drive(body, roots=ERRORS).start().throw("t", "BROKEN", {"why": "cold"}).path == ["s", "b2", "exact"]
    assert drive(body, roots=ERRORS).start().throw("t", "OTHER").path == ["s", "b1", "any"]


def test_an_error_nobody_catches_is_an_incident_and_one_a_caller_catches_ends_the_instance(drive):
    body = '<startEvent id="s"/><endEvent id="e"><errorEventDefinition errorRef="e1"/></endEvent>' + flow(
        "_1", "s", "e"
    )

    uncaught = drive(body, roots=ERRORS).start()
    caught = drive(body, roots=ERRORS).start(catches=Catches(errors=frozenset({"BROKEN"})))

    assert uncaught.kinds == ["error"]
    assert uncaught.active == ["e"]
    assert caught.outcome == "error"
    assert caught.ended.code == "BROKEN"


def nested(inner_end, catcher):
    return (
        '<startEvent id="s"/><subProcess id="outer"><startEvent id="os"/><subProcess id="inner"><startEvent id="is"/>'
        + inner_end
        + flow("i1", "is", "ie")
        + '</subProcess><userTask id="after"/>'
        + flow("o1", "os", "inner")
        + flow("o2", "inner", "after")
        + '</subProcess><endEvent id="e"/><endEvent id="handled"/>'
        + catcher
        + flow("_1", "s", "outer")
        + flow("_2", "outer", "e")
        + flow("_3", "b", "handled")
    )


def test_an_error_two_levels_down_ends_all_that_lies_between(drive):
    body = nested(
        '<endEvent id="ie"><errorEventDefinition errorRef="e1"/></endEvent>',
        boundary("b", "outer", "<errorEventDefinition/>"),
    )
    instance = drive(body, roots=ERRORS).start()

    assert instance.outcome == "completed"
    assert instance.path == ["s", "os", "is", "b", "handled"]


def test_a_non_interrupting_escalation_lets_both_paths_go_on(drive):
    body = nested(
        '<endEvent id="ie"><escalationEventDefinition escalationRef="esc"/></endEvent>',
        boundary("b", "outer", '<escalationEventDefinition escalationRef="esc"/>', interrupting=False),
    )
    instance = drive(body, roots=ESCALATIONS).start()

    assert instance.active == ["after", "outer"]
    assert "handled" in instance.path
    assert instance.complete("after").outcome == "completed"


def test_an_escalation_that_only_the_caller_catches_is_handed_to_it(drive):
    body = '<startEvent id="s"/><endEvent id="e"><escalationEventDefinition escalationRef="esc"/></endEvent>' + flow(
        "_1", "s", "e"
    )
    instance = drive(body, roots=ESCALATIONS).start(catches=Catches(escalations=frozenset({None})))

    assert [ask.code for ask in instance.asks if isinstance(ask, SendEscalation)] == ["UP"]
    assert instance.outcome == "completed"


def event_subprocess(interrupting):
    return (
        f'<subProcess id="es" triggeredByEvent="true"><startEvent id="ess" isInterrupting="{str(interrupting).lower()}">'
        '<messageEventDefinition messageRef="m"/></startEvent><userTask id="handle"/>'
        + flow("_x", "ess", "handle")
        + "</subProcess>"
    )


MESSAGE = '<message id="m" name="stop"><extensionElements><zeebe:subscription correlationKey="=1"/></extensionElements></message>'


def test_an_interrupting_event_subprocess_takes_over_its_scope(drive):
    instance = drive(BODY + event_subprocess(True), roots=MESSAGE).start()
    instance.fire("ess", {"why": "moved out"})

    assert instance.active == ["es", "handle"]
    assert instance.variables == {"why": "moved out"}
    assert instance.complete("handle").outcome == "completed"
    assert instance.path == ["s", "ess", "handle", "es"]


def test_a_non_interrupting_event_subprocess_runs_beside_its_scope_and_again(drive):
    instance = drive(BODY + event_subprocess(False), roots=MESSAGE).start()
    instance.fire("ess").fire("ess")

    assert instance.active == ["es", "handle", "t"]
    instance.complete("t")
    assert instance.outcome == "active"
    assert instance.complete("handle").complete("handle").outcome == "completed"
    assert instance.open == {}


def test_an_armed_event_subprocess_does_not_keep_an_instance_open(drive):
    body = BODY + event_subprocess(False).replace('<messageEventDefinition messageRef="m"/>', timer("PT1H"))

    assert drive(body).start().complete("t").outcome == "completed"


def test_a_signal_reaches_waits_in_its_own_instance_at_once_and_is_sent_to_others(drive):
    body = (
        '<startEvent id="s"/><subProcess id="sub"><startEvent id="is"/><endEvent id="ie"><signalEventDefinition signalRef="g"/></endEvent>'
        + flow("i", "is", "ie")
        + '</subProcess><endEvent id="e"/><endEvent id="caught"/>'
        + boundary("b", "sub", '<signalEventDefinition signalRef="g"/>')
        + flow("_1", "s", "sub")
        + flow("_2", "sub", "e")
        + flow("_3", "b", "caught")
    )
    instance = drive(body, roots='<signal id="g" name="all"/>').start()

    assert instance.path == ["s", "is", "b", "caught"]
    assert [ask.name for ask in instance.asks if isinstance(ask, SendSignal)] == ["all"]


def test_a_message_is_sent_with_its_key_and_the_elements_own_variables(drive):
    body = (
        '<startEvent id="s"/><intermediateThrowEvent id="m1"><extensionElements><zeebe:ioMapping>'
        '<zeebe:input source="=a + 1" target="b"/></zeebe:ioMapping></extensionElements>'
        '<messageEventDefinition messageRef="m"/></intermediateThrowEvent>' + flow("_1", "s", "m1")
    )
    roots = MESSAGE.replace("=1", "=&quot;k&quot; + string(a)")
    instance = drive(body, roots=roots).start({"a": 1})

    [sent] = [ask for ask in instance.asks if isinstance(ask, SendMessage)]
    assert (sent.name, sent.key, sent.variables) == ("stop", "k1", {"b": 2})


def test_a_condition_fires_when_it_becomes_true_and_again_only_after_it_was_false(drive):
    from engine.bpmn.progress import SetVariables

    body = (
        BODY
        + boundary(
            "b",
            "t",
            "<conditionalEventDefinition><condition>=n &gt; 5</condition></conditionalEventDefinition>",
            interrupting=False,
        )
        + flow("_3", "b", "late")
    )
    instance = drive(body).start({"n": 1})
    for n in (6, 7, 2, 9):
        instance.give(SetVariables({"n": n}))

    assert instance.path.count("b") == 2


def test_a_terminate_end_ends_its_own_scope_only(drive):
    body = (
        '<startEvent id="s"/><subProcess id="sub"><startEvent id="is"/><parallelGateway id="g"/><userTask id="w"/>'
        '<endEvent id="stop"><terminateEventDefinition/></endEvent>'
        + flow("i1", "is", "g")
        + flow("i2", "g", "w")
        + flow("i3", "g", "stop")
        + '</subProcess><userTask id="after"/>'
        + flow("_1", "s", "sub")
        + flow("_2", "sub", "after")
    )

    assert drive(body).start().active == ["after"]


def test_a_link_goes_on_at_its_partner(drive):
    body = (
        '<startEvent id="s"/><intermediateThrowEvent id="l1"><linkEventDefinition name="x"/></intermediateThrowEvent>'
        '<intermediateCatchEvent id="l2"><linkEventDefinition name="x"/></intermediateCatchEvent><userTask id="t"/>'
        + flow("_1", "s", "l1")
        + flow("_2", "l2", "t")
    )

    assert drive(body).start().path == ["s", "l1", "l2"]


@pytest.mark.parametrize(
    ("kind", "text", "due"),
    [
        ("timeDate", "2026-01-03T10:00:00+08:00", "2026-01-03T02:00:00+00:00"),
        ("timeDate", "2026-01-03T10:00:00", "2026-01-03T02:00:00+00:00"),
        ("timeDate", "2026-01-03T10:00:00@Europe/Berlin", "2026-01-03T09:00:00+00:00"),
        ("timeDate", '=date("2026-01-03")', "2026-01-02T16:00:00+00:00"),
        ("timeDuration", "P1M", "2026-02-01T00:00:00+00:00"),
        ("timeDuration", '=duration("PT" + string(n) + "M")', "2026-01-01T00:05:00+00:00"),
        ("timeCycle", "0 9 * * *", "2026-01-01T01:00:00+00:00"),
        ("timeCycle", "30 0 9 ? * *", "2026-01-01T01:00:30+00:00"),
    ],
)
def test_a_timer_reads_dates_durations_cycles_and_cron_in_the_units_zone(drive, kind, text, due):
    body = (
        '<startEvent id="s"/><intermediateCatchEvent id="c">'
        + timer(text, kind)
        + "</intermediateCatchEvent>"
        + flow("_1", "s", "c")
    )
    instance = drive(body).start({"n": 5})

    assert instance.open[instance.find("c")].due_at.isoformat() == due


def test_a_malformed_timer_is_an_incident(drive):
    body = (
        '<startEvent id="s"/><intermediateCatchEvent id="c">'
        + timer('="soon"')
        + "</intermediateCatchEvent>"
        + flow("_1", "s", "c")
    )

    assert drive(body).start().kinds == ["expression"]


def test_a_failed_job_is_an_incident_and_its_retry_offers_the_job_again(drive):
    body = (
        '<startEvent id="s"/><serviceTask id="t"><extensionElements><zeebe:taskDefinition type="x" retries="5"/></extensionElements>'
        "</serviceTask>" + flow("_1", "s", "t")
    )
    instance = drive(body).start()
    assert instance.open[instance.find("t")].retries == 5
    instance.fail("t", "no line")
    assert instance.kinds == ["job"]

    instance.retry("t")

    assert instance.complete("t").outcome == "completed"
