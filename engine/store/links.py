"""Links that open one thing to somebody who has no account. Only hashes of their tokens are stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.model.keys import InstanceKey, LinkKey, UnitKey, UserTaskKey
from engine.store.database import UnitOfWork
from engine.store.rows import many, one
from engine.store.types import Instant, Key, columns, metadata

PURPOSES = ("track", "confirm_quote", "accept", "rate", "vendor", "pay")
"""What a link may be for: see where a request stands, answer a quote, accept the work, rate it, do a vendor's part, pay."""

link = sa.Table(
    "link",
    metadata,
    sa.Column("key", Key, primary_key=True, autoincrement=False),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True, comment="SHA-256; the token itself is nowhere"),
    sa.Column("purpose", sa.String(16), nullable=False),
    sa.Column("instance", Key, nullable=False),
    sa.Column("unit", Key, sa.ForeignKey("unit.key")),
    sa.Column("task", Key, comment="the user task that it opens"),
    sa.Column("element_id", sa.String(200), nullable=False, comment="the element whose message it may send"),
    sa.Column("audience", sa.String(200), nullable=False, comment="for whom it was made, in words"),
    sa.Column("single_use", sa.Boolean, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("used_at", Instant, comment="when it was acted upon for the first time"),
    sa.Column("revoked_at", Instant),
    sa.Index("ix_link_instance", "instance", "purpose"),
    sa.CheckConstraint(sa.column("purpose").in_(PURPOSES), name="purpose"),
    comment="A link for a resident or a vendor.",
)


@dataclass(frozen=True, slots=True)
class Link:
    """A link for somebody without an account: what it opens, for whom, until when."""

    key: LinkKey
    purpose: str
    instance: InstanceKey
    unit: UnitKey | None
    task: UserTaskKey | None
    element_id: str
    audience: str
    single_use: bool
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


_COLUMNS = columns(link, Link)


def add(uow: UnitOfWork, **values: Any) -> LinkKey:
    """Store a link under the hash of its token."""
    key = LinkKey(uow.new_key())
    uow.execute(sa.insert(link).values(key=key, created_at=uow.now, **values))
    return key


def by_hash(uow: UnitOfWork, token_hash: str) -> Link | None:
    """Give the link with this hash, if there is one."""
    return one(Link, uow.execute(sa.select(*_COLUMNS).where(link.c.token_hash == token_hash)))


def of_instance(uow: UnitOfWork, instance: int) -> list[Link]:
    """List the links into a process instance, in the order in which they were made."""
    query = sa.select(*_COLUMNS).where(link.c.instance == instance).order_by(link.c.key)
    return many(Link, uow.execute(query))


def spend(uow: UnitOfWork, key: int) -> bool:
    """Mark a link as acted upon; say whether it still could be: a single-use link can once, nobody a revoked one."""
    return bool(
        uow.execute(
            sa.update(link)
            .where(
                link.c.key == key,
                link.c.revoked_at.is_(None),
                link.c.expires_at > uow.now,
                sa.or_(link.c.used_at.is_(None), sa.not_(link.c.single_use)),
            )
            .values(used_at=sa.func.coalesce(link.c.used_at, uow.now))
        ).rowcount
    )


def revoke(uow: UnitOfWork, instance: int, *, purpose: str = "", task: int | None = None) -> int:
    """Revoke the links into an instance that are still open, of one purpose or into one task if said; give how many."""
    query = sa.update(link).where(link.c.instance == instance, link.c.revoked_at.is_(None))
    if purpose:
        query = query.where(link.c.purpose == purpose)
    if task is not None:
        query = query.where(link.c.task == task)
    return uow.execute(query.values(revoked_at=uow.now)).rowcount
