"""What the register keeps for each open ticket: where it is, so that a second report of the same thing finds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from connectors.register.store.devices import DeviceState
from engine.store.database import UnitOfWork
from engine.store.rows import many, one
from engine.store.types import Choice, Instant, Key, columns, metadata
from engine.store.upsert import upsert

ticket = sa.Table(
    "register_ticket",
    metadata,
    sa.Column("number", sa.String(120), primary_key=True),
    sa.Column("project", Key, sa.ForeignKey("unit.key"), nullable=False, index=True),
    sa.Column("room", Key, sa.ForeignKey("register_room.key")),
    sa.Column("device", sa.String(64), sa.ForeignKey("register_device.code"), index=True),
    sa.Column("category", sa.String(64), nullable=False),
    sa.Column("dedup_key", sa.String(200), nullable=False),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("device_state", Choice(DeviceState), comment="of the device before the ticket"),
    comment="An open ticket, as far as the register is concerned. Gone once it is closed.",
)


@dataclass(frozen=True, slots=True)
class Ticket:
    """An open ticket: a room, a device, both or neither; ``device_state`` is how the device was before."""

    number: str
    project: int
    room: int | None
    device: str | None
    category: str
    dedup_key: str
    opened_at: datetime
    device_state: DeviceState | None


_COLUMNS = columns(ticket, Ticket)


def put(uow: UnitOfWork, row: Ticket) -> None:
    """Insert a ticket, or replace what is known of it (a reopened one is checked again)."""
    values: dict[str, Any] = {name: getattr(row, name) for name in Ticket.__slots__}
    uow.execute(upsert(uow, ticket, [name for name in values if name != "number"]), values)


def get(uow: UnitOfWork, number: str) -> Ticket | None:
    """Give an open ticket, if there is one with this number."""
    return one(Ticket, uow.execute(sa.select(*_COLUMNS).where(ticket.c.number == number)))


def like(
    uow: UnitOfWork,
    project: int,
    *,
    room: int | None,
    device: str | None,
    category: str,
    dedup_key: str,
    since: datetime,
) -> list[Ticket]:
    """List open tickets about the same thing, the oldest first.

    The same thing is: the same device; the same ``dedup_key``; or the same room and category since ``since``.
    """
    same = [
        sa.and_(ticket.c.room == room, ticket.c.category == category, ticket.c.opened_at >= since) if room else None,
        ticket.c.device == device if device else None,
        ticket.c.dedup_key == dedup_key if dedup_key else None,
    ]
    chosen = [condition for condition in same if condition is not None]
    if not chosen:
        return []
    query = sa.select(*_COLUMNS).where(ticket.c.project == project, sa.or_(*chosen))
    return many(Ticket, uow.execute(query.order_by(ticket.c.opened_at, ticket.c.number)))


def on_device(uow: UnitOfWork, device: str) -> list[Ticket]:
    """List the open tickets about a device, the oldest first."""
    query = sa.select(*_COLUMNS).where(ticket.c.device == device)
    return many(Ticket, uow.execute(query.order_by(ticket.c.opened_at, ticket.c.number)))


def remove(uow: UnitOfWork, number: str) -> None:
    """Let go of a ticket."""
    uow.execute(sa.delete(ticket).where(ticket.c.number == number))
