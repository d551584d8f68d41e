"""What a process is told about an alarm: the variables of ``telemetry.alarm.raised``, ``.updated`` and ``.cleared``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.telemetry.alarms import Alarm, Said
from connectors.telemetry.devices import Device


def variables(alarm: Alarm, said: Said, device: Device, project: str) -> dict[str, Any]:
    """Give ``ticket_no``, ``alarm`` and ``device``; the README lists their fields. Instants are ISO texts, numbers exact."""
    cause = alarm.cause
    told: dict[str, Any] = {
        "id": str(alarm.key),
        "type": alarm.alarm_type,
        "category": cause.category,
        "severity": alarm.severity.value,
        "title": dict(cause.title),
        "rule": cause.rule,
        "values": dict(cause.values),
        "raised_at": alarm.raised_at.isoformat(),
        "cleared_at": None if alarm.cleared_at is None else alarm.cleared_at.isoformat(),
        "holds": alarm.holds,
        "count": alarm.count,
        "flapping": alarm.flapping,
        "late": cause.late,
        "auto_close_ok": cause.auto_close_ok,
        "recovery_minutes": int(cause.recovery.total_seconds() // 60),
        "reopened": False,
        "reopens_ticket": "",
        "severity_grew": False,
    }
    return {"ticket_no": alarm.ticket, "alarm": told | dict(said.extra), "device": facts(device, project)}


def facts(device: Device, project: str) -> Mapping[str, Any]:
    """Give what a ticket needs to know of a device. ``project``: the code of its project."""
    return {
        "code": device.code,
        "name": device.name,
        "type": device.type,
        "project": project,
        "unit": str(device.unit),
        "location": device.location,
        **(device.facts or {}),
    }
