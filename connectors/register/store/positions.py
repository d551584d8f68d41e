"""Where buildings, projects and outdoor devices stand: degrees of WGS 84, as browsers give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from engine.store.database import UnitOfWork
from engine.store.types import Key, metadata

MICRO = 1_000_000

position = sa.Table(
    "register_position",
    metadata,
    sa.Column("key", Key, primary_key=True, autoincrement=False),
    sa.Column("unit", Key, sa.ForeignKey("unit.key"), unique=True, comment="a project or a building"),
    sa.Column("device", sa.String(64), sa.ForeignKey("register_device.code"), unique=True),
    sa.Column("latitude_micro", sa.BigInteger, nullable=False, comment="millionths of a degree, WGS 84"),
    sa.Column("longitude_micro", sa.BigInteger, nullable=False, comment="millionths of a degree, WGS 84"),
    sa.CheckConstraint("(unit IS NULL) <> (device IS NULL)", name="one_place"),
    sa.CheckConstraint(
        "latitude_micro BETWEEN -90000000 AND 90000000 AND longitude_micro BETWEEN -180000000 AND 180000000",
        name="on_earth",
    ),
    comment="Where a place is: of a unit, or of a device that stands elsewhere in it.",
)


def put(uow: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Insert or replace positions: rows of ``unit`` or ``device`` with ``latitude_micro`` and ``longitude_micro``; give (new, changed)."""
    changed = 0
    for row in rows:
        place = {"unit": row.get("unit"), "device": row.get("device")}
        where = {name: row[name] for name in ("latitude_micro", "longitude_micro")}
        same = [position.c[name] == value for name, value in place.items() if value is not None]
        if uow.execute(sa.update(position).where(*same).values(**where)).rowcount:
            changed += 1
        else:
            uow.execute(sa.insert(position).values(key=uow.new_key(), **place, **where))
    return len(rows) - changed, changed


def nearest(uow: UnitOfWork, *, device: str | None, units: Sequence[int]) -> tuple[Decimal, Decimal] | None:
    """Give (latitude, longitude) of the device, else of the first of the units, the innermost first, that has a position."""
    query = sa.select(position).where(sa.or_(position.c.device == device, position.c.unit.in_(list(units))))
    found = {row.device or row.unit: row for row in uow.execute(query)}
    for place in (device, *units):
        if place is not None and (row := found.get(place)) is not None:
            return Decimal(row.latitude_micro) / MICRO, Decimal(row.longitude_micro) / MICRO
    return None
