"""Messages that were published, and to which instance of each process they went."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.errors import NotFound
from engine.model.json import Variables
from engine.model.keys import InstanceKey, MessageKey, UnitKey
from engine.store.database import UnitOfWork
from engine.store.rows import one
from engine.store.types import Instant, JsonText, Key, columns, metadata
from engine.store.units import unit
from engine.store.upsert import insert_new

message = sa.Table(
    "message",
    metadata,
    sa.Column("key", Key, primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("correlation_key", sa.Text, nullable=False),
    sa.Column("variables", JsonText, nullable=False),
    sa.Column("source", sa.Text, nullable=False, comment="who gave it its id; ids of different sources do not meet"),
    sa.Column("message_id", sa.Text, comment="null: not deduplicated"),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("actor_name", sa.Text, nullable=False),
    sa.Column("published_at", Instant, nullable=False, index=True),
    sa.Column("expires_at", Instant, comment="null: it waits for nobody"),
    sa.Column("unit", Key, sa.ForeignKey(unit.c.key), comment="where an instance belongs that it starts"),
    sa.CheckConstraint("expires_at IS NULL OR expires_at > published_at", name="expires"),
    comment="A message that was published.",
)
_named = message.c.message_id.is_not(None)
sa.Index(
    "uq_message_id", message.c.source, message.c.message_id, unique=True, sqlite_where=_named, postgresql_where=_named
)
_buffered = message.c.expires_at.is_not(None)
sa.Index(
    "ix_message_buffered",
    message.c.name,
    message.c.correlation_key,
    message.c.key,
    sqlite_where=_buffered,
    postgresql_where=_buffered,
)

delivery = sa.Table(
    "delivery",
    metadata,
    sa.Column("message", Key, sa.ForeignKey(message.c.key), primary_key=True),
    sa.Column("process_id", sa.Text, primary_key=True),
    sa.Column("instance", Key, nullable=False, comment="whom it went to; of a start event, whom it will start"),
    comment="Where a message went: at most one instance of each process.",
)


@dataclass(frozen=True, slots=True)
class Message:
    """A message that was published; ``expires_at`` is None where it waits for nobody."""

    key: MessageKey
    name: str
    correlation_key: str
    variables: Variables
    source: str
    message_id: str | None
    actor: str
    actor_name: str
    published_at: datetime
    expires_at: datetime | None
    unit: UnitKey | None


_COLUMNS = columns(message, Message)


def add(uow: UnitOfWork, row: Message) -> bool:
    """Store a message; False when its source has used its id before, and nothing is stored."""
    values = {name.name: getattr(row, name.name) for name in _COLUMNS}
    if row.message_id is None:
        uow.execute(sa.insert(message), values)
        return True
    statement = insert_new(uow, message, ("source", "message_id"), _named).returning(message.c.key)
    return uow.execute(statement, values).one_or_none() is not None


def get(uow: UnitOfWork, key: int) -> Message:
    """Give a message.

    Raises:
        NotFound: there is none with this key.
    """
    found = one(Message, uow.execute(sa.select(*_COLUMNS).where(message.c.key == key)))
    if found is None:
        raise NotFound("there is no message {key}", key=key)
    return found


def by_id(uow: UnitOfWork, source: str, message_id: str) -> Message:
    """Give the message that a source published under an id.

    Raises:
        NotFound: there is none.
    """
    query = sa.select(*_COLUMNS).where(message.c.source == source, message.c.message_id == message_id)
    found = one(Message, uow.execute(query))
    if found is None:
        raise NotFound("there is no message {id}", id=message_id)
    return found


def deliver(uow: UnitOfWork, key: int, process_id: str, instance_key: int) -> bool:
    """Note where a message goes; False when an instance of this process has it already."""
    row = {"message": key, "process_id": process_id, "instance": instance_key}
    return uow.execute(insert_new(uow, delivery).returning(delivery.c.message), row).one_or_none() is not None


def redirect(uow: UnitOfWork, key: int, process_id: str, instance_key: int | None) -> None:
    """Note that a message goes to another instance after all, or to none (yet)."""
    which = sa.and_(delivery.c.message == key, delivery.c.process_id == process_id)
    if instance_key is None:
        uow.execute(sa.delete(delivery).where(which))
    else:
        uow.execute(sa.update(delivery).where(which).values(instance=instance_key))


def deliveries(uow: UnitOfWork, key: int) -> dict[str, InstanceKey]:
    """Say where a message went: {process id: instance}."""
    query = sa.select(delivery.c.process_id, delivery.c.instance).where(delivery.c.message == key)
    return {row.process_id: InstanceKey(row.instance) for row in uow.execute(query.order_by(delivery.c.instance))}


def buffered(
    uow: UnitOfWork, process_id: str, waits: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], list[MessageKey]]:
    """Find messages that wait for one of these (name, key) pairs and went to no instance of the process yet, oldest first."""
    query = (
        sa.select(message.c.name, message.c.correlation_key, message.c.key)
        .where(
            sa.tuple_(message.c.name, message.c.correlation_key).in_(sorted(set(waits))),
            message.c.expires_at > uow.now,
            ~sa.select(sa.literal(1))
            .where(delivery.c.message == message.c.key, delivery.c.process_id == process_id)
            .exists(),
        )
        .order_by(message.c.key)
    )
    found: dict[tuple[str, str], list[MessageKey]] = {}
    for row in uow.execute(query):
        found.setdefault((row.name, row.correlation_key), []).append(MessageKey(row.key))
    return found


def forget(uow: UnitOfWork, until: datetime, *, limit: int = 1000) -> int:
    """Delete messages that were published before ``until`` and wait for nobody any more; say how many."""
    old: Sequence[Any] = (
        uow.execute(
            sa.select(message.c.key)
            .where(
                message.c.published_at < until, sa.or_(message.c.expires_at.is_(None), message.c.expires_at <= uow.now)
            )
            .order_by(message.c.key)
            .limit(limit)
        )
        .scalars()
        .all()
    )
    if old:
        uow.execute(sa.delete(delivery).where(delivery.c.message.in_(old)))
        uow.execute(sa.delete(message).where(message.c.key.in_(old)))
    return len(old)
