"""User tasks: one row each, with who holds it and what it asks for; who may take it is in `candidates`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from engine.errors import NotFound
from engine.model.keys import DefinitionKey, InstanceKey, UnitKey, UserKey, UserTaskKey
from engine.model.states import TaskState
from engine.store import candidates
from engine.store.accounts import account
from engine.store.database import UnitOfWork
from engine.store.instances import COLUMNS as INSTANCE
from engine.store.instances import Instance, Locked, instance
from engine.store.prepared import Prepared
from engine.store.rows import many, one
from engine.store.types import Choice, Instant, JsonText, Key, columns, in_text, metadata, one_of
from engine.store.units import unit
from engine.store.versions import definition

OPEN = (TaskState.CREATED, TaskState.CLAIMED)
task = sa.Table(
    "task",
    metadata,
    sa.Column("key", Key, primary_key=True, autoincrement=False),
    sa.Column("instance", Key, sa.ForeignKey(instance.c.key), nullable=False),
    sa.Column("ref", sa.Integer, nullable=False, comment="id of the element instance"),
    sa.Column("definition", Key, sa.ForeignKey(definition.c.key), nullable=False),
    sa.Column("process_id", sa.Text, nullable=False),
    sa.Column("unit", Key, sa.ForeignKey(unit.c.key)),
    sa.Column("element_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("state", Choice(TaskState), nullable=False),
    sa.Column("assignee", sa.Text, comment="login of who holds it, or whatever the diagram names"),
    sa.Column("holder", Key, sa.ForeignKey(account.c.key), comment="the account of the assignee"),
    sa.Column("candidate_groups", JsonText, nullable=False),
    sa.Column("candidate_users", JsonText, nullable=False),
    sa.Column("form_id", sa.Text, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("due_at", Instant),
    sa.Column("follow_up_at", Instant),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("claimed_at", Instant, comment="when it was first claimed"),
    sa.Column("done_at", Instant, comment="when it was completed or canceled"),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("changed_by", sa.Text, nullable=False, comment="id of the actor of the last change"),
    sa.Column("changed_by_name", sa.Text, nullable=False),
    sa.UniqueConstraint("instance", "ref"),
    one_of("state", TaskState),
    sa.CheckConstraint("state <> 'created' OR assignee IS NULL", name="created_is_free"),
    sa.CheckConstraint("state <> 'claimed' OR assignee IS NOT NULL", name="claimed_is_held"),
    sa.CheckConstraint(f"({in_text('state', OPEN)}) = (done_at IS NULL)", name="done"),
    comment="Work that is offered to people.",
)
_claimed = task.c.state == sa.literal_column("'claimed'")
sa.Index("ix_task_holder", task.c.holder, task.c.key, sqlite_where=_claimed, postgresql_where=_claimed)
_done = task.c.state == sa.literal_column("'completed'")
sa.Index("ix_task_done", task.c.changed_by, task.c.done_at, sqlite_where=_done, postgresql_where=_done)
sa.Index("ix_task_changed", task.c.changed_at)
_open = sa.text(in_text("state", OPEN))
sa.Index("ix_task_open", task.c.unit, task.c.key, sqlite_where=_open, postgresql_where=_open)


@dataclass(frozen=True, slots=True)
class Task:
    """A user task. ``changed_by`` is the id of the actor of the last change; in a final state, of who completed it."""

    key: UserTaskKey
    instance: InstanceKey
    ref: int
    definition: DefinitionKey
    process_id: str
    unit: UnitKey | None
    element_id: str
    name: str
    state: TaskState
    assignee: str | None
    holder: UserKey | None
    candidate_groups: list[str]
    candidate_users: list[str]
    form_id: str
    priority: int
    due_at: datetime | None
    follow_up_at: datetime | None
    created_at: datetime
    claimed_at: datetime | None
    done_at: datetime | None
    changed_at: datetime
    changed_by: str
    changed_by_name: str

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do it."""
        return self.state in OPEN


COLUMNS = columns(task, Task)
_GET = Prepared(sa.select(*COLUMNS).where(task.c.key == sa.bindparam("b_key")))
_INSERT = Prepared(
    sa.insert(task).values(
        holder=sa.select(account.c.key)
        .where(account.c.login == sa.bindparam("b_login", type_=sa.Text))
        .scalar_subquery()
    )
)


def get(uow: UnitOfWork, key: int) -> Task:
    """Give a task.

    Raises:
        NotFound: there is none with this key.
    """
    found = one(Task, uow.fetch(_GET, {"b_key": key}))
    if found is None:
        raise NotFound("there is no task {key}", key=key)
    return found


_LOCK = Prepared(
    sa.select(*INSTANCE, instance.c.head, unit.c.path, unit.c.zone, *COLUMNS)
    .select_from(task)
    .join(instance, instance.c.key == task.c.instance)
    .outerjoin(unit, unit.c.key == instance.c.unit)
    .where(task.c.key == sa.bindparam("b_key"))
    .with_for_update(of=instance)
)


