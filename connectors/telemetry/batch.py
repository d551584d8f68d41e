"""Devices that are locked together in one transaction, and what explains their alarms: maintenance, a parent's alarm, a storm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from connectors.announcements import store as announcements
from connectors.announcements.store import Announcement
from connectors.telemetry import disabled
from connectors.telemetry.alarms import Alarm, Cause
from connectors.telemetry.announce import variables
from connectors.telemetry.case import LOOK_AGAIN, Case
from connectors.telemetry.devices import Device
from connectors.telemetry.events import Severity
from connectors.telemetry.rules import SILENT, UNKNOWN, RuleBook
from connectors.telemetry.store import alarms as alarm_rows
from connectors.telemetry.store import arrivals
from connectors.telemetry.store import devices as device_rows
from connectors.telemetry.trend import Kept
from connectors.telemetry.world import Explained
from engine.store import units
from engine.store.database import UnitOfWork

SOURCE = "telemetry"
WAIT_S = 60
"""How long a message about an alarm waits for a ticket that is between two steps. Longer, and it would tell of a state that is no more."""
STORM = "storm"
EXPLAINING = frozenset({"power", "gateway"})
"""Categories of alarms that explain what is wrong with everything behind the device; so does its silence."""


@dataclass(frozen=True, slots=True)
class StormLimit:
    """More than ``alarms`` within ``within`` in one project are one incident."""

    alarms: int = 50
    within: timedelta = timedelta(minutes=5)


class Batch:
    """Devices in hand, until ``save``.

    Args:
        devices: {code: device}, all that will be touched.
        listening_since: before that nobody listened, so that nobody can have been silent; None: always.
    """

    def __init__(
        self,
        uow: UnitOfWork,
        devices: Mapping[str, Device],
        rules: RuleBook,
        storm: StormLimit,
        zone: tzinfo,
        *,
        listening_since: datetime | None = None,
    ) -> None:
        self.listening_since = listening_since
        self._uow = uow
        self._rules = rules
        self._storm_limit = storm
        self.zone = zone
        self._codes: dict[int, str] = {}
        self._ended: dict[int, datetime | None] = {}
        self._raised: Counter[int] = Counter()
        self._counted: dict[int, int] = {}
        self._parents: dict[str, list[Alarm]] = {}
        self.cases: dict[str, Case] = {}
        self._take_in_hand(devices)

    def _take_in_hand(self, devices: Mapping[str, Device]) -> None:
        off = disabled.in_hand(self._uow, devices)
        rows = device_rows.lock_devices(self._uow, {code: (each.type, each.unit) for code, each in devices.items()})
        open_alarms: dict[str, dict[str, Alarm]] = {}
        for alarm in alarm_rows.open_alarms(self._uow, devices.keys()):
            open_alarms.setdefault(alarm.device, {})[alarm.alarm_type] = alarm
        for code, device in devices.items():
            self.cases[code] = Case(
                device,
                self._rules.of(device.type),
                rows[code],
                open_alarms.get(code, {}),
                world=self,
                disabled=off.get(code, frozenset()),
            )

    def pass_time(self) -> None:
        """Do in every device what time alone does."""
        for case in list(self.cases.values()):
            if is_storm(case.device.code):  # first: what it explained is looked at again in its light
                self._end_storm(case)
        for case in list(self.cases.values()):
            case.pass_time(self._uow.now)

    def save(self) -> int:
        """Store everything; give how many announcements wait to be published."""
        now = self._uow.now
        rows = []
        announced: list[Announcement] = []
        for case in self.cases.values():
            check_at = case.check_at(now)
            if is_storm(case.device.code) and STORM in case.alarms and case.alarms[STORM].holds:
                check_at = now + LOOK_AGAIN
            rows.append(case.row(check_at))
            announced += [
                Announcement(
                    key=self._uow.new_key(),
                    source=SOURCE,
                    message_id=f"{alarm.key}:{said.number}",
                    message=said.message,
                    otherwise=said.otherwise,
                    correlation_key=correlation_key(alarm.device, alarm.alarm_type),
                    unit=alarm.unit,
                    variables=variables(alarm, said, case.device, self._project(case.device.project)),
                    ttl_s=WAIT_S,
                    at=now,
                )
                for alarm, said in case.said
            ]
        device_rows.save_devices(self._uow, rows)
        alarm_rows.save_alarms(self._uow, [alarm for case in self.cases.values() for alarm in case.changed_alarms])
        announcements.add(self._uow, announced)
        return len(announced)

    def _project(self, unit: int) -> str:
        if unit not in self._codes:
            self._codes[unit] = units.get(self._uow, unit).code
        return self._codes[unit]

    # ---- what a case asks -------------------------------------------------------------------------------------------

    def hours(self, device: str, signal: str, wanted: Sequence[datetime]) -> Kept:
        """Give what is kept of a signal in some hours, oldest first."""
        rows = device_rows.some_hours(self._uow, device, wanted)
        return [(at, signals[signal]) for at, signals in rows if signal in signals]

    def latest(self, device: str, alarm_type: str) -> Alarm | None:
        """Give the latest alarm of a device and type, open or closed."""
        return alarm_rows.latest(self._uow, device, alarm_type)

    def new_key(self) -> int:
        """Make a key."""
        return self._uow.new_key()

    def new_ticket(self) -> str:
        """Make the number of a ticket: ``I260105-0007``, I for the channel of devices, the day of the command, the how-manieth."""
        day = f"{self._uow.now.astimezone(self.zone):%y%m%d}"
        return f"I{day}-{arrivals.next_number(self._uow, f'ticket {day}'):04d}"

    def ended_at(self, instance: int) -> datetime | None:
        """Say when a process instance ended; None while it lives."""
        if instance not in self._ended:
            self._ended[instance] = alarm_rows.ended_at(self._uow, instance)
        return self._ended[instance]

    # ---- what explains an alarm -------------------------------------------------------------------------------------

    def explain(self, device: Device, cause: Cause, *, again: bool = False) -> Explained | None:
        """Say why an alarm is recorded only. A danger to people is explained by maintenance and by nothing else.

        Args:
            again: it was recorded only before; what is asked is whether that still holds, so that it is not counted once more.
        """
        if device.resting:
            return Explained("maintenance")
        if is_storm(device.code) or cause.severity is Severity.CRITICAL:
            return None
        parent = next((alarm for alarm in self._parent_alarms(device.parent) if _explains(alarm)), None)
        if parent is not None:
            return Explained("parent", parent.key)
        if again:
            storm = self._open_storm(device.project)
            return None if storm is None else Explained(STORM, storm.key)
        self._raised[device.project] += 1
        if self._storms(device.project):
            return Explained(STORM, self._storm(device.project).key)
        return None

    def _open_storm(self, project: int) -> Alarm | None:
        alarms = self._parent_alarms(storm_code(project))
        return next((alarm for alarm in alarms if alarm.holds and alarm.is_open), None)

    def _parent_alarms(self, code: str) -> Collection[Alarm]:
        if not code:
            return ()
        if code in self.cases:
            return self.cases[code].alarms.values()
        if code not in self._parents:
            self._parents[code] = alarm_rows.open_alarms(self._uow, [code])
        return self._parents[code]

    def _storms(self, project: int) -> bool:
        if project not in self._counted:
            since = self._uow.now - self._storm_limit.within
            self._counted[project] = alarm_rows.raised_since(self._uow, project, since)
        return self._counted[project] + self._raised[project] > self._storm_limit.alarms

    def _storm(self, project: int) -> Alarm:
        """Give the alarm that stands for a storm, raising it if need be."""
        code = storm_code(project)
        if code not in self.cases:
            self._take_in_hand({code: storm_device(project)})
        case = self.cases[code]
        known = case.alarms.get(STORM)
        if known is None or not known.holds:
            case.raise_alarm(STORM, self._storm_cause(project))
        return case.alarms[STORM]

    def _storm_cause(self, project: int) -> Cause:
        return Cause(
            rule=STORM,
            severity=Severity.MAJOR,
            category="alarm_storm",
            title={"en": "Many devices raise alarms at once", "zh": "告警风暴"},
            at=self._uow.now,
            values={"alarms": self._counted[project] + self._raised[project]},
            event_id="",
        )

    def _end_storm(self, case: Case) -> None:
        alarm = case.alarms.get(STORM)
        if alarm is not None and alarm.holds and not self._storms(case.device.project):
            case.clear_alarm(STORM, self._uow.now)


def correlation_key(device: str, alarm_type: str) -> str:
    """Give the key under which processes hear of an alarm: one ticket at a time per device and type of alarm."""
    return f"{device}:{alarm_type}"


def _explains(alarm: Alarm) -> bool:
    """Whether the alarm of a parent explains what is wrong behind it."""
    return alarm.holds and alarm.is_open and (alarm.alarm_type == SILENT or alarm.cause.category in EXPLAINING)


def storm_code(project: int) -> str:
    """Name the device that stands for a project in a storm."""
    return f"{STORM}:{project}"


def is_storm(code: str) -> bool:
    """Whether a code stands for a project in a storm."""
    return code.startswith(f"{STORM}:")


def storm_device(project: int) -> Device:
    """Give the device that stands for a project in a storm."""
    code = storm_code(project)
    return Device(code=code, name=code, type=UNKNOWN.name, unit=project, project=project)
