"""Answers of workers to service jobs: done, failed, ended in an error. The process moves on in the same transaction.

What was answered is never thrown away by a fault of ours: it is kept as a job of its own, with an incident.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from engine.bpmn.progress import CompleteElement, Fail, ThrowError, Trigger
from engine.errors import IllegalTransition, NotFound, PropflowError, Text
from engine.model.json import Variables
from engine.model.keys import JobKey, parse_key
from engine.model.states import JOB_MOVES, InstanceState, JobState
from engine.model.states import move as next_state
from engine.model.values import SYSTEM, Actor
from engine.services import command, identity, moves
from engine.services.engine import Engine
from engine.services.payload import checked
from engine.store import incidents, instances, jobs
from engine.store.database import UnitOfWork
from engine.store.history import Entry
from engine.store.instances import Locked
from engine.store.jobs import Job, JobKind

Settle = Callable[[Job], tuple[JobState, "dict[str, Any]", "Trigger | None", Entry]]


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

    def answer(job: Job) -> tuple[JobState, dict[str, Any], Trigger | None, Entry]:
        assert job.ref is not None
        note = Entry("job_completed", job.element_id, job.ref, {"job": job.key, "type": job.type, "worker": job.worker})
        return JobState.SUCCEEDED, {"how": "complete", "variables": given}, CompleteElement(job.ref, given), note

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

    def answer(job: Job) -> tuple[JobState, dict[str, Any], Trigger | None, Entry]:
        assert job.ref is not None
        data = {"job": job.key, "type": job.type, "code": code, "message": message}
        kept = {"how": "error", "code": code, "message": message, "variables": given}
        trigger = ThrowError(job.ref, code, message, given)
        return JobState.SUCCEEDED, kept, trigger, Entry("job_error_thrown", job.element_id, job.ref, data)

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

    def answer(job: Job) -> tuple[JobState, dict[str, Any], Trigger | None, Entry]:
        assert job.ref is not None
        left = max(0, job.retries - 1 if retries is None else retries)
        data = {"job": job.key, "type": job.type, "message": str(text), "retries": left}
        note = Entry("job_failed", job.element_id, job.ref, data)
        if left:
            return JobState.DUE, {"retries": left, "delay": delay, "error": str(text)}, None, note
        return JobState.FAILED, {"retries": 0, "error": str(text)}, Fail(job.ref, "job", str(text)), note

    return answer


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

    def begin(uow: UnitOfWork) -> tuple[Job, Locked, JobState, dict[str, Any], Trigger | None, Entry]:
        # (1) the instance, (2) the job under its fencing number
        job = jobs.get(uow, number)
        if job.kind is not JobKind.SERVICE or job.instance is None:
            raise NotFound("there is no job {key}", key=number)
        locked = instances.lock(uow, job.instance)
        identity.require(uow, actor, "work", "job", locked.row.unit)
        job = jobs.get(uow, number)
        refuse_others_lease(job, lease_no, action)
        state, more, trigger, note = answer(job)
        finish = {"retries": more.get("retries"), "error": more.get("error", "")}
        if "delay" in more:
            finish["due_at"] = uow.now + more["delay"]
        if not jobs.finish(uow, job, state, **finish):
            raise IllegalTransition("job {key} has just been taken by somebody else", key=number)
        if also is not None:
            also(uow)
        return job, locked, state, more, trigger, note

    def body(uow: UnitOfWork) -> None:
        job, locked, _, more, trigger, note = begin(uow)
        if trigger is None:
            moves.note(uow, locked, note, actor)
            uow.after_commit(engine.wake)
        elif locked.row.state is InstanceState.SUSPENDED and "how" in more:
            keep(uow, locked, job.ref or 0, job.element_id, more, actor, note)
        else:
            moves.move(engine, uow, locked, trigger, actor=actor, notes=(note,))

    def rescue(uow: UnitOfWork, fault: Exception) -> None:
        job, locked, _, more, _, note = begin(uow)
        if "how" not in more:
            raise fault
        keep(uow, locked, job.ref or 0, job.element_id, more, actor, note, fault=said(fault))

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
    element_id: str,
    answer: dict[str, Any],
    actor: Actor,
    note: Entry,
    *,
    fault: Text | None = None,
) -> None:
    """Keep what somebody handed in as a job: on hold while the instance is suspended, or failed with an incident."""
    row = jobs.row(
        uow,
        JobKind.ANSWER,
        instance_key=locked.row.key,
        ref=ref,
        element_id=element_id,
        payload=answer | {"actor": [actor.id, actor.name]},
        state=JobState.DUE if fault is None else JobState.FAILED,
        error=fault or "",
    )
    row["held"] = fault is None
    jobs.add(uow, [row])
    if fault is not None:
        incidents.add(
            uow,
            [incidents.row(uow, locked.row.key, element_id=element_id, kind="internal", message=fault, job=row["key"])],
        )
    moves.note(uow, locked, note, actor, incidents=0 if fault is None else 1)


def raise_for_job(uow: UnitOfWork, locked: Locked, job_key: int, element_id: str, text: Text) -> None:
    """Raise an incident about a job of the engine's own, on an instance whose row is held."""
    row = incidents.row(uow, locked.row.key, element_id=element_id, kind="internal", message=text, job=job_key)
    incidents.add(uow, [row])
    note = Entry("incident_raised", element_id, data={"kind": "internal", "message": str(text)})
    moves.note(uow, locked, note, SYSTEM, incidents=1)


def said(fault: Exception) -> Text:
    """Put a fault in words for an incident."""
    if isinstance(fault, PropflowError):
        return fault.text
    return Text("{kind}: {fault}", kind=type(fault).__name__, fault=str(fault)[:500])