def lock(uow: UnitOfWork, key: int) -> tuple[Locked, Task]:
    """Give a task and hold the row of its instance until the transaction ends.

    Where another transaction had to be waited for, the task may be the one from before; ``change`` finds that out.

    Raises:
        NotFound: there is no such task.
    """
    rows = uow.fetch(_LOCK, {"b_key": key})
    if not rows:
        raise NotFound("there is no task {key}", key=key)
    row = rows[0]
    own = len(INSTANCE)
    head, path, zone = row[own : own + 3]
    return Locked(Instance(*row[:own]), head, path or "", zone or ""), Task(*row[own + 3 :])


def add(uow: UnitOfWork, rows: Sequence[dict[str, Any]]) -> None:
    """Store new tasks; the account of an assignee is looked up by login."""
    uow.execute(_INSERT, [row | {"b_login": row["assignee"]} for row in rows])


_CHANGE = Prepared(
    sa.update(task)
    .where(
        task.c.key == sa.bindparam("b_key"),
        task.c.state == sa.bindparam("b_was"),
        sa.func.coalesce(task.c.assignee, "") == sa.bindparam("b_held_by"),
    )
    .values(
        state=sa.bindparam("b_state"),
        assignee=sa.bindparam("b_assignee"),
        holder=sa.bindparam("b_holder"),
        claimed_at=sa.bindparam("b_claimed_at"),
        done_at=sa.bindparam("b_done_at"),
        changed_at=sa.bindparam("b_changed_at"),
        changed_by=sa.bindparam("b_actor"),
        changed_by_name=sa.bindparam("b_actor_name"),
    )
)


def change(
    uow: UnitOfWork,
    row: Task,
    *,
    state: TaskState,
    assignee: str | None,
    holder: UserKey | None,
    actor_id: str,
    actor_name: str,
) -> bool:
    """Store a new state and holder, unless somebody changed them since ``row`` was read; say whether it was stored."""
    claimed_at = uow.now if state is TaskState.CLAIMED and row.claimed_at is None else row.claimed_at
    done = uow.execute(
        _CHANGE,
        {
            "b_key": row.key,
            "b_was": row.state,
            "b_held_by": row.assignee or "",
            "b_state": state,
            "b_assignee": assignee,
            "b_holder": holder,
            "b_claimed_at": claimed_at or (uow.now if state is TaskState.COMPLETED else None),
            "b_done_at": None if state in OPEN else uow.now,
            "b_changed_at": uow.now,
            "b_actor": actor_id,
            "b_actor_name": actor_name,
        },
    )
    return bool(done.rowcount)


def set_urgency(
    uow: UnitOfWork, key: int, *, priority: int, due_at: datetime | None, follow_up_at: datetime | None
) -> None:
    """Store a task's priority and dates, also where inboxes sort by them."""
    uow.execute(
        sa.update(task).where(task.c.key == key).values(priority=priority, due_at=due_at, follow_up_at=follow_up_at)
    )
    candidates.set_urgency(uow, key, priority=priority, due_at=due_at)


_CANCEL = (
    sa.update(task)
    .where(task.c.instance == sa.bindparam("b_instance"), task.c.ref.in_(sa.bindparam("b_refs", expanding=True)), _open)
    .values(
        state=TaskState.CANCELED,
        done_at=sa.bindparam("b_now"),
        changed_at=sa.bindparam("b_now"),
        changed_by=sa.bindparam("b_actor"),
        changed_by_name=sa.bindparam("b_actor_name"),
    )
    .returning(task.c.key)
)


def cancel(
    uow: UnitOfWork, instance_key: int, refs: Sequence[int], *, actor_id: str, actor_name: str
) -> list[UserTaskKey]:
    """Cancel the open tasks of some element instances, and take them out of all inboxes."""
    keys = list(
        uow.execute(
            _CANCEL,
            {
                "b_instance": instance_key,
                "b_refs": list(refs),
                "b_now": uow.now,
                "b_actor": actor_id,
                "b_actor_name": actor_name,
            },
        ).scalars()
    )
    if keys:
        candidates.clear(uow, keys)
    return keys


@cache
def _of(one_instance: bool, only_open: bool) -> Prepared:
    query = sa.select(*COLUMNS).order_by(task.c.key)
    if one_instance:
        query = query.where(task.c.instance == sa.bindparam("b_instance"))
    return Prepared(query.where(_open) if only_open else query)


def of_instance(uow: UnitOfWork, instance_key: int | None = None, *, only_open: bool = True) -> list[Task]:
    """List the tasks of an instance (or of all), oldest first."""
    values = {} if instance_key is None else {"b_instance": instance_key}
    return many(Task, uow.fetch(_of(bool(values), only_open), values))


def steps(uow: UnitOfWork, instances: Sequence[int]) -> dict[int, list[str]]:
    """Give the names of the open tasks of some instances, oldest first: {instance: names}."""
    found: dict[int, list[str]] = {}
    query = sa.select(task.c.instance, task.c.name).where(task.c.instance.in_(instances), _open).order_by(task.c.key)
    for row in uow.execute(query):
        found.setdefault(row.instance, []).append(row.name)
    return found
