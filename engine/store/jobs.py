"""The queue: every piece of work that is due now or later is a row here until it is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from engine.errors import NotFound
from engine.model.keys import DefinitionKey, InstanceKey, JobKey
from engine.model.states import JobState
from engine.store.database import UnitOfWork
from engine.store.instances import instance
from engine.store.prepared import Prepared
from engine.store.rows import many, one
from engine.store.types import Choice, Instant, JsonText, Key, columns, in_text, metadata, one_of
from engine.store.versions import definition


class JobKind(StrEnum):
    """What a job is about. All but the first are the engine's own."""

    SERVICE = "service"  #: work for a worker of its type
    TIMER = "timer"  #: a timer of an instance
    START_TIMER = "start_timer"  #: a timer that starts instances of a process
    CONTINUE = "continue"  #: go on after the step budget of a transaction
    ANSWER = "answer"  #: an answer that could not be taken in when it came
    START = "start"  #: start an instance because of a message or signal
    DELIVER = "deliver"  #: a message on its way to an instance
    SIGNAL = "signal"  #: a signal on its way to an instance
    PUBLISH = "publish"  #: a message that an instance sends
    BROADCAST = "broadcast"  #: a signal that an instance throws
    START_CHILD = "start_child"  #: an instance that another one calls
    CANCEL_CHILD = "cancel_child"  #: the caller no longer needs it
    CHILD_RESULT = "child_result"  #: tell the caller how a called instance ended
    BATCH = "batch"  #: the next instances of a batch
    ESCALATE = "escalate"  #: hand an escalation to the caller


OPEN = (JobState.DUE, JobState.RUNNING)
PENDING = (JobState.DUE, JobState.RUNNING, JobState.FAILED)

job = sa.Table(
    "job",
    metadata,
    sa.Column("key", Key, primary_key=True, autoincrement=False),
    sa.Column("kind", Choice(JobKind), nullable=False),
    sa.Column("type", sa.Text, nullable=False, comment="job type of a service job; empty for the engine's own"),
    sa.Column("instance", Key, sa.ForeignKey(instance.c.key), comment="whom it moves"),
    sa.Column("ref", sa.Integer, comment="id of the element instance or wait that it answers"),
    sa.Column("definition", Key, sa.ForeignKey(definition.c.key)),
    sa.Column("element_id", sa.Text, nullable=False),
    sa.Column("state", Choice(JobState), nullable=False),
    sa.Column("held", sa.Boolean, nullable=False, comment="waits until its suspended instance is resumed"),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("lease_until", Instant, comment="only while it is running"),
    sa.Column("lease_no", sa.Integer, nullable=False, comment="fencing: who writes must name the newest lease"),
    sa.Column("worker", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, comment="counted before each run"),
    sa.Column("crashes", sa.Integer, nullable=False, comment="leases that ran out in a row"),
    sa.Column("retries", sa.Integer, nullable=False, comment="failures that are still allowed"),
    sa.Column("headers", JsonText, nullable=False),
    sa.Column("payload", JsonText, nullable=False),
    sa.Column("error", sa.Text, nullable=False, comment="what went wrong last"),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("done_at", Instant),
    one_of("state", JobState),
    sa.CheckConstraint("(kind = 'service') = (type <> '')", name="type"),
    sa.CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name="lease"),
    sa.CheckConstraint(f"({in_text('state', PENDING)}) = (done_at IS NULL)", name="done"),
    sa.CheckConstraint("instance IS NOT NULL OR definition IS NOT NULL", name="owner"),
    comment="Work that is due now or later.",
)
next_at = sa.func.coalesce(job.c.lease_until, job.c.due_at)
"""When a job can next be taken: at its due time, or when the lease that somebody has on it runs out."""
claimable = sa.and_(sa.text(in_text("job.state", OPEN)), sa.text("NOT job.held"))
_claimable_here = sa.text(f"{in_text('state', OPEN)} AND NOT held")
sa.Index("ix_job_next", job.c.type, next_at, job.c.key, sqlite_where=_claimable_here, postgresql_where=_claimable_here)
sa.Index("ix_job_instance", job.c.instance, job.c.ref)
_of_definition = job.c.instance.is_(None)
sa.Index("ix_job_definition", job.c.definition, sqlite_where=_of_definition, postgresql_where=_of_definition)
# an element instance has one service job and a wait one timer at a time
_one = sa.text(f"{in_text('state', PENDING)} AND kind IN ('service', 'timer', 'start_child')")
sa.Index("uq_job_ref", job.c.instance, job.c.ref, unique=True, sqlite_where=_one, postgresql_where=_one)


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work. ``lease_no`` must be named by whoever answers it."""

    key: JobKey
    kind: JobKind
    type: str
    instance: InstanceKey | None
    ref: int | None
    definition: DefinitionKey | None
    element_id: str
    state: JobState
    held: bool
    due_at: datetime
    lease_until: datetime | None
    lease_no: int
    worker: str
    attempts: int
    crashes: int
    retries: int
    headers: Mapping[str, str]
    payload: Any
    error: str
    created_at: datetime


COLUMNS = columns(job, Job)
"""What a query selects to read a ``Job``."""
_GET = sa.select(*COLUMNS).where(job.c.key == sa.bindparam("key"))


def row(
    uow: UnitOfWork,
    kind: JobKind,
    *,
    instance_key: int | None = None,
    ref: int | None = None,
    definition_key: int | None = None,
    element_id: str = "",
    type_: str = "",
    due_at: datetime | None = None,
    retries: int = 3,
    headers: Mapping[str, str] | None = None,
    payload: Any = None,
    state: JobState = JobState.DUE,
    error: str = "",
) -> dict[str, Any]:
    """Make the row of a new job, due now unless said otherwise."""
    return {
        "key": uow.new_key(),
        "kind": kind,
        "type": type_,
        "instance": instance_key,
        "ref": ref,
        "definition": definition_key,
        "element_id": element_id,
        "state": state,
        "held": False,
        "due_at": due_at or uow.now,
        "lease_until": None,
        "lease_no": 0,
        "worker": "",
        "attempts": 0,
        "crashes": 0,
        "retries": retries,
        "headers": dict(headers or {}),
        "payload": payload or {},
        "error": error,
        "created_at": uow.now,
        "done_at": None,
    }


_INSERT = Prepared(sa.insert(job))


def add(uow: UnitOfWork, rows: Sequence[dict[str, Any]]) -> None:
    """Store new jobs."""
    if rows:
        uow.execute(_INSERT, rows)


def get(uow: UnitOfWork, key: int) -> Job:
    """Give a job.

    Raises:
        NotFound: there is none with this key; jobs of the engine's own are gone once they are done.
    """
    found = one(Job, uow.execute(_GET, {"key": key}))
    if found is None:
        raise NotFound("there is no job {key}", key=key)
    return found


def retry(uow: UnitOfWork, key: int, *, retries: int) -> None:
    """Make a failed job due again now."""
    uow.execute(
        sa.update(job)
        .where(job.c.key == key, job.c.state == JobState.FAILED)
        .values(state=JobState.DUE, due_at=uow.now, retries=retries, attempts=0, crashes=0, error="")
    )


_CANCEL = (
    sa.update(job)
    .where(
        job.c.instance == sa.bindparam("b_instance"),
        job.c.ref.in_(sa.bindparam("b_refs", expanding=True)),
        job.c.kind == JobKind.SERVICE,
        sa.text(in_text("state", PENDING)),
    )
    .values(state=JobState.CANCELED, lease_until=None, done_at=sa.bindparam("b_now"))
)
_CANCEL_FAILED = (
    sa.update(job)
    .where(
        job.c.instance == sa.bindparam("b_instance"),
        job.c.ref.in_(sa.bindparam("b_refs", expanding=True)),
        job.c.kind == JobKind.SERVICE,
        job.c.state == JobState.FAILED,
    )
    .values(state=JobState.CANCELED, done_at=sa.bindparam("b_now"))
)
_DROP = sa.delete(job).where(
    job.c.instance == sa.bindparam("b_instance"),
    job.c.ref.in_(sa.bindparam("b_refs", expanding=True)),
    job.c.kind == sa.bindparam("b_kind"),
)


def cancel(uow: UnitOfWork, instance_key: int, refs: Sequence[int]) -> None:
    """Cancel the service jobs of some element instances."""
    uow.execute(_CANCEL, {"b_instance": instance_key, "b_refs": list(refs), "b_now": uow.now})


def cancel_failed(uow: UnitOfWork, instance_key: int, refs: Sequence[int]) -> None:
    """Cancel the failed service jobs of element instances whose incident is over: they offer the work anew, or are gone."""
    uow.execute(_CANCEL_FAILED, {"b_instance": instance_key, "b_refs": list(refs), "b_now": uow.now})


def drop(uow: UnitOfWork, kind: JobKind, instance_key: int, refs: Sequence[int]) -> int:
    """Let go of timers or other jobs of the engine's own that nobody needs any more; say how many."""
    done = uow.execute(_DROP, {"b_instance": instance_key, "b_refs": list(refs), "b_kind": kind})
    return int(done.rowcount)


