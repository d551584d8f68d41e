"""Takes deliveries in: one transaction per batch. What it returned from is durable, so that the transport may acknowledge it.

(1) Bytes become events; what cannot be read is put aside. (2) Repeats are dropped. (3) The devices are locked, in the order of their
codes. (4) Events move rules and alarms. (5) Devices, hours, alarms and announcements are stored together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.telemetry import inbound
from connectors.telemetry.batch import Batch, StormLimit
from connectors.telemetry.devices import Device, DeviceBook
from connectors.telemetry.events import Event, Kind, digest
from connectors.telemetry.inbound import Delivery
from connectors.telemetry.rules import RuleBook
from connectors.telemetry.store import arrivals
from connectors.telemetry.store import devices as device_rows
from connectors.telemetry.store.devices import Hours
from engine.errors import Invalid, Text
from engine.model.values import Actor
from engine.services import command
from engine.store.database import UnitOfWork

if TYPE_CHECKING:
    from engine.services.engine import Engine

ACTOR = Actor(id="connector:telemetry", name="telemetry", everything=True)
KEPT_PAYLOAD = 2000  # characters of what is put aside


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch.

    Attributes:
        counts: {what: how many}: accepted, repeated, late, unreadable, unknown_device.
        refused: why deliveries could not be read, in their order.
        announced: how many announcements wait to be published.
    """

    counts: Mapping[str, int]
    refused: Sequence[str]
    announced: int


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes deliveries of any source in."""

    engine: Engine
    book: DeviceBook
    rules: RuleBook
    storm: StormLimit = field(default_factory=StormLimit)

    def take(self, deliveries: Sequence[Delivery]) -> Taken:
        """Take a batch in, whole or not at all.

        Raises:
            ConcurrentUpdate: other commands came first each time; nothing was stored, and the transport should deliver again.
        """
        events: list[Event] = []
        aside: list[_Aside] = []
        for delivery in deliveries:
            try:
                events += inbound.read(delivery)
            except Invalid as error:
                aside.append(_Aside(delivery, "", "unreadable", error.problems[0].message))
        devices = self.book.find({event.device for event in events})
        return command.run(
            self.engine, "telemetry.take", lambda uow: self._store(uow, events, list(aside), devices), actor=ACTOR
        )

    def _store(
        self, uow: UnitOfWork, events: Sequence[Event], aside: list[_Aside], devices: Mapping[str, Device]
    ) -> Taken:
        counts: Counter[tuple[str, str]] = Counter((each.delivery.source, "unreadable") for each in aside)
        refused = [each.reason for each in aside]
        fresh = []
        known = {device.code: device for device in devices.values()}
        new = arrivals.remember(uow, [_seen(event) for event in events])
        for event in events:
            # without a time or an id of its own a reading is a repeat only if the transport says so
            if _seen(event) not in new and (event.stamped or event.repeat):
                counts[event.source, "repeated"] += 1
            elif event.device not in devices:
                counts[event.source, "unknown_device"] += 1
                aside.append(_Aside.of_unknown(event))
            else:
                code = devices[event.device].code  # it may speak under an alias
                fresh.append(event if code == event.device else replace(event, device=code))
            new.discard(_seen(event))
        batch = Batch(
            uow, {event.device: known[event.device] for event in fresh}, self.rules, self.storm, self.engine.zone
        )
        hours: Hours = {}
        for event in fresh:
            counts[event.source, "late" if event.is_late else "accepted"] += 1
            if event.kind is Kind.TELEMETRY and not event.is_undated:
                _roll_up(hours, event)
            batch.cases[event.device].take(event)
        announced = batch.save()
        device_rows.add_hours(uow, hours)
        arrivals.put_aside(uow, _rows(aside))
        totals: Counter[str] = Counter()
        for source in sorted({source for source, _ in counts}):
            mine = {what: number for (of, what), number in counts.items() if of == source}
            arrivals.count(uow, source, mine)
            totals.update(mine)
        return Taken(totals, refused, announced)


def _seen(event: Event) -> str:
    return f"{event.source}:{event.device}:{event.id}"


def _roll_up(hours: Hours, event: Event) -> None:
    key = (event.device, event.at.replace(minute=0, second=0, microsecond=0))
    samples, signals = hours.setdefault(key, (0, {}))
    hours[key] = (samples + 1, signals)
    for signal, value in event.values.items():
        if not isinstance(value, int | Decimal):
            continue
        number = int(value) if isinstance(value, bool) else value
        if signal in signals:
            n, total, low, high, _ = signals[signal]
            signals[signal] = [n + 1, total + number, min(low, number), max(high, number), number]
        else:
            signals[signal] = [1, number, number, number, number]


@dataclass(frozen=True, slots=True)
class _Aside:
    """One thing that goes to quarantine."""

    delivery: Delivery
    device: str
    kind: str
    reason: Text | str

    @classmethod
    def of_unknown(cls, event: Event) -> _Aside:
        """Put an event of a device that nobody knows aside, with what it said."""
        said = str(dict(event.values) or event.alarm_type or event.kind.value).encode()
        delivery = Delivery(topic=event.kind.value, payload=said, source=event.source, received_at=event.received_at)
        return cls(delivery, event.device, "unknown_device", Text("nobody knows this device; enter it in the register"))


def _rows(aside: Iterable[_Aside]) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for each in aside:
        template = each.reason.template if isinstance(each.reason, Text) else each.reason
        name = digest(each.delivery.source, each.delivery.topic, each.device, each.kind, template)
        row = rows.setdefault(
            name,
            {
                "digest": name,
                "source": each.delivery.source,
                "topic": each.delivery.topic,
                "device": each.device,
                "kind": each.kind,
                "reason": each.reason,
                "count": 0,
            },
        )
        row["count"] += 1
        row["payload"] = each.delivery.payload.decode("utf-8", "replace").replace("\x00", "\ufffd")[:KEPT_PAYLOAD]
    return [rows[name] for name in sorted(rows)]
