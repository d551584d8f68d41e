"""The stock's tables and queries. Quantities are thousandths of the item's measure, money is fen; both exact integers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.store.database import UnitOfWork
from engine.store.rows import many
from engine.store.types import Instant, JsonText, Key, columns, metadata
from engine.store.upsert import upsert

item = sa.Table(
    "stock_item",
    metadata,
    sa.Column("code", sa.String(60), primary_key=True),
    sa.Column("name_zh", sa.String(120), nullable=False),
    sa.Column("name_en", sa.String(120), nullable=False),
    sa.Column("measure", sa.String(20), nullable=False),
    sa.Column("price_fen", sa.BigInteger, nullable=False),
    sa.Column("cost_fen", sa.BigInteger, nullable=False),
    sa.Column("price_min_fen", sa.BigInteger, comment="the least that may be charged; null: the price"),
    sa.Column("price_max_fen", sa.BigInteger, comment="the most that may be charged; null: the price"),
    sa.CheckConstraint("price_fen >= 0 AND cost_fen >= 0", name="money"),
    comment="Parts that can be issued; the price is what the payer is charged for one measure.",
)
level = sa.Table(
    "stock_level",
    metadata,
    sa.Column("store", sa.String(120), primary_key=True),
    sa.Column("item", sa.ForeignKey("stock_item.code"), primary_key=True),
    sa.Column("qty_milli", sa.BigInteger, nullable=False),
    sa.CheckConstraint("qty_milli >= 0", name="not_below_zero"),
    comment="What lies where: store is project:CODE or technician:LOGIN.",
)
voucher = sa.Table(
    "stock_voucher",
    metadata,
    sa.Column("reference", sa.String(120), primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("ticket", sa.String(120), nullable=False),
    sa.Column("answer", JsonText, nullable=False),
    comment="One issue or return: the reference is the job's idempotency key, the answer is given again to a repeat.",
)
movement = sa.Table(
    "stock_movement",
    metadata,
    sa.Column("key", Key, primary_key=True, autoincrement=False),
    sa.Column("reference", sa.ForeignKey("stock_voucher.reference"), nullable=False, index=True),
    sa.Column("store", sa.String(120), nullable=False),
    sa.Column("item", sa.ForeignKey("stock_item.code"), nullable=False),
    sa.Column("qty_milli", sa.BigInteger, nullable=False),
    comment="What came in (above zero) or went out (below), never changed.",
)


@dataclass(frozen=True, slots=True)
class Item:
    """A part that can be issued; its price may be charged within a range, if it has one."""

    code: str
    name_zh: str
    name_en: str
    measure: str
    price_fen: int
    cost_fen: int
    price_min_fen: int | None
    price_max_fen: int | None


_ITEM = columns(item, Item)


def put_items(uow: UnitOfWork, items: Sequence[Mapping[str, Any]]) -> None:
    """Insert or replace items; one without a range of prices is charged its price."""
    complete = [{"price_min_fen": None, "price_max_fen": None, **each} for each in items]
    uow.execute(upsert(uow, item, [column.name for column in item.columns if not column.primary_key]), complete)


def items(uow: UnitOfWork, codes: Sequence[str]) -> dict[str, Item]:
    """Give items by code."""
    return {each.code: each for each in many(Item, uow.execute(sa.select(*_ITEM).where(item.c.code.in_(codes))))}


def on_hand(uow: UnitOfWork, stores: Sequence[str], *, limit: int) -> list[tuple[Item, dict[str, int]]]:
    """List (item, {store: thousandths}) of what can be picked: what lies in the stores first, then the rest of the list, by code."""
    there = sa.select(level.c.item, sa.func.sum(level.c.qty_milli).label("qty")).where(level.c.store.in_(stores))
    held = there.group_by(level.c.item).subquery()
    empty = sa.case((sa.func.coalesce(held.c.qty, 0) > 0, 0), else_=1)
    chosen = sa.select(*_ITEM).outerjoin(held, held.c.item == item.c.code).order_by(empty, item.c.code).limit(limit)
    found = many(Item, uow.execute(chosen))
    query = sa.select(level).where(level.c.store.in_(stores), level.c.item.in_([each.code for each in found]))
    lying: dict[str, dict[str, int]] = {}
    for row in uow.execute(query):
        lying.setdefault(row.item, {})[row.store] = row.qty_milli
    return [(each, lying.get(each.code, {})) for each in found]


def levels(uow: UnitOfWork, stores: Sequence[str], codes: Sequence[str]) -> dict[tuple[str, str], int]:
    """Give {(store, item): thousandths}, locked until the transaction ends."""
    query = sa.select(level).where(level.c.store.in_(stores), level.c.item.in_(codes)).with_for_update()
    return {(row.store, row.item): row.qty_milli for row in uow.execute(query)}


def still_out(uow: UnitOfWork, ticket: str) -> dict[str, int]:
    """Give {item: thousandths} of what was issued to a ticket and has not come back."""
    out = -sa.func.sum(movement.c.qty_milli)
    query = sa.select(movement.c.item, out.label("qty")).join(voucher, voucher.c.reference == movement.c.reference)
    rows = uow.execute(query.where(voucher.c.ticket == ticket).group_by(movement.c.item).having(out > 0))
    return {row.item: int(row.qty) for row in rows}


def answered(uow: UnitOfWork, reference: str) -> dict[str, object] | None:
    """Give the answer that this reference got before, if it was used."""
    found: dict[str, object] | None = uow.execute(
        sa.select(voucher.c.answer).where(voucher.c.reference == reference)
    ).scalar_one_or_none()
    return found


def book(
    uow: UnitOfWork, reference: str, ticket: str, moves: Sequence[tuple[str, str, int]], answer: Mapping[str, object]
) -> None:
    """Write a voucher with its movements (store, item, thousandths) and change the levels by them.

    Raises:
        sqlalchemy.exc.IntegrityError: the reference was used, or a level would fall below zero.
    """
    uow.execute(sa.insert(voucher).values(reference=reference, at=uow.now, ticket=ticket, answer=dict(answer)))
    if not moves:
        return
    rows: list[dict[str, Any]] = [{"store": store, "item": code, "qty_milli": qty} for store, code, qty in moves]
    uow.execute(sa.insert(movement), [{"key": uow.new_key(), "reference": reference, **row} for row in rows])
    incoming = [row for row in rows if row["qty_milli"] > 0]
    if incoming:
        uow.execute(upsert(uow, level, [], add=["qty_milli"]), incoming)
    outgoing = [{"at": store, "of": code, "taken": -qty} for store, code, qty in moves if qty < 0]
    if outgoing:  # an upsert would check the row it never inserts against the level's lower bound
        taken = sa.update(level).where(level.c.store == sa.bindparam("at"), level.c.item == sa.bindparam("of"))
        uow.execute(taken.values(qty_milli=level.c.qty_milli - sa.bindparam("taken")), outgoing)
