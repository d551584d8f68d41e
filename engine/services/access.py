"""Who may see and touch which process instance. What somebody may not see does not exist for them."""

from __future__ import annotations

from engine.errors import NotAllowed, NotFound
from engine.model.keys import parse_key
from engine.model.values import Actor
from engine.services import identity
from engine.store import instances
from engine.store.database import UnitOfWork
from engine.store.instances import Instance

KIND = "process_instance"


def require(uow: UnitOfWork, actor: Actor, verb: str, row: Instance) -> None:
    """Refuse what the actor may not do to an instance; what it may not even see does not exist for it.

    Raises:
        NotFound: the actor may not see it.
        NotAllowed: the actor may see it, but not do this.
    """
    if not identity.allowed(uow, actor, verb, KIND, row.unit):
        if verb == "read" or not sees(uow, actor, row):
            raise NotFound("there is no process instance {key}", key=row.key)
        raise NotAllowed(
            "you may not {verb} this process instance; ask an administrator for a role that permits it", verb=verb
        )


def sees(uow: UnitOfWork, actor: Actor, row: Instance) -> bool:
    """Say whether the actor may look at an instance: by a role at its unit, by a link to it, or because it started it."""
    if actor.bound is not None:
        return actor.bound.instance in (row.key, row.root)
    return row.started_by == actor.id or identity.allowed(uow, actor, "read", KIND, row.unit)


def visible(uow: UnitOfWork, key: str | int, actor: Actor) -> Instance:
    """Give an instance that the actor may look at.

    Raises:
        NotFound: there is none with this key, or it is not the actor's to see.
    """
    row = instances.get(uow, parse_key(key))
    if not sees(uow, actor, row):
        raise NotFound("there is no process instance {key}", key=row.key)
    return row


def require_somewhere(uow: UnitOfWork, actor: Actor, verb: str, kind: str) -> None:
    """Refuse an actor who may not do ``verb`` to things of ``kind`` anywhere: for what belongs to no unit.

    Raises:
        NotAllowed: no role of the actor permits it.
    """
    if identity.scope(uow, actor, verb, kind).is_empty:
        template = "you may not {verb} a {kind}; ask an administrator for a role that permits it"
        raise NotAllowed(template, verb=verb, kind=kind)
