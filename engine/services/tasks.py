"""User tasks: look at one, complete it. Who holds it is the matter of `holding`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.bpmn import run as runs
from engine.bpmn.progress import CompleteElement
from engine.errors import ConcurrentUpdate, NotAllowed, Text
from engine.forms import Form
from engine.model.json import Json, Variables
from engine.model.keys import InstanceKey, UserTaskKey, parse_key
from engine.model.states import TASK_MOVES, TaskState
from engine.model.states import move as next_state
from engine.model.values import Actor
from engine.services import access, attachments, command, drafts, four_eyes, moves, rights, versions
from engine.services.answers import keep, said
from engine.services.engine import Engine
from engine.services.holding import as_holder
from engine.services.moves import Live
from engine.services.payload import checked
from engine.store import candidates, instances, tasks
from engine.store.database import UnitOfWork
from engine.store.history import Entry
from engine.store.instances import Instance, Locked
from engine.store.tasks import Task

__all__ = ["Completed", "Task", "TaskState", "complete", "form", "of_instance", "task"]

ACTOR_VARIABLE = "actor_variable"
"""Property of a user task: the variable that says who completed it, as ``{account, name}``."""


@dataclass(frozen=True, slots=True)
class Completed:
    """What completing a task led to: ``ended`` says whether its instance has come to its end."""

    task: UserTaskKey
    instance: InstanceKey
    ended: bool


def task(engine: Engine, key: str | int, *, actor: Actor) -> Task:
    """Give a task.

    Raises:
        NotFound: there is none with this key, or it is not the actor's to see.
    """
    with engine.store.read() as uow:
        return visible(uow, key, actor)


def visible(uow: UnitOfWork, key: str | int, actor: Actor) -> Task:
    """Give a task that the actor may look at.

    Raises:
        NotFound: there is none with this key, or it is not the actor's to see.
    """
    found = tasks.get(uow, parse_key(key))
    rights.refuse_invisible(uow, actor, found)
    return found


def of_instance(engine: Engine, instance: str | int, *, actor: Actor, only_open: bool = True) -> list[Task]:
    """List the tasks of an instance, oldest first.

    Raises:
        NotFound: there is no such instance, or it is not the actor's to see.
    """
    with engine.store.read() as uow:
        return tasks.of_instance(uow, access.visible(uow, instance, actor).key, only_open=only_open)


def onward(engine: Engine, instance: InstanceKey, *, actor: Actor) -> tuple[Instance, list[Task]]:
    """Give where a move has led: the instance and its open tasks, oldest first, in two statements.

    Raises:
        NotFound: it has gone on to where the actor sees nothing.
    """
    with engine.store.read() as uow:
        row = access.visible(uow, instance, actor)
        return row, tasks.of_instance(uow, row.key) if row.is_live else []


def steps(engine: Engine, instances: Sequence[InstanceKey]) -> dict[int, list[str]]:
    """Give where some instances stand, for a list of instances that the reader may see: {instance: names of its open tasks}."""
    with engine.store.read() as uow:
        return tasks.steps(uow, instances) if instances else {}


def variables(engine: Engine, key: str | int, *, actor: Actor) -> dict[str, Any]:
    """Give the variables that an open task can see; of a task that is done, those of its instance.

    Raises:
        NotFound: there is none with this key, or it is not the actor's to see.
    """
    with engine.store.read() as uow:
        found = visible(uow, key, actor)
        row = instances.get(uow, found.instance)
        if not row.is_live:
            return dict(instances.result(uow, row.key) or {})
        state = moves.stored_state(uow, row.key)
        return runs.visible(state, found.ref) if found.is_open else runs.local(state)


def barred(engine: Engine, key: str | int, *, actor: Actor) -> Text | None:
    """Say why a task is not for the actor, who did a step that it checks; None when nothing speaks against it.

    Raises:
        NotFound: there is none with this key, or it is not the actor's to see.
    """
    with engine.store.read() as uow:
        return four_eyes.reason(uow, visible(uow, key, actor).key, actor)


def form(engine: Engine, key: str | int, *, actor: Actor) -> Form | None:
    """Give the form that a task asks for; None when it has none.

    Raises:
        NotFound: there is no such task or form, or it is not the actor's to see.
    """
    with engine.store.read() as uow:
        return _form(engine, uow, visible(uow, key, actor))


def _form(engine: Engine, uow: UnitOfWork, found: Task) -> Form | None:
    if not found.form_id:
        return None
    version = versions.process(engine, uow, found.definition)
    asked = version.definition.elements[found.element_id].form
    return None if asked is None else versions.form(engine, uow, asked, caller=version.row)


def complete(
    engine: Engine,
    key: str | int,
    values: Mapping[str, Json] | None = None,
    *,
    actor: Actor,
    claiming: bool = False,
    validate: bool = True,
    command_id: str | None = None,
    also: Callable[[UnitOfWork], None] | None = None,
) -> Completed:
    """Complete a claimed task and move its process instance on.

    One transaction: the values, the new state, the tasks and jobs that follow and their history are stored together or not at
    all. A fault of ours does not throw the person's work away: the task is completed, and what follows becomes a job with an
    incident.

    Args:
        values: {field key: value} of the task's form; dates as ISO 8601, money in decimal yuan.
        claiming: take the task first when nobody holds it.
        validate: apply the rules of the form; only what it asks for is accepted then.
        also: writes the caller's own rows in the same transaction.

    Raises:
        NotFound: there is none with this key, or it is not the actor's to see.
        NotAllowed: somebody else holds it, it is not offered to the actor, or it wants other eyes than the actor's.
        ConcurrentUpdate: somebody else completed or took it; ``actor`` and ``at`` say who and when, and the values are kept as the
            actor's draft.
        IllegalTransition: nobody holds it, it is done already, or its instance is suspended.
        Invalid: a value is missing or malformed, or refers to a file that the actor may not hand in; one ``Problem`` per field.

    Source: BPMN 2.0.2, chapter 13 (execution semantics of the user task).
    """
    number = parse_key(key)
    given = checked(values, engine.limits)

    def begin(uow: UnitOfWork) -> tuple[Locked, Task, Entry]:
        # (1) the instance is locked, so that only one command at a time moves it
        locked, row = tasks.lock(uow, number)
        # (2) the actor and the state table allow it
        _allow(uow, actor, row, claiming)
        moves.refuse_ended(locked.row)
        return locked, row, Entry("task_completed", row.element_id, row.ref, {"task": row.key, "values": given})

    def finish(uow: UnitOfWork, row: Task) -> None:
        # (4) the task is done and out of all inboxes, unless somebody was quicker
        assignee, holder = (row.assignee, row.holder) if row.assignee else as_holder(uow, actor)
        stored = tasks.change(
            uow,
            row,
            state=TaskState.COMPLETED,
            assignee=assignee,
            holder=holder,
            actor_id=actor.id,
            actor_name=actor.name,
        )
        if not stored:
            rights.refuse_changed(uow, row)
        candidates.clear(uow, [row.key])
        if also is not None:
            also(uow)

    def body(uow: UnitOfWork) -> dict[str, Any]:
        locked, row, entry = begin(uow)
        # (3) other eyes are not asked for, and the form accepts the values
        live = moves.load(engine, uow, locked)
        if four_eyes.earlier(live.version.definition.elements[row.element_id]):
            four_eyes.refuse(uow, row, actor)
        accepted = _accepted(engine, uow, live, row, given, actor) if validate else given
        accepted = {**_doer(uow, live, row, actor), **accepted}
        finish(uow, row)
        # (5) the process moves on
        made = moves.move(engine, uow, live, CompleteElement(row.ref, accepted), actor=actor, notes=(entry,))
        return {"instance": row.instance, "ended": made.ended is not None}

    def rescue(uow: UnitOfWork, fault: Exception) -> dict[str, Any]:
        locked, row, entry = begin(uow)
        four_eyes.refuse(uow, row, actor)
        finish(uow, row)
        answer = {"how": "complete", "variables": given}
        keep(uow, locked, row.ref, answer, actor, entry, fault=said(fault))
        return {"instance": row.instance, "ended": False}

    try:
        name = f"complete task {number}"
        found = command.run(engine, name, body, actor=actor, command_id=command_id, rescue=rescue)
    except ConcurrentUpdate:
        drafts.keep(engine, number, given, actor)
        raise
    return Completed(UserTaskKey(number), found["instance"], found["ended"])


def _allow(uow: UnitOfWork, actor: Actor, row: Task, claiming: bool) -> None:
    rights.refuse_invisible(uow, actor, row)
    if row.state is TaskState.COMPLETED and row.changed_by != actor.id:
        rights.refuse_taken(row)
    if row.state is TaskState.CREATED and claiming:
        if not rights.may_take(uow, actor, row):
            raise NotAllowed("the task is not offered to you; ask for it to be assigned to you")
        return
    next_state(TASK_MOVES, row.state, "complete", hint="claim it first" if row.state is TaskState.CREATED else "")
    if not rights.holds(actor, row):
        if claiming:
            rights.refuse_taken(row)
        raise NotAllowed("{holder} holds the task since {at}", holder=row.assignee, at=row.claimed_at)


def _doer(uow: UnitOfWork, live: Live, row: Task, actor: Actor) -> Variables:
    """Give who does the task, under the name that its property ``actor_variable`` says: who grabs an order is its technician."""
    name = live.version.definition.elements[row.element_id].properties.get(ACTOR_VARIABLE)
    if not name:
        return {}
    return {name: {"account": row.assignee or as_holder(uow, actor)[0], "name": actor.name}}


def _accepted(engine: Engine, uow: UnitOfWork, live: Live, row: Task, given: Variables, actor: Actor) -> Variables:
    found = _form(engine, uow, row)
    if found is None:
        return given
    context = runs.visible(live.state, row.ref)
    values = found.validate(given, context=context, now=uow.now, zone=moves.zone_of(engine, live.locked.zone))
    if not actor.everything:
        attachments.hand_in(
            uow,
            attachments.of(found, values),
            actor=actor,
            instance=row.instance,
            unit=row.unit,
            task=row.key,
            variables=context,
        )
    return values
