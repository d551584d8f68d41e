"""Notices, who has them in the application, and what goes out by other channels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from engine.store.database import UnitOfWork
from engine.store.rows import many
from engine.store.types import Choice, Instant, Key, columns, metadata, one_of
from engine.store.units import Scope, within


class OutboundState(StrEnum):
    """Where a message to the outside is in its life."""

    WAITING = "waiting"  #: goes out when its time comes
    SENDING = "sending"  #: on its way, until ``lease_until``
    SENT = "sent"  #: final: the channel took it
    HELD = "held"  #: final: it would go out, but the channel is not set up
    UNSURE = "unsure"  #: a person must look: it may have gone out, and the channel cannot tell a repeat
    FAILED = "failed"  #: final: the channel refused it, or was away for too long


AGAIN = frozenset({OutboundState.FAILED, OutboundState.UNSURE})
"""States from which a person may let a message go out once more."""

notice = sa.Table(
    "notify_notice",
    metadata,
    sa.Column("key", Key, primary_key=True, autoincrement=False),
    sa.Column("template", sa.Text, nullable=False),
    sa.Column("title_zh", sa.Text, nullable=False),
    sa.Column("title_en", sa.Text, nullable=False),
    sa.Column("body_zh", sa.Text, nullable=False),
    sa.Column("body_en", sa.Text, nullable=False),
    sa.Column("unit", Key, nullable=False),
    sa.Column("instance", Key, nullable=False),
    sa.Column("urgent", sa.Boolean, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Index("ix_notify_notice_instance", "instance"),
    sa.Index("ix_notify_notice_created", "created_at"),
    comment="What people were told.",
)

inbox = sa.Table(
    "notify_inbox",
    metadata,
    sa.Column("user", Key, primary_key=True, autoincrement=False),
    sa.Column("notice", Key, sa.ForeignKey(notice.c.key), primary_key=True, autoincrement=False),
    sa.Column("read_at", Instant),
    comment="Who has a notice in the application, and since when it is read.",
)
sa.Index("ix_notify_inbox_notice", inbox.c.notice)
_UNREAD = inbox.c.read_at.is_(None)
sa.Index("ix_notify_inbox_unread", inbox.c.user, inbox.c.notice, sqlite_where=_UNREAD, postgresql_where=_UNREAD)

outbound = sa.Table(
    "notify_outbound",
    metadata,
    sa.Column("key", Key, primary_key=True, autoincrement=False),
    sa.Column("notice", Key, sa.ForeignKey(notice.c.key), nullable=False, index=True),
    sa.Column("channel", sa.Text, nullable=False, comment="mail, sms or chat"),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False, comment="of the recipient"),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("unit", Key, nullable=False),
    sa.Column("instance", Key, nullable=False),
    sa.Column("state", Choice(OutboundState), nullable=False),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("lease_until", Instant),
    sa.Column("attempts", sa.Integer, nullable=False, comment="counted before each try"),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("sent_at", Instant),
    one_of("state", OutboundState),
    sa.CheckConstraint("(state = 'sending') = (lease_until IS NOT NULL)", name="lease"),
    sa.Index("ix_notify_outbound_unit", "unit", "key"),
    comment="What goes out, or would.",
)
_DUE = sa.text("state IN ('waiting', 'sending')")
sa.Index("ix_notify_outbound_due", outbound.c.due_at, sqlite_where=_DUE, postgresql_where=_DUE)


@dataclass(frozen=True, slots=True)
class Notice:
    """What people were told, in both languages."""

    key: int
    template: str
    title_zh: str
    title_en: str
    body_zh: str
    body_en: str
    unit: int
    instance: int
    urgent: bool
    created_at: datetime

    def title(self, locale: str) -> str:
        """Its title as a reader of ``locale`` reads it."""
        return self.title_zh if locale.startswith("zh") else self.title_en

    def body(self, locale: str) -> str:
        """Its text as a reader of ``locale`` reads it."""
        return self.body_zh if locale.startswith("zh") else self.body_en


@dataclass(frozen=True, slots=True)
class Outbound:
    """A message to the outside."""

    key: int
    notice: int
    channel: str
    address: str
    name: str
    title: str
    body: str
    unit: int
    instance: int
    state: OutboundState
    due_at: datetime
    lease_until: datetime | None
    attempts: int
    error: str
    created_at: datetime
    sent_at: datetime | None


_NOTICE = columns(notice, Notice)
_OUTBOUND = columns(outbound, Outbound)


def add(uow: UnitOfWork, row: Notice, users: Iterable[int], out: Sequence[Outbound]) -> None:
    """Store a notice with everybody who gets it."""
    uow.execute(sa.insert(notice).values(**asdict(row)))
    entries = [{"user": user, "notice": row.key, "read_at": None} for user in sorted(set(users))]
    if entries:
        uow.execute(sa.insert(inbox), entries)
    if out:
        uow.execute(sa.insert(outbound), [asdict(each) for each in out])


# ---- in the application ---------------------------------------------------------------------------------------------


def unread(uow: UnitOfWork, user: int) -> int:
    """Count what a person has not read yet."""
    return int(uow.execute(sa.select(sa.func.count()).where(inbox.c.user == user, _UNREAD)).scalar_one())


def told(uow: UnitOfWork, *, since: datetime) -> list[tuple[int, int]]:
    """List (notice, user) of who was told something after an instant."""
    query = sa.select(inbox.c.notice, inbox.c.user).join(notice).where(notice.c.created_at > since)
    return [(int(row.notice), int(row.user)) for row in uow.execute(query)]


def notices(
    uow: UnitOfWork, user: int, *, only_unread: bool = False, before: int | None = None, limit: int = 30
) -> list[tuple[Notice, datetime | None]]:
    """List (notice, when it was read) of a person, newest first; ``before`` is the key that the page before ended with."""
    query = (
        sa.select(*_NOTICE, inbox.c.read_at)
        .join(inbox, inbox.c.notice == notice.c.key)
        .where(inbox.c.user == user)
        .order_by(inbox.c.notice.desc())
        .limit(limit)
    )
    if only_unread:
        query = query.where(_UNREAD)
    if before is not None:
        query = query.where(inbox.c.notice < before)
    return [(Notice(*list(row)[:-1]), list(row)[-1]) for row in uow.execute(query)]


def mark_read(uow: UnitOfWork, user: int, keys: Sequence[int] | None) -> int:
    """Mark notices of a person as read, all of them when none is named; give how many were not."""
    query = sa.update(inbox).where(inbox.c.user == user, _UNREAD).values(read_at=uow.now)
    if keys is not None:
        query = query.where(inbox.c.notice.in_(keys))
    return uow.execute(query).rowcount


# ---- what goes out --------------------------------------------------------------------------------------------------


def sent_in(
    uow: UnitOfWork,
    scope: Scope,
    *,
    states: Sequence[OutboundState] = (),
    instance: int | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Outbound]:
    """List what went out, or would, in a part of the organisation, newest first."""
    query = sa.select(*_OUTBOUND).where(within(outbound.c.unit, scope)).order_by(outbound.c.key.desc()).limit(limit)
    if states:
        query = query.where(outbound.c.state.in_(states))
    if instance is not None:
        query = query.where(outbound.c.instance == instance)
    if before is not None:
        query = query.where(outbound.c.key < before)
    return many(Outbound, uow.execute(query))


def take(uow: UnitOfWork, *, limit: int, lease: timedelta) -> list[Outbound]:
    """Lease what is due, the longest due first; the try is counted before it is made. A lease that ran out is given as it was."""
    free = sa.or_(
        sa.and_(outbound.c.state == OutboundState.WAITING, outbound.c.due_at <= uow.now),
        sa.and_(outbound.c.state == OutboundState.SENDING, outbound.c.lease_until <= uow.now),
    )
    query = sa.select(*_OUTBOUND).where(free).order_by(outbound.c.due_at, outbound.c.key).limit(limit)
    rows = many(Outbound, uow.execute(query.with_for_update(skip_locked=True)))
    if rows:
        uow.execute(
            sa.update(outbound)
            .where(outbound.c.key.in_([row.key for row in rows]))
            .values(state=OutboundState.SENDING, lease_until=uow.now + lease, attempts=outbound.c.attempts + 1)
        )
    return rows


def finish(
    uow: UnitOfWork,
    key: int,
    state: OutboundState,
    *,
    error: str = "",
    due_at: datetime | None = None,
    body: str | None = None,
) -> None:
    """Store how a try went. ``body`` replaces what was sent, where it held what only the recipient should have."""
    values: dict[str, object] = {"state": state, "lease_until": None, "error": error[:500]}
    if state is OutboundState.SENT:
        values["sent_at"] = uow.now
    if due_at is not None:
        values["due_at"] = due_at
    if body is not None:
        values["body"] = body
    uow.execute(
        sa.update(outbound).where(outbound.c.key == key, outbound.c.state == OutboundState.SENDING).values(**values)
    )


def again(uow: UnitOfWork, key: int) -> bool:
    """Let a message that failed, or of which nobody is sure, go out once more; False when it is not one of these."""
    query = (
        sa.update(outbound)
        .where(outbound.c.key == key, outbound.c.state.in_(AGAIN))
        .values(state=OutboundState.WAITING, due_at=uow.now, attempts=0, error="")
    )
    return bool(uow.execute(query).rowcount)
