"""Who waits for which message or signal: instances that stand at an event, and processes that an event starts."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.model.keys import DefinitionKey, InstanceKey
from engine.model.states import SubscriptionKind
from engine.store.database import UnitOfWork
from engine.store.instances import instance
from engine.store.prepared import Prepared
from engine.store.rows import many, one
from engine.store.types import Choice, Key, columns, metadata, one_of
from engine.store.versions import definition

subscription = sa.Table(
    "subscription",
    metadata,
    sa.Column("key", Key, primary_key=True, autoincrement=False),
    sa.Column("kind", Choice(SubscriptionKind), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("correlation_key", sa.Text, nullable=False, comment="empty for signals and for start events"),
    sa.Column("definition", Key, sa.ForeignKey(definition.c.key), nullable=False),
    sa.Column("process_id", sa.Text, nullable=False),
    sa.Column("element_id", sa.Text, nullable=False),
    sa.Column("instance", Key, sa.ForeignKey(instance.c.key), comment="null: a start event"),
    sa.Column("ref", sa.Integer, comment="id of the wait in the instance"),
    one_of("kind", SubscriptionKind),
    sa.CheckConstraint("(instance IS NULL) = (ref IS NULL)", name="ref"),
    comment="A wait for a message or signal.",
)
_waits = subscription.c.instance.is_not(None)
_starts = subscription.c.instance.is_(None)
sa.Index(
    "uq_subscription_wait",
    subscription.c.instance,
    subscription.c.ref,
    unique=True,
    sqlite_where=_waits,
    postgresql_where=_waits,
)
sa.Index(
    "uq_subscription_start",
    subscription.c.definition,
    subscription.c.element_id,
    subscription.c.kind,
    subscription.c.name,
    unique=True,
    sqlite_where=_starts,
    postgresql_where=_starts,
)
sa.Index(
    "ix_subscription_name", subscription.c.kind, subscription.c.name, subscription.c.correlation_key, subscription.c.key
)


@dataclass(frozen=True, slots=True)
class Subscription:
    """A wait for a message or signal; without ``instance`` it starts one."""

    key: int
    kind: SubscriptionKind
    name: str
    correlation_key: str
    definition: DefinitionKey
    process_id: str
    element_id: str
    instance: InstanceKey | None
    ref: int | None


_COLUMNS = columns(subscription, Subscription)
_INSERT = Prepared(sa.insert(subscription))
_REMOVE = sa.delete(subscription).where(
    subscription.c.instance == sa.bindparam("b_instance"),
    subscription.c.ref.in_(sa.bindparam("b_refs", expanding=True)),
)
_WAITING = (
    sa.select(*_COLUMNS)
    .where(
        subscription.c.kind == sa.bindparam("kind", type_=Choice(SubscriptionKind)),
        subscription.c.name == sa.bindparam("name"),
        subscription.c.correlation_key == sa.bindparam("correlation_key"),
        _waits,
    )
    .order_by(subscription.c.key)
)
_STARTING = (
    sa.select(*_COLUMNS)
    .where(
        subscription.c.kind == sa.bindparam("kind", type_=Choice(SubscriptionKind)),
        subscription.c.name == sa.bindparam("name"),
        subscription.c.correlation_key == "",
        _starts,
    )
    .order_by(subscription.c.key)
)


def row(uow: UnitOfWork, kind: SubscriptionKind, name: str, correlation_key: str, **who: Any) -> dict[str, Any]:
    """Make the row of a new subscription; ``who``: definition, process_id, element_id, instance and ref."""
    return {
        "key": uow.new_key(),
        "kind": kind,
        "name": name,
        "correlation_key": correlation_key,
        "instance": None,
        "ref": None,
        **who,
    }


def add(uow: UnitOfWork, rows: Sequence[dict[str, Any]]) -> None:
    """Store new subscriptions."""
    if rows:
        uow.execute(_INSERT, rows)


def remove(uow: UnitOfWork, instance_key: int, refs: Sequence[int]) -> None:
    """Let go of waits of an instance."""
    uow.execute(_REMOVE, {"b_instance": instance_key, "b_refs": list(refs)})


def remove_starts(uow: UnitOfWork, definition_keys: Sequence[int]) -> None:
    """Let go of the start events of older versions."""
    uow.execute(sa.delete(subscription).where(subscription.c.definition.in_(definition_keys), _starts))


def waiting(uow: UnitOfWork, kind: SubscriptionKind, name: str, correlation_key: str = "") -> list[Subscription]:
    """List the waits of instances for a message (with this key) or a signal, oldest first."""
    found = uow.execute(_WAITING, {"kind": kind, "name": name, "correlation_key": correlation_key})
    return many(Subscription, found)


def starting(uow: UnitOfWork, kind: SubscriptionKind, name: str) -> list[Subscription]:
    """List the start events that a message or signal starts."""
    return many(Subscription, uow.execute(_STARTING, {"kind": kind, "name": name}))


def starts_of(uow: UnitOfWork, process_id: str) -> list[Subscription]:
    """List the start events of a process that a message starts."""
    query = sa.select(*_COLUMNS).where(
        subscription.c.process_id == process_id, subscription.c.kind == SubscriptionKind.MESSAGE, _starts
    )
    return many(Subscription, uow.execute(query.order_by(subscription.c.key)))


def at_element(uow: UnitOfWork, instance_key: int, element_id: str) -> Subscription | None:
    """Give the oldest wait for a message at an element of an instance, if there is one."""
    query = (
        sa.select(*_COLUMNS)
        .where(
            subscription.c.instance == instance_key,
            subscription.c.element_id == element_id,
            subscription.c.kind == SubscriptionKind.MESSAGE,
        )
        .order_by(subscription.c.key)
        .limit(1)
    )
    return one(Subscription, uow.execute(query))


def serialize(uow: UnitOfWork, names: Iterable[tuple[str, str]]) -> None:
    """Let one transaction at a time publish or await each of these (message name, key) pairs.

    Without it a message that is stored and a wait that is opened at the same moment would not see each other.
    """
    if uow.is_sqlite:
        return  # one writer at a time already
    locks = sorted({zlib.crc32(f"{name}\0{key}".encode()) for name, key in names})
    if locks:
        uow.execute(sa.select(*(sa.func.pg_advisory_xact_lock(_LOCK_SPACE, lock - 2**31) for lock in locks)))


_LOCK_SPACE = 7301  # our own range of advisory locks
