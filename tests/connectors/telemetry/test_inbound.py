from __future__ import annotations

import json as standard
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.telemetry.events import Event, Kind, Severity
from connectors.telemetry.inbound import MAX_BYTES, SUBSCRIPTIONS, Delivery, read
from engine.errors import Invalid
from engine.model import json

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PAYLOADS = Path(__file__).parent / "payloads"


def recorded(name: str, **more: object) -> list[Event]:
    told = json.loads((PAYLOADS / f"{name}.json").read_text())
    return deliver(told["topic"], told["payload"], **more)


def deliver(topic: str, payload: object, **more: object) -> list[Event]:
    body = payload if isinstance(payload, bytes) else standard.dumps(payload, default=float).encode()
    return read(Delivery(topic, body, "mqtt", more.pop("received_at", NOW), **more))


def test_a_thingsboard_device_speaks_with_and_without_its_own_time():
    [stamped] = recorded("thingsboard_device")
    [plain] = recorded("thingsboard_device_plain")

    assert (stamped.device, stamped.at) == ("LIFT-3", NOW + timedelta(milliseconds=123))
    assert stamped.values["person_in_car"] is True and stamped.values["speed"] == 0
    assert (plain.at, plain.stamped, plain.values["speed"]) == (NOW, False, Decimal("1.75"))


@pytest.mark.parametrize(
    ("topic", "device"),
    [
        ("LIFT-3/v1/devices/me/telemetry", ""),
        ("site/a/LIFT-3/v1/devices/me/attributes", ""),
        ("LIFT-3/v2/t", ""),
        ("LIFT-3/v2/a", ""),
        ("v2/t", "LIFT-3"),
        ("v1/devices/me/telemetry", "LIFT-3"),
    ],
)
def test_every_way_in_which_a_thingsboard_device_speaks_for_itself_is_read(topic, device):
    at = int(NOW.timestamp() * 1000)
    events = deliver(topic, [{"ts": at, "values": {"floor": 3}}, {"ts": at + 1, "values": {"floor": 4}}], device=device)

    assert [(event.device, event.values["floor"]) for event in events] == [("LIFT-3", 3), ("LIFT-3", 4)]


def test_a_thingsboard_gateway_tells_attributes_and_who_comes_and_goes():
    [attributes] = deliver("v1/gateway/attributes", {"PUMP-1": {"fault": 1}})
    [come] = deliver("v1/gateway/connect", {"device": "PUMP-1"})
    [gone] = deliver("v1/gateway/disconnect", {"device": "PUMP-1"})

    assert (attributes.device, attributes.values) == ("PUMP-1", {"fault": 1})
    assert (come.kind, gone.kind) == (Kind.ONLINE, Kind.OFFLINE)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("ACTIVE_UNACK", Kind.RAISED),
        ("ACTIVE_ACK", Kind.RAISED),
        ("CLEARED_UNACK", Kind.CLEARED),
        ("CLEARED_ACK", Kind.CLEARED),
    ],
)
@pytest.mark.parametrize("severity", list(Severity))
def test_every_status_and_severity_of_a_thingsboard_alarm_is_read(status, kind, severity):
    start = int(NOW.timestamp() * 1000)
    told = {
        "id": {"id": "8b1e"}, "type": "flood", "originatorName": "SUMP-2", "severity": severity.value, "status": status,
        "startTs": start, "endTs": start, "ackTs": 0, "clearTs": start + 5 if "CLEARED" in status else 0,
    }  # fmt: skip

    [event] = deliver("thingsboard/alarm", told, received_at=NOW + timedelta(seconds=1))

    assert (event.kind, event.severity, event.source_id) == (kind, severity, "8b1e")
    assert event.at == NOW + (timedelta(milliseconds=5) if kind is Kind.CLEARED else timedelta())


def test_a_thingsboard_gateway_speaks_for_many_devices():
    events = recorded("thingsboard_gateway")

    assert [(event.device, event.values) for event in events] == [
        ("PUMP-1", {"outlet_pressure": Decimal("0.42"), "run": True}),
        ("PUMP-1", {"outlet_pressure": Decimal("0.41")}),
        ("SUMP-2", {"flood": 0}),
    ]
    assert len({event.id for event in events}) == 3


def test_an_alarm_of_a_thingsboard_rule_chain_is_raised_and_cleared():
    [raised] = recorded("thingsboard_alarm_raised")
    [cleared] = recorded("thingsboard_alarm_cleared", received_at=NOW + timedelta(hours=1))

    assert (raised.kind, raised.device, raised.alarm_type, raised.severity) == (
        Kind.RAISED,
        "FIRE-1",
        "fire",
        Severity.CRITICAL,
    )
    assert (cleared.kind, cleared.at) == (Kind.CLEARED, NOW + timedelta(minutes=10))
    assert raised.id != cleared.id, "an alarm keeps its id; what is said about it differs"


