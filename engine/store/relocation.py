"""Moves the rows of a live instance from one version of its process to another."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from engine.model.states import IncidentState
from engine.store.database import UnitOfWork
from engine.store.incidents import incident
from engine.store.instances import instance
from engine.store.jobs import job
from engine.store.subscriptions import subscription
from engine.store.tasks import OPEN, task
from engine.store.versions import ProcessDefinition


def relocate(uow: UnitOfWork, key: int, target: ProcessDefinition, places: Mapping[str, str]) -> None:
    """Let an instance, its open tasks, its jobs, its waits and what stopped belong to another version.

    Args:
        places: {element id now: element id there}, where they differ.
    """
    uow.execute(sa.update(instance).where(instance.c.key == key).values(definition=target.key, version=target.version))
    for table, where in (
        (task, task.c.state.in_(OPEN)),
        (subscription, sa.true()),
        (job, job.c.instance == key),
        (incident, incident.c.state == IncidentState.OPEN),
    ):
        values: dict[str, object] = {} if table in (job, incident) else {"definition": target.key}
        if places:
            values["element_id"] = sa.case(places, value=table.c.element_id, else_=table.c.element_id)
        if values:
            uow.execute(sa.update(table).where(table.c.instance == key, where).values(**values))
