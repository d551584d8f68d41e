"""What happened to an instance."""

from __future__ import annotations

from collections.abc import Sequence

from engine.model.values import Actor
from engine.services import access
from engine.services.engine import Engine
from engine.store import history
from engine.store.history import Event

__all__ = ["Event", "events", "path"]


def events(
    engine: Engine,
    instance: str | int,
    *,
    actor: Actor,
    kinds: Sequence[str] = (),
    after: int = 0,
    limit: int | None = None,
    newest_first: bool = False,
) -> list[Event]:
    """List what happened to an instance, oldest first unless said otherwise; ``after`` is the last ``seq`` of the page before.

    Raises:
        NotFound: there is no such instance, or it is not the actor's to see.
    """
    with engine.store.read() as uow:
        key = access.visible(uow, instance, actor).key
        return history.select(uow, key, kinds=kinds, after=after, limit=limit, newest_first=newest_first)


def path(engine: Engine, instance: str | int, *, actor: Actor) -> list[str]:
    """List the ids of the flow nodes that an instance has completed, in order.

    Raises:
        NotFound: there is no such instance, or it is not the actor's to see.
    """
    with engine.store.read() as uow:
        return history.path(uow, access.visible(uow, instance, actor).key)
