"""Reads which tasks changed lately: for pages that are open and want to know whether to look again."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from engine.model.states import TaskState
from engine.store.database import UnitOfWork
from engine.store.prepared import Prepared
from engine.store.tasks import task
from engine.store.units import unit

_COLUMNS = ("key", "changed_at", "state", "holder", "candidate_groups", "candidate_users")
_QUERY = Prepared(
    sa.select(*(task.c[name] for name in _COLUMNS), unit.c.path)
    .outerjoin(unit, unit.c.key == task.c.unit)
    .where(task.c.changed_at > sa.bindparam("b_since", type_=task.c.changed_at.type))
    .order_by(task.c.changed_at.desc())
    .limit(sa.bindparam("b_limit", type_=sa.Integer))
)


class Changed(NamedTuple):
    """A task as its last change left it; ``path`` is that of its unit, None where it has none."""

    key: int
    changed_at: datetime
    state: TaskState
    holder: int | None
    candidate_groups: list[str]
    candidate_users: list[str]
    path: str | None


def tasks(uow: UnitOfWork, *, since: datetime, limit: int) -> list[Changed]:
    """List the tasks that changed after an instant, the latest first, in one statement."""
    values: dict[str, Any] = {"b_since": since, "b_limit": limit}
    return [Changed(*row) for row in uow.fetch(_QUERY, values)]
