"""The latest from each device, where its rules stand, and its readings rolled up by the hour."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from connectors.telemetry.standings import Phase, Standing
from connectors.telemetry.store.instants import from_millis, to_millis
from engine.store.database import UnitOfWork
from engine.store.types import Instant, JsonText, Key, metadata
from engine.store.units import Scope, within
from engine.store.upsert import insert_new, upsert

device = sa.Table(
    "telemetry_device",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("unit", Key, nullable=False, comment="of the organisation"),
    sa.Column("readings", JsonText, nullable=False, comment="{signal: [value, milliseconds since 1970]}, the latest"),
    sa.Column("standings", JsonText, nullable=False, comment="{rule: where it stands}"),
    sa.Column("reading_at", Instant, comment="when the latest reading was taken"),
    sa.Column("heard_at", Instant, comment="when anything last came"),
    sa.Column("offline_at", Instant, comment="since when the source says that it is gone"),
    sa.Column("samples", sa.BigInteger, nullable=False, comment="distinct readings taken in, ever"),
    sa.Column("check_at", Instant, comment="when time alone may move one of its alarms"),
    comment="The latest from each device, and where its rules stand.",
)
_CHECKED = device.c.check_at.is_not(None)
sa.Index("ix_telemetry_device_check", device.c.check_at, sqlite_where=_CHECKED, postgresql_where=_CHECKED)
sa.Index("ix_telemetry_device_unit", device.c.unit)

hour = sa.Table(
    "telemetry_hour",
    metadata,
    sa.Column("device", sa.Text, primary_key=True),
    sa.Column("hour", Instant, primary_key=True),
    sa.Column("samples", sa.BigInteger, nullable=False),
    sa.Column(
        "signals", JsonText, nullable=False, comment="{signal: [count, sum, min, max, last]}, exact; numbers only"
    ),
    comment="Readings rolled up by the hour.",
)


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """What is remembered of a device.

    Attributes:
        readings: {signal: (value, when it was taken)}, the latest of each.
        standings: {rule: where it stands}; rules at rest are left out.
        samples: distinct readings taken in.
    """

    code: str
    type: str
    unit: int
    readings: Mapping[str, tuple[Any, datetime]]
    standings: Mapping[str, Standing]
    reading_at: datetime | None = None
    heard_at: datetime | None = None
    offline_at: datetime | None = None
    samples: int = 0
    check_at: datetime | None = None


def lock_devices(uow: UnitOfWork, known: Mapping[str, tuple[str, int]]) -> dict[str, DeviceRow]:
    """Lock devices, new ones included, in the order of their codes. ``known``: {code: (type, unit)}."""
    new = [
        {"code": code, "type": type_, "unit": unit, "readings": {}, "standings": {}, "samples": 0}
        for code, (type_, unit) in sorted(known.items())
    ]
    if not new:
        return {}
    query = sa.select(device).where(device.c.code.in_(sorted(known))).order_by(device.c.code).with_for_update()
    rows = {row.code: _device(row) for row in uow.execute(query)}
    missing = [row for row in new if row["code"] not in rows]
    if missing:
        uow.execute(insert_new(uow, device), missing)
        rows = {row.code: _device(row) for row in uow.execute(query)}
    return rows


def lock(uow: UnitOfWork, code: str) -> None:
    """Lock a device, so that its alarms are ours: whoever moves them holds this lock."""
    uow.execute(sa.select(device.c.code).where(device.c.code == code).with_for_update())


def devices(uow: UnitOfWork, codes: Collection[str]) -> dict[str, DeviceRow]:
    """Give what is remembered of devices, without locking them."""
    return {row.code: _device(row) for row in uow.execute(sa.select(device).where(device.c.code.in_(codes)))}


def in_scope(uow: UnitOfWork, scope: Scope) -> list[DeviceRow]:
    """List what is remembered of the devices that a person may see, by code."""
    return [
        _device(row)
        for row in uow.execute(sa.select(device).where(within(device.c.unit, scope)).order_by(device.c.code))
    ]


def of_type(uow: UnitOfWork, scope: Scope, device_type: str) -> list[str]:
    """List the codes of the devices of a type that ever spoke, in a scope."""
    query = sa.select(device.c.code).where(within(device.c.unit, scope), device.c.type == device_type)
    return list(uow.execute(query.order_by(device.c.code)).scalars())


def save_devices(uow: UnitOfWork, rows: Iterable[DeviceRow]) -> None:
    """Store devices that were locked."""
    written = [
        {
            "b_code": row.code,
            "type": row.type,
            "unit": row.unit,
            "readings": {signal: [value, to_millis(at)] for signal, (value, at) in row.readings.items()},
            "standings": {rule: _standing_out(standing) for rule, standing in row.standings.items()},
            "reading_at": row.reading_at,
            "heard_at": row.heard_at,
            "offline_at": row.offline_at,
            "samples": row.samples,
            "check_at": row.check_at,
        }
        for row in rows
    ]
    if written:
        uow.execute(_SAVE_DEVICE, written)


_SAVE_DEVICE = sa.update(device).where(device.c.code == sa.bindparam("b_code"))


def due_devices(uow: UnitOfWork, now: datetime, limit: int) -> list[str]:
    """List devices that time alone may move, longest due first."""
    query = sa.select(device.c.code).where(device.c.check_at <= now).order_by(device.c.check_at).limit(limit)
    return list(uow.execute(query).scalars())


def unwatch(uow: UnitOfWork, codes: Collection[str]) -> None:
    """Stop looking at devices that nobody knows any more; a sign of life begins it again."""
    if codes:
        uow.execute(sa.update(device).where(device.c.code.in_(codes)).values(check_at=None))


def _device(row: Any) -> DeviceRow:
    values = row._asdict()
    values["readings"] = {signal: (value, from_millis(at)) for signal, (value, at) in row.readings.items()}
    values["standings"] = {rule: _standing_in(standing) for rule, standing in row.standings.items()}
    return DeviceRow(**values)


def _standing_out(standing: Standing) -> list[Any]:
    means = None
    if standing.means is not None:
        means = {signal: [list(entry) for entry in sums] for signal, sums in standing.means.items()}
    return [
        standing.phase.value,
        None if standing.since is None else to_millis(standing.since),
        standing.samples,
        means,
    ]


def _standing_in(stored: Sequence[Any]) -> Standing:
    phase, since, samples, means = stored
    if means is not None:
        means = {
            signal: tuple((minute, Decimal(total), n) for minute, total, n in sums) for signal, sums in means.items()
        }
    return Standing(Phase(phase), None if since is None else from_millis(since), samples, means)


# ---- hours ---------------------------------------------------------------------------------------------------------

Hours = dict[tuple[str, datetime], tuple[int, dict[str, list[Any]]]]
"""{(device, hour): (samples, {signal: [count, sum, min, max, last]})}"""


def add_hours(uow: UnitOfWork, more: Hours) -> None:
    """Add readings to their hours. The devices must be locked."""
    if not more:
        return
    asked = sa.tuple_(hour.c.device, hour.c.hour).in_(sorted(more))
    merged = []
    stored = {(row.device, row.hour): (row.samples, row.signals) for row in uow.execute(sa.select(hour).where(asked))}
    for key, (samples, signals) in more.items():
        before, known = stored.get(key, (0, {}))
        for signal, (n, total, low, high, last) in signals.items():
            if signal in known:
                n0, total0, low0, high0, _ = known[signal]
                known[signal] = [n0 + n, total0 + total, min(low0, low), max(high0, high), last]
            else:
                known[signal] = [n, total, low, high, last]
        merged.append({"device": key[0], "hour": key[1], "samples": before + samples, "signals": known})
    uow.execute(upsert(uow, hour, ("samples", "signals")), merged)


def forget_hours(uow: UnitOfWork, before: datetime, limit: int = 5000) -> int:
    """Let go of hours before an instant, some at a time; give how many."""
    old = sa.select(hour.c.device, hour.c.hour).where(hour.c.hour < before).limit(limit)
    return uow.execute(sa.delete(hour).where(sa.tuple_(hour.c.device, hour.c.hour).in_(old))).rowcount


def hours(uow: UnitOfWork, code: str, since: datetime, until: datetime) -> list[tuple[datetime, int, dict[str, Any]]]:
    """List a device's hours, oldest first: (hour, samples, {signal: [count, sum, min, max, last]})."""
    query = (
        sa.select(hour.c.hour, hour.c.samples, hour.c.signals)
        .where(hour.c.device == code, hour.c.hour >= since, hour.c.hour < until)
        .order_by(hour.c.hour)
    )
    return [(row.hour, row.samples, row.signals) for row in uow.execute(query)]


def some_hours(uow: UnitOfWork, code: str, wanted: Sequence[datetime]) -> list[tuple[datetime, dict[str, Any]]]:
    """List those of a device's hours that are wanted, oldest first; many are read as the range that they span."""
    if len(wanted) > FEW:
        kept = hours(uow, code, min(wanted), max(wanted) + timedelta(hours=1))
        return [(at, signals) for at, _, signals in kept]
    chosen = sa.select(hour.c.hour, hour.c.signals).where(hour.c.device == code, hour.c.hour.in_(list(wanted)))
    return [(row.hour, row.signals) for row in uow.execute(chosen.order_by(hour.c.hour))]


FEW = 200
"""How many hours are asked for one by one."""
