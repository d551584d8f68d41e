"""Answers of workers to service jobs: done, failed, ended in an error. The process moves on in the same transaction.

What was answered is never thrown away by a fault of ours: it is kept as a job of its own, with an incident.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from engine.bpmn.progress import CompleteElement, Fail, ThrowError, Trigger
from engine.errors import IllegalTransition, NotFound, PropflowError, Text
from engine.model.json import Variables
from engine.model.keys import JobKey, parse_key
from engine.model.states import JOB_MOVES, InstanceState, JobState
from engine.model.states import move as next_state
from engine.model.values import Actor
from engine.services import command, identity, moves
from engine.services.engine import Engine
from engine.services.payload import checked
from engine.store import incidents, instances, jobs, leases
from engine.store.database import UnitOfWork
from engine.store.history import Entry
from engine.store.instances import Locked
from engine.store.jobs import Job, JobKind


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an answer makes of a job.

    Attributes:
        state: the job's next state.
        note: the line of history.
        trigger: how the instance moves; None while the job is to be tried again.
        kept: the answer as JSON, for the case that it cannot be taken in now; None: there is nothing to keep.
        retries: how many are left; None: as many as before.
        delay: until the job is open again.
    """

    state: JobState
    note: Entry
    trigger: Trigger | None = None
    kept: Mapping[str, Any] | None = None
    retries: int | None = None
    delay: timedelta = timedelta()
    error: str = ""


Settle = Callable[[Job], Outcome]


def succeed(
    engine: Engine,
    key: str | int,
    variables: Variables | None = None,
    *,
    actor: Actor,
    lease_no: int | None = None,
    command_id: str | None = None,
    also: Callable[[UnitOfWork], None] | None = None,
) -> None:
    """Take in that a worker has done a job; the process moves on in the same transaction.

    A fault of ours does not throw the worker's answer away: it is kept, and taken in by a job of its own that has an incident.

    Args:
        lease_no: of the lease that the worker holds; None for callers that do not know it.
        also: writes the caller's own rows in the same transaction.

    Raises:
        NotFound: there is no such job.
        NotAllowed: the actor may not work on jobs.
        IllegalTransition: the job is done, canceled, or not leased; or the lease is another one by now.
        Invalid: a variable is not JSON or too large.
    """
    given = checked(variables, engine.limits)

    def answer(job: Job) -> Outcome:
        data = {"job": job.key, "type": job.type, "worker": job.worker}
        return Outcome(
            JobState.SUCCEEDED,
            Entry("job_completed", job.element_id, ref_of(job), data),
            trigger=CompleteElement(ref_of(job), given),
            kept={"how": "complete", "variables": given},
        )

    settle(engine, key, lease_no, "succeed", actor, answer, command_id=command_id, also=also)


def throw_error(
    engine: Engine,
    key: str | int,
    code: str,
    message: str = "",
    variables: Variables | None = None,
    *,
    actor: Actor,
    lease_no: int | None = None,
    command_id: str | None = None,
    also: Callable[[UnitOfWork], None] | None = None,
) -> None:
    """Take in that a job ended in a business error, which the diagram catches by its code.

    Raises: as ``succeed``.
    """
    given = checked(variables, engine.limits)

    def answer(job: Job) -> Outcome:
        data = {"job": job.key, "type": job.type, "code": code, "message": message}
        return Outcome(
            JobState.SUCCEEDED,
            Entry("job_error_thrown", job.element_id, ref_of(job), data),
            trigger=ThrowError(ref_of(job), code, message, given),
            kept={"how": "error", "code": code, "message": message, "variables": given},
        )

    settle(engine, key, lease_no, "succeed", actor, answer, command_id=command_id, also=also)


def fail(
    engine: Engine,
    key: str | int,
    message: str,
    *,
    actor: Actor,
    retries: int | None = None,
    delay: timedelta = timedelta(),
    permanent: bool = False,
    lease_no: int | None = None,
    command_id: str | None = None,
) -> None:
    """Take in that a job could not be done. While retries are left it is open again after ``delay``; then it is an incident.

    Args:
        retries: how many are left now; None: one fewer than before.
        permanent: trying again cannot help.

    Raises: as ``succeed``.
    """
    left = 0 if permanent else retries
    settle(
        engine,
        key,
        lease_no,
        "fail",
        actor,
        failure(Text("{message}", message=message), left, delay),
        command_id=command_id,
    )


