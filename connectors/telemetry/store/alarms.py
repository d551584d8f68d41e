"""Alarms, open and past, and what processes are told about them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from connectors.telemetry.alarms import Alarm, AlarmState, Cause
from connectors.telemetry.events import Severity
from connectors.telemetry.store.instants import from_millis, to_millis
from engine.store.database import UnitOfWork
from engine.store.instances import instance
from engine.store.types import Choice, Instant, JsonText, Key, metadata, one_of
from engine.store.units import Scope, within
from engine.store.upsert import upsert

alarm = sa.Table(
    "telemetry_alarm",
    metadata,
    sa.Column("key", Key, primary_key=True, autoincrement=False),
    sa.Column("device", sa.Text, nullable=False),
    sa.Column("alarm_type", sa.Text, nullable=False),
    sa.Column("open_key", sa.Text, unique=True, comment="device|alarm_type while it is open: one at a time"),
    sa.Column("unit", Key, nullable=False),
    sa.Column("project", Key, nullable=False),
    sa.Column("state", Choice(AlarmState), nullable=False),
    sa.Column("severity", Choice(Severity), nullable=False),
    sa.Column("cause", JsonText, nullable=False),
    sa.Column("raised_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Column("cleared_at", Instant),
    sa.Column("closed_at", Instant),
    sa.Column("acknowledged_at", Instant),
    sa.Column("acknowledged_by", sa.Text, nullable=False),
    sa.Column("holds", sa.Boolean, nullable=False),
    sa.Column("changes", JsonText, nullable=False),
    sa.Column("flapping", sa.Boolean, nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("parent", Key),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("ticket", sa.Text, nullable=False, comment="the number of its ticket"),
    sa.Column("instance", Key, comment="the process instance that has acknowledged it"),
    sa.Column("said", sa.Integer, nullable=False),
    one_of("state", AlarmState),
    one_of("severity", Severity),
    sa.CheckConstraint("(state = 'closed') = (open_key IS NULL)", name="open_key"),
    sa.Index("ix_telemetry_alarm_unit", "unit", "raised_at"),
    sa.Index("ix_telemetry_alarm_project", "project", "raised_at"),
    sa.Index("ix_telemetry_alarm_device", "device", "raised_at"),
    sa.Index("ix_telemetry_alarm_instance", "instance"),
    comment="Alarms, open and past.",
)


def open_alarms(uow: UnitOfWork, codes: Collection[str]) -> list[Alarm]:
    """List the open alarms of devices."""
    query = sa.select(alarm).where(alarm.c.device.in_(codes), alarm.c.open_key.is_not(None)).order_by(alarm.c.key)
    return [_alarm(row) for row in uow.execute(query)]


def alarms(
    uow: UnitOfWork,
    *,
    scope: Scope,
    code: str = "",
    only_open: bool = False,
    before: int | None = None,
    limit: int = 50,
) -> list[Alarm]:
    """List alarms that a person may see, newest first; ``before`` is the key that the page before ended with."""
    query = sa.select(alarm).where(within(alarm.c.unit, scope)).order_by(alarm.c.key.desc()).limit(limit)
    if code:
        query = query.where(alarm.c.device == code)
    if only_open:
        query = query.where(alarm.c.open_key.is_not(None))
    if before is not None:
        query = query.where(alarm.c.key < before)
    return [_alarm(row) for row in uow.execute(query)]


def ended_at(uow: UnitOfWork, instance_key: int) -> datetime | None:
    """Say when a process instance ended; None while it lives."""
    return uow.execute(sa.select(instance.c.ended_at).where(instance.c.key == instance_key)).scalar_one_or_none()


def save_alarms(uow: UnitOfWork, rows: Iterable[Alarm]) -> None:
    """Store alarms, new or changed. The unique open key refuses a second open one of the same kind."""
    written = [_alarm_out(row) for row in rows]
    if written:
        uow.execute(upsert(uow, alarm, _ALARM_COLUMNS), written)


def latest(uow: UnitOfWork, code: str, alarm_type: str) -> Alarm | None:
    """Give the latest alarm of a device and type, open or closed."""
    query = (
        sa.select(alarm)
        .where(alarm.c.device == code, alarm.c.alarm_type == alarm_type)
        .order_by(alarm.c.raised_at.desc(), alarm.c.key.desc())
        .limit(1)
    )
    row = uow.execute(query).one_or_none()
    return None if row is None else _alarm(row)


def acknowledge(uow: UnitOfWork, key: int, instance_key: int, by: str) -> None:
    """Note which instance has taken an alarm up, and who."""
    uow.execute(
        sa.update(alarm)
        .where(alarm.c.key == key)
        .values(instance=instance_key, acknowledged_at=uow.now, acknowledged_by=by)
    )


def raised_since(uow: UnitOfWork, project: int, since: datetime) -> int:
    """Count the alarms that were raised in a project since an instant."""
    query = sa.select(sa.func.count()).where(alarm.c.project == project, alarm.c.raised_at >= since)
    return int(uow.execute(query).scalar_one())


def count_by_rule(uow: UnitOfWork, codes: Collection[str], rule: str, since: datetime) -> int:
    """Count the alarms of devices that a rule raised since an instant."""
    found = 0
    ordered = sorted(codes)
    for start in range(0, len(ordered), 500):
        chosen = alarm.c.device.in_(ordered[start : start + 500])
        causes = uow.execute(sa.select(alarm.c.cause).where(chosen, alarm.c.raised_at >= since)).scalars()
        found += sum(cause["rule"] == rule for cause in causes)
    return found


_ALARM_FIELDS = tuple(field.name for field in fields(Alarm))
_ALARM_COLUMNS = (*(name for name in _ALARM_FIELDS if name != "key"), "open_key")


def open_key(code: str, alarm_type: str) -> str:
    """Name what only one open alarm can be about."""
    return f"{code}|{alarm_type}"


def _alarm(row: Any) -> Alarm:
    values = row._asdict()
    del values["open_key"]
    cause = values["cause"]
    cause["severity"] = Severity(cause["severity"])
    cause["at"] = from_millis(cause["at"])
    cause["recovery"] = timedelta(seconds=cause["recovery"])
    values["cause"] = Cause(**cause)
    values["changes"] = tuple(from_millis(at) for at in row.changes)
    return Alarm(**values)


def _alarm_out(row: Alarm) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in _ALARM_FIELDS}
    cause = asdict(row.cause)
    cause["at"] = to_millis(row.cause.at)
    cause["recovery"] = int(row.cause.recovery.total_seconds())
    values["cause"] = cause
    values["changes"] = [to_millis(at) for at in row.changes]
    values["open_key"] = open_key(row.device, row.alarm_type) if row.is_open else None
    return values
