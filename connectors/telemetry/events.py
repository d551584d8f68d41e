"""The canonical event: what every format of every source becomes before anything judges it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from engine.model import json


class Kind(StrEnum):
    """What an event tells."""

    TELEMETRY = "telemetry"  #: readings, in ``values``
    RAISED = "alarm.raised"  #: the source itself says that something is wrong
    UPDATED = "alarm.updated"  #: the source says that it is still wrong, or worse
    CLEARED = "alarm.cleared"  #: the source says that it is over
    ONLINE = "online"  #: the device is connected
    OFFLINE = "offline"  #: the device is gone


ALARMS = frozenset({Kind.RAISED, Kind.UPDATED, Kind.CLEARED})


class Severity(StrEnum):
    """How bad an alarm is, in the words that ThingsBoard uses."""

    INDETERMINATE = "INDETERMINATE"  #: the source does not say
    WARNING = "WARNING"  #: look at it some day
    MINOR = "MINOR"  #: a comfort is lost
    MAJOR = "MAJOR"  #: a service is lost
    CRITICAL = "CRITICAL"  #: people or the building are in danger

    @property
    def rank(self) -> int:
        """0 (unknown) to 4 (critical): a ticket's priority follows it upwards, never downwards."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}

FUTURE = timedelta(minutes=2)
LATE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that a device, or something that speaks for it, told.

    Attributes:
        id: the source's own id, or a hash of what was said; the same for a repeat.
        device: the device's code, as the register knows it.
        at: when it happened, aware, in UTC.
        received_at: when it came.
        values: {signal: reading}, for readings.
        source_id: how the source itself names the alarm, for those that it judges.
        alarm_type: what is wrong, for alarms; with the device it is the key under which one alarm at a time is open.
        repeat: the transport says that it may have delivered this before.
        stamped: the source gave ``at``; without, two equal readings are two readings.
        retained: a broker kept it for whoever subscribes; nobody said it just now.
    """

    id: str
    device: str
    kind: Kind
    at: datetime
    received_at: datetime
    source: str
    values: Mapping[str, Any] = field(default_factory=dict)
    alarm_type: str = ""
    severity: Severity = Severity.INDETERMINATE
    source_id: str = ""
    project: str = ""
    repeat: bool = False
    stamped: bool = True
    retained: bool = False

    @property
    def is_undated(self) -> bool:
        """Whether nobody knows of when it is: retained, and without a time of its own."""
        return self.retained and self.at == self.received_at

    @property
    def is_late(self) -> bool:
        """Whether it is of the past, such as a replay after a reconnect: history takes it, rules do not."""
        return self.received_at - self.at > LATE or self.is_undated

    def settled(self) -> Event:
        """Give the event with a time that can be: the future is when it came (a clock that is wrong)."""
        return replace(self, at=self.received_at) if self.at - self.received_at > FUTURE else self


def digest(*parts: Any) -> str:
    """Name an event that bears no id of its own, by what it says."""
    return hashlib.sha256(json.dumps(list(parts), canonical=True).encode()).hexdigest()[:32]
