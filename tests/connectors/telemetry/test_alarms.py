"""The life of an alarm beside its ticket: domain 4.3, row by row."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from connectors.calls import BpmnError, JobCall
from connectors.settings import ConnectorSettings, Secret
from connectors.telemetry import outbound
from connectors.telemetry.alarms import AlarmState
from connectors.telemetry.events import Severity
from engine.errors import Invalid

FREE = {"trapped_alarm": 0, "person_in_car": 0, "door_state": "open"}


def trap(plant):
    plant.read("LIFT-3", trapped_alarm=1, person_in_car=1, door_state="closed")


MANUAL = Path(__file__).parents[3] / "processes" / "repair_ticket" / "README.md"


def test_a_process_is_told_what_the_manual_of_the_repair_ticket_promises(plant):
    trap(plant)

    told = plant.last()

    [row] = re.findall(r"^\| `telemetry\.alarm\.raised` \(start\).*$", MANUAL.read_text(encoding="utf-8"), re.M)
    promised = {
        name: set(re.findall(r"`(\w+)\??`", re.sub(r"`title` \{[^}]*\}", "`title`", inner)))
        for name, inner in re.findall(r"`(alarm|device)` \{((?:[^{}]|\{[^}]*\})*)\}", row)
    }
    assert promised == {"alarm": set(told["alarm"]) | {"reopens_ticket"}, "device": set(told["device"])}
    assert "`ticket_no`" in row and told["ticket_no"]


def release(plant):
    plant.clock.advance(timedelta(seconds=1))
    plant.read("LIFT-3", **FREE)


def call(plant, operation, instance=77, thingsboard="", **variables):
    values = {"thingsboard_url": thingsboard, "networks": ("127.0.0.1",)}
    asked = JobCall(
        engine=plant.branch.engine,
        settings=ConnectorSettings("telemetry", values, {"thingsboard_token": Secret("ApiKey k3y")}),
        variables={"device_code": "LIFT-3", "alarm_type": "trapped"} | variables,
        instance=instance,
    )
    answer = operation(asked)
    with plant.branch.engine.store.begin() as uow:
        if answer.also:
            answer.also(uow)
        uow.commit()
    return answer.variables


def test_people_in_a_lift_raise_an_alarm_at_the_first_reading(plant):
    trap(plant)

    [alarm] = plant.alarms()
    assert (alarm.state, alarm.severity, alarm.cause.category) == (AlarmState.ACTIVE, Severity.CRITICAL, "lift_trapped")
    assert plant.said() == ["raised LIFT-3:trapped"]
    told = plant.last()
    assert told["ticket_no"] == "I260101-0001"
    assert told["device"] == {
        "code": "LIFT-3", "name": "LIFT-3", "type": "lift", "project": "yunting",
        "unit": str(plant.branch.unit("yunting-1")), "location": "1F",
    }  # fmt: skip
    assert told["alarm"]["values"] == {"trapped_alarm": 1, "person_in_car": 1, "door_state": "closed"}
    assert told["alarm"]["title"]["zh"] == "电梯困人"
    assert (told["alarm"]["reopened"], told["alarm"]["auto_close_ok"], told["alarm"]["recovery_minutes"]) == (
        False,
        False,
        10,
    )


def test_the_same_again_says_nothing_new(plant):
    trap(plant)
    plant.clock.advance(timedelta(seconds=5))
    trap(plant)

    assert len(plant.alarms()) == 1 and len(plant.said()) == 1


def test_when_everybody_is_out_the_alarm_is_cleared(plant):
    trap(plant)
    plant.clock.advance(timedelta(seconds=5))
    plant.read("LIFT-3", trapped_alarm=0)
    assert plant.said() == ["raised LIFT-3:trapped"], "the person is still inside"

    release(plant)

    assert plant.said() == ["raised LIFT-3:trapped", "cleared LIFT-3:trapped"]
    assert plant.last()["alarm"]["holds"] is False


def test_an_alarm_that_comes_back_within_the_hour_goes_on_with_its_ticket(plant):
    trap(plant)
    release(plant)
    plant.wait(50 * 60, alive="LIFT-3")

    trap(plant)

    [alarm] = plant.alarms()
    assert (alarm.count, alarm.state) == (2, AlarmState.ACTIVE)
    told = plant.last()
    assert (told["ticket_no"], told["alarm"]["reopened"], told["alarm"]["reopens_ticket"]) == (
        "I260101-0001",
        True,
        "I260101-0001",
    )


def test_an_alarm_that_comes_back_after_the_hour_is_another_one(plant):
    trap(plant)
    release(plant)
    plant.wait(62 * 60, alive="LIFT-3")

    trap(plant)

    assert [alarm.state for alarm in plant.alarms()] == [AlarmState.CLOSED, AlarmState.ACTIVE]
    assert plant.last()["ticket_no"] == "I260101-0002" and not plant.last()["alarm"]["reopened"]


def test_while_its_ticket_is_open_an_alarm_stays_the_same_one(plant, monkeypatch):
    ended = {}
    monkeypatch.setattr("connectors.telemetry.batch.alarm_rows.ended_at", lambda uow, instance: ended.get(instance))
    trap(plant)
    call(plant, outbound.acknowledge, by="Alice")
    release(plant)
    plant.wait(5 * 3600, alive="LIFT-3", step_s=540)
    assert plant.alarms()[0].state is AlarmState.CLEARED, "its instance lives"

    ended[77] = plant.clock.now()
    plant.wait(50 * 60, alive="LIFT-3")
    assert plant.alarms()[0].state is AlarmState.CLEARED, "the hour counts from the end of the ticket"
    plant.wait(30 * 60, alive="LIFT-3")

    assert plant.alarms()[0].state is AlarmState.CLOSED


def test_a_worse_rule_of_the_same_alarm_updates_the_open_one_and_nothing_lowers_it(plant):
    plant.add("CO-1", "parking_air")
    plant.repeat(300, "CO-1", every_s=60, co=30)
    assert plant.alarms()[0].severity is Severity.MAJOR

    plant.read("CO-1", co=60)
    assert plant.said() == ["raised CO-1:co", "updated CO-1:co"]
    assert plant.last()["alarm"]["severity"] == "CRITICAL" and plant.last()["alarm"]["severity_grew"]

    plant.clock.advance(timedelta(seconds=60))
    plant.read("CO-1", co=30)
    assert plant.alarms()[0].severity is Severity.CRITICAL
    assert len(plant.said()) == 2
    plant.repeat(120, "CO-1", every_s=30, co=10)
    assert plant.said()[2:] == ["cleared CO-1:co"]


def test_in_a_maintenance_window_an_alarm_is_recorded_only_and_looked_at_again_afterwards(plant):
    plant.book.change("LIFT-3", resting=True)
    trap(plant)

    assert plant.said() == []
    assert (plant.alarms()[0].state, plant.alarms()[0].reason) == (AlarmState.SUPPRESSED, "maintenance")

    plant.book.change("LIFT-3", resting=False)
    plant.wait(120)

    assert plant.said() == ["raised LIFT-3:trapped"]
    assert plant.alarms()[0].state is AlarmState.ACTIVE


def test_an_alarm_that_comes_and_goes_in_a_window_leaves_no_ticket(plant):
    plant.book.change("LIFT-3", resting=True)
    trap(plant)
    release(plant)
    plant.book.change("LIFT-3", resting=False)
    plant.wait(120)

    assert plant.said() == [] and plant.alarms()[0].state is AlarmState.CLOSED


def test_a_gateway_that_is_silent_explains_the_silence_of_what_is_behind_it(plant):
    plant.add("GW-1", "gateway")
    plant.add("DOOR-1", "access_control", parent="GW-1")
    plant.read("GW-1", queue=0)
    plant.read("DOOR-1", held_open=0)

    plant.wait(20 * 60)

    assert plant.said() == ["raised GW-1:silent"]
    [gateway, door] = plant.alarms()
    assert (door.state, door.reason, door.parent) == (AlarmState.SUPPRESSED, "parent", gateway.key)


def test_a_danger_to_people_is_never_explained_away_by_a_parent(plant):
    plant.add("TR-1", "transformer")
    plant.book.change("LIFT-3", parent="TR-1")
    plant.read("TR-1", breaker_tripped=1)

    plant.read("LIFT-3", fault_code=3)
    plant.clock.advance(timedelta(seconds=10))
    plant.read("LIFT-3", fault_code=3)
    trap(plant)

    assert plant.said() == ["raised TR-1:breaker", "raised LIFT-3:trapped"]
    assert [alarm.reason for alarm in plant.alarms()] == ["", "parent", ""]


def test_an_alarm_that_flaps_makes_one_ticket_and_clears_only_after_half_an_hour_of_quiet(plant):
    for _ in range(4):
        trap(plant)
        release(plant)
        plant.clock.advance(timedelta(seconds=20))

    [alarm] = plant.alarms()
    assert alarm.flapping and alarm.state is AlarmState.ACTIVE and not alarm.holds
    said = plant.said()
    assert said.count("raised LIFT-3:trapped") == 3, "the second and third tell which ticket they go on with"

    plant.wait(28 * 60, alive="LIFT-3")
    assert plant.said() == said
    plant.wait(5 * 60, alive="LIFT-3")

    assert plant.said() == [*said, "cleared LIFT-3:trapped"]
    assert not plant.alarms()[0].flapping


def test_more_alarms_than_a_project_can_have_by_chance_are_one_incident(plant):
    doors = [plant.add(f"DOOR-{number:02}", "access_control") for number in range(16)]

    for door in doors:
        plant.read(door, held_open=100)
    trap(plant)

    storm = f"storm:{plant.branch.unit('yunting')}"
    assert plant.said() == [
        *(f"raised {door}:held_open" for door in doors[:5]),
        f"raised {storm}:storm",
        "raised LIFT-3:trapped",
    ]
    by_device = {alarm.device: alarm for alarm in plant.alarms()}
    assert by_device[doors[15]].parent == by_device[storm].key
    assert by_device[doors[15]].state is AlarmState.SUPPRESSED

    plant.wait(8 * 60)

    assert f"cleared {storm}:storm" in plant.said()
    assert f"raised {doors[15]}:held_open" in plant.said(), (
        "what still holds when the storm is over is a matter of its own"
    )


def test_a_source_that_judges_itself_raises_updates_and_clears(plant):
    plant.add("DOOR-9", "access_control")

    def event(state, severity, second):
        at = (plant.clock.now() + timedelta(seconds=second)).isoformat()
        plant.take(("pm/yunting/DOOR-9/event", {"type": "door_forced", "state": state, "severity": severity, "ts": at}))

    event("raised", "MINOR", 0)
    event("updated", "MINOR", 1)
    event("updated", "MAJOR", 2)
    event("cleared", "MAJOR", 3)
    event("cleared", "MAJOR", 4)

    assert plant.said() == ["raised DOOR-9:door_forced", "updated DOOR-9:door_forced", "cleared DOOR-9:door_forced"]
    assert plant.alarms()[0].cause.category == "security", "a rule of the same alarm type says what it is about"


def test_a_thingsboard_alarm_that_is_refreshed_is_the_same_alarm(plant):
    start = int(plant.clock.now().timestamp() * 1000)
    for number in range(4):
        told = {"id": {"id": "8b1e"}, "type": "fire", "originatorName": "LIFT-3", "severity": "MAJOR", "startTs": start}
        plant.take(("thingsboard/alarm", told | {"endTs": start + number, "status": "ACTIVE_UNACK"}))

    assert len(plant.alarms()) == 1 and plant.said() == ["raised LIFT-3:fire"]


# ---- job types ------------------------------------------------------------------------------------------------------


def test_a_step_reads_how_the_alarm_stands_before_it_waits(plant):
    with pytest.raises(BpmnError, match="never raised"):
        call(plant, outbound.alarm_state)
    trap(plant)
    assert call(plant, outbound.alarm_state) == {"alarm_active": True, "alarm_stable_at": None}

    release(plant)

    stable = plant.clock.now() + timedelta(minutes=10)
    assert call(plant, outbound.alarm_state) == {"alarm_active": False, "alarm_stable_at": stable.isoformat()}
    with pytest.raises(Invalid):
        call(plant, outbound.alarm_state, device_code=None)


def test_somebody_takes_the_alarm_up(plant):
    trap(plant)
    call(plant, outbound.acknowledge, by="Alice")
    plant.clock.advance(timedelta(seconds=1))
    trap(plant)

    [alarm] = plant.alarms()
    assert (alarm.instance, alarm.acknowledged_by) == (77, "Alice")


class ThingsBoard(BaseHTTPRequestHandler):
    seen: ClassVar[list[tuple[str, str]]] = []

    def do_POST(self):
        ThingsBoard.seen.append((self.path, self.headers["X-Authorization"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def test_an_alarm_that_thingsboard_judged_is_acknowledged_and_cleared_there_too(plant):
    server = ThreadingHTTPServer(("127.0.0.1", 0), ThingsBoard)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    plant.take(
        (
            "thingsboard/alarm",
            {"id": {"id": "8b1e7a10"}, "type": "trapped", "originatorName": "LIFT-3", "severity": "CRITICAL"},
        )
    )

    ThingsBoard.seen.clear()
    address = f"http://127.0.0.1:{server.server_port}"
    told = call(plant, outbound.acknowledge, thingsboard=address, by="Alice")
    ended = call(plant, outbound.clear, thingsboard=address)
    server.shutdown()
    server.server_close()

    assert (told, ended) == ({"source_acknowledged": True}, {"source_cleared": True})
    assert ThingsBoard.seen == [("/api/alarm/8b1e7a10/ack", "ApiKey k3y"), ("/api/alarm/8b1e7a10/clear", "ApiKey k3y")]
    assert plant.alarms()[0].state is AlarmState.ACTIVE, "it is over when ThingsBoard says so"


def test_a_source_that_cannot_be_told_holds_nobody_up(plant):
    plant.take(
        ("thingsboard/alarm", {"id": "8b1e7a10", "type": "trapped", "originatorName": "LIFT-3", "severity": "CRITICAL"})
    )

    assert call(plant, outbound.acknowledge, thingsboard="http://127.0.0.1:1", by="Alice") == {
        "source_acknowledged": False
    }
    assert plant.alarms()[0].acknowledged_by == "Alice"
