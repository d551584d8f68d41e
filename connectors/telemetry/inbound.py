"""Bytes from a broker or a webhook become canonical events. Pure: no clock, no database; what cannot be read is refused with its reason.

Source: ThingsBoard's MQTT device and gateway API (``v1/devices/me/*``, ``v1/gateway/*``, ``v2/t``) and the JSON of its alarms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from connectors.telemetry import fields
from connectors.telemetry.events import Event, Kind, Severity, digest
from engine.errors import Invalid
from engine.model import json

MAX_BYTES = 256 * 1024
_OWN = re.compile(r"(?:.*/)?(?P<device>[^/]*)/(?P<api>v1/devices/me/.*|v2/[ta])", re.DOTALL)
"""A broker in between keeps who speaks as a level in front: ``{device}/v1/devices/me/telemetry``."""
_WORDS = {
    "raised": Kind.RAISED,
    "updated": Kind.UPDATED,
    "cleared": Kind.CLEARED,
    "online": Kind.ONLINE,
    "offline": Kind.OFFLINE,
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a transport handed over.

    Attributes:
        topic: where it was published, or the path of a webhook that stands for a topic.
        repeat: the transport says that it may have delivered this before.
        token: tells this delivery from another with the same bytes, where the transport can (an MQTT packet id).
        device: who speaks, where the topic does not say (``v1/devices/me``): the login of the connection or the webhook's header.
        retained: the broker kept it for whoever subscribes; nobody said it just now.
    """

    topic: str
    payload: bytes
    source: str
    received_at: datetime
    repeat: bool = False
    token: str = ""
    device: str = ""
    retained: bool = False


def read(delivery: Delivery) -> list[Event]:
    """Read every event in a delivery.

    Raises:
        Invalid: the topic is unknown or the payload is not what the topic promises.
    """
    if len(delivery.payload) > MAX_BYTES:
        raise Invalid("the payload has {size} bytes; {limit} are allowed", size=len(delivery.payload), limit=MAX_BYTES)
    try:
        body = json.loads(delivery.payload)
    except (ValueError, UnicodeDecodeError) as error:
        raise Invalid("the payload is not JSON: {reason}", reason=str(error)) from error
    own = _OWN.fullmatch(delivery.topic)
    if own is not None:
        delivery = replace(delivery, topic=own["api"], device=own["device"])
    events = [event.settled() for event in _reader(delivery.topic)(delivery, body)]
    return [replace(event, retained=True) for event in events] if delivery.retained else events


def _reader(topic: str) -> Callable[[Delivery, Any], Iterator[Event]]:
    levels = topic.split("/")
    if topic in _TOPICS:
        return _TOPICS[topic]
    if len(levels) == 4 and levels[0] == "pm" and levels[3] in _GENERIC:
        return _GENERIC[levels[3]]
    raise Invalid("nothing is known of the topic {topic}", topic=topic[:200])


# ---- readings -------------------------------------------------------------------------------------------------------


def _own_readings(delivery: Delivery, body: Any) -> Iterator[Event]:
    """``{"k": v}``, ``{"ts": ms, "values": {}}`` or a list of either, of the device that is connected."""
    yield from _readings(delivery, _speaker(delivery), body)


def _gateway_readings(delivery: Delivery, body: Any) -> Iterator[Event]:
    """``{"Device A": [{"ts": ms, "values": {}}], ...}``."""
    for device, series in fields.table(body, "devices").items():
        yield from _readings(delivery, device, series)


def _generic_readings(delivery: Delivery, body: Any) -> Iterator[Event]:
    _, project, device, _ = delivery.topic.split("/")
    yield from _readings(delivery, device, body, project)


def _readings(delivery: Delivery, device: str, body: Any, project: str = "") -> Iterator[Event]:
    device = fields.name(device, "the device")
    for item in body if isinstance(body, list) else [body]:
        table = fields.table(item, "readings")
        enveloped = isinstance(table.get("values"), dict)
        values = fields.values(table["values"] if enveloped else table)
        at = table.get("ts") if enveloped else None
        identity = table.get("id") if enveloped else None
        stamped = at is not None or identity is not None
        yield Event(
            id=_identity(delivery, device, identity, [at, values] if stamped else [delivery.token, values]),
            device=device,
            kind=Kind.TELEMETRY,
            at=delivery.received_at if at is None else fields.instant(at),
            received_at=delivery.received_at,
            source=delivery.source,
            values=values,
            project=project,
            repeat=delivery.repeat,
            stamped=stamped,
        )


# ---- alarms ---------------------------------------------------------------------------------------------------------


def _thingsboard_alarm(delivery: Delivery, body: Any) -> Iterator[Event]:
    """An alarm as a ThingsBoard rule chain posts it; the state is in ``cleared``, or in ``status`` (``CLEARED_ACK``)."""
    for item in body if isinstance(body, list) else [body]:
        table = fields.table(item, "alarm")
        cleared = table.get("cleared")
        if cleared is None:
            cleared = str(table.get("status", "")).startswith("CLEARED")
        times = [table.get(name) for name in (("clearTs", "endTs") if cleared else ("endTs", "startTs"))]
        kind = (
            Kind.CLEARED
            if cleared
            else Kind.UPDATED
            if table.get("endTs", 0) != table.get("startTs", 0)
            else Kind.RAISED
        )
        originator = table.get("originatorName") or table.get("originatorLabel") or table.get("originator")
        if isinstance(originator, dict):
            originator = originator.get("name") or originator.get("id")
        yield _alarm(delivery, originator, kind, table, next((time for time in times if time), None), "")


