"""History: append-only rows, one chain of hashes for each instance, extended while the instance's row is locked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from engine.model import json
from engine.model.json import Variables
from engine.model.keys import InstanceKey
from engine.store.database import UnitOfWork
from engine.store.instances import instance
from engine.store.prepared import Prepared
from engine.store.rows import many
from engine.store.types import Instant, Key, columns, metadata

event = sa.Table(
    "event",
    metadata,
    sa.Column("instance", Key, sa.ForeignKey(instance.c.key), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False, comment="counts from 1 without a gap"),
    sa.Column("at", Instant, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("actor_name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("element_id", sa.Text, nullable=False),
    sa.Column("ref", sa.Integer, nullable=False, comment="id of the element instance; 0: none"),
    sa.Column("data", sa.Text, nullable=False, comment="canonical JSON, as it was hashed"),
    sa.Column("prev_hash", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.CheckConstraint("seq > 0", name="seq"),
    comment="What happened to an instance. Rows are added and never changed.",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to be written down."""

    kind: str
    element_id: str = ""
    ref: int = 0
    data: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an instance; ``actor`` is the id of who did it."""

    instance: InstanceKey
    seq: int
    at: datetime
    actor: str
    actor_name: str
    kind: str
    element_id: str
    ref: int
    data: Any


def fingerprint(prev_hash: str, row: Sequence[Any]) -> str:
    """Hash one event together with the hash before it. ``row``: instance, seq, at, actor, actor_name, kind, element_id, ref, data.

    The data is hashed as the text that is stored.
    """
    key, seq, at, actor, actor_name, kind, element_id, ref, data = row
    text = json.dumps([prev_hash, key, seq, _instant(at), actor, actor_name, kind, element_id, ref, data])
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=16)  # the events of one command bear one time
def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


_INSERT = Prepared(sa.insert(event))


def append(
    uow: UnitOfWork, key: int, events: int, event_hash: str, entries: Sequence[Entry], *, actor_id: str, actor_name: str
) -> tuple[int, str]:
    """Add to the history of an instance whose row this transaction holds; give its new length and head."""
    if not entries:
        return events, event_hash
    rows = []
    for seq, entry in enumerate(entries, events + 1):
        data = json.dumps(entry.data, canonical=True)
        new = fingerprint(
            event_hash, (key, seq, uow.now, actor_id, actor_name, entry.kind, entry.element_id, entry.ref, data)
        )
        rows.append(
            {
                "instance": key,
                "seq": seq,
                "at": uow.now,
                "actor": actor_id,
                "actor_name": actor_name,
                "kind": entry.kind,
                "element_id": entry.element_id,
                "ref": entry.ref,
                "data": data,
                "prev_hash": event_hash,
                "hash": new,
            }
        )
        event_hash = new
    uow.execute(_INSERT, rows)
    return events + len(entries), event_hash


_READ = columns(event, Event)


def select(
    uow: UnitOfWork,
    key: int,
    *,
    kinds: Sequence[str] = (),
    after: int = 0,
    limit: int | None = None,
    newest_first: bool = False,
) -> list[Event]:
    """List what happened to an instance, oldest first unless said otherwise; ``after`` is the last seq of the page before."""
    query = sa.select(*_READ).where(event.c.instance == key)
    if kinds:
        query = query.where(event.c.kind.in_(kinds))
    if after:
        query = query.where(event.c.seq < after if newest_first else event.c.seq > after)
    query = query.order_by(event.c.seq.desc() if newest_first else event.c.seq)
    if limit is not None:
        query = query.limit(limit)
    return [replace(each, data=json.loads(each.data)) for each in many(Event, uow.execute(query))]


def first(uow: UnitOfWork, key: int) -> Event:
    """Give how an instance began."""
    return select(uow, key, limit=1)[0]


def path(uow: UnitOfWork, key: int, *, limit: int = 100_000) -> list[str]:
    """List the elements that were completed, in order."""
    query = (
        sa.select(event.c.element_id)
        .where(event.c.instance == key, event.c.kind == "element_completed")
        .order_by(event.c.seq)
        .limit(limit)
    )
    return list(uow.execute(query).scalars())


def heads(
    uow: UnitOfWork, *, after: int = 0, until: int | None = None, limit: int = 1000
) -> list[tuple[InstanceKey, int, str]]:
    """List the heads of chains by instance: (instance, length, hash); ``after`` and ``until`` bound the instances."""
    query = sa.select(instance.c.key, instance.c.events, instance.c.event_hash).where(instance.c.key > after)
    if until is not None:
        query = query.where(instance.c.key <= until)
    return [(row.key, row.events, row.event_hash) for row in uow.execute(query.order_by(instance.c.key).limit(limit))]


def chains(uow: UnitOfWork, after: int, until: int | None) -> Iterator[Sequence[Any]]:
    """Give the rows of chains as they are stored, by instance and number; ``after`` and ``until`` bound the instances.

    Each is what ``fingerprint`` takes, and the two hashes behind it.
    """
    within = event.c.instance > after
    return _chains(uow, within if until is None else sa.and_(within, event.c.instance <= until))


def chains_of(uow: UnitOfWork, keys: Sequence[int]) -> Iterator[Sequence[Any]]:
    """Give the rows of some chains, as ``chains`` does."""
    return _chains(uow, event.c.instance.in_(keys))


def _chains(uow: UnitOfWork, which: Any) -> Iterator[Sequence[Any]]:
    query = sa.select(*_READ, event.c.prev_hash, event.c.hash).where(which).order_by(event.c.instance, event.c.seq)
    yield from uow.execute(query.execution_options(yield_per=2000))
