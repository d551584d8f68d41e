"""Who may take open tasks: one row per task, role and unit from the instance's own up to the root. Inboxes are read from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from engine.model.states import TaskState
from engine.store.database import UnitOfWork
from engine.store.prepared import Prepared
from engine.store.types import Instant, Key, metadata

NO_DUE_DATE = datetime(9999, 12, 31, tzinfo=UTC)
"""Stands for "no due date" where rows are sorted by it."""

candidate = sa.Table(
    "candidate",
    metadata,
    sa.Column("task", Key, sa.ForeignKey("task.key"), primary_key=True),
    sa.Column("role", sa.Text, primary_key=True, comment="a role, or @login for one person"),
    sa.Column("unit", Key, primary_key=True, autoincrement=False, comment="0 where no unit narrows it"),
    sa.Column("claimed", sa.Boolean, nullable=False),
    sa.Column("rank", sa.Integer, nullable=False, comment="the priority, negative so that the most urgent sorts first"),
    sa.Column("due_at", Instant, nullable=False),
    comment="Who may take an open task: holders of the role at the unit. Gone once the task is done.",
)
sa.Index(
    "ix_candidate_due", candidate.c.role, candidate.c.unit, candidate.c.claimed, candidate.c.due_at, candidate.c.task
)
sa.Index(
    "ix_candidate_rank",
    candidate.c.role,
    candidate.c.unit,
    candidate.c.claimed,
    candidate.c.rank,
    candidate.c.due_at,
    candidate.c.task,
)
sa.Index("ix_candidate_age", candidate.c.role, candidate.c.unit, candidate.c.claimed, candidate.c.task)


def rows(row: dict[str, Any], places: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
    """Make the rows of a task that is offered to (role, unit) places."""
    return [
        {
            "task": row["key"],
            "role": role,
            "unit": unit_key,
            "claimed": row["state"] is TaskState.CLAIMED,
            "rank": -row["priority"],
            "due_at": row["due_at"] or NO_DUE_DATE,
        }
        for role, unit_key in sorted(set(places))
    ]


_OFFER = Prepared(sa.insert(candidate))


def add(uow: UnitOfWork, new: Sequence[dict[str, Any]]) -> None:
    """Store rows."""
    if new:
        uow.execute(_OFFER, new)


_SET_CLAIMED = Prepared(
    sa.update(candidate).where(candidate.c.task == sa.bindparam("b_task")).values(claimed=sa.bindparam("b_claimed"))
)


def set_claimed(uow: UnitOfWork, key: int, claimed: bool) -> None:
    """Move a task's rows between those that are free and those that somebody holds."""
    uow.execute(_SET_CLAIMED, {"b_task": key, "b_claimed": claimed})


def set_urgency(uow: UnitOfWork, key: int, *, priority: int, due_at: datetime | None) -> None:
    """Store a task's priority and due date where inboxes sort by them."""
    uow.execute(
        sa.update(candidate).where(candidate.c.task == key).values(rank=-priority, due_at=due_at or NO_DUE_DATE)
    )


_CLEAR = Prepared(sa.delete(candidate).where(candidate.c.task == sa.bindparam("b_task")))


def clear(uow: UnitOfWork, keys: Sequence[int]) -> None:
    """Take tasks that are done out of all inboxes."""
    uow.execute(_CLEAR, [{"b_task": key} for key in keys])


_PLACES = Prepared(sa.select(candidate.c.role, candidate.c.unit).where(candidate.c.task == sa.bindparam("b_task")))


def places(uow: UnitOfWork, key: int) -> frozenset[tuple[str, int]]:
    """Give the (role, unit) places that an open task is offered to."""
    return frozenset(uow.fetch(_PLACES, {"b_task": key}))
