"""Incidents: what stopped and waits for a person, and how to try again."""

from __future__ import annotations

from engine.bpmn.progress import Retry
from engine.errors import NotAllowed
from engine.model.keys import parse_key
from engine.model.states import INCIDENT_MOVES, move
from engine.model.values import Actor
from engine.services import access, command, identity, moves
from engine.services.engine import Engine
from engine.services.jobs import OWN_TRIES
from engine.store import incidents, instances, jobs
from engine.store.database import UnitOfWork
from engine.store.history import Entry
from engine.store.incidents import Incident

__all__ = ["Incident", "incident", "open_incidents", "resolve"]

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


def incident(engine: Engine, key: str | int, *, actor: Actor) -> Incident:
    """Give an incident.

    Raises:
        NotFound: there is none with this key, or it is not the actor's to see.
    """
    with engine.store.read() as uow:
        found = incidents.get(uow, parse_key(key))
        access.visible(uow, found.instance, actor)
        return found


def resolve(engine: Engine, key: str | int, *, actor: Actor, reason: str = "", command_id: str | None = None) -> None:
    """Try again what stopped; when it stops once more, there is a new incident.

    Raises:
        NotFound: there is no such incident, or it is not the actor's to see.
        NotAllowed: the actor may see it, but not resolve it.
        IllegalTransition: it is resolved.
    """
    number = parse_key(key)

    def body(uow: UnitOfWork) -> None:
        locked = instances.lock(uow, incidents.get(uow, number).instance)
        if not identity.allowed(uow, actor, "resolve", KIND, locked.row.unit):
            access.visible(uow, locked.row.key, actor)
            raise NotAllowed("you may not resolve incidents; ask an administrator for a role that permits it")
        found = incidents.get(uow, number)
        move(INCIDENT_MOVES, found.state, "resolve")
        moves.refuse_ended(locked.row)
        note = Entry("incident_retried", found.element_id, found.ref or 0, {"reason": reason})
        if found.ref is not None:
            moves.move(engine, uow, locked, Retry(found.ref), actor=actor, notes=(note,))
            return
        assert found.job is not None
        incidents.resolve_job(uow, found.job, actor_id=actor.id)
        jobs.retry(uow, found.job, retries=OWN_TRIES)
        moves.note(uow, locked, note, actor, incidents=-1)
        uow.after_commit(engine.wake)

    command.run(engine, f"resolve incident {number}", body, actor=actor, command_id=command_id)
