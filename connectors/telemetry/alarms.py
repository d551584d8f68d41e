"""The life of an alarm beside the process that handles it. Pure: an alarm and what happened give the next alarm and what to announce.

    active     -> cleared:    clear        the condition is gone; its ticket may still be open
    cleared    -> active:     raise        it came back: the same alarm goes on
    cleared    -> closed:     close        no ticket is open and the window for a return has passed; the next one is a new alarm
    suppressed -> active:     release      the reason to record it only is gone, the condition is not
    suppressed -> closed:     clear        it went as silently as it came

One alarm per (device, alarm type) is open at a time: everything but ``closed`` is open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from connectors.telemetry.events import Severity
from connectors.telemetry.judges import RECOVERY
from engine.model.states import move

RAISED = "telemetry.alarm.raised"
UPDATED = "telemetry.alarm.updated"
CLEARED = "telemetry.alarm.cleared"

REOPEN_WITHIN = timedelta(minutes=60)
FLAPPING_CHANGES = 5
FLAPPING_WITHIN = timedelta(minutes=10)
FLAPPING_QUIET = timedelta(minutes=30)


class AlarmState(StrEnum):
    """Where an alarm is in its life."""

    ACTIVE = "active"  #: the condition holds, and processes have been told
    SUPPRESSED = "suppressed"  #: the condition holds and is recorded only: maintenance, a parent or a storm explains it
    CLEARED = "cleared"  #: the condition is gone; a return within an hour, or while its ticket is open, goes on with the same alarm
    CLOSED = "closed"  #: final


MOVES: Mapping[tuple[AlarmState, str], AlarmState] = {
    (AlarmState.ACTIVE, "clear"): AlarmState.CLEARED,
    (AlarmState.CLEARED, "raise"): AlarmState.ACTIVE,
    (AlarmState.CLEARED, "close"): AlarmState.CLOSED,
    (AlarmState.SUPPRESSED, "release"): AlarmState.ACTIVE,
    (AlarmState.SUPPRESSED, "clear"): AlarmState.CLOSED,
}


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an alarm is raised: by which rule or source, with which numbers.

    Attributes:
        event_id: of the event that tipped it, for whoever looks for it in the source's log.
        source_id: how the source names the alarm, if it judged it itself.
        values: the readings that fired.
        late: it came after a long delay.
    """

    rule: str
    severity: Severity
    category: str
    title: Mapping[str, str]
    at: datetime
    values: Mapping[str, Any]
    event_id: str
    auto_close_ok: bool = False
    recovery: timedelta = RECOVERY
    late: bool = False
    source_id: str = ""


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm.

    Attributes:
        holds: the condition holds now. An alarm that flaps stays active while this goes to and fro.
        changes: when it last came or went, the newest last; as many as flapping needs.
        count: how often it was raised.
        parent: the alarm that explains this one; ``reason``: maintenance, parent, storm, disabled or late.
        ticket: the number that a ticket about it bears, also when it comes back.
        instance: the process instance that has acknowledged it.
        said: how many messages were announced; numbers the next one.
    """

    key: int
    device: str
    alarm_type: str
    unit: int
    project: int
    state: AlarmState
    severity: Severity
    cause: Cause
    raised_at: datetime
    updated_at: datetime
    cleared_at: datetime | None = None
    closed_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    holds: bool = True
    changes: tuple[datetime, ...] = ()
    flapping: bool = False
    count: int = 1
    parent: int | None = None
    reason: str = ""
    ticket: str = ""
    instance: int | None = None
    said: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it occupies its (device, alarm type)."""
        return self.state is not AlarmState.CLOSED

    def stable_at(self, recovery: timedelta) -> datetime | None:
        """Say from when on a repair counts as verified, if nothing comes back."""
        return None if self.holds or not self.changes else self.changes[-1] + recovery


@dataclass(frozen=True, slots=True)
class Said:
    """One announcement, numbered within its alarm: the message to publish, and the one to publish when no process takes it."""

    message: str
    number: int
    otherwise: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


Step = tuple[Alarm, tuple[Said, ...]]


