"""An incident that is skipped: the process goes on as if the element had handed back what a person says; history tells who and why."""

from __future__ import annotations

import pytest

from engine.errors import IllegalTransition, Invalid, NotAllowed, NotFound
from engine.model.values import SYSTEM, Resource
from engine.services import history, incidents, repository, runtime, verify
from tests.engine.diagrams import (
    boundary,
    call,
    diagram,
    end,
    extended,
    flows,
    line,
    on_timer,
    script,
    service,
    start,
    user,
)

PRICED = '<zeebe:ioMapping><zeebe:output source="=amount * 2" target="price"/></zeebe:ioMapping>'


def priced(id: str) -> str:
    work = '<zeebe:taskDefinition type="work" retries="1"/>'
    return f'<serviceTask id="{id}">{extended(work, PRICED)}</serviceTask>'


def failed(h, *parts, **variables):
    """A process of these elements whose job has failed."""
    h.deploy(line(*parts))
    key = h.start("p", variables)
    h.fail_job(h.jobs()[0], "no answer")
    [incident] = h.incidents(key)
    return key, incident


def test_what_the_person_says_goes_through_the_output_mappings(h):
    key, incident = failed(h, priced("ask"), user("next"))

    h.skip(incident, {"amount": 21})

    assert h.active(key) == ["next"]
    assert h.variables(key) == {"price": 42}
    assert h.incidents() == [] and h.jobs() == []
    assert h.path(key) == ["start", "ask"]


def test_without_output_mappings_the_variables_come_name_by_name(h):
    key, incident = failed(h, service("ask", retries="1"), user("next"), amount=1)

    h.skip(incident, {"amount": 2, "who": "bank"})

    assert h.variables(key) == {"amount": 2, "who": "bank"}


def test_output_that_does_not_fit_the_mapping_stops_there_once_more(h):
    key, incident = failed(h, priced("ask"), user("next"))

    h.skip(incident, {"amount": {"a": 1}})
    [again] = h.incidents(key)
    assert (again.element_id, again.key != incident.key) == ("ask", True)
    h.skip(again, {"amount": 1})

    assert h.variables(key)["price"] == 2


def test_boundary_events_of_what_is_skipped_are_gone(h):
    h.deploy(
        diagram(
            start(), service("ask", retries="1"), boundary("late", "ask", on_timer("PT1H")), user("next"), end(), end("e2"),
            flows("start>ask", "ask>next", "next>end", "late>e2"),
        )
    )  # fmt: skip
    key = h.start("p")
    h.fail_job(h.jobs()[0], "no answer")

    h.skip(h.incidents(key)[0])
    h.advance(hours=2)

    assert h.active(key) == ["next"]


def test_a_gateway_that_found_no_way_takes_the_one_that_the_variables_open(h):
    h.deploy(
        diagram(
            start(), '<exclusiveGateway id="g"/>', user("a"), user("b"), end(),
            flows('start>g', 'g>a=way = "a"', 'g>b=way = "b"', "a>end", "b>end"),
        )
    )  # fmt: skip
    key = h.start("p", {"way": "c"})

    h.skip(h.incidents(key)[0], {"way": "b"})

    assert h.active(key) == ["b"]


def test_an_error_end_that_nobody_caught_ends_its_way(h):
    end_event = end("failed", '<errorEventDefinition errorRef="e"/>')
    h.deploy(diagram(start(), end_event, flows("start>failed"), roots='<error id="e" errorCode="X"/>'))
    key = h.start("p")

    h.skip(h.incidents(key)[0])

    assert h.state(key) == "completed"


def test_a_loop_is_skipped_as_a_whole(h):
    loop = (
        '<multiInstanceLoopCharacteristics><extensionElements><zeebe:loopCharacteristics inputCollection="=items"/>'
        "</extensionElements><completionCondition>=done &gt; nothing.here</completionCondition></multiInstanceLoopCharacteristics>"
    )
    h.deploy(
        line(
            f'<userTask id="each"><extensionElements><zeebe:userTask/></extensionElements>{loop}</userTask>', user("b")
        )
    )
    key = h.start("p", {"items": [1, 2, 3]})
    h.complete(h.tasks(key)[0])
    [incident] = h.incidents(key)

    h.skip(incident, {"result": "enough"})

    assert h.active(key) == ["b"]
    assert h.variables(key)["result"] == "enough"


def test_a_subprocess_and_what_is_live_in_it_are_skipped_together(h):
    inner = f"{start('s')}{user('x')}{end('e')}{flows('s>x', 'x>e')}"
    handler = f'<subProcess id="ev" triggeredByEvent="true">{start("es", on_timer("=nothing"))}{end("ee")}{flows("es>ee")}</subProcess>'
    h.deploy(line(f'<subProcess id="sub">{inner}{handler}</subProcess>', user("next")))
    key = h.start("p")
    [incident] = h.incidents(key)
    assert incident.element_id == "sub"

    h.skip(incident)

    assert h.active(key) == ["next"]


def test_a_call_that_could_not_be_made_is_skipped_with_what_it_would_have_brought(h):
    h.deploy(line(call("c", "=called"), user("next")))
    key = h.start("p", {"called": "nowhere"})

    h.skip(h.incidents(key)[0], {"found": True})

    assert h.active(key) == ["next"]
    assert h.variables(key) == {"called": "nowhere", "found": True}


def test_the_history_says_who_why_and_with_what(office):
    engine, root = office.engine, office.actor("root")
    repository.deploy(
        engine, [Resource("p.bpmn", line(script("odd", "=if x = 1 then 1 else [1..2]", "y"), user("b")))], actor=SYSTEM
    )
    key = runtime.start(engine, "p", {"x": "a"}, unit=office.unit("yunting"), actor=SYSTEM)
    [incident] = incidents.open_incidents(engine, actor=root)

    incidents.skip(engine, incident.key, {"y": 7}, actor=root, reason="counted by hand")

    [said] = [each for each in history.events(engine, key, actor=root) if each.kind == "incident_skipped"]
    assert (said.actor, said.element_id, said.data["reason"]) == (root.id, "odd", "counted by hand")
    assert said.data["variables"] == {"y": 7} and said.data["kind"] == incident.kind
    kinds = [each.kind for each in history.events(engine, key, actor=root)]
    assert kinds[kinds.index("incident_skipped") :] == [
        "incident_skipped", "variables_set", "element_completed", "element_activated", "incident_resolved",
    ]  # fmt: skip
    assert verify.everything(engine).breaks == []


def test_whoever_may_not_change_the_instance_skips_nothing(office):
    engine = office.engine
    repository.deploy(
        engine, [Resource("p.bpmn", line(script("odd", "=if x = 1 then 1 else [1..2]", "y"), user("b")))], actor=SYSTEM
    )
    runtime.start(engine, "p", {"x": "a"}, unit=office.unit("yunting"), actor=SYSTEM)
    [incident] = incidents.open_incidents(engine, actor=SYSTEM)

    for name, error in (("alice", NotAllowed), ("bob", NotAllowed), ("carol", NotAllowed), ("mallory", NotFound)):
        with pytest.raises(error):
            incidents.skip(engine, incident.key, actor=office.actor(name))
    with pytest.raises(Invalid):
        incidents.skip(engine, incident.key, {"": 1}, actor=office.actor("root"))
    incidents.skip(engine, incident.key, actor=office.actor("root"), command_id="once")
    incidents.skip(engine, incident.key, actor=office.actor("root"), command_id="once")
    with pytest.raises(IllegalTransition):
        incidents.skip(engine, incident.key, actor=office.actor("root"))