def test_the_generic_topics_carry_readings_alarms_and_the_state_of_the_connection():
    first, second = recorded("generic_telemetry")
    [event] = recorded("generic_event")
    [gone] = recorded("generic_offline")

    assert (first.id, first.device, first.project, first.at) == ("42", "LIFT-3", "yunting", NOW)
    assert second.at == NOW + timedelta(seconds=1)
    assert (event.kind, event.severity, event.alarm_type) == (Kind.RAISED, Severity.MINOR, "door_forced")
    assert (gone.kind, gone.device) == (Kind.OFFLINE, "GW-1")


def test_a_repeat_has_the_id_of_the_first():
    assert recorded("thingsboard_device", repeat=True)[0].id == recorded("thingsboard_device")[0].id


def test_two_equal_readings_without_a_time_are_told_apart_by_the_transport():
    first = deliver("D/v1/devices/me/telemetry", {"a": 1}, token="7")[0]
    second = deliver("D/v1/devices/me/telemetry", {"a": 1}, token="8")[0]

    assert first.id != second.id


def test_a_webhook_says_in_a_header_which_device_speaks():
    assert deliver("v1/devices/me/telemetry", {"a": 1}, device="D-1")[0].device == "D-1"
    with pytest.raises(Invalid, match="which device"):
        deliver("v1/devices/me/telemetry", {"a": 1})


def test_a_time_in_the_future_becomes_the_time_of_arrival_and_an_old_one_is_late():
    at = int(NOW.timestamp() * 1000)
    near, far, old = (
        deliver("pm/p/d/telemetry", {"ts": at + ms, "values": {"a": 1}})[0] for ms in (60_000, 180_000, -901_000)
    )

    assert near.at == NOW + timedelta(minutes=1) and not near.is_late
    assert far.at == NOW
    assert old.is_late


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("unknown/topic", {}),
        ("pm/p/d/other", {}),
        ("pm/p//telemetry", {"a": 1}),
        ("pm/p/d/telemetry", b""),
        ("pm/p/d/telemetry", b"{"),
        ("pm/p/d/telemetry", b"\xff\xfe"),
        ("pm/p/d/telemetry", b"[" * 5000),
        ("pm/p/d/telemetry", b'{"a": NaN}'),
        ("pm/p/d/telemetry", b'{"a": 1e400}'),
        ("pm/p/d/telemetry", b'{"a": 1e999999999}'),
        ("pm/p/d/telemetry", b'{"a": "\\ud800"}'),
        ("pm/p/d/telemetry", b'{"a": "\\u0000"}'),
        ("pm/p/d/telemetry", b'{"\\ud800": 1}'),
        ("pm/p/d/telemetry", b'{"id": "\\u0000", "values": {}}'),
        ("pm/p/d\x00/telemetry", {"a": 1}),
        ("pm/p/d/event", b'{"type": "\\ud800", "state": "raised"}'),
        ("pm/p/d/telemetry", [1, 2]),
        ("pm/p/d/telemetry", {"a": {"b": 1}}),
        ("pm/p/d/telemetry", {"a": [1]}),
        ("pm/p/d/telemetry", {"a": "x" * 2000}),
        ("pm/p/d/telemetry", {f"s{number}": 1 for number in range(300)}),
        ("pm/p/d/telemetry", {"ts": "yesterday", "values": {}}),
        ("pm/p/d/telemetry", {"ts": "2026-01-01T00:00:00", "values": {}}),
        ("pm/p/d/telemetry", {"ts": True, "values": {}}),
        ("pm/p/d/telemetry", {"ts": 10**30, "values": {}}),
        ("pm/p/d/telemetry", {"id": "x" * 200, "values": {}}),
        ("pm/p/d/telemetry", b'"' + b"x" * MAX_BYTES + b'"'),
        ("pm/p/d/event", {"state": "raised"}),
        ("pm/p/d/event", {"type": "fire", "state": "maybe"}),
        ("pm/p/d/event", {"type": "fire", "severity": "terrible"}),
        ("pm/p/d/state", {"state": "tired"}),
        ("v1/gateway/telemetry", []),
        ("v1/gateway/telemetry", {"": [{"values": {}}]}),
        ("v1/gateway/connect", {}),
        ("thingsboard/alarm", {"type": "fire"}),
    ],
)
def test_what_is_not_what_the_topic_promises_is_refused_with_a_reason(topic, payload):
    with pytest.raises(Invalid):
        deliver(topic, payload)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats().map(repr) | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.text(st.characters(), max_size=10) | st.sampled_from(["ts", "values", "id", "type"]), inner, max_size=4
    ),
    max_leaves=12,
)
TOPICS = st.sampled_from([topic.replace("+", "x") for topic in SUBSCRIPTIONS])


@settings(max_examples=150, deadline=None)
@given(TOPICS, JSON)
def test_whatever_comes_is_read_or_refused_and_never_breaks_the_reader(topic, payload):
    try:
        events = deliver(topic, payload)
    except Invalid:
        return

    assert all(event.device and event.id and event.at.tzinfo is not None for event in events)


@settings(max_examples=100, deadline=None)
@given(TOPICS, st.binary(max_size=200))
def test_whatever_bytes_come_are_read_or_refused(topic, payload):
    try:
        deliver(topic, payload)
    except Invalid:
        return
