"""What a device in hand must ask the rest: the hours that are kept, its past alarms, what explains a new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Protocol

from connectors.telemetry.alarms import Alarm, Cause
from connectors.telemetry.devices import Device
from connectors.telemetry.trend import Kept


@dataclass(frozen=True, slots=True)
class Explained:
    """Why an alarm is recorded only, and the alarm that explains it.

    ``reason``: ``maintenance``, ``parent``, ``storm``, ``disabled`` (people switched its rule off), or ``late`` (whether it still holds is
    about to show).
    """

    reason: str
    parent: int | None = None


class World(Protocol):
    """What a case must ask the rest of the batch."""

    listening_since: datetime | None
    zone: tzinfo

    def hours(self, device: str, signal: str, wanted: Sequence[datetime]) -> Kept:
        """Give what is kept of a signal in some hours, oldest first."""
        ...

    def explain(self, device: Device, cause: Cause, *, again: bool = False) -> Explained | None:
        """Say why an alarm would be recorded only; ``again``: why one that was still is."""
        ...

    def ended_at(self, instance: int) -> datetime | None:
        """Say when a process instance ended; None while it lives."""
        ...

    def latest(self, device: str, alarm_type: str) -> Alarm | None:
        """Give the latest alarm of a device and type, open or closed."""
        ...

    def new_key(self) -> int:
        """Make a key."""
        ...

    def new_ticket(self) -> str:
        """Make the number of a ticket."""
        ...
