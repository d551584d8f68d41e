"""What the engine's own jobs do: timers that fire, messages and signals that arrive, children that start and end, work that goes on.

Each is one transaction: (1) lock the instance that moves, (2) let go of the job under its fencing number, (3) make the move.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from engine.bpmn import timers
from engine.bpmn.definition import Binding
from engine.bpmn.progress import (
    Cancel,
    Catches,
    CompleteElement,
    Continue,
    Fail,
    Fire,
    Outcome,
    Start,
    ThrowError,
    ThrowEscalation,
    Trigger,
)
from engine.errors import IllegalTransition, Invalid, NotFound, Text
from engine.model.keys import InstanceKey, MessageKey
from engine.model.states import InstanceState, JobState
from engine.model.values import SYSTEM, Actor
from engine.services import moves, starts, versions
from engine.services.engine import Engine
from engine.services.messages import correlate_again, put, spread
from engine.services.moves import Live
from engine.services.runtime import refuse_without_start
from engine.store import history, instances, jobs, leases, messages, units
from engine.store import versions as version_rows
from engine.store.database import UnitOfWork
from engine.store.history import Entry
from engine.store.instances import Locked
from engine.store.jobs import Job, JobKind
from engine.store.messages import Message

OWN_TRIES = 3  # of the engine's own jobs, before an incident

log = logging.getLogger(__name__)


class LeaseLost(Exception):
    """The job was taken by another worker or is no longer wanted; whatever was done for it must not be stored."""


def do(engine: Engine, uow: UnitOfWork, job: Job) -> None:
    """Do a leased job of the engine's own in the caller's transaction.

    Raises:
        LeaseLost: the lease is no longer ours.
    """
    if job.kind in ANSWERS:
        _answer(engine, uow, job, ANSWERS[job.kind])
    else:
        OTHERS[job.kind](engine, uow, job)


def let_go(uow: UnitOfWork, job: Job) -> None:
    """Let go of a leased job that is done.

    Raises:
        LeaseLost: the lease is no longer ours.
    """
    if not leases.remove(uow, job):
        raise LeaseLost


def _hold(uow: UnitOfWork, job: Job) -> None:
    """Put the job of a suspended instance aside until it is resumed."""
    if not leases.finish(uow, job, JobState.DUE, held=True):
        raise LeaseLost


# ---- jobs that move the instance they belong to -------------------------------------------------------------------------

Made = tuple[Trigger | None, Actor, tuple[Entry, ...]]


def _answer(engine: Engine, uow: UnitOfWork, job: Job, make: Callable[[UnitOfWork, Job, Live], Made]) -> None:
    assert job.instance is not None
    locked = instances.lock(uow, job.instance)
    if locked.row.state is InstanceState.SUSPENDED:
        _hold(uow, job)
        return
    let_go(uow, job)
    if locked.row.is_live:
        live = moves.load(engine, uow, locked)
        trigger, actor, notes = make(uow, job, live)
        if trigger is not None:
            try:
                moves.move(engine, uow, live, trigger, actor=actor, notes=notes)
                return
            except IllegalTransition as late:
                # raised before anything was stored: whom the answer was for has gone meanwhile
                log.info("job %s (%s) of instance %s came too late: %s", job.key, job.kind, job.instance, late)
    if job.kind is JobKind.DELIVER and not job.payload.get("only"):
        correlate_again(engine, uow, job.payload["message"], job.payload["process_id"])


def _ref(job: Job) -> int:
    assert job.ref is not None
    return job.ref


def _timer(_uow: UnitOfWork, job: Job, _live: Live) -> Made:
    return Fire(_ref(job)), SYSTEM, ()


def _continue(_uow: UnitOfWork, _job: Job, _live: Live) -> Made:
    return Continue(), SYSTEM, ()


def _deliver(uow: UnitOfWork, job: Job, live: Live) -> Made:
    wait = live.state.find(_ref(job))
    if wait is None:
        return None, SYSTEM, ()
    message = messages.get(uow, job.payload["message"])
    note = Entry("message_received", wait.element_id, wait.id, {"name": message.name, "message": message.key})
    return Fire(wait.id, message.variables), Actor(message.actor, message.actor_name), (note,)


def _signal(_uow: UnitOfWork, job: Job, _live: Live) -> Made:
    note = Entry("signal_received", job.element_id, _ref(job), {"name": job.payload["name"]})
    return Fire(_ref(job), job.payload["variables"]), SYSTEM, (note,)


def _child_result(uow: UnitOfWork, job: Job, live: Live) -> Made:
    said = job.payload
    caller = live.state.find(_ref(job))
    if caller is None:
        return None, SYSTEM, ()
    variables = instances.result(uow, said["child"]) or {}
    if not live.version.definition.elements[caller.element_id].outputs:
        variables = _changed(variables, history.first(uow, said["child"]).data["variables"])
    note = Entry("child_ended", caller.element_id, caller.id, {"child": said["child"], "outcome": said["outcome"]})
    trigger: Trigger
    if said["outcome"] == Outcome.COMPLETED:
        trigger = CompleteElement(caller.id, variables)
    elif said["outcome"] == Outcome.ERROR:
        trigger = ThrowError(caller.id, said["code"], said["message"], variables)
    else:
        trigger = Fail(caller.id, "call", Text("the called instance {key} was canceled", key=said["child"]))
    return trigger, SYSTEM, (note,)


def _changed(variables: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what the child only carried along: the caller may have changed it meanwhile."""
    return {name: value for name, value in variables.items() if name not in given or given[name] != value}


def _escalate(_uow: UnitOfWork, job: Job, _live: Live) -> Made:
    return ThrowEscalation(_ref(job), job.payload["code"], job.payload["variables"]), SYSTEM, ()


