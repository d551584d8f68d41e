"""The job types of telemetry: read how an alarm stands, say that somebody has taken it up, and that it is over."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote, urlsplit

from connectors.calls import Answer, BpmnError, JobCall
from connectors.fetch import Allowed, fetch
from connectors.telemetry.alarms import Alarm
from connectors.telemetry.store import alarms as alarm_rows
from connectors.telemetry.store import devices as device_rows
from engine.errors import ConnectorError, Invalid, Problem, Text
from engine.store.database import UnitOfWork

log = logging.getLogger(__name__)


def alarm_state(call: JobCall) -> Answer:
    """Serve ``telemetry:alarm_state``: how the latest alarm of a device and type stands now.

    Takes ``device_code``, ``alarm_type``; gives ``alarm_active``, and ``alarm_stable_at``: from when on a cleared alarm counts as
    stable, if nothing comes back (null while it is active).
    """
    with call.engine.store.read() as uow:
        alarm = _latest(uow, call)
    stable_at = alarm.stable_at(alarm.cause.recovery)
    return Answer(
        {
            "alarm_active": alarm.holds or alarm.flapping,
            "alarm_stable_at": None if stable_at is None else stable_at.isoformat(),
        }
    )


def acknowledge(call: JobCall) -> Answer:
    """Serve ``telemetry:acknowledge``: somebody (``by``) has taken up the alarm of a device and type.

    From then on the alarm belongs to this instance: when it comes back within an hour of the instance's end, its ticket goes on. An
    alarm that ThingsBoard judged is acknowledged there too; gives ``source_acknowledged``, false when it could not be told. That holds
    nobody up: the people on their way matter more than a mark on a screen.
    """
    with call.engine.store.read() as uow:
        alarm = _latest(uow, call)
    told = _tell_source(call, alarm, "ack")
    by = str(call.variables.get("by") or "")[:200]

    def store(uow: UnitOfWork) -> None:
        device_rows.lock(uow, _text(call, "device_code"))
        alarm_rows.acknowledge(uow, _latest(uow, call).key, call.instance, by)

    return Answer({"source_acknowledged": told}, also=store)


def clear(call: JobCall) -> Answer:
    """Serve ``telemetry:clear``: clear the alarm of a device and type where it was judged; gives ``source_cleared``.

    For alarms that ThingsBoard judged and does not clear by itself. Here it is cleared when ThingsBoard says so, as any other.
    """
    with call.engine.store.read() as uow:
        alarm = _latest(uow, call)
    return Answer({"source_cleared": _tell_source(call, alarm, "clear")})


def _tell_source(call: JobCall, alarm: Alarm, what: str) -> bool:
    """Acknowledge (``ack``) or ``clear`` an alarm where it was judged; say whether it could be.

    Source: ThingsBoard's REST API, ``POST /api/alarm/{alarmId}/ack`` and ``.../clear``.
    """
    url = call.settings["thingsboard_url"].rstrip("/")
    if not url or not alarm.cause.source_id:
        return False
    split = urlsplit(url)
    allowed = Allowed((f"{split.scheme}://{split.netloc}",), tuple(call.settings["networks"]))
    headers = {"X-Authorization": call.settings.secret("thingsboard_token")}
    try:
        fetch(allowed, "POST", f"{url}/api/alarm/{quote(alarm.cause.source_id, safe='')}/{what}", headers=headers)
    except ConnectorError as error:
        log.warning("the source of alarm %s could not be told (%s): %s", alarm.key, what, error)
        return False
    return True


def _latest(uow: UnitOfWork, call: JobCall) -> Alarm:
    device, alarm_type = (_text(call, name) for name in ("device_code", "alarm_type"))
    alarm = alarm_rows.latest(uow, device, alarm_type)
    if alarm is None:
        raise BpmnError("UNKNOWN_ALARM", f"{device} never raised an alarm of the type {alarm_type}")
    return alarm


def _text(call: JobCall, name: str) -> str:
    value: Any = call.variables.get(name)
    if not isinstance(value, str) or not value:
        raise Invalid(Problem(name, Text("is required")))
    return value
