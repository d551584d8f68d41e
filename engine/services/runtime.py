"""Process instances: start, stop, repair, and look at them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.bpmn import run as runs
from engine.bpmn.definition import EventKind
from engine.bpmn.progress import Activation, Cancel, Modify, SetVariables, Start
from engine.bpmn.repair import holder
from engine.bpmn.state import ElementInstance
from engine.errors import Invalid, NotFound, Problem, Text
from engine.model.json import Variables
from engine.model.keys import InstanceKey, parse_key
from engine.model.states import INSTANCE_MOVES, InstanceState
from engine.model.states import move as next_state
from engine.model.values import Actor
from engine.services import access, attachments, command, identity, moves, versions
from engine.services.attachments import Attached
from engine.services.engine import Engine
from engine.services.moves import Effect
from engine.services.payload import checked
from engine.services.versions import Version
from engine.store import instances as rows
from engine.store import jobs, units
from engine.store.database import UnitOfWork
from engine.store.history import Entry
from engine.store.instances import Filter, Instance, Locked

MAX_PAGE = 1000


def start(
    engine: Engine,
    process_id: str,
    variables: Variables | None = None,
    *,
    actor: Actor,
    version: int | None = None,
    unit: int | None = None,
    business_key: str = "",
    before: Sequence[str] = (),
    attached: Attached | None = None,
    command_id: str | None = None,
) -> InstanceKey:
    """Start an instance of the newest version of a process (or of ``version``) and give its key.

    What goes wrong while it runs becomes an incident of it.

    Args:
        unit: to which part of the organisation it belongs; None: where the process belongs, else the root.
        before: element ids to start at in place of the start event; the scopes around them are opened.
        attached: files that were handed in beforehand, by the field of the start form that refers to them.

    Raises:
        NotFound: there is no such process, version, unit or element.
        NotAllowed: the actor may not start processes there.
        Invalid: the process has no start event for this; a variable is not JSON or too large; a file is not the actor's to hand in.
    """
    given = checked(variables, engine.limits)

    def body(uow: UnitOfWork) -> int:
        found = versions.find(engine, uow, process_id, version=version)
        place = units.place_of(uow, unit if unit is not None else found.row.unit)
        identity.require(uow, actor, "start", access.KIND, place.key if place else None)
        if not before:
            refuse_without_start(found)
        trigger = Start(given, before=tuple(before))
        row = moves.begin(engine, uow, found, trigger, actor=actor, unit=place, business_key=business_key)
        attachments.hand_in(uow, attached or {}, actor=actor, instance=row.key, unit=row.unit)
        return row.key

    name = f"start {process_id}"
    return InstanceKey(command.run(engine, name, body, actor=actor, command_id=command_id))


def refuse_without_start(found: Version) -> None:
    """Refuse a process that only begins with a message, signal or timer.

    Raises:
        Invalid: it has no start event that starts by itself.
    """
    definition = found.definition
    if definition.process.starts or not any(definition.start_events(kind) for kind in EventKind):
        return
    raise Invalid(
        Problem(
            definition.process_id,
            Text("{process} has no start event that starts by itself", process=definition.process_id),
            Text("send the message or signal that starts it, or say at which elements to begin"),
        )
    )


# ---- moving ------------------------------------------------------------------------------------------------------------


def cancel(
    engine: Engine,
    key: str | int,
    *,
    actor: Actor,
    reason: str = "",
    command_id: str | None = None,
    dry_run: bool = False,
) -> list[Effect]:
    """End an instance now, and give what became of it. Its tasks, jobs and waits go with it, and so do the instances that it called.

    Args:
        dry_run: do it and keep nothing, to see what would happen.

    Raises:
        NotFound: there is none with this key, or it is not the actor's to see.
        NotAllowed: the actor may not cancel it.
        IllegalTransition: it has ended.
    """

    def body(uow: UnitOfWork, locked: Locked) -> list[Effect]:
        next_state(INSTANCE_MOVES, locked.row.state, "cancel")
        note = Entry("instance_canceled", data={"reason": reason})
        return moves.effects(moves.move(engine, uow, locked, Cancel(), actor=actor, notes=(note,)))

    return _run(engine, "cancel", key, body, actor=actor, verb="cancel", command_id=command_id, dry_run=dry_run)


def suspend(
    engine: Engine,
    key: str | int,
    *,
    actor: Actor,
    reason: str = "",
    command_id: str | None = None,
    dry_run: bool = False,
) -> list[Effect]:
    """Stop an instance until it is resumed: its tasks cannot be completed and its jobs, timers and messages wait.

    Raises:
        NotFound: there is none with this key, or it is not the actor's to see.
        NotAllowed: the actor may not suspend it.
        IllegalTransition: it is not active.
    """
    return _switch(engine, "suspend", key, reason, actor=actor, command_id=command_id, dry_run=dry_run)


def resume(
    engine: Engine,
    key: str | int,
    *,
    actor: Actor,
    reason: str = "",
    command_id: str | None = None,
    dry_run: bool = False,
) -> list[Effect]:
    """Let a suspended instance go on; what came due meanwhile is due now.

    Raises:
        NotFound: there is none with this key, or it is not the actor's to see.
        NotAllowed: the actor may not resume it.
        IllegalTransition: it is not suspended.
    """
    return _switch(engine, "resume", key, reason, actor=actor, command_id=command_id, dry_run=dry_run)


_SAID = {"suspend": "instance_suspended", "resume": "instance_resumed"}


def _switch(
    engine: Engine, action: str, key: str | int, reason: str, *, actor: Actor, command_id: str | None, dry_run: bool
) -> list[Effect]:
    def body(uow: UnitOfWork, locked: Locked) -> list[Effect]:
        row = locked.row
        state = next_state(INSTANCE_MOVES, row.state, action)
        jobs.hold(uow, row.key, state is InstanceState.SUSPENDED)
        moves.note(uow, locked, Entry(_SAID[action], data={"reason": reason}), actor, state=state)
        if state is InstanceState.ACTIVE:
            uow.after_commit(engine.wake)
        return [(_SAID[action], "")]

    return _run(engine, action, key, body, actor=actor, verb="suspend", command_id=command_id, dry_run=dry_run)


def set_variables(
    engine: Engine,
    key: str | int,
    variables: Variables,
    *,
    actor: Actor,
    element_id: str | None = None,
    scope: int | None = None,
    reason: str = "",
    command_id: str | None = None,
    dry_run: bool = False,
) -> list[Effect]:
    """Set variables of an instance, or of one of its live scopes, and give what follows from it.

    Args:
        element_id: of the innermost live scope of this element.
        scope: of the element instance with this id.
        dry_run: do it and keep nothing, to see what would happen.

    Raises:
        NotFound: there is no such instance or live scope, or it is not the actor's to see.
        NotAllowed: the actor may not change it.
        IllegalTransition: it has ended.
        Invalid: a variable is not JSON or too large.
    """
    given = checked(variables, engine.limits)

    def body(uow: UnitOfWork, locked: Locked) -> list[Effect]:
        live = moves.load(engine, uow, locked)
        ref = scope if element_id is None else holder(live.state, element_id).id
        if ref is not None and not isinstance(live.state.find(ref), ElementInstance):
            raise NotFound("element instance {id} is not live", id=ref)
        where = live.state.element_instance(ref).element_id if ref is not None else ""
        notes = (Entry("variables_corrected", where, ref or 0, {"reason": reason}),) if reason else ()
        return moves.effects(moves.move(engine, uow, live, SetVariables(given, ref), actor=actor, notes=notes))

    return _run(
        engine, "set variables of", key, body, actor=actor, verb="update", command_id=command_id, dry_run=dry_run
    )


def modify(
    engine: Engine,
    key: str | int,
    *,
    actor: Actor,
    activate: Sequence[str | Activation] = (),
    terminate: Sequence[str | int] = (),
    variables: Variables | None = None,
    reason: str = "",
    command_id: str | None = None,
    dry_run: bool = False,
) -> list[Effect]:
    """Move tokens of an instance, and give what follows: terminate element instances, then activate elements in their scopes.

    A scope in which nothing is left ends too; an instance in which nothing is left is canceled.

    Args:
        activate: element ids; an ``Activation`` names the live scope instance that is meant where there are several.
        terminate: ids of elements, all of whose instances end, or of single element instances.
        variables: of the process, set before anything else.
        dry_run: do it and keep nothing, to see what would happen.

    Raises:
        NotFound: there is no such instance, element or element instance, or it is not the actor's to see.
        NotAllowed: the actor may not change it.
        IllegalTransition: it has ended.
        Invalid: an element cannot be activated from outside, or it is not clear in which of several scope instances.
    """
    places = tuple(Activation(each) if isinstance(each, str) else each for each in activate)
    trigger = Modify(places, tuple(terminate), checked(variables, engine.limits))

    def body(uow: UnitOfWork, locked: Locked) -> list[Effect]:
        said = [each.element_id if each.within is None else [each.element_id, each.within] for each in places]
        live = moves.load(engine, uow, locked)
        before = runs.active(live.state)
        made = moves.make(engine, uow, live, trigger)
        after = runs.active(made.state)
        data = {"activate": said, "terminate": list(terminate), "before": before, "after": after, "reason": reason}
        moves.keep(engine, uow, live, made, actor=actor, notes=(Entry("instance_modified", data=data),))
        return moves.effects(made)

    return _run(engine, "modify", key, body, actor=actor, verb="update", command_id=command_id, dry_run=dry_run)


def _run(
    engine: Engine,
    name: str,
    key: str | int,
    body: Callable[[UnitOfWork, Locked], list[Effect]],
    *,
    actor: Actor,
    verb: str,
    command_id: str | None,
    dry_run: bool,
) -> list[Effect]:
    """Lock the instance, check that the actor may do this to it, and do it as one command."""
    number = parse_key(key)

    def locked_body(uow: UnitOfWork) -> list[Effect]:
        locked = rows.lock(uow, number)
        access.require(uow, actor, verb, locked.row)
        return body(uow, locked)

    return moves.run(engine, f"{name} {number}", locked_body, actor=actor, command_id=command_id, dry_run=dry_run)


# ---- looking -----------------------------------------------------------------------------------------------------------


def instance(engine: Engine, key: str | int, *, actor: Actor) -> Instance:
    """Give an instance.

    Raises:
        NotFound: there is none with this key, or it is not the actor's to see.
    """
    with engine.store.read() as uow:
        return access.visible(uow, key, actor)


def instances(
    engine: Engine,
    wanted: Filter = Filter(),  # noqa: B008 - an immutable constant
    *,
    actor: Actor,
    after: int | None = None,
    oldest_first: bool = False,
    limit: int = 50,
) -> list[Instance]:
    """List the instances in the actor's part of the organisation, the newest first unless ``oldest_first``.

    Args:
        after: the last key of the page before.
    """
    with engine.store.read() as uow:
        scope = identity.scope(uow, actor, "read", access.KIND)
        return rows.select(uow, scope, wanted, after=after, oldest_first=oldest_first, limit=min(limit, MAX_PAGE))


def children(engine: Engine, key: str | int, *, actor: Actor) -> list[Instance]:
    """List the instances that one called, oldest first, ended ones included.

    Raises:
        NotFound: there is none with this key, or it is not the actor's to see.
    """
    with engine.store.read() as uow:
        return rows.children(uow, access.visible(uow, key, actor).key)


def variables(engine: Engine, key: str | int, element_id: str | None = None, *, actor: Actor) -> dict[str, Any]:
    """Give the variables of an instance's own scope (also once it has ended), or of the innermost live scope of an element.

    Raises:
        NotFound: there is no such instance or no live scope of the element, or it is not the actor's to see.
    """
    with engine.store.read() as uow:
        row = access.visible(uow, key, actor)
        if not row.is_live:
            if element_id is not None:
                raise NotFound(
                    "process instance {key} has ended: {element} is not live", key=row.key, element=element_id
                )
            return dict(rows.result(uow, row.key) or {})
        return runs.local(moves.stored_state(uow, row.key), element_id)


def active(engine: Engine, key: str | int, *, actor: Actor) -> list[str]:
    """List the ids of the elements at which an instance stands, sorted; none when it has ended.

    Raises:
        NotFound: there is none with this key, or it is not the actor's to see.
    """
    with engine.store.read() as uow:
        row = access.visible(uow, key, actor)
        return runs.active(moves.stored_state(uow, row.key)) if row.is_live else []


def tree(engine: Engine, key: str | int, *, actor: Actor) -> list[ElementInstance]:
    """List the live element instances of an instance with their own variables, oldest first.

    Raises:
        NotFound: there is none with this key, or it is not the actor's to see.
    """
    with engine.store.read() as uow:
        row = access.visible(uow, key, actor)
        if not row.is_live:
            return []
        return [node for node in moves.stored_state(uow, row.key) if isinstance(node, ElementInstance)]
