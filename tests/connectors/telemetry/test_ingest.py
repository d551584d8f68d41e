"""Telemetry over HTTP, and what processes come to hear of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.announcements import store as announcements
from connectors.announcements.relay import publish_waiting
from connectors.telemetry.ingest import DEVICE, ingest
from connectors.webhooks import signature
from engine.errors import Invalid, LimitExceeded, NotAllowed
from engine.model import json
from engine.model.values import SYSTEM, Resource
from engine.services import jobs, messages, repository, runtime
from tests.connectors.diagrams import HEAD

SECRET = "plant secret"
TICKET = f"""{HEAD}
<message id="raised" name="telemetry.alarm.raised"/>
<message id="updated" name="telemetry.alarm.updated"><extensionElements>
  <zeebe:subscription correlationKey='=device.code + ":" + alarm.type'/></extensionElements></message>
<process id="ticket" isExecutable="true">
  <startEvent id="begin"><messageEventDefinition messageRef="raised"/></startEvent>
  <sequenceFlow id="f1" sourceRef="begin" targetRef="repair"/><userTask id="repair"/>
  <boundaryEvent id="worse" attachedToRef="repair" cancelActivity="false"><messageEventDefinition messageRef="updated"/></boundaryEvent>
  <sequenceFlow id="f2" sourceRef="worse" targetRef="noted"/><endEvent id="noted"/>
  <sequenceFlow id="f3" sourceRef="repair" targetRef="done"/><endEvent id="done"/>
