"""Incidents: what stopped and waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.errors import NotFound, Text
from engine.model.keys import DefinitionKey, IncidentKey, InstanceKey, JobKey
from engine.model.states import IncidentState
from engine.store.database import UnitOfWork
from engine.store.instances import instance
from engine.store.rows import many, one
from engine.store.sentences import TextJson
from engine.store.types import Choice, Instant, Key, columns, metadata, one_of
from engine.store.units import Scope, within
from engine.store.versions import definition

incident = sa.Table(
    "incident",
    metadata,
    sa.Column("key", Key, primary_key=True, autoincrement=False),
    sa.Column("instance", Key, sa.ForeignKey(instance.c.key), comment="null: no instance could be started"),
    sa.Column("definition", Key, sa.ForeignKey(definition.c.key), comment="the process that could not be started"),
    sa.Column("ref", sa.Integer, comment="id of the element instance; null: the job below stopped"),
    sa.Column("job", Key, comment="the engine's own job that stopped"),
    sa.Column("element_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("message", TextJson, nullable=False),
    sa.Column("state", Choice(IncidentState), nullable=False),
    sa.Column("raised_at", Instant, nullable=False),
    sa.Column("resolved_at", Instant),
    sa.Column("resolved_by", sa.Text),
    one_of("state", IncidentState),
    sa.CheckConstraint("(state = 'open') = (resolved_at IS NULL)", name="resolved"),
    sa.CheckConstraint("(ref IS NULL) <> (job IS NULL)", name="subject"),
    sa.CheckConstraint("(instance IS NULL) <> (definition IS NULL)", name="owner"),
    comment="What stopped and waits for a person.",
)
_open = incident.c.state == sa.literal_column("'open'")
sa.Index(
    "uq_incident_ref", incident.c.instance, incident.c.ref, unique=True, sqlite_where=_open, postgresql_where=_open
)
sa.Index("uq_incident_job", incident.c.job, unique=True, sqlite_where=_open, postgresql_where=_open)
sa.Index("ix_incident_instance", incident.c.instance, incident.c.key)


@dataclass(frozen=True, slots=True)
class Incident:
    """What stopped and waits for a person. It is about an element instance, or about a job of the engine's own.

    Attributes:
        instance: None when an instance could not even be started; then ``definition`` says of which process.
    """

    key: IncidentKey
    instance: InstanceKey | None
    definition: DefinitionKey | None
    ref: int | None
    job: JobKey | None
    element_id: str
    kind: str
    message: Text
    state: IncidentState
    raised_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None


_COLUMNS = columns(incident, Incident)


def row(
    uow: UnitOfWork,
    instance_key: int | None,
    *,
    element_id: str,
    kind: str,
    message: Text,
    ref: int | None = None,
    job: int | None = None,
    definition_key: int | None = None,
) -> dict[str, Any]:
    """Make the row of a new incident."""
    return {
        "key": uow.new_key(),
        "instance": instance_key,
        "definition": definition_key,
        "ref": ref,
        "job": job,
        "element_id": element_id,
        "kind": kind,
        "message": message,
        "state": IncidentState.OPEN,
        "raised_at": uow.now,
        "resolved_at": None,
        "resolved_by": None,
    }


def add(uow: UnitOfWork, rows: Sequence[dict[str, Any]]) -> None:
    """Store new incidents."""
    if rows:
        uow.execute(sa.insert(incident), rows)


def _resolve(where: Any, uow: UnitOfWork, actor_id: str) -> list[tuple[str, int]]:
    done = uow.execute(
        sa.update(incident)
        .where(_open, *where)
        .values(state=IncidentState.RESOLVED, resolved_at=uow.now, resolved_by=actor_id)
        .returning(incident.c.element_id, incident.c.ref)
    )
    return [(row.element_id, row.ref or 0) for row in done]


def resolve_refs(uow: UnitOfWork, instance_key: int, refs: Sequence[int], *, actor_id: str) -> list[tuple[str, int]]:
    """Resolve the open incidents of some element instances; give (element id, element instance) of each."""
    return _resolve((incident.c.instance == instance_key, incident.c.ref.in_(refs)), uow, actor_id)


def resolve_job(uow: UnitOfWork, job_key: int, *, actor_id: str) -> list[tuple[str, int]]:
    """Resolve the open incident of a job; give (element id, 0) of each."""
    return _resolve((incident.c.job == job_key,), uow, actor_id)


def resolve_all(uow: UnitOfWork, instance_key: int, *, actor_id: str) -> list[tuple[str, int]]:
    """Resolve every open incident of an instance that has ended; give (element id, element instance) of each."""
    return _resolve((incident.c.instance == instance_key,), uow, actor_id)


def get(uow: UnitOfWork, key: int) -> Incident:
    """Give an incident.

    Raises:
        NotFound: there is none with this key.
    """
    found = one(Incident, uow.execute(sa.select(*_COLUMNS).where(incident.c.key == key)))
    if found is None:
        raise NotFound("there is no incident {key}", key=key)
    return found


def select(
    uow: UnitOfWork,
    bound: Scope,
    *,
    instance_key: int | None = None,
    only_open: bool = True,
    after: int | None = None,
    limit: int | None = None,
) -> list[Incident]:
    """List incidents in a scope, oldest first; ``after`` is the last key of the page before."""
    query = sa.select(*_COLUMNS).order_by(incident.c.key)
    if instance_key is not None:
        query = query.where(incident.c.instance == instance_key)
    if not bound.everything:
        query = (
            query.outerjoin(instance, instance.c.key == incident.c.instance)
            .outerjoin(definition, definition.c.key == incident.c.definition)
            .where(_within(bound))
        )
    if only_open:
        query = query.where(_open)
    if after is not None:
        query = query.where(incident.c.key > after)
    if limit is not None:
        query = query.limit(limit)
    return many(Incident, uow.execute(query))


def _within(bound: Scope) -> sa.ColumnElement[bool]:
    if not bound.paths:
        return sa.false()
    of_all = sa.and_(incident.c.definition.is_not(None), definition.c.unit.is_(None))
    return sa.or_(within(instance.c.unit, bound), within(definition.c.unit, bound), of_all)


def count_open(uow: UnitOfWork) -> int:
    """Count the open incidents."""
    return int(uow.execute(sa.select(sa.func.count()).select_from(incident).where(_open)).scalar_one())