def _generic_event(delivery: Delivery, body: Any) -> Iterator[Event]:
    """``{"type": ..., "state": "raised" | "updated" | "cleared", "severity": ..., "ts": ms, "id": ...}`` or a list of such."""
    _, project, device, _ = delivery.topic.split("/")
    for item in body if isinstance(body, list) else [body]:
        table = fields.table(item, "alarm")
        kind = _WORDS.get(str(table.get("state", "raised")))
        if kind not in (Kind.RAISED, Kind.UPDATED, Kind.CLEARED):
            raise Invalid(
                "the state {state} of an alarm is not raised, updated or cleared", state=str(table.get("state"))[:40]
            )
        yield _alarm(delivery, device, kind, table, table.get("ts"), project)


def _alarm(delivery: Delivery, device: Any, kind: Kind, table: Mapping[str, Any], at: Any, project: str) -> Event:
    device = fields.name(device, "the device")
    alarm_type = fields.name(table.get("type"), "the type of the alarm")
    text = str(table.get("severity", Severity.INDETERMINATE)).upper()
    if text not in Severity.__members__:
        raise Invalid("the severity {severity} is unknown", severity=text[:40])
    identity = table.get("id")
    if isinstance(identity, dict):
        identity = identity.get("id")
    values = fields.values(table["values"]) if isinstance(table.get("values"), dict) else {}
    # an alarm's own id stays the same while it lives; what tells one word about it from the next is its state and time
    said = None if identity is None else digest(str(identity), kind, at, text)
    return Event(
        id=_identity(
            delivery,
            device,
            said,
            [alarm_type, kind, at, text] if at is not None else [alarm_type, kind, delivery.token],
        ),
        device=device,
        kind=kind,
        at=delivery.received_at if at is None else fields.instant(at),
        received_at=delivery.received_at,
        source=delivery.source,
        values=values,
        alarm_type=alarm_type,
        source_id="" if identity is None else fields.name(str(identity), "an alarm with an id"),
        severity=Severity(text),
        project=project,
        repeat=delivery.repeat,
        stamped=at is not None or identity is not None,
    )


# ---- connection state -----------------------------------------------------------------------------------------------


def _generic_state(delivery: Delivery, body: Any) -> Iterator[Event]:
    """``{"online": true}`` or ``{"state": "offline"}``, with ``ts`` if known: also what a last will says."""
    _, project, device, _ = delivery.topic.split("/")
    table = fields.table(body, "state")
    word = table.get(
        "state", "online" if table.get("online") is True else "offline" if table.get("online") is False else None
    )
    kind = _WORDS.get(str(word))
    if kind not in (Kind.ONLINE, Kind.OFFLINE):
        raise Invalid("the state of a device is online or offline")
    yield _connection(delivery, device, kind, table.get("ts"), project)


def _gateway_connect(delivery: Delivery, body: Any) -> Iterator[Event]:
    yield _connection(delivery, fields.table(body, "device").get("device"), Kind.ONLINE, None)


def _gateway_disconnect(delivery: Delivery, body: Any) -> Iterator[Event]:
    yield _connection(delivery, fields.table(body, "device").get("device"), Kind.OFFLINE, None)


def _connection(delivery: Delivery, device: Any, kind: Kind, at: Any, project: str = "") -> Event:
    device = fields.name(device, "the device")
    return Event(
        id=_identity(delivery, device, None, [kind, at if at is not None else delivery.token]),
        device=device,
        kind=kind,
        at=delivery.received_at if at is None else fields.instant(at),
        received_at=delivery.received_at,
        source=delivery.source,
        project=project,
        repeat=delivery.repeat,
        stamped=at is not None,
    )


_TOPICS: Mapping[str, Callable[[Delivery, Any], Iterator[Event]]] = {
    "v1/devices/me/telemetry": _own_readings,
    "v1/devices/me/attributes": _own_readings,
    "v2/t": _own_readings,
    "v2/a": _own_readings,
    "v1/gateway/telemetry": _gateway_readings,
    "v1/gateway/attributes": _gateway_readings,
    "v1/gateway/connect": _gateway_connect,
    "v1/gateway/disconnect": _gateway_disconnect,
    "thingsboard/alarm": _thingsboard_alarm,
}
_GENERIC: Mapping[str, Callable[[Delivery, Any], Iterator[Event]]] = {
    "telemetry": _generic_readings,
    "event": _generic_event,
    "state": _generic_state,
}
SUBSCRIPTIONS = (
    "+/v1/devices/me/telemetry",
    "+/v1/devices/me/attributes",
    "+/v2/t",
    "+/v2/a",
    "v1/gateway/telemetry",
    "v1/gateway/attributes",
    "v1/gateway/connect",
    "v1/gateway/disconnect",
    "thingsboard/alarm",
    "pm/+/+/telemetry",
    "pm/+/+/event",
    "pm/+/+/state",
)
"""The topics that ``read`` understands and that say who speaks, as MQTT filters."""


# ---- parts ----------------------------------------------------------------------------------------------------------


def _identity(delivery: Delivery, device: str, own: Any, said: list[Any]) -> str:
    if own is not None:
        if isinstance(own, int):
            own = str(own) if abs(own) < 10**fields.MAX_NAME else ""
        return fields.name(own, "an event with an id")
    return digest(delivery.topic, device, *said)


def _speaker(delivery: Delivery) -> str:
    if not delivery.device:
        raise Invalid(
            "the topic {topic} does not say which device speaks, and neither does the connection", topic=delivery.topic
        )
    return delivery.device
