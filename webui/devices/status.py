"""How a device stands, as one of the five meanings, and its readings and alarms as people read them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.register.store.devices import Device, DeviceState
from connectors.telemetry import service
from connectors.telemetry.alarms import Alarm, AlarmState
from connectors.telemetry.events import Severity
from connectors.telemetry.rules import DeviceType
from connectors.telemetry.store import alarms, devices
from connectors.telemetry.store.devices import DeviceRow
from engine.services import identity, runtime
from engine.store.instances import Filter
from webui import states
from webui.context import actor, engine, parts
from webui.i18n import formats, gettext, lazy_gettext
from webui.i18n.languages import language
from webui.states import State

NORMAL = replace(states.ON_TIME, icon="circle-check", word=lazy_gettext("Normal"))
WARNING = replace(states.AT_RISK, icon="alert-circle", word=lazy_gettext("Warning"))
ALARM = replace(states.LATE, icon="bell-ringing", word=lazy_gettext("Alarm"))
IN_REPAIR = replace(states.PAUSED, icon="tool", word=lazy_gettext("In repair"))
STOPPED = replace(states.PAUSED, icon="player-pause", word=lazy_gettext("Out of use"))
FAULT = replace(states.FAILED, icon="alert-triangle", word=lazy_gettext("Fault"))
SILENT = replace(states.FAILED, icon="plug-connected-x", word=lazy_gettext("Offline"))
IN_MAINTENANCE = replace(states.PAUSED, icon="tool", word=lazy_gettext("In maintenance"))
PLANNED = replace(states.DONE, icon="clock", word=lazy_gettext("Planned"))
GONE = replace(states.DONE, word=lazy_gettext("Cleared"))
EXPLAINED = replace(states.PAUSED, word=lazy_gettext("Recorded only"))

REASONS = {
    "maintenance": lazy_gettext("The device rests"),
    "parent": lazy_gettext("What it hangs on is down"),
    "storm": lazy_gettext("One of many alarms at once"),
    "disabled": lazy_gettext("The rule is off"),
    "late": lazy_gettext("It came late"),
}
"""Why an alarm is recorded only."""

SEVERITIES = {
    Severity.CRITICAL: lazy_gettext("Critical"),
    Severity.MAJOR: lazy_gettext("Major"),
    Severity.MINOR: lazy_gettext("Minor"),
    Severity.WARNING: lazy_gettext("Warning"),
    Severity.INDETERMINATE: lazy_gettext("Indeterminate"),
}


WORDS = {
    "running": lazy_gettext("running"),
    "stopped": lazy_gettext("stopped"),
    "fault": lazy_gettext("fault"),
    "open": lazy_gettext("open"),
    "closed": lazy_gettext("closed"),
}
"""What devices say in words, as people say it."""


@dataclass(frozen=True, slots=True)
class Told:
    """What telemetry knows of a device: its row, if it ever spoke, and its alarms."""

    row: DeviceRow | None
    open: Sequence[Alarm]


def told(codes: Collection[str]) -> Mapping[str, Told]:
    """Read what telemetry knows of some devices, in two statements."""
    with engine().store.read() as uow:
        rows = devices.devices(uow, codes)
        found = alarms.open_alarms(uow, codes)
    return {code: Told(rows.get(code), [alarm for alarm in found if alarm.device == code]) for code in codes}


def state_of(device: Device, known: Told) -> State:
    """Give how a device stands: what is worst, first."""
    active = [alarm for alarm in known.open if alarm.state is AlarmState.ACTIVE]
    if any(alarm.severity in (Severity.CRITICAL, Severity.MAJOR) for alarm in active):
        return ALARM
    if device.state is DeviceState.STOPPED:
        return STOPPED
    if device.state is DeviceState.REPAIR:
        return IN_REPAIR
    if device.state is DeviceState.FAULT:
        return FAULT
    if device.in_maintenance(engine().clock.now()):
        return IN_MAINTENANCE
    if known.row is not None and known.row.offline_at is not None:
        return SILENT
    return WARNING if active else NORMAL


def type_of(device: Device) -> DeviceType:
    """Give what telemetry knows of a device's type."""
    return service.rule_book(parts().registry.settings("telemetry")).of(device.type)


def say(title: Mapping[str, str]) -> str:
    """Give a title of a connector in the reader's language."""
    return title.get("en" if language() == "en" else "zh", "") or title.get("en", "")


@dataclass(frozen=True, slots=True)
class Reading:
    """The last value of a signal. ``state`` is set where an alarm of the device comes from it."""

    name: str
    text: str
    unit: str
    at: datetime
    state: State | None


def readings(device: Device, known: Told) -> list[Reading]:
    """List the last value of each signal, in the order in which the device's type describes them."""
    if known.row is None:
        return []
    kind = type_of(device)
    fired = {name for alarm in known.open if alarm.holds for name in alarm.cause.values}
    order = {name: place for place, name in enumerate(kind.signals)}
    found = []
    for name, (value, at) in sorted(known.row.readings.items(), key=lambda each: (order.get(each[0], 999), each[0])):
        signal = kind.signals.get(name)
        found.append(
            Reading(
                name=say(signal.title) if signal else name,
                text=_value(value, signal.kind if signal else ""),
                unit=signal.unit if signal else "",
                at=at,
                state=ALARM if name in fired else None,
            )
        )
    return found


def _value(value: Any, kind: str) -> str:
    if kind == "flag":
        return gettext("Yes") if value in (1, True, "1", "true", "on") else gettext("No")
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return formats.number(value)
    return str(WORDS.get(value, value)) if isinstance(value, str) else str(value)


@dataclass(frozen=True, slots=True)
class AlarmLine:
    """One alarm of a device, and the case that handles it, if the reader may see it. ``why``: it is recorded only."""

    name: str
    state: State
    severity: str
    instance: int | None
    number: str
    raised_at: datetime
    cleared_at: datetime | None
    why: str = ""


def history(code: str, *, limit: int = 20) -> list[AlarmLine]:
    """List the alarms of a device, the latest first."""
    with engine().store.read() as uow:
        found = alarms.alarms(uow, scope=identity.scope(uow, actor(), "read", "device"), code=code, limit=limit)
    return [line(alarm) for alarm in found]


def line(alarm: Alarm) -> AlarmLine:
    """Show one alarm."""
    return AlarmLine(
        name=say(alarm.cause.title) or alarm.alarm_type,
        state=_alarm_state(alarm),
        severity=str(SEVERITIES.get(alarm.severity, alarm.severity.value)),
        instance=_case(alarm),
        number=alarm.ticket,
        raised_at=alarm.raised_at,
        cleared_at=alarm.cleared_at,
        why=str(REASONS.get(alarm.reason, "")) if alarm.state is AlarmState.SUPPRESSED else "",
    )


def _alarm_state(alarm: Alarm) -> State:
    if alarm.state is AlarmState.ACTIVE:
        return ALARM if alarm.severity in (Severity.CRITICAL, Severity.MAJOR) else WARNING
    return EXPLAINED if alarm.state is AlarmState.SUPPRESSED else GONE


def _case(alarm: Alarm) -> int | None:
    if alarm.instance is not None:
        return alarm.instance
    if not alarm.ticket:
        return None
    found = runtime.instances(engine(), Filter(business_key=alarm.ticket, roots_only=True), actor=actor(), limit=1)
    return found[0].key if found else None
