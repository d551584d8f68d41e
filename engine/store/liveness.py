"""Plain questions to the database about what must always hold."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from engine.model.keys import InstanceKey, UserTaskKey
from engine.store.database import UnitOfWork
from engine.store.incidents import incident
from engine.store.instances import instance, scope
from engine.store.jobs import OPEN as JOB_OPEN
from engine.store.jobs import PENDING, job
from engine.store.subscriptions import subscription
from engine.store.tasks import OPEN as TASK_OPEN
from engine.store.tasks import candidate, task


def _some(table: sa.Table, *where: Any) -> sa.Exists:
    return sa.exists().select_from(table).where(*where)


_open_task = _some(task, task.c.instance == instance.c.key, task.c.state.in_(TASK_OPEN))
_open_job = _some(job, job.c.instance == instance.c.key, job.c.state.in_(JOB_OPEN))
_wait = _some(subscription, subscription.c.instance == instance.c.key)
_open_incident = _some(incident, incident.c.instance == instance.c.key, incident.c.state == "open")
_is_live = instance.c.ended_at.is_(None)


def stuck(uow: UnitOfWork, *, limit: int = 1000) -> list[InstanceKey]:
    """List live instances with no open task, job, timer, wait, live child or incident."""
    child = instance.alias("child")
    live_child = sa.exists().where(child.c.parent == instance.c.key, child.c.ended_at.is_(None))
    query = sa.select(instance.c.key).where(_is_live, ~_open_task, ~_open_job, ~_wait, ~_open_incident, ~live_child)
    return list(uow.execute(query.order_by(instance.c.key).limit(limit)).scalars())


def leftovers(uow: UnitOfWork) -> list[tuple[InstanceKey, str]]:
    """List what instances that have ended still have: (instance, what)."""
    pending = (
        job.c.instance == instance.c.key,
        job.c.state.in_(PENDING),
        job.c.kind.in_(("service", "timer", "continue", "start_child")),
    )
    nodes = _some(scope, scope.c.instance == instance.c.key)
    found = []
    for what, condition in (
        ("task", _open_task),
        ("job", _some(job, *pending)),
        ("wait", _wait),
        ("incident", _open_incident),
        ("snapshot", nodes),
    ):
        query = sa.select(instance.c.key).where(~_is_live, condition).order_by(instance.c.key)
        found += [(key, what) for key in uow.execute(query).scalars()]
    return found


def miscounted(uow: UnitOfWork) -> list[tuple[InstanceKey, int, int]]:
    """List instances whose number of open incidents is not what they say: (instance, said, real)."""
    real = (
        sa.select(sa.func.count())
        .select_from(incident)
        .where(incident.c.instance == instance.c.key, incident.c.state == "open")
        .scalar_subquery()
    )
    query = sa.select(instance.c.key, instance.c.incidents, real.label("real")).where(instance.c.incidents != real)
    return [(row.key, row.incidents, row.real) for row in uow.execute(query)]


def offered(uow: UnitOfWork) -> list[UserTaskKey]:
    """List tasks that are done and still in somebody's inbox."""
    query = sa.select(task.c.key).where(
        task.c.state.not_in(TASK_OPEN), _some(candidate, candidate.c.task == task.c.key)
    )
    return list(uow.execute(query).scalars())
