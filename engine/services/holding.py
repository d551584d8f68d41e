"""Who holds a user task: claim it, hand it back, give it to somebody; and how urgent it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from engine.errors import IllegalTransition, NotAllowed
from engine.model.keys import UserKey, parse_key
from engine.model.states import TASK_MOVES, TaskState
from engine.model.states import move as next_state
from engine.model.values import Actor, actor_id
from engine.services import assignees, command, four_eyes, identity, moves, rights
from engine.services.engine import Engine
from engine.store import accounts, candidates, tasks
from engine.store.database import UnitOfWork
from engine.store.history import Entry
from engine.store.instances import Locked
from engine.store.tasks import Task


def claim(engine: Engine, key: str | int, *, actor: Actor, command_id: str | None = None) -> None:
    """Take a task that is offered to the actor; taking it twice is taking it once.

    Raises:
        NotFound: there is none with this key, or it is not the actor's to see.
        NotAllowed: it is not offered to the actor, or wants other eyes than the actor's.
        ConcurrentUpdate: somebody else took it; ``actor`` and ``at`` say who and when.
        IllegalTransition: it is done, or its instance is suspended.
    """

    def body(uow: UnitOfWork, locked: Locked, row: Task) -> None:
        if row.state is TaskState.CLAIMED and rights.holds(actor, row):
            return
        rights.refuse_taken(row)
        next_state(TASK_MOVES, row.state, "claim")
        four_eyes.refuse(uow, row, actor)
        assignee, holder = as_holder(uow, actor)
        _change(uow, locked, row, "claim", actor, assignee, holder, Entry("task_claimed", row.element_id, row.ref))

    _run(engine, "claim", key, body, actor=actor, command_id=command_id)


def release(engine: Engine, key: str | int, *, actor: Actor, reason: str = "", command_id: str | None = None) -> None:
    """Hand a task back to its candidates.

    Raises:
        NotFound: there is none with this key, or it is not the actor's to see.
        NotAllowed: somebody else holds it, and the actor may not assign tasks.
        IllegalTransition: nobody holds it, or its instance is suspended.
    """

    def body(uow: UnitOfWork, locked: Locked, row: Task) -> None:
        next_state(TASK_MOVES, row.state, "release")
        if not rights.holds(actor, row):
            rights.require_assign(uow, actor, row)
        data = {"from": row.assignee, "reason": reason}
        _change(uow, locked, row, "release", actor, None, None, Entry("task_released", row.element_id, row.ref, data))

    _run(engine, "release", key, body, actor=actor, command_id=command_id)


def assign(
    engine: Engine,
    key: str | int,
    to: int,
    *,
    actor: Actor,
    reason: str = "",
    among_candidates: bool = False,
    command_id: str | None = None,
) -> None:
    """Give a task to a person: one's own to a colleague, or, with the permission, anybody's.

    Args:
        to: the account.
        among_candidates: only to somebody whom the task reaches, as ``assignees.candidates`` lists them.

    Raises:
        NotFound: there is no such task or account, or it is not the actor's to see.
        NotAllowed: the actor does not hold it and may not assign tasks; or it wants other eyes than this person's, or does not
            reach this person.
        IllegalTransition: it is done, or its instance is suspended.
    """

    def body(uow: UnitOfWork, locked: Locked, row: Task) -> None:
        next_state(TASK_MOVES, row.state, "assign")
        if not rights.holds(actor, row):
            rights.require_assign(uow, actor, row)
        person = accounts.get(uow, to)
        if person.state is not accounts.AccountState.ACTIVE:
            raise NotAllowed("the account {login} is disabled; choose somebody else", login=person.login)
        if among_candidates and not assignees.reaches(uow, row, person.key):
            name = identity.display_name(person)
            raise NotAllowed(
                "the task is not offered to {person}; choose one of the people whom it reaches", person=name
            )
        four_eyes.refuse(uow, row, identity.actor(uow, person.key))
        given = {"to": person.login, "to_id": actor_id(person.key), "to_name": identity.display_name(person)}
        data = {"from": row.assignee, **given, "reason": reason}
        entry = Entry("task_assigned", row.element_id, row.ref, data)
        _change(uow, locked, row, "assign", actor, person.login, person.key, entry)

    _run(engine, "assign", key, body, actor=actor, command_id=command_id)


def set_urgency(
    engine: Engine,
    key: str | int,
    *,
    actor: Actor,
    priority: int | None = None,
    due_at: datetime | None = None,
    follow_up_at: datetime | None = None,
    reason: str = "",
    command_id: str | None = None,
) -> None:
    """Give an open task another priority or date; what is None stays as it is.

    Raises:
        NotFound: there is none with this key, or it is not the actor's to see.
        NotAllowed: the actor does not hold it and may not assign tasks.
        IllegalTransition: it is done.
    """

    def body(uow: UnitOfWork, locked: Locked, row: Task) -> None:
        if not row.is_open:
            raise IllegalTransition("the task is {state}", state=row.state.value)
        if not rights.holds(actor, row):
            rights.require_assign(uow, actor, row)
        new = {
            "priority": row.priority if priority is None else priority,
            "due_at": due_at or row.due_at,
            "follow_up_at": follow_up_at or row.follow_up_at,
        }
        tasks.set_urgency(uow, row.key, **new)  # type: ignore[arg-type]  # by name, as they are above
        told = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in new.items()}
        changed = [name for name, value in new.items() if value != getattr(row, name)]
        data = told | {"changed": changed, "reason": reason}
        entry = Entry("task_changed", row.element_id, row.ref, data)
        moves.note(uow, locked, entry, actor)

    _run(engine, "change", key, body, actor=actor, command_id=command_id)


def _run(
    engine: Engine,
    action: str,
    key: str | int,
    body: Callable[[UnitOfWork, Locked, Task], None],
    *,
    actor: Actor,
    command_id: str | None,
) -> None:
    number = parse_key(key)

    def checked_body(uow: UnitOfWork) -> None:
        locked, row = tasks.lock(uow, number)
        may_take = rights.refuse_invisible(uow, actor, row)
        if action == "claim" and not may_take:
            raise NotAllowed("the task is not offered to you; ask for it to be assigned to you")
        moves.refuse_ended(locked.row)
        body(uow, locked, row)

    command.run(engine, f"{action} task {number}", checked_body, actor=actor, command_id=command_id)


def _change(
    uow: UnitOfWork,
    locked: Locked,
    row: Task,
    action: str,
    actor: Actor,
    assignee: str | None,
    holder: UserKey | None,
    entry: Entry,
) -> None:
    state = next_state(TASK_MOVES, row.state, action)
    stored = tasks.change(
        uow, row, state=state, assignee=assignee, holder=holder, actor_id=actor.id, actor_name=actor.name
    )
    if not stored:
        rights.refuse_changed(uow, row)
    if (row.state is TaskState.CLAIMED) != (state is TaskState.CLAIMED):
        candidates.set_claimed(uow, row.key, state is TaskState.CLAIMED)
    moves.note(uow, locked, entry, actor)


def as_holder(uow: UnitOfWork, actor: Actor) -> tuple[str, UserKey | None]:
    """Give the name and the account under which an actor holds a task; what is no account has only a name."""
    if actor.user is None:
        return actor.id, None
    return accounts.get(uow, actor.user).login, actor.user
