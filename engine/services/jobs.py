"""Jobs: lease them, run the engine's own, and take in what workers answer.

A lease ends by itself, so that a worker that dies loses nothing; whoever answers names the number of its lease, so that a worker that
only slept cannot answer for the one that took over. Attempts are counted before a job runs, so that a job that kills its worker is
found out.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine.bpmn import run as runs
from engine.bpmn import snapshot
from engine.errors import ConcurrentUpdate, IllegalTransition, Text
from engine.model import faults
from engine.model.keys import InstanceKey, JobKey, UnitKey, parse_key
from engine.model.states import InstanceState, JobState
from engine.model.values import SYSTEM, Actor
from engine.services import access, batches, chores, command, moves
from engine.services.answers import fail, failure, refuse_others_lease, said, settle, succeed, throw_error
from engine.services.chores import OWN_TRIES, LeaseLost
from engine.services.engine import Engine
from engine.store import incidents, instances, jobs, leases, snapshots
from engine.store.database import UnitOfWork
from engine.store.history import Entry
from engine.store.jobs import Job, JobKind

__all__ = [
    "Job",
    "JobKind",
    "ServiceJob",
    "claim",
    "claim_due",
    "extend",
    "fail",
    "hand_out",
    "next_due",
    "open_jobs",
    "run",
    "succeed",
    "throw_error",
]

CRASHES = 3  # leases that may run out in a row, before an incident
LEASE = timedelta(minutes=5)
BACKOFF = (timedelta(seconds=1), timedelta(seconds=10))

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ServiceJob:
    """Work for a worker outside, as it is handed out.

    Attributes:
        variables: what the scope of its element can see.
        lease_no: to be named with the answer; 0 while nobody holds it.
        attempts: how often it was handed out, this time included.
        effect_key: the same for every try of this piece of work and for no other: the idempotency key for the outside.
    """

    key: JobKey
    type: str
    instance: InstanceKey
    process_id: str
    version: int
    business_key: str
    unit: UnitKey | None
    element_id: str
    ref: int
    variables: dict[str, Any]
    headers: dict[str, str]
    retries: int
    attempts: int
    lease_no: int
    lease_until: datetime | None
    worker: str
    error: str

    @property
    def effect_key(self) -> str:
        """Name the piece of work: instance and element instance."""
        return f"{self.instance}:{self.ref}"


# ---- taking ------------------------------------------------------------------------------------------------------------


def claim_due(
    engine: Engine, *, worker: str, limit: int = 20, types: Sequence[str] | None = None, lease: timedelta = LEASE
) -> list[Job]:
    """Lease jobs that are due, in due order; those whose lease ran out are due again.

    Args:
        types: job types to take; None: the engine's own jobs.
    """
    with engine.store.read() as uow:  # most looks find nothing, and keep nobody from writing
        waiting = [key for key, _ in leases.waiting(uow, types=types, until=uow.now, limit=limit)]
    if not waiting:
        return []
    with engine.store.begin() as uow:
        found = leases.take(uow, waiting, worker=worker, lease=lease)
        uow.commit()
    if found:
        faults.point("job_leased")
    return [job for job in found if not _gave_up(engine, job)]


def claim(
    engine: Engine,
    types: Sequence[str],
    *,
    actor: Actor,
    worker: str,
    limit: int = 20,
    lease: timedelta = LEASE,
) -> list[ServiceJob]:
    """Lease service jobs of some types and hand them out with their variables, in due order.

    Raises:
        NotAllowed: the actor may not work on jobs.
    """
    with engine.store.read() as uow:
        access.require_somewhere(uow, actor, "work", "job")
    return hand_out(engine, claim_due(engine, worker=worker, limit=limit, types=types, lease=lease))


def hand_out(engine: Engine, leased: Sequence[Job]) -> list[ServiceJob]:
    """Give leased service jobs with the variables that they see; those of suspended instances are put aside."""
    with engine.store.read() as uow:
        shown = describe(uow, leased)
    for job in leased:
        if not any(each.key == job.key for each in shown):
            _put_aside(engine, job)
    return shown


def describe(uow: UnitOfWork, some: Sequence[Job]) -> list[ServiceJob]:
    """Give service jobs of active instances with the variables that they see."""
    keys = sorted({job.instance for job in some if job.instance is not None})
    if not keys:
        return []
    rows = {row.key: row for row in instances.some(uow, keys)}
    states = {key: snapshot.load(*each) for key, each in snapshots.some(uow, keys).items()}
    found = []
    for job in some:
        row = rows.get(job.instance) if job.instance is not None else None
        if row is None or row.state is not InstanceState.ACTIVE or job.ref is None:
            continue
        found.append(
            ServiceJob(
                key=job.key,
                type=job.type,
                instance=row.key,
                process_id=row.process_id,
                version=row.version,
                business_key=row.business_key,
                unit=row.unit,
                element_id=job.element_id,
                ref=job.ref,
                variables=runs.visible(states[row.key], job.ref),
                headers=dict(job.headers),
                retries=job.retries,
                attempts=job.attempts,
                lease_no=job.lease_no,
                lease_until=job.lease_until,
                worker=job.worker,
                error=job.error,
            )
        )
    return found


def _put_aside(engine: Engine, job: Job) -> None:
    def body(uow: UnitOfWork) -> None:
        assert job.instance is not None
        row = instances.lock(uow, job.instance).row
        if row.state is InstanceState.SUSPENDED:
            leases.finish(uow, job, JobState.DUE, held=True)

    command.run(engine, f"hold job {job.key}", body, actor=SYSTEM)


def _gave_up(engine: Engine, job: Job) -> bool:
    """Stop a job whose workers died again and again; say whether it was."""
    if job.crashes < CRASHES:
        return False
    text = Text("{n} workers took this job and did not come back", n=job.crashes)
    if job.kind is JobKind.SERVICE:
        settle(engine, job.key, job.lease_no, "fail", SYSTEM, failure(text, 0, timedelta()))
    else:
        _stop(engine, job, text)
    return True


# ---- the engine's own jobs -----------------------------------------------------------------------------------------------


def run(engine: Engine, job: Job) -> bool:
    """Do a leased job of the engine's own; False when somebody else has it now.

    A fault is tried again, later each time; after the last try the job stops with an incident on its instance.
    """
    try:
        if job.kind is JobKind.BATCH:
            batches.work(engine, job)
        else:
            command.run(engine, f"job {job.key}", lambda uow: chores.do(engine, uow, job), actor=SYSTEM)
    except LeaseLost:
        return False
    except ConcurrentUpdate:
        _again(engine, job, "others came first", spent=False)
    except Exception as fault:
        log.exception("job %s (%s) of instance %s failed", job.key, job.kind, job.instance)
        if job.attempts < OWN_TRIES:
            _again(engine, job, repr(fault), spent=True)
        else:
            _stop(engine, job, said(fault))
    return True


def _again(engine: Engine, job: Job, error: str, *, spent: bool) -> None:
    rivals = timedelta(milliseconds=random.randint(5, 50))  # noqa: S311 - spreads them, hides nothing
    delay = BACKOFF[min(job.attempts, len(BACKOFF)) - 1] if spent else rivals
    with engine.store.begin() as uow:
        leases.finish(uow, job, JobState.DUE, due_at=uow.now + delay, error=error)
        uow.commit()


def _stop(engine: Engine, job: Job, text: Text) -> None:
    """Fail a job of the engine's own for good, with an incident on the instance that it moves; without one, on its process."""

    def body(uow: UnitOfWork) -> None:
        locked = instances.lock(uow, job.instance) if job.instance is not None else None
        if not leases.finish(uow, job, JobState.FAILED, error=text):
            return
        live = locked is not None and locked.row.is_live
        definition_key = locked.row.definition if locked is not None else job.definition
        row = incidents.row(
            uow,
            job.instance if live else None,
            definition_key=None if live else definition_key,
            element_id=job.element_id,
            kind="internal",
            message=text,
            job=job.key,
        )
        incidents.add(uow, [row])
        if locked is not None and live:
            note = Entry("incident_raised", job.element_id, data={"kind": "internal", "message": str(text)})
            moves.note(uow, locked, note, SYSTEM, incidents=1)

    command.run(engine, f"stop job {job.key}", body, actor=SYSTEM)


