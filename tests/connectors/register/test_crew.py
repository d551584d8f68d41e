"""Who is sent: skills, certificates, shifts, open tickets; and whose turn it is."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.register import crew, outbound
from engine.errors import Invalid, NotAllowed, NotFound
from engine.model.values import SYSTEM, Resource
from engine.services import accounts, holding, repository, runtime, tasks
from tests.people import Office

JOBS = itertools.count(100)
TICKET = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
  id="d" targetNamespace="https://propflow.dev/tests"><process id="ticket" isExecutable="true">
  <startEvent id="s"/><sequenceFlow id="a" sourceRef="s" targetRef="t"/>
  <userTask id="t" name="Repair"><extensionElements><zeebe:userTask/>
  <zeebe:assignmentDefinition candidateGroups="technician"/></extensionElements></userTask>
  <sequenceFlow id="b" sourceRef="t" targetRef="e"/><endEvent id="e"/></process></definitions>"""


def busy(office: Office, name: str, count: int) -> None:
    repository.deploy(office.engine, [Resource("ticket.bpmn", TICKET)], actor=SYSTEM)
    for _ in range(count):
        instance = runtime.start(office.engine, "ticket", {}, unit=office.unit("yunting"), actor=SYSTEM)
        [task] = tasks.of_instance(office.engine, instance, actor=SYSTEM)
        holding.claim(office.engine, task.key, actor=office.actor(name))


def names(answer):
    return [one["account"] for one in answer["candidates"]]


def find(call, **variables):
    return call(
        outbound.find_technicians,
        **({"ticket_no": "R1", "category": "tap", "priority": "P4", "exclude": []} | variables),
    )


def test_those_on_shift_come_first_then_those_with_fewer_tickets(register, call):
    assert names(find(call)) == ["alice", "bob"]

    busy(register, "alice", 1)
    assert names(find(call)) == ["bob", "alice"]

    crew.plan_shifts(register.engine, register.unit("yunting"), [], actor=SYSTEM)
    register.engine.clock.advance(timedelta(hours=12))
    found = find(call)["candidates"]
    assert [one["on_shift"] for one in found] == [False, False]


def test_the_list_says_what_the_dispatcher_must_know(register, call):
    busy(register, "bob", 1)

    first, second = find(call)["candidates"]

    assert (first["name"], first["on_shift"], first["open_tickets"]) == ("Alice", True, 0)
    assert first["label"] == "Alice · 水、电 · 在班 · 0 单"
    assert second["label_en"] == "Bob · plumbing · on shift · 1 open"


def test_nobody_without_the_certificate_is_sent(register, call):
    assert names(find(call, category="power", certificate="low_voltage_electrician")) == ["alice"]
    assert names(find(call, category="power", certificate="none")) == ["alice", "bob"]

    register.engine.clock.advance(timedelta(days=31))  # the certificate ran out yesterday

    assert names(find(call, category="power", certificate="low_voltage_electrician")) == []


def test_the_certificate_must_hold_on_the_day_of_the_appointment(call):
    on = {"category": "power", "certificate": "low_voltage_electrician"}

    assert names(find(call, appoint_from="2026-01-31T10:00", appoint_to="2026-01-31T12:00", **on)) == ["alice"]
    assert names(find(call, appoint_from="2026-02-01T10:00", appoint_to="2026-02-01T12:00", **on)) == []


def test_an_appointment_asks_for_the_shift_at_its_time(register, call):
    evening = {"appoint_from": "2026-01-01T19:30:00+08:00", "appoint_to": "2026-01-01T20:30:00+08:00"}
    night = {"appoint_from": "2026-01-01T20:00:00+08:00", "appoint_to": "2026-01-01T21:00:00+08:00"}

    assert [one["on_shift"] for one in find(call, **evening)["candidates"]] == [True, True]
    assert [one["on_shift"] for one in find(call, **night)["candidates"]] == [False, False]


def test_those_who_refused_are_left_out(call):
    assert names(find(call, exclude=["alice"])) == ["bob"]


def test_somebody_who_has_left_is_not_in_the_list(register, call):
    accounts.disable(register.engine, register.key("alice"), reason="left", actor=SYSTEM)

    assert names(find(call)) == ["bob"]


def test_steps_of_one_ticket_count_once_and_finished_ones_do_not(register, call):
    busy(register, "bob", 2)
    [task] = tasks.of_instance(register.engine, newest(register), actor=SYSTEM)
    tasks.complete(register.engine, task.key, {}, actor=register.actor("bob"))

    assert {one["account"]: one["open_tickets"] for one in find(call)["candidates"]} == {"alice": 0, "bob": 1}


