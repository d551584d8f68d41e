"""Why an alarm is raised, in the words and numbers that a ticket shows: by a rule, a trend, the source itself, silence. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors.telemetry import standings
from connectors.telemetry.alarms import Cause
from connectors.telemetry.events import Event
from connectors.telemetry.judges import RECOVERY, Judge
from connectors.telemetry.rules import SILENT, DeviceType, Rule, Silence
from connectors.telemetry.standings import Standing
from connectors.telemetry.trend import Trend

SOURCE = "source"
"""Stands for the rule of an alarm that the source itself judges."""


def by_source(alarm_type: str) -> str:
    """Name the standing of an alarm that the source itself judges; under this name it can be switched off, as a rule can."""
    return f"{SOURCE}:{alarm_type}"


def of_rule(rule: Rule, standing: Standing, readings: Mapping[str, Any], at: datetime, event_id: str) -> Cause:
    """Give the cause that a rule found, with the readings, and the means, that fired."""
    values: dict[str, Any] = {signal: readings[signal] for signal in sorted(rule.signals) if signal in readings}
    if standing.means:
        values |= {f"{signal}_mean": mean for signal, mean in standings.averages(standing.means).items()}
    return _of_judge(rule, values, at, event_id)


def of_trend(trend: Trend, numbers: Mapping[str, Any], now: datetime) -> Cause:
    """Give the cause that a trend found, with the numbers that fired."""
    return _of_judge(trend, numbers, now)


def _of_judge(found_by: Judge, values: Mapping[str, Any], at: datetime, event_id: str = "") -> Cause:
    return Cause(
        rule=found_by.id,
        severity=found_by.severity,
        category=found_by.category,
        title=found_by.title,
        at=at,
        values=values,
        event_id=event_id,
        auto_close_ok=found_by.auto_close_ok,
        recovery=found_by.recovery,
    )


def of_source(rules: DeviceType, event: Event) -> Cause:
    """Give the cause that a source tells; a rule of the same alarm type says what it is about."""
    known = next((rule for rule in rules.rules if rule.alarm_type == event.alarm_type), None)
    return Cause(
        rule=SOURCE,
        severity=event.severity,
        category=known.category if known else event.alarm_type,
        title=known.title if known else {"en": event.alarm_type, "zh": event.alarm_type},
        at=event.at,
        values=event.values,
        event_id=event.id,
        auto_close_ok=known.auto_close_ok if known else False,
        recovery=known.recovery if known else RECOVERY,
        late=event.is_late,
        source_id=event.source_id,
    )


def of_silence(silence: Silence, heard_at: datetime, now: datetime) -> Cause:
    """Give the cause of a device from which nothing was heard since ``heard_at``."""
    return Cause(
        rule=SILENT,
        severity=silence.severity,
        category=silence.category,
        title={"en": "Nothing is heard of the device", "zh": "设备失联"},
        at=now,
        values={"silent_minutes": Decimal((now - heard_at) // timedelta(minutes=1))},
        event_id="",
        auto_close_ok=silence.auto_close_ok,
        recovery=silence.recovery,
    )
