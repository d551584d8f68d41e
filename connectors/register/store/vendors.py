"""Companies that do work for us."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from engine.store.database import UnitOfWork
from engine.store.rows import many
from engine.store.types import JsonText, Key, columns, metadata
from engine.store.units import Scope, within
from engine.store.upsert import upsert

vendor = sa.Table(
    "register_vendor",
    metadata,
    sa.Column("code", sa.String(64), primary_key=True),
    sa.Column("unit", Key, sa.ForeignKey("unit.key"), nullable=False, index=True, comment="who it works for"),
    sa.Column("name_zh", sa.String(200), nullable=False),
    sa.Column("name_en", sa.String(200), nullable=False),
    sa.Column("contact", sa.String(100), nullable=False),
    sa.Column("phone", sa.String(32), nullable=False, comment="at any hour"),
    sa.Column("services", JsonText, nullable=False, comment="types of devices, or kinds of work"),
    sa.Column("contract_no", sa.String(64), nullable=False),
    sa.Column("contract_to", sa.Date, comment="last day of its contract; null: open"),
    comment="A company that does work for us.",
)


@dataclass(frozen=True, slots=True)
class Vendor:
    """A company that does work for us; ``services`` are types of devices or kinds of work."""

    code: str
    unit: int
    name_zh: str
    name_en: str
    contact: str
    phone: str
    services: Sequence[str]
    contract_no: str
    contract_to: date | None

    def has_contract(self, day: date) -> bool:
        """Say whether its contract holds on a day."""
        return bool(self.contract_no) and (self.contract_to is None or self.contract_to >= day)


_VENDOR = columns(vendor, Vendor)


def put(uow: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Insert or replace vendors; give (new, changed)."""
    if not rows:
        return 0, 0
    known = set(uow.execute(sa.select(vendor.c.code).where(vendor.c.code.in_([row["code"] for row in rows]))).scalars())
    changing = [column.name for column in vendor.columns if not column.primary_key]
    uow.execute(upsert(uow, vendor, changing), list(rows))
    return len(rows) - len(known), len(known)


def find(uow: UnitOfWork, codes: Collection[str]) -> dict[str, Vendor]:
    """Give vendors by code."""
    rows = many(Vendor, uow.execute(sa.select(*_VENDOR).where(vendor.c.code.in_(list(codes)))))
    return {row.code: row for row in rows}


def select(uow: UnitOfWork, scope: Scope) -> list[Vendor]:
    """List the vendors that work for units in a scope."""
    return many(Vendor, uow.execute(sa.select(*_VENDOR).where(within(vendor.c.unit, scope)).order_by(vendor.c.code)))
