"""The administrative streams of history: append-only, each a chain of hashes whose head row serialises its writers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.store.database import UnitOfWork
from engine.store.rows import many
from engine.store.types import Instant, JsonText, Key, columns, metadata
from engine.store.units import Scope, within
from engine.store.upsert import insert_new

audit_head = sa.Table(
    "audit_head",
    metadata,
    sa.Column("stream", sa.String(32), primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False, comment="of the last entry; SHA-256 in hex"),
    comment="Where each administrative stream stands.",
)

audit_entry = sa.Table(
    "audit_entry",
    metadata,
    sa.Column("stream", sa.String(32), primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False, comment="1, 2, 3, ... without a gap"),
    sa.Column("at", Instant, nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("actor_name", sa.String(200), nullable=False),
    sa.Column("action", sa.String(64), nullable=False, comment="noun.verb, such as account.disable"),
    sa.Column("subject", sa.String(64), nullable=False, comment="what it was done to: a key or a code"),
    sa.Column("unit", Key, comment="where in the organisation; null: the whole of it"),
    sa.Column("data", JsonText, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False, comment="SHA-256 over the previous hash and this entry"),
    sa.Index("ix_audit_entry_subject", "subject", "at"),
    sa.Index("ix_audit_entry_at", "at"),
    comment="What administrators, connectors and the sign-in did, in order.",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done; ``hash`` closes the chain up to here."""

    stream: str
    seq: int
    at: datetime
    actor: str
    actor_name: str
    action: str
    subject: str
    unit: int | None
    data: Any
    hash: str


_COLUMNS = columns(audit_entry, Entry)


def lock_head(uow: UnitOfWork, stream: str, genesis: str) -> tuple[int, str]:
    """Take the next number of a stream; give (number, hash of the entry before). Other writers of the stream wait."""
    advance = (
        sa.update(audit_head)
        .where(audit_head.c.stream == stream)
        .values(seq=audit_head.c.seq + 1)
        .returning(audit_head.c.seq, audit_head.c.hash)
    )
    taken = uow.execute(advance).one_or_none()
    if taken is None:
        uow.execute(insert_new(uow, audit_head).values(stream=stream, seq=0, hash=genesis))
        taken = uow.execute(advance).one()
    return taken.seq, taken.hash


def append(uow: UnitOfWork, entry: Entry) -> None:
    """Store an entry and move its stream's head to it."""
    uow.execute(sa.insert(audit_entry).values(**{name: getattr(entry, name) for name in Entry.__slots__}))
    uow.execute(sa.update(audit_head).where(audit_head.c.stream == entry.stream).values(hash=entry.hash))


def streams(uow: UnitOfWork) -> dict[str, tuple[int, str]]:
    """Give {stream: (number, hash) of its head}."""
    return {row.stream: (row.seq, row.hash) for row in uow.execute(sa.select(audit_head).order_by(audit_head.c.stream))}


def names(uow: UnitOfWork) -> list[str]:
    """List every stream that has a head or entries."""
    both = sa.union(sa.select(audit_head.c.stream), sa.select(audit_entry.c.stream))
    return sorted(uow.execute(both).scalars())


def all_of(uow: UnitOfWork, stream: str) -> Iterator[Entry]:
    """Give every entry of a stream, in order."""
    query = sa.select(*_COLUMNS).where(audit_entry.c.stream == stream).order_by(audit_entry.c.seq)
    for page in uow.execute(query.execution_options(yield_per=2000)).partitions():
        yield from many(Entry, page)


def select(
    uow: UnitOfWork,
    scope: Scope,
    *,
    stream: str = "",
    subject: str = "",
    before: datetime | None = None,
    limit: int = 100,
) -> list[Entry]:
    """List entries about units in a scope, the newest first, those before ``before``."""
    query = sa.select(*_COLUMNS)
    if not scope.everything:
        query = query.where(within(audit_entry.c.unit, scope))
    if stream:
        query = query.where(audit_entry.c.stream == stream)
    if subject:
        query = query.where(audit_entry.c.subject == subject)
    if before is not None:
        query = query.where(audit_entry.c.at < before)
    ordered = query.order_by(audit_entry.c.at.desc(), audit_entry.c.stream, audit_entry.c.seq.desc())
    return many(Entry, uow.execute(ordered.limit(limit)))
