"""Devices: where they stand, in which state they are, how they have done."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from connectors.register.store.vendors import vendor
from engine.errors import NotFound
from engine.store.database import UnitOfWork
from engine.store.rows import many, one
from engine.store.types import Choice, Instant, JsonText, Key, columns, metadata, one_of
from engine.store.units import Scope, within
from engine.store.upsert import upsert


class DeviceState(StrEnum):
    """Whether a device does its work."""

    NORMAL = "normal"  #: 正常
    FAULT = "fault"  #: something is wrong, nobody works on it yet (故障)
    REPAIR = "repair"  #: somebody works on it (维修中)
    STOPPED = "stopped"  #: taken out of use on purpose (停用)


DEVICE_MOVES: Mapping[tuple[DeviceState, str], DeviceState] = {
    (DeviceState.NORMAL, "report"): DeviceState.FAULT,
    (DeviceState.FAULT, "report"): DeviceState.FAULT,
    (DeviceState.NORMAL, "repair"): DeviceState.REPAIR,
    (DeviceState.FAULT, "repair"): DeviceState.REPAIR,
    (DeviceState.REPAIR, "repair"): DeviceState.REPAIR,
    (DeviceState.FAULT, "restore"): DeviceState.NORMAL,
    (DeviceState.REPAIR, "restore"): DeviceState.NORMAL,
    (DeviceState.NORMAL, "restore"): DeviceState.NORMAL,
    (DeviceState.REPAIR, "give_up"): DeviceState.FAULT,
    (DeviceState.NORMAL, "stop"): DeviceState.STOPPED,
    (DeviceState.FAULT, "stop"): DeviceState.STOPPED,
    (DeviceState.REPAIR, "stop"): DeviceState.STOPPED,
    (DeviceState.STOPPED, "restore"): DeviceState.NORMAL,
}


device = sa.Table(
    "register_device",
    metadata,
    sa.Column("code", sa.String(64), primary_key=True),
    sa.Column("unit", Key, sa.ForeignKey("unit.key"), nullable=False, index=True, comment="building or project"),
    sa.Column("project", Key, sa.ForeignKey("unit.key"), nullable=False, index=True),
    sa.Column("name_zh", sa.String(120), nullable=False),
    sa.Column("name_en", sa.String(120), nullable=False),
    sa.Column("type", sa.String(40), nullable=False, comment="a type of telemetry's rules"),
    sa.Column("model", sa.String(120), nullable=False),
    sa.Column("maker", sa.String(120), nullable=False),
    sa.Column("location_zh", sa.String(200), nullable=False),
    sa.Column("location_en", sa.String(200), nullable=False),
    sa.Column("importance", sa.String(1), nullable=False, comment="A, B or C"),
    sa.Column("state", Choice(DeviceState), nullable=False),
    sa.Column("state_since", Instant, nullable=False),
    sa.Column("vendor", sa.String(64), sa.ForeignKey(vendor.c.code), comment="under contract for it"),
    sa.Column("parent", sa.String(64), sa.ForeignKey("register_device.code"), comment="gateway or supply"),
    sa.Column("registration", sa.String(64), nullable=False, comment="special equipment registration code"),
    sa.Column("installed_on", sa.Date),
    sa.Column("warranty_until", sa.Date),
    sa.Column("inspection_due", sa.Date, comment="day of the next inspection; null: none is planned"),
    sa.Column("service_days", sa.Integer, comment="days from one service to the next"),
    sa.Column("windows", JsonText, nullable=False, comment="maintenance: [{from, to, reason}], ISO instants"),
    sa.Column("alias", sa.String(120), unique=True, comment="under which name it speaks elsewhere; null: its code"),
    sa.Column("faults", sa.Integer, nullable=False),
    sa.Column("false_alarms", sa.Integer, nullable=False),
    sa.Column("repairs", sa.Integer, nullable=False),
    sa.Column("repair_minutes", sa.BigInteger, nullable=False, comment="sum over repairs; for MTTR"),
    sa.Column("last_fault_at", Instant),
    one_of("state", DeviceState),
    sa.CheckConstraint("importance IN ('A', 'B', 'C')", name="importance"),
    comment="A device that the company looks after.",
)
sa.Index("ix_register_device_inspection", device.c.inspection_due)

part_change = sa.Table(
    "register_part_change",
    metadata,
    sa.Column("key", Key, primary_key=True, autoincrement=False),
    sa.Column("device", sa.String(64), sa.ForeignKey(device.c.code), nullable=False, index=True),
    sa.Column("ticket", sa.String(120), nullable=False),
    sa.Column("item", sa.String(60), nullable=False),
    sa.Column("qty_milli", sa.BigInteger, nullable=False, comment="thousandths of the item's measure"),
    sa.Column("at", Instant, nullable=False),
    comment="A part that was put into a device. Rows are added and never changed.",
)


@dataclass(frozen=True, slots=True)
class Device:
    """A device that the company looks after.

    Attributes:
        parent: the gateway or supply without which nothing can be heard of it.
        windows: planned maintenance, [{``id``, ``from``, ``to``, ``reason``, ``by``}], ISO instants.
        alias: the name under which it speaks in telemetry; None: its code.
    """

    code: str
    unit: int
    project: int
    name_zh: str
    name_en: str
    type: str
    model: str
    maker: str
    location_zh: str
    location_en: str
    importance: str
    state: DeviceState
    state_since: datetime
    vendor: str | None
    parent: str | None
    registration: str
    installed_on: date | None
    warranty_until: date | None
    inspection_due: date | None
    service_days: int | None
    windows: Sequence[Mapping[str, str]]
    alias: str | None
    faults: int
    false_alarms: int
    repairs: int
    repair_minutes: int
    last_fault_at: datetime | None

    def in_maintenance(self, now: datetime) -> bool:
        """Say whether a planned maintenance is going on."""
        return any(
            datetime.fromisoformat(window["from"]) <= now < datetime.fromisoformat(window["to"])
            for window in self.windows
        )


_DEVICE = columns(device, Device)
COUNTED = {"state": DeviceState.NORMAL, "faults": 0, "false_alarms": 0, "repairs": 0, "repair_minutes": 0}
"""What a new device begins with; an import leaves what became of it alone."""


def put(uow: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Insert devices, or replace what was entered of them; state and counters stay. Give (new, changed)."""
    codes = [row["code"] for row in rows]
    known: set[str] = set()
    for start in range(0, len(codes), 500):
        chosen = sa.select(device.c.code).where(device.c.code.in_(codes[start : start + 500]))
        known.update(uow.execute(chosen).scalars())
    if rows:
        # a parent goes in before its children: each is a row of the same table
        rows = sorted(rows, key=lambda row: row["parent"] is not None)
        complete = [{**COUNTED, "state_since": uow.now, "last_fault_at": None, **row} for row in rows]
        kept = {"code", "state_since", "last_fault_at", *COUNTED}
        uow.execute(
            upsert(uow, device, [column.name for column in device.columns if column.name not in kept]), complete
        )
    return len(rows) - len(known), len(known)


