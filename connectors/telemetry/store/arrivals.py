"""What arrived: what was seen lately, how much came, and what had to be put aside."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from connectors.telemetry.store.instants import from_millis, to_millis
from engine.errors import Text
from engine.store.database import UnitOfWork
from engine.store.rows import many
from engine.store.sentences import TextJson
from engine.store.types import Instant, columns, metadata
from engine.store.upsert import insert_new, upsert

quarantine = sa.Table(
    "telemetry_quarantine",
    metadata,
    sa.Column("digest", sa.String(32), primary_key=True, comment="of source, topic, device and reason"),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("device", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False, comment="unreadable or unknown_device"),
    sa.Column("reason", TextJson, nullable=False),
    sa.Column("payload", sa.Text, nullable=False, comment="the latest, shortened"),
    sa.Column("count", sa.BigInteger, nullable=False),
    sa.Column("first_at", Instant, nullable=False),
    sa.Column("last_at", Instant, nullable=False),
    comment="What could not be taken in, one row per kind of trouble.",
)


@dataclass(frozen=True, slots=True)
class Aside:
    """One kind of trouble in quarantine.

    Attributes:
        device: as it named itself, where nobody knows it; an empty text where the message could not be read.
        kind: ``unreadable`` or ``unknown_device``.
        payload: the latest, shortened.
    """

    digest: str
    source: str
    topic: str
    device: str
    kind: str
    reason: Text
    payload: str
    count: int
    first_at: datetime
    last_at: datetime


_ASIDE = columns(quarantine, Aside)

seen = sa.Table(
    "telemetry_seen",
    metadata,
    sa.Column("id", sa.Text, primary_key=True, comment="source and id of an event, or a webhook's nonce"),
    sa.Column("at", Instant, nullable=False, index=True),
    comment="What came lately, so that a repeat is known; forgotten after the window.",
    sqlite_with_rowid=False,
)

counter = sa.Table(
    "telemetry_counter",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("what", sa.Text, primary_key=True),
    sa.Column("count", sa.BigInteger, nullable=False),
    comment="How much came, and what became of it.",
)


def remember(uow: UnitOfWork, ids: Collection[str]) -> set[str]:
    """Note ids as seen; give those that are new. Sorted, so that two processes cannot wait for one another."""
    if not ids:
        return set()
    statement = insert_new(uow, seen).returning(seen.c.id)
    return set(uow.execute(statement, [{"id": each, "at": uow.now} for each in sorted(set(ids))]).scalars())


def forget(uow: UnitOfWork, before: datetime, limit: int = 20_000) -> int:
    """Forget what was seen before an instant; give how many."""
    old = sa.select(seen.c.id).where(seen.c.at < before).limit(limit)
    return uow.execute(sa.delete(seen).where(seen.c.id.in_(old))).rowcount


def count(uow: UnitOfWork, source: str, counts: Mapping[str, int]) -> None:
    """Add to the counters of a source."""
    rows = [
        {"b_source": source, "b_what": what, "b_count": number} for what, number in sorted(counts.items()) if number
    ]
    if not rows:
        return
    uow.execute(insert_new(uow, counter), [{"source": source, "what": row["b_what"], "count": 0} for row in rows])
    uow.execute(_ADD, rows)


def next_number(uow: UnitOfWork, what: str) -> int:
    """Count one more of something; give how many there are now."""
    count(uow, OWN, {what: 1})
    query = sa.select(counter.c.count).where(counter.c.source == OWN, counter.c.what == what)
    return int(uow.execute(query).scalar_one())


def keep_watch(uow: UnitOfWork, gap: timedelta) -> datetime:
    """Note that somebody watches now; give since when somebody has, without a break longer than ``gap``."""
    query = sa.select(counter).where(counter.c.source == OWN, counter.c.what.in_((WATCHED, WATCHED_SINCE)))
    known = {row["what"]: from_millis(row["count"]) for row in uow.execute(query).mappings()}
    last, since = known.get(WATCHED), known.get(WATCHED_SINCE)
    if last is None or since is None or uow.now - last > gap:
        since = uow.now
    elif uow.now - last < gap / 2:
        return since  # several processes watch, every few seconds; it need not be written each time
    rows = [
        {"source": OWN, "what": what, "count": to_millis(at)}
        for what, at in ((WATCHED, uow.now), (WATCHED_SINCE, since))
    ]
    uow.execute(upsert(uow, counter, ["count"]), rows)
    return since


WATCHED, WATCHED_SINCE = "watched", "watched since"
OWN = ""
"""The source of counters that are no source's."""

_ADD = (
    sa.update(counter)
    .where(counter.c.source == sa.bindparam("b_source"), counter.c.what == sa.bindparam("b_what"))
    .values(count=counter.c.count + sa.bindparam("b_count"))
)


def counts(uow: UnitOfWork) -> dict[str, dict[str, int]]:
    """Give {source: {what: how many}}."""
    found: dict[str, dict[str, int]] = {}
    query = sa.select(counter).where(counter.c.source != OWN).order_by(counter.c.source, counter.c.what)
    for row in uow.execute(query).mappings():
        found.setdefault(row["source"], {})[row["what"]] = row["count"]
    return found


def put_aside(uow: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put what could not be taken in aside; a repeat of the same trouble counts up and keeps the newest payload.

    Args:
        rows: {digest, source, topic, device, kind, reason, payload, count}, one per digest.
    """
    if not rows:
        return
    new = [{**row, "count": 0, "first_at": uow.now, "last_at": uow.now} for row in rows]
    uow.execute(insert_new(uow, quarantine), new)
    more = [
        {"b_digest": row["digest"], "b_count": row["count"], "payload": row["payload"], "last_at": uow.now}
        for row in rows
    ]
    uow.execute(_AGAIN, more)


_AGAIN = (
    sa.update(quarantine)
    .where(quarantine.c.digest == sa.bindparam("b_digest"))
    .values(
        count=quarantine.c.count + sa.bindparam("b_count"),
        payload=sa.bindparam("payload"),
        last_at=sa.bindparam("last_at"),
    )
)


def trim_quarantine(uow: UnitOfWork, keep: int = 1000) -> None:
    """Keep only the newest entries: a source that makes up topics must not fill the disk."""
    extra = sa.select(quarantine.c.digest).order_by(quarantine.c.last_at.desc(), quarantine.c.digest).offset(keep)
    uow.execute(sa.delete(quarantine).where(quarantine.c.digest.in_(extra.limit(1000))))


def quarantined(uow: UnitOfWork, limit: int = 100) -> list[Aside]:
    """List what was put aside, the newest first."""
    query = sa.select(*_ASIDE).order_by(quarantine.c.last_at.desc(), quarantine.c.digest).limit(limit)
    return many(Aside, uow.execute(query))


def in_quarantine(uow: UnitOfWork) -> int:
    """Count what was put aside."""
    return int(uow.execute(sa.select(sa.func.count()).select_from(quarantine)).scalar_one())


def let_go(uow: UnitOfWork, digest: str) -> Aside | None:
    """Drop an entry of the quarantine that a person has seen to, and give it; None when it is not there."""
    gone = sa.delete(quarantine).where(quarantine.c.digest == digest).returning(*_ASIDE)
    return next(iter(many(Aside, uow.execute(gone))), None)