def drop_failed(uow: UnitOfWork, instance_key: int) -> None:
    """Let go of the engine's own jobs that failed and that the end of their instance has settled."""
    uow.execute(
        sa.delete(job).where(
            job.c.instance == instance_key, job.c.kind != JobKind.SERVICE, job.c.state == JobState.FAILED
        )
    )


def drop_start_timers(uow: UnitOfWork, definition_keys: Sequence[int]) -> None:
    """Let go of the timers that start instances of older versions."""
    uow.execute(sa.delete(job).where(job.c.kind == JobKind.START_TIMER, job.c.definition.in_(definition_keys)))


def hold(uow: UnitOfWork, instance_key: int, held: bool) -> None:
    """Put the jobs of an instance on hold while it is suspended, or let them go on."""
    uow.execute(
        sa.update(job)
        .where(job.c.instance == instance_key, job.c.held != held, sa.text(in_text("state", PENDING)))
        .values(held=held)
    )


def of_type(
    uow: UnitOfWork,
    type_: str | None = None,
    *,
    instance_key: int | None = None,
    states: Sequence[JobState] = (JobState.DUE,),
) -> list[Job]:
    """List service jobs, oldest first."""
    query = sa.select(*COLUMNS).where(job.c.kind == JobKind.SERVICE, job.c.state.in_(states)).order_by(job.c.key)
    if type_ is not None:
        query = query.where(job.c.type == type_)
    if instance_key is not None:
        query = query.where(job.c.instance == instance_key)
    return many(Job, uow.execute(query))


def backlog(uow: UnitOfWork, now: datetime) -> list[tuple[str, int, datetime | None]]:
    """Count what is due by type: (type, how many, since when), for health and metrics."""
    query = (
        sa.select(job.c.type, sa.func.count().label("n"), sa.func.min(next_at).label("since"))
        .where(claimable, next_at <= now)
        .group_by(job.c.type)
        .order_by(job.c.type)
    )
    return [(row.type, row.n, row.since) for row in uow.execute(query)]
