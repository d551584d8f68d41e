"""Seals: what the chains of history were at a day, under a code that only the holder of a key outside the database can make.

A seal covers the chains that have grown since they were last sealed, or those that retention has dropped. The seals are a chain of
their own. What a seal covers outlives the chains.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

import sqlalchemy as sa

from engine.store.audit import audit_head
from engine.store.database import UnitOfWork
from engine.store.instances import instance
from engine.store.rows import many, one
from engine.store.types import Choice, Instant, Key, columns, metadata, one_of

PAGE = 1000


class Covers(StrEnum):
    """What a seal tells of its chains."""

    HEADS = "heads"  #: how long they were, and their last hash
    DROPPED = "dropped"  #: that retention dropped them, whole


seal = sa.Table(
    "seal",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False, comment="1, 2, 3, ... without a gap"),
    sa.Column("covers", Choice(Covers), nullable=False),
    sa.Column("day", sa.Date, nullable=False, comment="in the zone of the installation"),
    sa.Column("at", Instant, nullable=False),
    sa.Column("chains", sa.Integer, nullable=False, comment="how many it covers"),
    sa.Column("digest", sa.String(64), nullable=False, comment="SHA-256 over the chains it covers, in their order"),
    sa.Column("previous", sa.String(64), nullable=False, comment="code of the seal before; empty: the first"),
    sa.Column("code", sa.String(64), nullable=False, comment="HMAC-SHA256 over all of this"),
    one_of("covers", Covers),
    sa.CheckConstraint("number > 0", name="number"),
    comment="What the chains of history were at a day.",
)

sealed = sa.Table(
    "sealed",
    metadata,
    # no foreign key: this is what remains of an instance that retention has dropped
    sa.Column("instance", Key, primary_key=True, autoincrement=False, comment="whose history; 0: a stream"),
    sa.Column("stream", sa.String(32), primary_key=True, comment="the administrative stream; empty: a history"),
    sa.Column("length", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("head", sa.String(64), nullable=False, comment="hash of the entry with this number"),
    sa.Column("seal", sa.Integer, sa.ForeignKey(seal.c.number), nullable=False, index=True),
    sa.Column("dropped", sa.Integer, sa.ForeignKey(seal.c.number), comment="the seal that tells that it was dropped"),
    sa.CheckConstraint("(instance = 0) = (stream <> '')", name="chain"),
    sa.CheckConstraint("length > 0", name="length"),
    comment="A chain of history as a seal covers it.",
)
_is_dropped = sealed.c.dropped.is_not(None)
sa.Index("ix_sealed_dropped", sealed.c.dropped, sqlite_where=_is_dropped, postgresql_where=_is_dropped)


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal; ``code`` is its HMAC, ``previous`` that of the seal before."""

    number: int
    covers: Covers
    day: date
    at: datetime
    chains: int
    digest: str
    previous: str
    code: str


class Head(NamedTuple):
    """A chain as it stood: the history of an instance, or an administrative stream (instance 0)."""

    instance: int
    stream: str
    length: int
    head: str


class Mark(NamedTuple):
    """A chain as seal number ``seal`` covers it; ``dropped`` is the seal that tells of its end."""

    instance: int
    stream: str
    length: int
    head: str
    seal: int
    dropped: int | None


_SEAL = columns(seal, Seal)
_HEAD = [sealed.c[name] for name in Head._fields]
_MARK = [sealed.c[name] for name in Mark._fields]
_ORDER = (sealed.c.instance, sealed.c.stream)


def last(uow: UnitOfWork, covers: Covers | None = None) -> Seal | None:
    """Give the newest seal, or the newest of a kind."""
    query = sa.select(*_SEAL).order_by(seal.c.number.desc()).limit(1)
    return one(Seal, uow.execute(query if covers is None else query.where(seal.c.covers == covers)))