def find(uow: UnitOfWork, codes: Collection[str]) -> dict[str, Device]:
    """Give devices by code; unknown ones are left out."""
    found: dict[str, Device] = {}
    ordered = list(codes)
    for start in range(0, len(ordered), 500):
        chosen = sa.select(*_DEVICE).where(device.c.code.in_(ordered[start : start + 500]))
        found |= {row.code: row for row in many(Device, uow.execute(chosen))}
    return found


def by_alias(uow: UnitOfWork, names: Collection[str]) -> dict[str, Device]:
    """Give {alias: device} of those that speak under these names."""
    found = many(Device, uow.execute(sa.select(*_DEVICE).where(device.c.alias.in_(list(names)))))
    return {row.alias: row for row in found if row.alias is not None}


def get(uow: UnitOfWork, code: str, *, lock: bool = False) -> Device:
    """Give a device; ``lock``: others wait for this transaction.

    Raises:
        NotFound: there is none with this code.
    """
    query = sa.select(*_DEVICE).where(device.c.code == code)
    found = one(Device, uow.execute(query.with_for_update() if lock else query))
    if found is None:
        raise NotFound("there is no device {code}", code=code)
    return found


def select(
    uow: UnitOfWork,
    scope: Scope,
    *,
    project_unit: int | None = None,
    types: Collection[str] = (),
    states: Collection[DeviceState] = (),
    text: str = "",
    after: str = "",
    limit: int = 100,
) -> list[Device]:
    """List devices in a scope by code, from the one after ``after``; ``text`` is in a code, name or location."""
    query = sa.select(*_DEVICE).where(within(device.c.unit, scope), device.c.code > after)
    if project_unit is not None:
        query = query.where(device.c.project == project_unit)
    if types:
        query = query.where(device.c.type.in_(list(types)))
    if states:
        query = query.where(device.c.state.in_(list(states)))
    if text:
        searched = (device.c.code, device.c.name_zh, device.c.name_en, device.c.location_zh, device.c.location_en)
        query = query.where(sa.or_(*(column.icontains(text, autoescape=True) for column in searched)))
    return many(Device, uow.execute(query.order_by(device.c.code).limit(limit)))


def with_windows(uow: UnitOfWork, scope: Scope) -> list[Device]:
    """List the devices in a scope that have windows of maintenance, by code; those that have passed may be among them."""
    some = device.c.windows != sa.literal([], type_=device.c.windows.type)
    query = sa.select(*_DEVICE).where(within(device.c.unit, scope), some)
    return many(Device, uow.execute(query.order_by(device.c.code)))


def count(uow: UnitOfWork, scope: Scope) -> dict[tuple[int, DeviceState], int]:
    """Give {(project, state): how many devices} in a scope."""
    query = sa.select(device.c.project, device.c.state, sa.func.count()).where(within(device.c.unit, scope))
    rows = map(tuple, uow.execute(query.group_by(device.c.project, device.c.state)))
    return {(row[0], row[1]): row[2] for row in rows}


def change(uow: UnitOfWork, code: str, **values: Any) -> None:
    """Store new values of one device."""
    uow.execute(sa.update(device).where(device.c.code == code).values(**values))


def overdue(uow: UnitOfWork, day: date) -> list[Device]:
    """List the devices whose planned inspection lies before a day, the longest overdue first."""
    query = sa.select(*_DEVICE).where(device.c.inspection_due < day, device.c.state != DeviceState.STOPPED)
    return many(Device, uow.execute(query.order_by(device.c.inspection_due, device.c.code)))


def add_part_changes(uow: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write down parts that were put into a device."""
    if rows:
        uow.execute(sa.insert(part_change), [{"key": uow.new_key(), "at": uow.now, **row} for row in rows])


def part_changes(uow: UnitOfWork, code: str) -> list[tuple[str, str, int, datetime]]:
    """List (ticket, item, thousandths, when) of the parts that were put into a device, the latest first."""
    query = sa.select(part_change.c.ticket, part_change.c.item, part_change.c.qty_milli, part_change.c.at)
    rows = uow.execute(query.where(part_change.c.device == code).order_by(part_change.c.key.desc()))
    return [(row.ticket, row.item, row.qty_milli, row.at) for row in rows]
