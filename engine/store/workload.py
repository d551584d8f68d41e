"""How much open work people hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from engine.model.keys import UserKey
from engine.store.database import UnitOfWork
from engine.store.tasks import task


@dataclass(frozen=True, slots=True)
class Load:
    """The tasks that a person holds; ``late``: how many of them are past their due date."""

    held: int = 0
    late: int = 0


def of(uow: UnitOfWork, people: Iterable[int]) -> dict[UserKey, Load]:
    """Give {account: load} of those of some people who hold anything."""
    late = sa.func.sum(sa.case((task.c.due_at < uow.now, 1), else_=0))
    query = (
        sa.select(task.c.holder, sa.func.count(), late)
        .where(task.c.holder.in_(sorted(people)), task.c.state == sa.literal_column("'claimed'"))
        .group_by(task.c.holder)
    )
    return {UserKey(row[0]): Load(row[1], row[2]) for row in map(tuple, uow.execute(query))}
