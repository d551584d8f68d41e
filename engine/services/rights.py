"""Who may see, take and change which user task, and what is said to somebody who came second."""

from __future__ import annotations

from engine.errors import ConcurrentUpdate, NotAllowed, NotFound
from engine.model.states import TaskState
from engine.model.values import Actor
from engine.services import identity, offers
from engine.store import candidates, tasks
from engine.store.database import UnitOfWork
from engine.store.tasks import Task

KIND = "user_task"


def holds(actor: Actor, row: Task) -> bool:
    """Say whether the actor holds the task, itself or for an absent colleague."""
    if actor.everything or (actor.bound is not None and actor.bound.task == row.key):
        return True
    if row.holder is None:
        return row.assignee == actor.id
    return row.holder == actor.user or row.holder in actor.stands_in_for


def may_take(uow: UnitOfWork, actor: Actor, row: Task) -> bool:
    """Say whether the actor holds the task, or is one of those that it is offered to."""
    if (row.assignee is not None and holds(actor, row)) or actor.everything:
        return True
    if actor.bound is not None:
        return actor.bound.task == row.key
    mine = offers.of(actor)
    return bool(mine) and actor.may(KIND, "complete") and not mine.isdisjoint(candidates.places(uow, row.key))


def may_see(uow: UnitOfWork, actor: Actor, row: Task) -> bool:
    """Say whether the actor may look at the task though it is not offered to it."""
    if actor.bound is not None:
        return False
    return row.changed_by == actor.id or identity.allowed(uow, actor, "read", KIND, row.unit)


def refuse_invisible(uow: UnitOfWork, actor: Actor, row: Task) -> bool:
    """Hide a task that the actor may not see; say whether it may also take it.

    Raises:
        NotFound: the task is not the actor's to see.
    """
    if may_take(uow, actor, row):
        return True
    if not may_see(uow, actor, row):
        raise NotFound("there is no task {key}", key=row.key)
    return False


def require_assign(uow: UnitOfWork, actor: Actor, row: Task) -> None:
    """Refuse to touch what somebody else holds, unless the actor may assign tasks there.

    Raises:
        NotAllowed: it may not.
    """
    if not identity.allowed(uow, actor, "assign", KIND, row.unit):
        raise NotAllowed("{holder} holds the task; ask them, or a supervisor", holder=row.assignee or "nobody")


def refuse_taken(row: Task) -> None:
    """Tell who was quicker."""
    if row.state is TaskState.CLAIMED:
        raise ConcurrentUpdate(
            "{actor} took the task at {at}", actor=row.changed_by_name or row.assignee or "", at=row.changed_at
        )
    if row.state is TaskState.COMPLETED:
        raise ConcurrentUpdate("{actor} completed the task at {at}", actor=row.changed_by_name, at=row.changed_at)


def refuse_changed(uow: UnitOfWork, row: Task) -> None:
    """Tell who changed the task while this command waited for its turn."""
    now = tasks.get(uow, row.key)
    refuse_taken(now)
    raise ConcurrentUpdate(
        "{actor} changed the task at {at}: it is {state}",
        actor=now.changed_by_name,
        at=now.changed_at,
        state=now.state.value,
    )