def failure(text: Text, retries: int | None, delay: timedelta) -> Settle:
    """Make the answer "it could not be done"; ``retries``: how many are left, None for one fewer than before."""

    def answer(job: Job) -> Outcome:
        left = max(0, job.retries - 1 if retries is None else retries)
        data = {"job": job.key, "type": job.type, "message": str(text), "retries": left}
        note = Entry("job_failed", job.element_id, ref_of(job), data)
        if left:
            return Outcome(JobState.DUE, note, retries=left, delay=delay, error=text)
        return Outcome(JobState.FAILED, note, trigger=Fail(ref_of(job), "job", text), retries=0, error=text)

    return answer


def ref_of(job: Job) -> int:
    """Give the element instance that a service job is about."""
    assert job.ref is not None
    return job.ref


def settle(
    engine: Engine,
    key: str | int,
    lease_no: int | None,
    action: str,
    actor: Actor,
    answer: Settle,
    *,
    command_id: str | None = None,
    also: Callable[[UnitOfWork], None] | None = None,
) -> None:
    """Bring a leased service job to its next state and make the move that follows from it."""
    number = JobKey(parse_key(key))

    def begin(uow: UnitOfWork) -> tuple[Job, Locked, Outcome]:
        # (1) the instance, (2) the job under its fencing number
        job = jobs.get(uow, number)
        if job.kind is not JobKind.SERVICE or job.instance is None:
            raise NotFound("there is no job {key}", key=number)
        locked = instances.lock(uow, job.instance)
        identity.require(uow, actor, "work", "job", locked.row.unit)
        job = jobs.get(uow, number)
        refuse_others_lease(job, lease_no, action)
        made = answer(job)
        due_at = uow.now + made.delay if made.state is JobState.DUE else None
        if not leases.finish(uow, job, made.state, due_at=due_at, retries=made.retries, error=made.error):
            raise IllegalTransition("job {key} has just been taken by somebody else", key=number)
        if also is not None:
            also(uow)
        return job, locked, made

    def body(uow: UnitOfWork) -> None:
        job, locked, made = begin(uow)
        if made.trigger is None:
            moves.note(uow, locked, made.note, actor)
            uow.after_commit(engine.wake)
        elif locked.row.state is InstanceState.SUSPENDED and made.kept is not None:
            keep(uow, locked, ref_of(job), made.kept, actor, made.note)
        else:
            moves.move(engine, uow, locked, made.trigger, actor=actor, notes=(made.note,))

    def rescue(uow: UnitOfWork, fault: Exception) -> None:
        job, locked, made = begin(uow)
        if made.kept is None:
            raise fault
        keep(uow, locked, ref_of(job), made.kept, actor, made.note, fault=said(fault))

    command.run(engine, f"{action} job {number}", body, actor=actor, command_id=command_id, rescue=rescue)


def refuse_others_lease(job: Job, lease_no: int | None, action: str) -> None:
    """Refuse an answer to a job that is not leased, or that somebody else has leased since.

    Raises:
        IllegalTransition: it is so.
    """
    if job.state is JobState.DUE and action == "fail":
        raise IllegalTransition("job {key} is not leased; take it first", key=job.key)
    next_state(JOB_MOVES, job.state, action, hint="take it first" if job.state is JobState.DUE else "")
    if lease_no is not None and lease_no != job.lease_no:
        raise IllegalTransition("job {key} was taken by {worker} meanwhile", key=job.key, worker=job.worker)


def keep(
    uow: UnitOfWork,
    locked: Locked,
    ref: int,
    answer: Mapping[str, Any],
    actor: Actor,
    note: Entry,
    *,
    fault: Text | None = None,
) -> None:
    """Keep what somebody handed in as a job: on hold while the instance is suspended, or failed with an incident.

    Args:
        ref: the element instance that it answers.
        note: the line of history that says who handed it in.
    """
    row = jobs.row(
        uow,
        JobKind.ANSWER,
        instance_key=locked.row.key,
        ref=ref,
        element_id=note.element_id,
        payload={**answer, "actor": [actor.id, actor.name]},
        state=JobState.DUE if fault is None else JobState.FAILED,
        error=fault or "",
    )
    row["held"] = fault is None
    jobs.add(uow, [row])
    if fault is not None:
        key = locked.row.key
        stopped = incidents.row(uow, key, element_id=note.element_id, kind="internal", message=fault, job=row["key"])
        incidents.add(uow, [stopped])
    moves.note(uow, locked, note, actor, incidents=0 if fault is None else 1)


def said(fault: Exception) -> Text:
    """Put a fault in words for an incident."""
    if isinstance(fault, PropflowError):
        return fault.text
    return Text("{kind}: {fault}", kind=type(fault).__name__, fault=str(fault)[:500])
