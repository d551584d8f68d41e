"""Finds finished instances whose time is over, and removes every row of theirs but the seals of their histories."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from engine.model.keys import DefinitionKey, InstanceKey
from engine.store.batches import item
from engine.store.candidates import candidate
from engine.store.database import UnitOfWork
from engine.store.drafts import draft
from engine.store.effects import effect
from engine.store.files import file
from engine.store.four_eyes import four_eyes
from engine.store.history import event
from engine.store.incidents import incident
from engine.store.instances import LIVE, instance
from engine.store.jobs import OPEN, job
from engine.store.links import link
from engine.store.rows import many
from engine.store.snapshots import scope
from engine.store.subscriptions import subscription
from engine.store.tasks import task
from engine.store.versions import definition

AT_ONCE = 5000
"""Keys in one statement."""


class Member(NamedTuple):
    """An instance that would go: a root, or what it called. ``is_busy``: something of it is still to be done."""

    key: InstanceKey
    root: InstanceKey
    events: int
    event_hash: str
    definition: DefinitionKey
    ended_at: datetime | None
    is_busy: bool


def terms(uow: UnitOfWork) -> dict[DefinitionKey, str | None]:
    """Say how long each version of each process keeps its finished instances: ISO 8601; None where it does not say."""
    query = sa.select(definition.c.key, definition.c.history_ttl).order_by(definition.c.key)
    return {row.key: row.history_ttl for row in uow.execute(query)}


def ended(uow: UnitOfWork, of: int, before: datetime, *, after: int, limit: int) -> list[tuple[InstanceKey, datetime]]:
    """List instances of a version that nobody called and that ended before an instant: (key, when), in the order of keys."""
    query = (
        sa.select(instance.c.key, instance.c.ended_at)
        .where(
            instance.c.definition == of,
            instance.c.state.not_in(LIVE),
            instance.c.parent.is_(None),
            instance.c.ended_at < before,
            instance.c.key > after,
        )
        .order_by(instance.c.key)
        .limit(limit)
    )
    return [(row.key, row.ended_at) for row in uow.execute(query)]


def families(uow: UnitOfWork, roots: Sequence[int]) -> list[Member]:
    """Give instances with all that they called, directly or not, the innermost first; their rows are held."""
    found = sa.select(instance.c.key).where(instance.c.key.in_(roots)).cte("family", recursive=True)
    found = found.union_all(sa.select(instance.c.key).join(found, instance.c.parent == found.c.key))
    open_job = sa.exists().where(job.c.instance == instance.c.key, job.c.state.in_(OPEN))
    is_busy = sa.or_(instance.c.state.in_(LIVE), open_job)
    own = instance.c
    query = (
        sa.select(own.key, own.root, own.events, own.event_hash, own.definition, own.ended_at, is_busy)
        .where(instance.c.key.in_(sa.select(found.c.key)))
        .order_by(instance.c.depth.desc(), instance.c.key)
        .with_for_update(of=instance)
    )
    return many(Member, uow.execute(query))


def remove(uow: UnitOfWork, keys: Sequence[int]) -> set[str]:
    """Remove instances, the innermost first, with all that is theirs; give the digests of the files that they had."""
    digests: set[str] = set()
    for start in range(0, len(keys), AT_ONCE):
        chunk = keys[start : start + AT_ONCE]
        digests |= set(uow.execute(sa.select(file.c.sha256).where(file.c.instance.in_(chunk))).scalars())
        tasks = sa.select(task.c.key).where(task.c.instance.in_(chunk))
        for table in (candidate, draft, four_eyes):
            uow.execute(sa.delete(table).where(table.c.task.in_(tasks)))
        for table in (task, incident, effect, job, subscription, scope, link, file, event, item):
            uow.execute(sa.delete(table).where(table.c.instance.in_(chunk)))
        uow.execute(sa.delete(instance).where(instance.c.key.in_(chunk)))
    return digests