def newest(register):
    return runtime.instances(register.engine, actor=SYSTEM)[0].key


# ---- rotation


def turn(call, key, **variables):
    answer = call(
        outbound.next_in_rotation, key, **({"ticket_no": "R", "category": "tap", "priority": "P4"} | variables)
    )
    return answer["technician"] and answer["technician"]["account"]


def test_turns_go_round(call):
    assert [turn(call, f"{number}:1") for number in range(5)] == ["alice", "bob", "alice", "bob", "alice"]


def test_a_repeat_of_the_job_takes_no_second_turn(call):
    assert [turn(call, "1:1"), turn(call, "1:1"), turn(call, "2:1")] == ["alice", "alice", "bob"]


def test_each_category_has_a_rotation_of_its_own(call):
    assert [turn(call, "1:1", category="tap"), turn(call, "2:1", category="leakage")] == ["alice", "alice"]


def test_those_off_shift_full_unable_or_excluded_are_skipped(register, call):
    assert turn(call, "1:1", category="power") == "alice", "Bob is no electrician"
    assert turn(call, "2:1", exclude=["alice"]) == "bob"
    busy(register, "alice", 2)  # the project's limit
    assert turn(call, "3:1") == "bob"
    assert turn(call, "4:1") == "bob"
    register.engine.clock.advance(timedelta(hours=12))
    assert turn(call, "5:1") is None


def test_for_urgent_work_nobody_is_full(register, call):
    busy(register, "alice", 2)
    busy(register, "bob", 2)

    assert turn(call, "1:1") is None
    assert turn(call, "2:1", priority="P1") == "alice"


def test_what_no_skill_is_named_for_anybody_may_do(call):
    assert {turn(call, f"{number}:1", category="personal_injury") for number in range(2)} == {"alice", "bob"}


def test_when_somebody_leaves_the_round_goes_on(register, call):
    turn(call, "1:1")
    accounts.disable(register.engine, register.key("bob"), reason="left", actor=SYSTEM)

    assert [turn(call, "2:1"), turn(call, "3:1")] == ["alice", "alice"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["tap", "leakage", "sewage_backflow"]), min_size=1, max_size=12))
def test_turns_of_a_category_never_differ_by_more_than_one(register, call, categories):
    counts: dict[tuple[str, str], int] = {}
    for category in categories:
        who = turn(call, f"{next(JOBS)}:1", category=category)
        counts[category, who] = counts.get((category, who), 0) + 1

    for category in set(categories):
        both = [counts.get((category, who), 0) for who in ("alice", "bob")]
        assert abs(both[0] - both[1]) <= 1


# ---- who may change it


@pytest.mark.parametrize(
    ("who", "may"),
    [("alice", False), ("bob", False), ("carol", True), ("mallory", False), ("dan", False), ("root", True)],
)
def test_who_may_change_the_crew_of_yunting(supervised, who, may):
    actor, engine, unit = supervised.actor(who), supervised.engine, supervised.unit("yunting")
    now = engine.clock.now()
    for command in (
        lambda: crew.set_technician(engine, supervised.key("bob"), project=unit, skills=["hvac"], actor=actor),
        lambda: crew.add_certificate(
            engine, supervised.key("bob"), type_="x", number="1", issuer="y", valid_to=date(2027, 1, 1), actor=actor
        ),
        lambda: crew.plan_shifts(engine, unit, [(supervised.key("bob"), now, now + timedelta(hours=8))], actor=actor),
    ):
        if may:
            command()
        else:
            with pytest.raises(NotAllowed):
                command()
    if not may:
        with pytest.raises(NotFound):
            crew.on_shift(engine, unit, actor=actor)


def test_a_supervisor_sees_which_certificates_run_out_in_her_project(supervised):
    before = date(2026, 2, 15)

    [(held, person)] = crew.expiring_certificates(supervised.engine, before, actor=supervised.actor("carol"))

    assert (held.type, person.login) == ("low_voltage_electrician", "alice")
    for nobody in ("alice", "mallory", "dan"):
        assert crew.expiring_certificates(supervised.engine, before, actor=supervised.actor(nobody)) == []
    assert crew.of_accounts(supervised.engine, [supervised.key("alice")], actor=supervised.actor("dan")) == []


def test_unknown_skills_and_backward_shifts_are_refused(register):
    now, unit = register.engine.clock.now(), register.unit("yunting")

    with pytest.raises(Invalid, match="flying"):
        crew.set_technician(register.engine, register.key("bob"), project=unit, skills=["flying"], actor=SYSTEM)
    with pytest.raises(Invalid, match="line 1"):
        crew.plan_shifts(register.engine, unit, [(register.key("bob"), now, now)], actor=SYSTEM)