</process></definitions>"""


def post(plant, body, *, topic="pm/yunting/LIFT-3/telemetry", headers=None, **more):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    signed = signature.sign(content, SECRET, plant.clock.now()) if headers is None else headers
    return ingest(plant.intake, "plant", topic, signed | more.pop("extra", {}), content, secret=SECRET)


def test_a_signed_request_is_taken_in_and_a_replay_is_not(plant):
    body = json.dumps({"trapped_alarm": 1}).encode()
    headers = signature.sign(body, SECRET, plant.clock.now())

    taken = post(plant, body, headers=headers)

    assert taken.counts == {"accepted": 1} and plant.said() == ["raised LIFT-3:trapped"]
    with pytest.raises(signature.Replayed):
        post(plant, body, headers=headers)


def test_a_request_that_is_sent_again_because_its_answer_was_lost_changes_nothing(plant):
    reading = {"id": "7", "ts": plant.clock.now().isoformat(), "values": {"floor": 1}}

    assert post(plant, reading).counts == {"accepted": 1}
    assert post(plant, reading).counts == {"repeated": 1}


@pytest.mark.parametrize("change", ["Timestamp", "Nonce", "Signature", "body"])
def test_what_is_not_signed_as_it_is_is_refused(plant, change):
    body = b'{"floor": 1}'
    headers = signature.sign(body, SECRET, plant.clock.now())
    if change == "body":
        body = b'{"floor": 2}'
    else:
        name = f"X-Propflow-{change}"
        headers = headers | {name: headers[name][:-1] + ("0" if headers[name][-1] != "0" else "1")}

    with pytest.raises(NotAllowed):
        post(plant, body, headers=headers)
    assert plant.counts() == {}


def test_a_signature_fails_closed_when_the_clock_jumps(plant):
    body = b'{"floor": 1}'
    headers = signature.sign(body, SECRET, plant.clock.now())
    plant.clock.advance(timedelta(hours=1))

    with pytest.raises(NotAllowed, match="clock"):
        post(plant, body, headers=headers)


def test_headers_are_found_however_they_are_written_and_hostile_ones_are_refused(plant):
    body = b'{"floor": 1}'
    headers = {name.upper(): value for name, value in signature.sign(body, SECRET, plant.clock.now()).items()}
    assert post(plant, body, headers=headers).counts == {"accepted": 1}

    for hostile in ({"X-Propflow-Signature": "é" * 64}, {"X-Propflow-Timestamp": "１２３"}, {}):
        with pytest.raises(NotAllowed):
            post(plant, body, headers=hostile)


def test_a_device_may_be_named_in_a_header(plant):
    post(plant, {"floor": 4}, topic="v1/devices/me/telemetry", extra={DEVICE: "LIFT-3"})

    assert plant.device("LIFT-3").readings["floor"][0] == 4


def test_a_body_that_cannot_be_read_is_refused_and_kept_where_it_can_be_seen(plant):
    with pytest.raises(Invalid):
        post(plant, b"{nonsense")
    with pytest.raises(LimitExceeded):
        post(plant, b"x" * 300_000)

    assert len(plant.quarantine()) == 1


def test_nonces_are_forgotten_when_nobody_could_replay_them(plant):
    post(plant, {"floor": 1})
    plant.clock.advance(timedelta(minutes=11))
    signature.forget(plant.branch.engine)

    from connectors.webhooks import store

    with plant.branch.engine.store.read() as uow:
        assert uow.execute(store.nonce.select()).all() == []


# ---- processes ------------------------------------------------------------------------------------------------------


@pytest.fixture
def tickets(plant):
    repository.deploy(plant.branch.engine, [Resource("ticket.bpmn", TICKET.encode())], actor=SYSTEM)

    def run() -> list[runtime.Instance]:
        while taken := jobs.claim_due(plant.branch.engine, worker="w"):
            for job in taken:
                jobs.run(plant.branch.engine, job)
        return runtime.instances(plant.branch.engine, actor=SYSTEM)

    return run


def path(plant, instance):
    from engine.services import history

    return history.path(plant.branch.engine, instance.key, actor=SYSTEM)


def test_an_alarm_starts_one_ticket_at_the_unit_of_its_device(plant, tickets):
    post(plant, {"trapped_alarm": 1})

    [ticket] = tickets()
    assert ticket.unit == plant.branch.unit("yunting-1")
    assert runtime.variables(plant.branch.engine, ticket.key, actor=SYSTEM)["ticket_no"] == "I260101-0001"


def test_an_alarm_that_comes_back_while_its_ticket_is_open_reaches_that_ticket(plant, tickets):
    post(plant, {"trapped_alarm": 1})
    tickets()
    plant.clock.advance(timedelta(seconds=5))
    post(plant, {"trapped_alarm": 0, "person_in_car": 0, "door_state": "open"})
    plant.clock.advance(timedelta(seconds=5))
    post(plant, {"trapped_alarm": 1})

    [ticket] = tickets()
    assert "noted" in path(plant, ticket)


def test_an_alarm_that_comes_back_when_its_ticket_is_closed_starts_another_with_the_same_number(plant, tickets):
    post(plant, {"trapped_alarm": 1})
    [first] = tickets()
    runtime.cancel(plant.branch.engine, first.key, actor=SYSTEM)
    plant.clock.advance(timedelta(seconds=5))
    post(plant, {"trapped_alarm": 0, "person_in_car": 0, "door_state": "open"})
    plant.clock.advance(timedelta(minutes=20))
    post(plant, {"trapped_alarm": 1})

    second = next(each for each in tickets() if each.key != first.key)
    variables = runtime.variables(plant.branch.engine, second.key, actor=SYSTEM)
    assert variables["ticket_no"] == "I260101-0001" and variables["alarm"]["reopened"]


def test_an_alarm_that_grows_worse_when_its_ticket_is_closed_is_not_silent(plant, tickets):
    plant.add("CO-1", "parking_air")
    plant.repeat(300, "CO-1", every_s=60, co=30)
    publish_waiting(plant.branch.engine)
    [first] = tickets()
    runtime.cancel(plant.branch.engine, first.key, actor=SYSTEM)
    plant.read("CO-1", co=60)
    publish_waiting(plant.branch.engine)

    assert len(tickets()) == 2


def test_what_a_crash_kept_from_being_published_is_published_once_by_the_next(plant, tickets, monkeypatch):
    publish, failing = messages.publish, [True]

    def crash(*args, **more):
        if failing:
            failing.clear()
            raise OSError("died between the commit and the publishing")
        return publish(*args, **more)

    monkeypatch.setattr(messages, "publish", crash)
    plant.read("LIFT-3", trapped_alarm=1)
    with pytest.raises(OSError, match="died"):
        publish_waiting(plant.branch.engine)

    assert publish_waiting(plant.branch.engine) == 1 and publish_waiting(plant.branch.engine) == 0
    assert len(tickets()) == 1


def test_an_announcement_that_died_between_its_two_halves_is_finished_without_a_second_ticket(
    plant, tickets, monkeypatch
):
    mark, failing = announcements.mark, [True]

    def crash(uow, key):
        if failing:
            failing.clear()
            raise OSError("died before it was marked")
        mark(uow, key)

    monkeypatch.setattr(announcements, "mark", crash)
    plant.read("LIFT-3", trapped_alarm=1)
    with pytest.raises(OSError, match="died"):
        publish_waiting(plant.branch.engine)
    tickets()
    publish_waiting(plant.branch.engine)

    assert len(tickets()) == 1
