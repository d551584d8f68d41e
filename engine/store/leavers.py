"""Work that people hold who may not sign in any more."""

from __future__ import annotations

import sqlalchemy as sa

from engine.model.keys import UserTaskKey
from engine.model.states import TaskState
from engine.store.accounts import AccountState, account
from engine.store.database import UnitOfWork
from engine.store.tasks import task


def held(uow: UnitOfWork, key: int | None, limit: int) -> list[UserTaskKey]:
    """List the tasks that disabled accounts (or one of them) hold, the oldest first."""
    query = (
        sa.select(task.c.key)
        .join_from(task, account, account.c.key == task.c.holder)
        .where(task.c.state == TaskState.CLAIMED, account.c.state == AccountState.DISABLED)
    )
    if key is not None:
        query = query.where(task.c.holder == key)
    return [UserTaskKey(each) for each in uow.execute(query.order_by(task.c.key).limit(limit)).scalars()]