def after(uow: UnitOfWork, number: int, *, limit: int = PAGE) -> list[Seal]:
    """List the seals after one, in order."""
    return many(Seal, uow.execute(sa.select(*_SEAL).where(seal.c.number > number).order_by(seal.c.number).limit(limit)))


def some(uow: UnitOfWork, numbers: Sequence[int]) -> list[Seal]:
    """Give seals by their numbers."""
    return many(Seal, uow.execute(sa.select(*_SEAL).where(seal.c.number.in_(numbers)).order_by(seal.c.number)))


def grown(uow: UnitOfWork, *, after: int, limit: int) -> list[Head]:
    """List the histories that are longer than their last seal says, by instance; ``after`` is the last one of the page before."""
    longest = sa.select(sa.func.max(sealed.c.length)).where(sealed.c.instance == instance.c.key, sealed.c.stream == "")
    query = (
        sa.select(instance.c.key, sa.literal(""), instance.c.events, instance.c.event_hash)
        .where(instance.c.key > after, instance.c.events > sa.func.coalesce(longest.scalar_subquery(), 0))
        .order_by(instance.c.key)
        .limit(limit)
    )
    return many(Head, uow.execute(query))


def grown_streams(uow: UnitOfWork) -> list[Head]:
    """List the administrative streams that are longer than their last seal says, by name."""
    longest = sa.select(sa.func.max(sealed.c.length)).where(
        sealed.c.instance == 0, sealed.c.stream == audit_head.c.stream
    )
    query = (
        sa.select(sa.literal(0), audit_head.c.stream, audit_head.c.seq, audit_head.c.hash)
        .where(audit_head.c.seq > sa.func.coalesce(longest.scalar_subquery(), 0))
        .order_by(audit_head.c.stream)
    )
    return many(Head, uow.execute(query))


def add(uow: UnitOfWork, made: Seal, chains: Sequence[Head]) -> None:
    """Store a seal and what it covers."""
    uow.execute(sa.insert(seal).values(**{field.name: getattr(made, field.name) for field in fields(Seal)}))
    if made.covers is Covers.HEADS:
        uow.execute(sa.insert(sealed), [{**chain._asdict(), "seal": made.number} for chain in chains])
    else:
        whole = (sealed.c.instance == sa.bindparam("of"), sealed.c.stream == "", sealed.c.length == sa.bindparam("at"))
        uow.execute(
            sa.update(sealed).where(*whole).values(dropped=made.number),
            [{"of": chain.instance, "at": chain.length} for chain in chains],
        )


def covered(uow: UnitOfWork, made: Seal) -> Iterator[Head]:
    """Give what a seal covers, in order."""
    column = sealed.c.seal if made.covers is Covers.HEADS else sealed.c.dropped
    query = sa.select(*_HEAD).where(column == made.number).order_by(*_ORDER)
    for row in uow.execute(query.execution_options(yield_per=PAGE)):
        yield Head(row.instance, row.stream, row.length, row.head)


def marks(uow: UnitOfWork, after: int, until: int | None) -> list[Mark]:
    """List how histories were sealed, by instance and length; ``after`` and ``until`` bound the instances."""
    query = sa.select(*_MARK).where(sealed.c.instance > after, sealed.c.stream == "")
    if until is not None:
        query = query.where(sealed.c.instance <= until)
    return many(Mark, uow.execute(query.order_by(sealed.c.instance, sealed.c.length)))


def marks_of(uow: UnitOfWork, keys: Sequence[int]) -> list[Mark]:
    """List how some histories were sealed, by instance and length."""
    query = sa.select(*_MARK).where(sealed.c.instance.in_(keys), sealed.c.stream == "")
    return many(Mark, uow.execute(query.order_by(sealed.c.instance, sealed.c.length)))


def stream_marks(uow: UnitOfWork) -> list[Mark]:
    """List how the administrative streams were sealed, by name and length."""
    query = sa.select(*_MARK).where(sealed.c.instance == 0).order_by(sealed.c.stream, sealed.c.length)
    return many(Mark, uow.execute(query))
