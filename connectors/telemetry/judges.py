"""What raises alarms: a rule or a trend, and what both say of the alarm that they raise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from connectors.telemetry.events import Severity

RECOVERY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """A rule or a trend.

    Attributes:
        id: unique within the device type; the alarm type, unless several judges raise the same alarm.
        alarm_type: what is wrong; judges that share it share one alarm, and the worst severity counts.
        title: {language: what the alarm is called}.
        category: what a ticket's priority is decided by.
        auto_close_ok: a ticket may close itself when the alarm clears before anyone has accepted it.
        recovery: how long the cleared state must last before a repair counts as verified.
    """

    id: str
    alarm_type: str
    title: Mapping[str, str]
    category: str
    severity: Severity
    auto_close_ok: bool = False
    recovery: timedelta = RECOVERY


def read(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Read what a ``rule`` and a ``trend`` table of ``rules.toml`` say alike, by the names of ``Judge``.

    Raises:
        KeyError, ValueError, TypeError: something is missing or is none.
    """
    return {
        "id": spec.get("id", spec["alarm"]),
        "alarm_type": spec["alarm"],
        "title": spec["title"],
        "category": spec["category"],
        "severity": Severity(spec["severity"]),
        "auto_close_ok": bool(spec.get("auto_close_ok", False)),
        "recovery": timedelta(seconds=spec.get("recovery_s", RECOVERY.total_seconds())),
    }
