"""The job types of telemetry: read how an alarm stands, and say that somebody has taken it up."""

from __future__ import annotations

from typing import Any

from connectors.calls import Answer, BpmnError, JobCall
from connectors.telemetry.alarms import Alarm
from connectors.telemetry.store import alarms as alarm_rows
from connectors.telemetry.store import devices as device_rows
from engine.errors import Invalid, Problem, Text
from engine.store.database import UnitOfWork


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

    From then on the alarm belongs to this instance: when it comes back within an hour of the instance's end, its ticket goes on.
    """
    with call.engine.store.read() as uow:
        _latest(uow, call)
    by = str(call.variables.get("by") or "")[:200]

    def store(uow: UnitOfWork) -> None:
        device_rows.lock(uow, _text(call, "device_code"))
        alarm_rows.acknowledge(uow, _latest(uow, call).key, call.instance, by)

    return Answer(also=store)


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