def _say(alarm: Alarm, message: str, **extra: Any) -> Step:
    """Announce. What a ticket that is at work would not take must start one, and what cannot start one must reach the one at work."""
    alarm = replace(alarm, said=alarm.said + 1)
    return alarm, (Said(message, alarm.said, _OTHERWISE.get(message, ""), extra),)


_OTHERWISE = {RAISED: UPDATED, UPDATED: RAISED}


def opened(alarm: Alarm) -> Step:
    """Announce a new alarm, unless it is recorded only."""
    alarm = replace(alarm, changes=(alarm.raised_at,))
    if alarm.state is AlarmState.SUPPRESSED:
        return alarm, ()
    return _say(alarm, RAISED)


def raised(alarm: Alarm, cause: Cause) -> Step:
    """Take a raise into an open alarm: it repeats, grows worse or comes back."""
    worse = cause.severity.rank > alarm.severity.rank
    returned = not alarm.holds
    alarm = replace(
        alarm,
        severity=cause.severity if worse else alarm.severity,
        cause=cause if worse or returned else alarm.cause,
        updated_at=max(alarm.updated_at, cause.at),
        holds=True,
        count=alarm.count + returned,
        changes=_changed(alarm, cause.at) if returned else alarm.changes,
    )
    alarm = _flap(alarm)
    if alarm.state is AlarmState.SUPPRESSED:
        return alarm, ()
    if alarm.state is AlarmState.CLEARED:
        alarm = replace(alarm, state=move(MOVES, alarm.state, "raise"), cleared_at=None)
        return _say(alarm, RAISED, reopened=True, reopens_ticket=alarm.ticket)
    if worse:
        return _say(alarm, UPDATED, severity_grew=True)
    return alarm, ()


def cleared(alarm: Alarm, at: datetime, *, quiet: bool = False) -> Step:
    """Take that the condition is gone. An alarm that flaps is cleared only once it was quiet (``quiet``)."""
    if alarm.holds:
        alarm = _flap(replace(alarm, holds=False, changes=_changed(alarm, at), updated_at=max(alarm.updated_at, at)))
    if alarm.state is AlarmState.SUPPRESSED:
        return replace(alarm, state=move(MOVES, alarm.state, "clear"), cleared_at=at, closed_at=at), ()
    if alarm.state is not AlarmState.ACTIVE or (alarm.flapping and not quiet):
        return alarm, ()
    return _say(replace(alarm, state=move(MOVES, alarm.state, "clear"), cleared_at=at, flapping=False), CLEARED)


def released(alarm: Alarm) -> Step:
    """Announce an alarm that was recorded only: what explained it is over, and the condition still holds."""
    return _say(replace(alarm, state=move(MOVES, alarm.state, "release"), parent=None, reason=""), RAISED)


def quiet_at(alarm: Alarm) -> datetime | None:
    """Say when an alarm that flaps counts as cleared, if nothing more happens."""
    return alarm.changes[-1] + FLAPPING_QUIET if alarm.flapping and not alarm.holds else None


def close_at(alarm: Alarm, ended_at: datetime | None) -> datetime | None:
    """Say when a cleared alarm is closed, if it does not return. ``ended_at``: when the instance that acknowledged it ended."""
    if alarm.cleared_at is None or alarm.state is not AlarmState.CLEARED:
        return None
    return max(alarm.cleared_at, ended_at or alarm.cleared_at) + REOPEN_WITHIN


def closed(alarm: Alarm, at: datetime) -> Alarm:
    """Close a cleared alarm: the next one on this device is new."""
    return replace(alarm, state=move(MOVES, alarm.state, "close"), closed_at=at)


def _changed(alarm: Alarm, at: datetime) -> tuple[datetime, ...]:
    return (*alarm.changes, at)[-FLAPPING_CHANGES:]


def _flap(alarm: Alarm) -> Alarm:
    changes = alarm.changes
    busy = len(changes) == FLAPPING_CHANGES and changes[-1] - changes[0] <= FLAPPING_WITHIN
    return replace(alarm, flapping=True) if busy else alarm