def _late_answer(_uow: UnitOfWork, job: Job, _live: Live) -> Made:
    said = job.payload
    actor = Actor(*said["actor"])
    if said["how"] == "error":
        return ThrowError(_ref(job), said["code"], said["message"], said["variables"]), actor, ()
    return CompleteElement(_ref(job), said["variables"]), actor, ()


ANSWERS: Mapping[JobKind, Callable[[UnitOfWork, Job, Live], Made]] = {
    JobKind.TIMER: _timer,
    JobKind.CONTINUE: _continue,
    JobKind.DELIVER: _deliver,
    JobKind.SIGNAL: _signal,
    JobKind.CHILD_RESULT: _child_result,
    JobKind.ESCALATE: _escalate,
    JobKind.ANSWER: _late_answer,
}


# ---- jobs that begin or end another instance, or speak to all ------------------------------------------------------------


def _start(engine: Engine, uow: UnitOfWork, job: Job) -> None:
    assert job.definition is not None
    said = job.payload
    let_go(uow, job)
    version = versions.process(engine, uow, job.definition)
    start_key = said["start_key"]
    if start_key and instances.started_with(uow, [version.row.process_id], start_key):
        # another message with this key was quicker: this one waits for the rest of its time to live
        messages.redirect(uow, said["message"], version.row.process_id, None)
        return
    moves.begin(
        engine,
        uow,
        version,
        Start(said["variables"], event=job.element_id),
        actor=Actor(*said["actor"]),
        unit=units.place_of(uow, said["unit"] if said["unit"] is not None else version.row.unit),
        key=InstanceKey(said["instance"]),
        start_key=start_key,
    )


def _start_timer(engine: Engine, uow: UnitOfWork, job: Job) -> None:
    assert job.definition is not None
    let_go(uow, job)
    version = versions.process(engine, uow, job.definition)
    element = version.definition.elements[job.element_id]
    place = units.place_of(uow, version.row.unit)
    zone = moves.zone_of(engine, place.zone if place else "")
    collapse = element.properties.get("missed") == "collapse"
    following = timers.following(starts.schedule(job.payload), uow.now, zone, collapse=collapse)
    if following is not None:
        jobs.add(uow, [starts.timer_row(uow, version.row.key, element, job.payload["index"], following)])
    moves.begin(engine, uow, version, Start(event=element.id), actor=SYSTEM, unit=place)


def _start_child(engine: Engine, uow: UnitOfWork, job: Job) -> None:
    assert job.instance is not None
    assert job.ref is not None
    said = job.payload
    parent = instances.get(uow, job.instance)
    if parent.state is InstanceState.SUSPENDED:
        _hold(uow, job)
        return
    try:
        caller = version_rows.process(uow, parent.definition)
        version = versions.find(
            engine,
            uow,
            said["process_id"],
            binding=Binding(said["binding"]),
            version_tag=said["version_tag"],
            caller=caller,
        )
        refuse_without_start(version)
    except (NotFound, Invalid) as missing:
        locked = instances.lock(uow, job.instance)
        let_go(uow, job)
        if locked.row.is_live:
            moves.move(engine, uow, locked, Fail(job.ref, "call", missing.text), actor=SYSTEM)
        return
    # whoever closes the call activity lets go of this job first: then there is nothing left to take here
    let_go(uow, job)
    catches = Catches(frozenset(said["errors"]), frozenset(said["escalations"]))
    moves.begin(
        engine,
        uow,
        version,
        Start(said["variables"], catches=catches, depth=said["depth"]),
        actor=Actor(*said["actor"]),
        unit=units.place_of(uow, parent.unit) if parent.unit is not None else None,
        business_key=parent.business_key,
        parent=parent,
        parent_ref=job.ref,
    )


def _cancel_child(engine: Engine, uow: UnitOfWork, job: Job) -> None:
    assert job.instance is not None
    let_go(uow, job)
    for child in instances.children(uow, job.instance, ref=job.ref, live=True):
        locked: Locked = instances.lock(uow, child.key)
        if locked.row.is_live:
            note = Entry("instance_canceled", data={"reason": "", "by": job.instance})
            moves.move(engine, uow, locked, Cancel(), actor=SYSTEM, notes=(note,), tell_caller=False)


def _publish(engine: Engine, uow: UnitOfWork, job: Job) -> None:
    assert job.instance is not None
    said = job.payload
    let_go(uow, job)
    sender = instances.get(uow, job.instance)
    message = Message(
        key=MessageKey(uow.new_key()),
        name=said["name"],
        correlation_key=said["key"],
        variables=said["variables"],
        source=sender.process_id,
        message_id=said["message_id"],
        actor=f"instance:{sender.key}",
        actor_name=sender.process_id,
        published_at=uow.now,
        expires_at=uow.now + timedelta(seconds=said["ttl_s"]) if said["ttl_s"] > 0 else None,
        unit=sender.unit,
    )
    put(engine, uow, message)


def _broadcast(engine: Engine, uow: UnitOfWork, job: Job) -> None:
    assert job.instance is not None
    let_go(uow, job)
    sender = instances.get(uow, job.instance)
    actor = Actor(f"instance:{sender.key}", sender.process_id)
    spread(
        engine,
        uow,
        job.payload["name"],
        job.payload["variables"],
        actor=actor,
        unit=sender.unit,
        but=sender.key,
    )


OTHERS: dict[JobKind, Callable[[Engine, UnitOfWork, Job], None]] = {
    JobKind.START: _start,
    JobKind.START_TIMER: _start_timer,
    JobKind.START_CHILD: _start_child,
    JobKind.CANCEL_CHILD: _cancel_child,
    JobKind.PUBLISH: _publish,
    JobKind.BROADCAST: _broadcast,
}
