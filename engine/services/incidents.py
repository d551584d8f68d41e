"""Incidents: what stopped and waits for a person, and how to try again or go on without it."""

from __future__ import annotations

from engine.bpmn.progress import Retry, Skip
from engine.errors import IllegalTransition, NotAllowed, NotFound
from engine.model.json import Variables
from engine.model.keys import UnitKey, parse_key
from engine.model.states import INCIDENT_MOVES, IncidentState, move
from engine.model.values import Actor
from engine.services import access, identity, moves
from engine.services.chores import OWN_TRIES
from engine.services.engine import Engine
from engine.services.moves import Effect
from engine.services.payload import checked
from engine.store import incidents, instances, jobs, units, versions
from engine.store.database import UnitOfWork
from engine.store.history import Entry
from engine.store.incidents import Incident
from engine.store.instances import Locked

__all__ = ["Incident", "open_incidents", "resolve", "resolve_all", "skip"]

KIND = "incident"


def open_incidents(
    engine: Engine, *, actor: Actor, instance: str | int | None = None, after: int | None = None, limit: int = 100
) -> list[Incident]:
    """List the open incidents that the actor may see, of one instance or of all, oldest first."""
    with engine.store.read() as uow:
        if instance is not None:
            row = access.visible(uow, instance, actor)
            return incidents.select(uow, identity.EVERYWHERE, instance_key=row.key, after=after, limit=limit)
        scope = identity.scope(uow, actor, "read", KIND)
        return incidents.select(uow, scope, after=after, limit=limit)


def _refuse_invisible(uow: UnitOfWork, actor: Actor, found: Incident) -> None:
    if found.instance is not None:
        access.visible(uow, found.instance, actor)
    elif not identity.allowed(uow, actor, "read", KIND, _unit(uow, found)):
        raise NotFound("there is no incident {key}", key=found.key)


def _unit(uow: UnitOfWork, found: Incident) -> UnitKey | None:
    """Give the unit that decides who may do something about an incident."""
    if found.instance is not None:
        return instances.get(uow, found.instance).unit
    assert found.definition is not None
    place = units.place_of(uow, versions.process(uow, found.definition).unit)
    return place.key if place else None


def resolve(
    engine: Engine,
    key: str | int,
    *,
    actor: Actor,
    reason: str = "",
    command_id: str | None = None,
    dry_run: bool = False,
) -> list[Effect]:
    """Try again what stopped, and give what follows; when it stops once more, there is a new incident.

    Args:
        dry_run: do it and keep nothing, to see what would happen.

    Raises:
        NotFound: there is no such incident, or it is not the actor's to see.
        NotAllowed: the actor may see it, but not resolve it.
        IllegalTransition: it is resolved.
    """
    number = parse_key(key)

    def body(uow: UnitOfWork) -> list[Effect]:
        return _retry(engine, uow, number, actor, reason)

    name = f"resolve incident {number}"
    return moves.run(engine, name, body, actor=actor, command_id=command_id, dry_run=dry_run)


def resolve_all(
    engine: Engine,
    instance: str | int,
    *,
    actor: Actor,
    element_id: str = "",
    output: Variables | None = None,
    reason: str = "",
    command_id: str | None = None,
    dry_run: bool = False,
) -> list[Effect]:
    """Let all that stopped in an instance go on, in the order in which it did, and give what follows.

    Args:
        element_id: only what stopped at this element.
        output: None: try again; else let it count as completed, as if it had handed back these variables, as ``skip`` does.
        dry_run: do it and keep nothing, to see what would happen.

    Raises:
        NotFound: there is no such instance, or it is not the actor's to see.
        NotAllowed: the actor may see it, but not resolve incidents there.
        IllegalTransition: nothing has stopped in it, or it has ended or is suspended; or what stopped cannot be skipped.
        Invalid: a variable is not JSON or too large.
    """
    number = parse_key(instance)
    given = None if output is None else checked(output, engine.limits)

    def body(uow: UnitOfWork) -> list[Effect]:
        row = access.visible(uow, number, actor)
        moves.refuse_ended(row)
        found_there = incidents.select(uow, identity.EVERYWHERE, instance_key=row.key)
        stopped = [each for each in found_there if element_id in ("", each.element_id)]
        if not stopped:
            raise IllegalTransition("nothing has stopped in process instance {key}", key=row.key)
        found: list[Effect] = []
        for each in stopped:
            # what came first may have settled the others, or ended the instance
            if incidents.get(uow, each.key).state is IncidentState.OPEN:
                if given is None:
                    found += _retry(engine, uow, each.key, actor, reason)
                else:
                    found += _skip(engine, uow, each.key, actor, reason, given)
        return found

    name = f"resolve incidents of {number}"
    return moves.run(engine, name, body, actor=actor, command_id=command_id, dry_run=dry_run)


