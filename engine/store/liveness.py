"""Plain questions to the database about what must always hold."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from engine.model.keys import InstanceKey, UserTaskKey
from engine.store.candidates import candidate
from engine.store.database import UnitOfWork
from engine.store.incidents import incident
from engine.store.instances import instance
from engine.store.jobs import OPEN as JOB_OPEN
from engine.store.jobs import PENDING, job
from engine.store.snapshots import scope
from engine.store.subscriptions import subscription
from engine.store.tasks import OPEN as TASK_OPEN
from engine.store.tasks import task


def _some(table: sa.Table, *where: Any) -> sa.Exists:
    return sa.exists().select_from(table).where(*where)


_open_task = _some(task, task.c.instance == instance.c.key, task.c.state.in_(TASK_OPEN))
_open_job = _some(job, job.c.instance == instance.c.key, job.c.state.in_(JOB_OPEN))
_wait = _some(subscription, subscription.c.instance == instance.c.key)
_open_incident = _some(incident, incident.c.instance == instance.c.key, incident.c.state == "open")
_is_live = instance.c.ended_at.is_(None)
_pending = _some(
    job,
    job.c.instance == instance.c.key,
    job.c.state.in_(PENDING),
    job.c.kind.in_(("service", "timer", "start_child")),  # the engine's other jobs find out by themselves
)
_snapshot = _some(scope, scope.c.instance == instance.c.key)
_child = instance.alias("child")
_live_child = sa.exists().where(_child.c.parent == instance.c.key, _child.c.ended_at.is_(None))
_open_incidents = (
    sa.select(sa.func.count())
    .select_from(incident)
    .where(incident.c.instance == instance.c.key, incident.c.state == "open")
    .scalar_subquery()
)

# made once: after every step of a simulation, making them would cost more than running them
_STUCK = (
    sa.select(instance.c.key)
    .where(_is_live, ~_open_task, ~_open_job, ~_wait, ~_open_incident, ~_live_child)
    .order_by(instance.c.key)
    .limit(sa.bindparam("most"))
)
_LEFTOVERS = {
    what: sa.select(instance.c.key).where(~_is_live, condition).order_by(instance.c.key)
    for what, condition in (
        ("task", _open_task),
        ("job", _pending),
        ("wait", _wait),
        ("incident", _open_incident),
        ("snapshot", _snapshot),
    )
}
_MISCOUNTED = sa.select(instance.c.key, instance.c.incidents, _open_incidents.label("real")).where(
    instance.c.incidents != _open_incidents
)
_OFFERED = sa.select(task.c.key).where(task.c.state.not_in(TASK_OPEN), _some(candidate, candidate.c.task == task.c.key))


def stuck(uow: UnitOfWork, *, limit: int = 1000) -> list[InstanceKey]:
    """List live instances with no open task, job, timer, wait, live child or incident."""
    return list(uow.execute(_STUCK, {"most": limit}).scalars())


def leftovers(uow: UnitOfWork) -> list[tuple[InstanceKey, str]]:
    """List what instances that have ended still have: (instance, what)."""
    return [(key, what) for what, query in _LEFTOVERS.items() for key in uow.execute(query).scalars()]


def miscounted(uow: UnitOfWork) -> list[tuple[InstanceKey, int, int]]:
    """List instances whose number of open incidents is not what they say: (instance, said, real)."""
    return [(row.key, row.incidents, row.real) for row in uow.execute(_MISCOUNTED)]


def offered(uow: UnitOfWork) -> list[UserTaskKey]:
    """List tasks that are done and still in somebody's inbox."""
    return list(uow.execute(_OFFERED).scalars())
