"""Announcements: written with the rows that they speak of, published once those are durable, kept as what was said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.store.database import UnitOfWork
from engine.store.rows import many
from engine.store.types import Instant, JsonText, Key, columns, metadata

announcement = sa.Table(
    "announcement",
    metadata,
    sa.Column("key", Key, primary_key=True, autoincrement=False),
    sa.Column("source", sa.Text, nullable=False, comment="the connector, and who told it"),
    sa.Column("message_id", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column(
        "otherwise", sa.Text, nullable=False, comment="the message that is published when nobody takes the first"
    ),
    sa.Column("correlation_key", sa.Text, nullable=False),
    sa.Column("unit", Key, nullable=False),
    sa.Column("variables", JsonText, nullable=False),
    sa.Column("ttl_s", sa.Integer, nullable=False, comment="how long it waits for a process that does not wait yet"),
    sa.Column("at", Instant, nullable=False),
    sa.Column("published_at", Instant, comment="when the engine took it"),
    sa.UniqueConstraint("source", "message_id"),
    sa.Index("ix_announcement_correlation", "source", "correlation_key"),
    comment="What connectors tell processes.",
)
_WAITS = announcement.c.published_at.is_(None)
sa.Index("ix_announcement_waits", announcement.c.key, sqlite_where=_WAITS, postgresql_where=_WAITS)


@dataclass(frozen=True, slots=True)
class Announcement:
    """A message on its way to the engine.

    Attributes:
        source: begins with the connector's name; ``message_id`` is unique within it.
        ttl_s: how long the message waits for a process that does not wait for it yet.
        otherwise: the message that is published, under the same key, when no process takes the first.
    """

    key: int
    source: str
    message_id: str
    message: str
    correlation_key: str
    unit: int
    variables: Mapping[str, Any]
    ttl_s: int
    at: datetime
    otherwise: str = ""
    published_at: datetime | None = None


_COLUMNS = columns(announcement, Announcement)


def add(uow: UnitOfWork, rows: Iterable[Announcement]) -> None:
    """Store announcements, to be published once this is durable."""
    written = [asdict(row) for row in rows]
    if written:
        uow.execute(sa.insert(announcement), written)


def waiting(uow: UnitOfWork, limit: int) -> list[Announcement]:
    """List announcements that the engine has not taken yet, oldest first."""
    query = sa.select(*_COLUMNS).where(_WAITS).order_by(announcement.c.key).limit(limit)
    return many(Announcement, uow.execute(query))


def mark(uow: UnitOfWork, key: int) -> None:
    """Note that the engine has taken an announcement."""
    uow.execute(sa.update(announcement).where(announcement.c.key == key).values(published_at=uow.now))
