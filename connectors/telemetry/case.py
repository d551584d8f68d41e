"""One device in hand: its readings, where its rules stand and its open alarms, while events and time move them. No database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.telemetry import alarms, causes, standings
from connectors.telemetry.alarms import Alarm, AlarmState, Cause, Said
from connectors.telemetry.causes import SOURCE, by_source
from connectors.telemetry.devices import Device
from connectors.telemetry.events import ALARMS, Event, Kind, Severity
from connectors.telemetry.rules import SILENT, DeviceType, Rule
from connectors.telemetry.standings import Change, Phase, Standing, turn
from connectors.telemetry.store.devices import DeviceRow
from connectors.telemetry.trend import Trend, needed
from connectors.telemetry.trend import judge as judge_trend
from connectors.telemetry.world import Explained, World

LOOK_AGAIN = timedelta(minutes=1)
"""How often an alarm that is recorded only is looked at again."""

LOOK_AT_TICKET = timedelta(minutes=10)
"""How often a cleared alarm whose ticket is open is looked at again."""


class Case:
    """A device that is locked, and what becomes of it.

    Attributes:
        alarms: {alarm type: alarm}, the open ones and those that closed in here.
        said: announcements in order, each with the alarm as it was then.

    Args:
        disabled: names of the rules that people switched off for this device.
    """

    def __init__(
        self,
        device: Device,
        rules: DeviceType,
        row: DeviceRow,
        open_alarms: Mapping[str, Alarm],
        *,
        world: World,
        disabled: frozenset[str] = frozenset(),
    ) -> None:
        self.device = device
        self.alarms = dict(open_alarms)
        self.said: list[tuple[Alarm, Said]] = []
        self._rules = rules
        self._world = world
        self._disabled = disabled
        self._readings = {signal: rules.reading(signal, value) for signal, (value, _) in row.readings.items()}
        # what changes with every event is kept in the open: a new row for each would be a third of the work
        self._latest = dict(row.readings)
        self._standings = dict(row.standings)
        self._reading_at, self._heard_at, self._offline_at = row.reading_at, row.heard_at, row.offline_at
        self._samples = row.samples
        self._look_at = row.check_at
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
        """Take in an event. What is of the past moves no rule; of readings the caller has put it into their hour."""
        if self._heard_at is None or (event.received_at > self._heard_at and not event.retained):
            self._heard_at = event.received_at
        if event.kind is Kind.TELEMETRY:
            self._read(event)
        elif event.kind is Kind.OFFLINE:
            self._offline_at = self._offline_at or event.at
        else:
            self._speaks(event)
            if event.kind in ALARMS and not self._is_past(event):
                self._judged_by_source(event)

    def _judged_by_source(self, event: Event) -> None:
        name = by_source(event.alarm_type)
        if event.kind is Kind.CLEARED:
            self._stand(name, standings.NORMAL)
            self.clear_alarm(event.alarm_type, event.at)
        else:
            self._stand(name, Standing(Phase.ACTIVE))
            self.raise_alarm(event.alarm_type, causes.of_source(self._rules, event))

    def _is_past(self, event: Event) -> bool:
        """Whether a late word about an alarm tells nothing of how it stands now.

        A source that says late what is wrong is believed, unless more is known since. What a broker retained is not: nobody says it now.
        """
        if not event.is_late:
            return False
        if event.is_undated or (event.retained and event.kind is not Kind.CLEARED):
            return True
        known = self.alarms.get(event.alarm_type) or self._world.latest(self.device.code, event.alarm_type)
        return known is not None and known.changes != () and event.at <= known.changes[-1]

    def pass_time(self, now: datetime) -> None:
        """Do what time alone does: rules that waited, silence, quiet, the end of a window, another look at what was recorded only."""
        self._look_at = None
        for rule_id, standing in list(self._standings.items()):
            rule = self._rules.rule(rule_id)
            if rule is not None:
                self._judged(rule, *standings.on_time(rule, standing, now), now, event_id="")
        for trend in self._rules.trends:
            self._judge_trend(trend, now)
        silent = self._silent_at()
        if silent is not None and silent <= now and self._standing(SILENT).phase is Phase.NORMAL:
            self._stand(SILENT, Standing(Phase.ACTIVE))
            assert self._rules.silence is not None and self._heard_at is not None  # else nothing would be silent
            self.raise_alarm(SILENT, causes.of_silence(self._rules.silence, self._heard_at, now))
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
        due += [trend.due_at(now, self._world.zone, self._standing(trend.id).since) for trend in self._rules.trends]
        for rule_id, standing in self._standings.items():
            rule = self._rules.rule(rule_id)
            due.append(standing.due_at(rule) if rule is not None else None)
        for alarm in self.alarms.values():
            due += [alarms.quiet_at(alarm), self._close_at(alarm, now)]
            if alarm.state is AlarmState.SUPPRESSED:
                # a device that speaks every second must not put the look off every second
                due += [now + LOOK_AGAIN, self._look_at]
        return min((each for each in due if each is not None), default=None)

    def _explained(self, alarm: Alarm) -> Explained | None:
        return self._explain(alarm.alarm_type, alarm.cause, again=True)

    def _explain(self, alarm_type: str, cause: Cause, *, again: bool = False) -> Explained | None:
        name = by_source(alarm_type) if cause.rule == SOURCE else cause.rule
        if name in self._disabled:
            return Explained("disabled")
        found = self._world.explain(self.device, cause, again=again)
        if found is None and cause.late and not again and cause.severity is not Severity.CRITICAL:
            return Explained("late")  # its end may be a moment behind it, in the same replay
        return found

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
        if event.is_undated:
            return
        at, latest = event.at, self._latest
        self._samples += 1
        in_order = self._reading_at is None or at >= self._reading_at
        if in_order:
            self._reading_at = at
        fresh = []
        for signal, value in event.values.items():
            if signal not in latest or latest[signal][1] <= at:
                latest[signal] = (value, at)
                fresh.append(signal)
        for signal in fresh:
            self._readings[signal] = self._rules.reading(signal, event.values[signal])
        if event.is_late:
            return
        self._speaks(event)
        if not in_order:  # rules are judged along time; what comes out of order is kept, not judged
            return
        touched = {rule.id: rule for signal in fresh for rule in self._rules.by_signal.get(signal, ())}
        for rule in touched.values():
            standing, change = standings.on_reading(rule, self._standing(rule.id), self._readings, at)
            self._judged(rule, standing, change, at, event_id=event.id)

    def _judged(self, rule: Rule, standing: Standing, change: Change | None, at: datetime, *, event_id: str) -> None:
        self._stand(rule.id, standing)
        if change is Change.RAISE:
            self.raise_alarm(rule.alarm_type, causes.of_rule(rule, standing, self._readings, at, event_id))
        elif change is Change.CLEAR:
            self.clear_alarm(rule.alarm_type, at)

    def _judge_trend(self, trend: Trend, now: datetime) -> None:
        """Judge the latest span that is over, once; of those before it nobody needs to hear any more."""
        zone, standing = self._world.zone, self._standing(trend.id)
        end = trend.over_at(now, zone)
        if standing.since is not None and standing.since >= end:
            return
        kept = self._world.hours(self.device.code, trend.signal, needed(trend, end, zone))
        try:
            fired = judge_trend(trend, kept, end, zone, limits_only=self._is_told_of(trend))
        except LookupError:
            self._stand(trend.id, replace(standing, since=end))
            return
        standing, change = turn(trend, standing, fired is not None, end)
        self._stand(trend.id, standing)
        if change is Change.RAISE and fired is not None:
            self.raise_alarm(trend.alarm_type, causes.of_trend(trend, fired, now))
        elif change is Change.CLEAR:
            self.clear_alarm(trend.alarm_type, now)

    def _is_told_of(self, trend: Trend) -> bool:
        """Whether a rule already says that something is wrong with the signal of a trend."""
        held = [rule for rule in self._rules.rules if self._standing(rule.id).phase in (Phase.ACTIVE, Phase.CLEARING)]
        return any(trend.signal in rule.signals for rule in held)

    def _standing(self, rule_id: str) -> Standing:
        return self._standings.get(rule_id, standings.NORMAL)

    def _stand(self, rule_id: str, standing: Standing) -> None:
        if standing == standings.NORMAL:
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

    def _speaks(self, event: Event) -> None:
        """Take a sign of life. The second one ends the silence: a device that restarts over and over stays silent."""
        self._offline_at = None
        if event.retained:
            return
        standing = self._standing(SILENT)
        if standing.phase is Phase.ACTIVE:
            self._stand(SILENT, Standing(Phase.CLEARING, since=event.at, samples=1))
        elif standing.phase is Phase.CLEARING:
            self._stand(SILENT, standings.NORMAL)
            self.clear_alarm(SILENT, event.at)

    # ---- alarms -----------------------------------------------------------------------------------------------------

    def raise_alarm(self, alarm_type: str, cause: Cause) -> None:
        """Raise an alarm, or take the raise into the open one of its kind."""
        known = self.alarms.get(alarm_type)
        if known is not None and known.is_open:
            alarm, said = alarms.raised(known, cause)
            self._keep(alarm, said)
            doubtful = alarm.state is AlarmState.SUPPRESSED and not cause.late
            if doubtful and self._explain(alarm_type, cause, again=True) is None:
                # what explained the alarm does not explain this
                self._keep(*alarms.released(replace(alarm, cause=cause)))
            return
        explained = self._explain(alarm_type, cause)
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
        mine = [each.id for each in self._rules.judges if each.alarm_type == alarm_type] + [by_source(alarm_type)]
        return [self._standing(each).phase in (Phase.ACTIVE, Phase.CLEARING) for each in mine]

    def _keep(self, alarm: Alarm, said: tuple[Said, ...]) -> None:
        self.alarms[alarm.alarm_type] = self._changed[alarm.key] = alarm
        self.said += [(alarm, each) for each in said]
