"""One device in hand: its readings, where its rules stand and its open alarms, while events and time move them. No database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from connectors.telemetry import alarms, judge
from connectors.telemetry.alarms import Alarm, AlarmState, Cause, Said
from connectors.telemetry.devices import Device
from connectors.telemetry.events import Event, Kind
from connectors.telemetry.judge import Change, Phase, Standing
from connectors.telemetry.rules import SILENT, DeviceType, Rule
from connectors.telemetry.store.devices import DeviceRow

SOURCE = "source"
"""Marks the standing of an alarm that the source itself judges: ``source:{alarm type}``."""

LOOK_AGAIN = timedelta(minutes=1)
"""How often an alarm that is recorded only is looked at again."""

LOOK_AT_TICKET = timedelta(minutes=10)
"""How often a cleared alarm whose ticket is open is looked at again."""


@dataclass(frozen=True, slots=True)
class Explained:
    """Why an alarm is recorded only: ``maintenance``, ``parent`` or ``storm``, and the alarm that explains it."""

    reason: str
    parent: int | None = None


class World(Protocol):
    """What a case must ask the rest of the batch."""

    listening_since: datetime | None

    def explain(self, device: Device, cause: Cause, *, again: bool = False) -> Explained | None:
        """Say why an alarm would be recorded only; ``again``: why one that was still is."""
        ...

    def ended_at(self, instance: int) -> datetime | None:
        """Say when a process instance ended; None while it lives."""
        ...

    def new_key(self) -> int:
        """Make a key."""
        ...

    def new_ticket(self) -> str:
        """Make the number of a ticket."""
        ...


class Case:
    """A device that is locked, and what becomes of it.

    Attributes:
        alarms: {alarm type: alarm}, the open ones and those that closed in here.
        said: announcements in order, each with the alarm as it was then.
    """

    def __init__(
        self,
        device: Device,
        rules: DeviceType,
        row: DeviceRow,
        open_alarms: Mapping[str, Alarm],
        *,
        world: World,
    ) -> None:
        self.device = device
        self.alarms = dict(open_alarms)
        self.said: list[tuple[Alarm, Said]] = []
        self._rules = rules
        self._world = world
        self._readings = {signal: rules.reading(signal, value) for signal, (value, _) in row.readings.items()}
        # what changes with every event is kept in the open: a new row for each would be a third of the work
        self._latest = dict(row.readings)
        self._standings = dict(row.standings)
        self._reading_at, self._heard_at, self._offline_at = row.reading_at, row.heard_at, row.offline_at
        self._samples = row.samples
        self._changed: dict[int, Alarm] = {}

    @property
    def changed_alarms(self) -> list[Alarm]:
        """The alarms that must be stored, in this order: one that closed makes room for the next of its kind."""
        return list(self._changed.values())

    def row(self, check_at: datetime | None) -> DeviceRow:
        """Give what is to be stored of the device."""
        return DeviceRow(
            code=self.device.code,
            type=self.device.type,
            unit=self.device.unit,
            readings=self._latest,
            standings=self._standings,
            reading_at=self._reading_at,
            heard_at=self._heard_at,
            offline_at=self._offline_at,
            samples=self._samples,
            check_at=check_at,
        )

    # ---- what happens -----------------------------------------------------------------------------------------------

    def take(self, event: Event) -> None:
        """Take in an event. Late readings are history only: the caller has put them into their hour."""
        if self._heard_at is None or event.received_at > self._heard_at:
            self._heard_at = event.received_at
        self._samples += event.kind is Kind.TELEMETRY
        if event.kind is Kind.OFFLINE:
            self._offline_at = self._offline_at or event.at
            return
        if event.is_late and event.kind is Kind.TELEMETRY:
            return
        self._offline_at = None
        self._heard(event)
        if event.kind is Kind.TELEMETRY:
            self._read(event)
        elif event.kind in (Kind.RAISED, Kind.UPDATED):
            self._stand(f"{SOURCE}:{event.alarm_type}", Standing(Phase.ACTIVE))
            self.raise_alarm(event.alarm_type, self._source_cause(event))
        elif event.kind is Kind.CLEARED:
            self._stand(f"{SOURCE}:{event.alarm_type}", judge.NORMAL)
            self.clear_alarm(event.alarm_type, event.at)

    def pass_time(self, now: datetime) -> None:
        """Do what time alone does: rules that waited, silence, quiet, the end of a window, another look at what was recorded only."""
        for rule_id, standing in list(self._standings.items()):
            rule = self._rules.rule(rule_id)
            if rule is not None:
                self._judged(rule, *judge.on_time(rule, standing, now), now, event_id="")
        silent = self._silent_at()
        if silent is not None and silent <= now and self._standing(SILENT).phase is Phase.NORMAL:
            self._stand(SILENT, Standing(Phase.ACTIVE))
            self.raise_alarm(SILENT, self._silent_cause(now))
        for alarm in list(self.alarms.values()):
            quiet, close = alarms.quiet_at(alarm), self._close_at(alarm, now)
            if quiet is not None and quiet <= now:
                self._keep(*alarms.cleared(alarm, now, quiet=True))
            elif close is not None and close <= now:
                self._keep(alarms.closed(alarm, now), ())
            elif alarm.state is AlarmState.SUPPRESSED and self._explained(alarm) is None:
                self._keep(*alarms.released(alarm))

    def check_at(self, now: datetime) -> datetime | None:
        """Say when time alone may next move something."""
        due = [self._silent_at() if self._standing(SILENT).phase is Phase.NORMAL else None]
        for rule_id, standing in self._standings.items():
            rule = self._rules.rule(rule_id)
            due.append(standing.due_at(rule) if rule is not None else None)
        for alarm in self.alarms.values():
            due += [alarms.quiet_at(alarm), self._close_at(alarm, now)]
            due.append(now + LOOK_AGAIN if alarm.state is AlarmState.SUPPRESSED else None)
        return min((each for each in due if each is not None), default=None)

    def _explained(self, alarm: Alarm) -> Explained | None:
        return self._world.explain(self.device, alarm.cause, again=True)

    def _close_at(self, alarm: Alarm, now: datetime) -> datetime | None:
        """Say when a cleared alarm closes; while its ticket lives, when to look again."""
        if alarm.state is not AlarmState.CLEARED:
            return None
        ended_at = None if alarm.instance is None else self._world.ended_at(alarm.instance)
        if alarm.instance is not None and ended_at is None:
            return now + LOOK_AT_TICKET
        return alarms.close_at(alarm, ended_at)

    # ---- readings ---------------------------------------------------------------------------------------------------

    def _read(self, event: Event) -> None:
        at, latest = event.at, self._latest
        in_order = self._reading_at is None or at >= self._reading_at
        if in_order:
            self._reading_at = at
        fresh = []
        for signal, value in event.values.items():
            if signal not in latest or latest[signal][1] <= at:
                latest[signal] = (value, at)
                fresh.append(signal)
        if not in_order:  # rules are judged along time; what comes out of order is kept, not judged
            return
        for signal in fresh:
            self._readings[signal] = self._rules.reading(signal, event.values[signal])
        touched = {rule.id: rule for signal in fresh for rule in self._rules.by_signal.get(signal, ())}
        for rule in touched.values():
            standing, change = judge.on_reading(rule, self._standing(rule.id), self._readings, at)
            self._judged(rule, standing, change, at, event_id=event.id)

    def _judged(self, rule: Rule, standing: Standing, change: Change | None, at: datetime, *, event_id: str) -> None:
        self._stand(rule.id, standing)
        if change is Change.RAISE:
            self.raise_alarm(rule.alarm_type, self._rule_cause(rule, standing, at, event_id))
        elif change is Change.CLEAR:
            self.clear_alarm(rule.alarm_type, at)

    def _standing(self, rule_id: str) -> Standing:
        return self._standings.get(rule_id, judge.NORMAL)

    def _stand(self, rule_id: str, standing: Standing) -> None:
        if standing == judge.NORMAL:
            self._standings.pop(rule_id, None)
        else:
            self._standings[rule_id] = standing

    # ---- silence ----------------------------------------------------------------------------------------------------

    def _silent_at(self) -> datetime | None:
        silence = self._rules.silence
        if silence is None or self._heard_at is None:
            return None
        gone = None if self._offline_at is None else self._offline_at + silence.offline_for
        quiet = max(self._heard_at, self._world.listening_since or self._heard_at) + silence.after
        return quiet if gone is None else min(gone, quiet)

    def _heard(self, event: Event) -> None:
        """End the silence at the second sign of life: a device that restarts over and over stays silent."""
        standing = self._standing(SILENT)
        if standing.phase is Phase.ACTIVE:
            self._stand(SILENT, Standing(Phase.CLEARING, since=event.at, samples=1))
        elif standing.phase is Phase.CLEARING:
            self._stand(SILENT, judge.NORMAL)
            self.clear_alarm(SILENT, event.at)

    # ---- alarms -----------------------------------------------------------------------------------------------------

    def raise_alarm(self, alarm_type: str, cause: Cause) -> None:
        """Raise an alarm, or take the raise into the open one of its kind."""
        known = self.alarms.get(alarm_type)
        if known is not None and known.is_open:
            self._keep(*alarms.raised(known, cause))
            return
        explained = self._world.explain(self.device, cause)
        alarm = Alarm(
            key=self._world.new_key(),
            device=self.device.code,
            alarm_type=alarm_type,
            unit=self.device.unit,
            project=self.device.project,
            state=AlarmState.ACTIVE if explained is None else AlarmState.SUPPRESSED,
            severity=cause.severity,
            cause=cause,
            raised_at=cause.at,
            updated_at=cause.at,
            ticket=self._world.new_ticket(),
            reason="" if explained is None else explained.reason,
            parent=None if explained is None else explained.parent,
        )
        self._keep(*alarms.opened(alarm))

    def clear_alarm(self, alarm_type: str, at: datetime) -> None:
        """Clear an alarm, unless another rule still raises it."""
        alarm = self.alarms.get(alarm_type)
        if alarm is None or not alarm.is_open or any(self._still_holds(alarm_type)):
            return
        self._keep(*alarms.cleared(alarm, at))

    def _still_holds(self, alarm_type: str) -> list[bool]:
        mine = [rule.id for rule in self._rules.rules if rule.alarm_type == alarm_type] + [f"{SOURCE}:{alarm_type}"]
        return [self._standing(each).phase in (Phase.ACTIVE, Phase.CLEARING) for each in mine]

    def _keep(self, alarm: Alarm, said: tuple[Said, ...]) -> None:
        self.alarms[alarm.alarm_type] = self._changed[alarm.key] = alarm
        self.said += [(alarm, each) for each in said]

    # ---- causes -----------------------------------------------------------------------------------------------------

    def _rule_cause(self, rule: Rule, standing: Standing, at: datetime, event_id: str) -> Cause:
        values: dict[str, Any] = {
            signal: self._readings[signal] for signal in sorted(rule.signals) if signal in self._readings
        }
        if standing.means:
            values |= {f"{signal}_mean": mean for signal, mean in judge.averages(standing.means).items()}
        return Cause(
            rule=rule.id,
            severity=rule.severity,
            category=rule.category,
            title=rule.title,
            at=at,
            values=values,
            event_id=event_id,
            auto_close_ok=rule.auto_close_ok,
            recovery=rule.recovery,
        )

    def _source_cause(self, event: Event) -> Cause:
        known = next((rule for rule in self._rules.rules if rule.alarm_type == event.alarm_type), None)
        return Cause(
            rule=SOURCE,
            severity=event.severity,
            category=known.category if known else event.alarm_type,
            title=known.title if known else {"en": event.alarm_type, "zh": event.alarm_type},
            at=event.at,
            values=event.values,
            event_id=event.id,
            auto_close_ok=known.auto_close_ok if known else False,
            recovery=known.recovery if known else timedelta(minutes=10),
            late=event.is_late,
            source_id=event.source_id,
        )

    def _silent_cause(self, now: datetime) -> Cause:
        silence = self._rules.silence
        assert silence is not None and self._heard_at is not None
        minutes = Decimal((now - self._heard_at) // timedelta(minutes=1))
        return Cause(
            rule=SILENT,
            severity=silence.severity,
            category=silence.category,
            title={"en": "Nothing is heard of the device", "zh": "设备失联"},
            at=now,
            values={"silent_minutes": minutes},
            event_id="",
            auto_close_ok=silence.auto_close_ok,
            recovery=silence.recovery,
        )