def _retry(engine: Engine, uow: UnitOfWork, key: int, actor: Actor, reason: str) -> list[Effect]:
    found, locked = held(uow, key, actor)
    note = Entry("incident_retried", found.element_id, found.ref or 0, {"reason": reason})
    if locked is not None and found.ref is not None:
        return moves.effects(moves.move(engine, uow, locked, Retry(found.ref), actor=actor, notes=(note,)))
    assert found.job is not None
    incidents.resolve_job(uow, found.job, actor_id=actor.id)
    jobs.retry(uow, found.job, retries=OWN_TRIES)
    if locked is not None:
        moves.note(uow, locked, note, actor, incidents=-1)
    uow.after_commit(engine.wake)
    return [("job_retried", found.element_id)]


def skip(
    engine: Engine,
    key: str | int,
    variables: Variables | None = None,
    *,
    actor: Actor,
    reason: str = "",
    command_id: str | None = None,
    dry_run: bool = False,
) -> list[Effect]:
    """Let the element that stopped count as completed, as if it had handed back these variables, and give what follows.

    They go through its output mappings. Who skipped it, why and with what is in the history before what follows from it.

    Args:
        dry_run: do it and keep nothing, to see what would happen.

    Raises:
        NotFound: there is no such incident, or it is not the actor's to see.
        NotAllowed: the actor may not resolve incidents, or not change the instance.
        IllegalTransition: it is resolved, or it stopped a job of the engine's own, which can only be tried again.
        Invalid: a variable is not JSON or too large.
    """
    number = parse_key(key)
    given = checked(variables, engine.limits)

    def body(uow: UnitOfWork) -> list[Effect]:
        return _skip(engine, uow, number, actor, reason, given)

    name = f"skip incident {number}"
    return moves.run(engine, name, body, actor=actor, command_id=command_id, dry_run=dry_run)


def _skip(engine: Engine, uow: UnitOfWork, key: int, actor: Actor, reason: str, given: Variables) -> list[Effect]:
    found, locked = held(uow, key, actor)
    if locked is None or found.ref is None:
        raise IllegalTransition("there is no element to skip here; try again")
    access.require(uow, actor, "update", locked.row)
    data = {"kind": found.kind, "message": str(found.message), "variables": given, "reason": reason}
    note = Entry("incident_skipped", found.element_id, found.ref, data)
    return moves.effects(moves.move(engine, uow, locked, Skip(found.ref, given), actor=actor, notes=(note,)))


def held(uow: UnitOfWork, key: int, actor: Actor) -> tuple[Incident, Locked | None]:
    """Give an open incident with its instance's row held, if it is of one that the actor may do something about."""
    owner = incidents.get(uow, key).instance
    locked = instances.lock(uow, owner) if owner is not None else None
    found = incidents.get(uow, key)
    if not identity.allowed(uow, actor, "resolve", KIND, _unit(uow, found)):
        _refuse_invisible(uow, actor, found)
        raise NotAllowed("you may not resolve incidents; ask an administrator for a role that permits it")
    move(INCIDENT_MOVES, found.state, "resolve")
    if locked is not None:
        moves.refuse_ended(locked.row)
    return found, locked
