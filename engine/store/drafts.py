"""What people have typed into tasks and not handed in, or could not because somebody else was quicker."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.model.json import Variables
from engine.store.database import UnitOfWork
from engine.store.tasks import task
from engine.store.types import Instant, JsonText, Key, metadata
from engine.store.upsert import upsert

draft = sa.Table(
    "draft",
    metadata,
    sa.Column("task", Key, sa.ForeignKey(task.c.key), primary_key=True),
    sa.Column("actor", sa.Text, primary_key=True),
    sa.Column("values", JsonText, nullable=False),
    sa.Column("saved_at", Instant, nullable=False, index=True),
    comment="What a person has typed into a task.",
)


def put(uow: UnitOfWork, task_key: int, actor: str, values: Variables) -> None:
    """Keep what an actor has typed, in place of what it typed before."""
    row = {"task": task_key, "actor": actor, "values": dict(values), "saved_at": uow.now}
    uow.execute(upsert(uow, draft, ("values", "saved_at")), row)


def get(uow: UnitOfWork, task_key: int, actor: str) -> dict[str, Any] | None:
    """Give what an actor has typed into a task, if there is anything."""
    query = sa.select(draft.c["values"]).where(draft.c.task == task_key, draft.c.actor == actor)
    found: dict[str, Any] | None = uow.execute(query).scalar_one_or_none()
    return found


def forget(uow: UnitOfWork, until: datetime) -> int:
    """Delete drafts that were saved before ``until``; say how many."""
    return int(uow.execute(sa.delete(draft).where(draft.c.saved_at < until)).rowcount)