# ---- reading -------------------------------------------------------------------------------------------------------------


def extend(engine: Engine, key: str | int, lease: timedelta, *, actor: Actor, lease_no: int | None = None) -> datetime:
    """Prolong the lease of a job that takes longer; give when it ends now.

    Raises:
        NotFound: there is no such job.
        IllegalTransition: it is not leased, or by another lease.
    """

    def body(uow: UnitOfWork) -> datetime:
        job = jobs.get(uow, parse_key(key))
        access.require_somewhere(uow, actor, "work", "job")
        refuse_others_lease(job, lease_no, "succeed")
        until = uow.now + lease
        if not leases.extend(uow, job, until):
            raise IllegalTransition("job {key} has just been taken by somebody else", key=job.key)
        return until

    return command.run(engine, f"extend job {key}", body, actor=actor)


def open_jobs(
    engine: Engine, type_: str | None = None, *, actor: Actor, instance: int | None = None
) -> list[ServiceJob]:
    """List the service jobs that wait for a worker, oldest first, with the variables that they see.

    Raises:
        NotAllowed: the actor may not work on jobs.
    """
    with engine.store.read() as uow:
        access.require_somewhere(uow, actor, "work", "job")
        due = [job for job in jobs.of_type(uow, type_, instance_key=instance) if job.due_at <= uow.now and not job.held]
        return describe(uow, due)


def next_due(engine: Engine) -> datetime | None:
    """Say when the engine's own next job is due; None when there is none."""
    with engine.store.read() as uow:
        return leases.next_due(uow)
