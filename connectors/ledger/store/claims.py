"""What people owe, and the money that came in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from connectors.ledger.store.vouchers import voucher
from engine.store.database import UnitOfWork
from engine.store.rows import many, one
from engine.store.types import Choice, Instant, JsonText, Key, columns, metadata, one_of
from engine.store.units import Scope, within

AT_ONCE = 200  # claims that one payment can settle


class ReceivableState(StrEnum):
    """Where a claim is in its life."""

    OPEN = "open"  #: money is owed
    SETTLED = "settled"  #: paid, to the tolerance
    VOID = "void"  #: taken back by a reversal


receivable = sa.Table(
    "ledger_receivable",
    metadata,
    sa.Column("key", Key, primary_key=True, autoincrement=False),
    sa.Column("company", Key, nullable=False),
    sa.Column("unit", Key, nullable=False),
    sa.Column("payer", sa.Text, nullable=False),
    sa.Column("payer_name", sa.Text, nullable=False),
    sa.Column("room", sa.Text, nullable=False),
    sa.Column("fee_item", sa.Text, nullable=False),
    sa.Column("ticket", sa.Text, nullable=False),
    sa.Column("instance", sa.Text, nullable=False),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("total_fen", sa.BigInteger, nullable=False),
    sa.Column("open_fen", sa.BigInteger, nullable=False),
    sa.Column("state", Choice(ReceivableState), nullable=False),
    sa.Column("voucher", Key, sa.ForeignKey(voucher.c.key), nullable=False, index=True),
    sa.Column("origin", sa.Text, nullable=False, unique=True, comment="idempotency key of whoever opened it"),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("settled_at", Instant),
    one_of("state", ReceivableState),
    sa.CheckConstraint("open_fen BETWEEN 0 AND total_fen", name="open"),
    sa.CheckConstraint("(state = 'open') = (open_fen > 0)", name="settled"),
    sa.Index("ix_ledger_receivable_payer", "payer", "state", "due_on"),
    sa.Index("ix_ledger_receivable_room", "room", "state", "due_on"),
    sa.Index("ix_ledger_receivable_unit", "unit", "state", "due_on"),
    comment="What somebody owes: an open item of the sub-ledger.",
)

receipt = sa.Table(
    "ledger_receipt",
    metadata,
    sa.Column("source", sa.Text, primary_key=True, comment="who told of it: a gateway, the counter"),
    sa.Column("payment", sa.Text, primary_key=True, comment="the payment's id there"),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("unit", Key, nullable=False),
    sa.Column("payer", sa.Text, nullable=False),
    sa.Column("amount_fen", sa.BigInteger, nullable=False),
    sa.Column("method", sa.Text, nullable=False),
    sa.Column("paid_at", Instant, nullable=False),
    sa.Column("voucher", Key, sa.ForeignKey(voucher.c.key), nullable=False, unique=True),
    sa.Column("outcome", JsonText, nullable=False, comment="what the process was told"),
    sa.Column("received_at", Instant, nullable=False),
    sa.Index("ix_ledger_receipt_unit", "unit", "received_at"),
    comment="Money that came in, once per payment.",
)


@dataclass(frozen=True, slots=True)
class Receivable:
    """What somebody owes."""

    key: int
    company: int
    unit: int
    payer: str
    payer_name: str
    room: str
    fee_item: str
    ticket: str
    instance: str
    due_on: date
    total_fen: int
    open_fen: int
    state: ReceivableState
    voucher: int
    origin: str
    created_at: datetime
    settled_at: datetime | None


_RECEIVABLE = columns(receivable, Receivable)


def add_receivable(uow: UnitOfWork, row: Receivable) -> None:
    """Store a new claim."""
    uow.execute(sa.insert(receivable).values({name: getattr(row, name) for name in Receivable.__slots__}))


def receivables(uow: UnitOfWork, keys: Collection[int], *, lock: bool = False) -> dict[int, Receivable]:
    """Give {key: claim} of those that exist, locked in the order of their keys if asked."""
    query = sa.select(*_RECEIVABLE).where(receivable.c.key.in_(keys)).order_by(receivable.c.key)
    rows = many(Receivable, uow.execute(query.with_for_update() if lock else query))
    return {row.key: row for row in rows}


def open_items(uow: UnitOfWork, payer: str) -> list[Receivable]:
    """List what somebody owes, the longest due first, at most ``AT_ONCE``."""
    query = (
        sa.select(*_RECEIVABLE)
        .where(receivable.c.payer == payer, receivable.c.state == ReceivableState.OPEN)
        .order_by(receivable.c.due_on, receivable.c.key)
        .limit(AT_ONCE)
    )
    return many(Receivable, uow.execute(query))


def receivable_by_origin(uow: UnitOfWork, origin: str) -> Receivable | None:
    """Give the claim that was opened under an idempotency key."""
    return one(Receivable, uow.execute(sa.select(*_RECEIVABLE).where(receivable.c.origin == origin)))


def receivables_of(uow: UnitOfWork, voucher: int) -> list[int]:
    """List the claims that were opened for a voucher, oldest first."""
    query = sa.select(receivable.c.key).where(receivable.c.voucher == voucher).order_by(receivable.c.key)
    return list(uow.execute(query).scalars())


def set_open(uow: UnitOfWork, key: int, fen: int, state: ReceivableState) -> None:
    """Store how much of a claim is still open."""
    settled = uow.now if state is ReceivableState.SETTLED else None
    uow.execute(
        sa.update(receivable).where(receivable.c.key == key).values(open_fen=fen, state=state, settled_at=settled)
    )


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money that came in."""

    source: str
    payment: str
    fingerprint: str
    unit: int
    payer: str
    amount_fen: int
    method: str
    paid_at: datetime
    voucher: int
    outcome: Mapping[str, Any]
    received_at: datetime


_RECEIPT = columns(receipt, Receipt)


def receipt_of(uow: UnitOfWork, source: str, payment: str) -> Receipt | None:
    """Give the receipt of a payment."""
    query = sa.select(*_RECEIPT).where(receipt.c.source == source, receipt.c.payment == payment)
    return one(Receipt, uow.execute(query))


def add_receipt(uow: UnitOfWork, row: Receipt) -> None:
    """Store a receipt; a second one for the same payment breaks the primary key."""
    uow.execute(sa.insert(receipt).values({name: getattr(row, name) for name in Receipt.__slots__}))


def receipts(uow: UnitOfWork, scope: Scope, *, limit: int = 50) -> Sequence[Receipt]:
    """List receipts that a person may see, newest first."""
    query = (
        sa.select(*_RECEIPT).where(within(receipt.c.unit, scope)).order_by(receipt.c.received_at.desc()).limit(limit)
    )
    return many(Receipt, uow.execute(query))
