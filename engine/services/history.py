"""What happened to an instance, and whether its history is still as it was written."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import Problem, Text
from engine.model.values import Actor
from engine.services import access
from engine.services.engine import Engine
from engine.store import history
from engine.store.history import Event

__all__ = ["Event", "events", "path", "verify", "verify_all"]


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


def verify(engine: Engine, instance: int) -> list[Problem]:
    """Recompute the chain of one instance; give the first place that does not fit."""
    with engine.store.read() as uow:
        found = history.verify(uow, instance)
    return [_problem(found)] if found else []


def verify_all(engine: Engine) -> list[Problem]:
    """Recompute the chains of all instances; give the first place of each that does not fit."""
    with engine.store.read() as uow:
        return [_problem(found) for found in history.verify_all(uow)]


def _problem(found: history.Break) -> Problem:
    texts = {
        "changed": Text("the entry was changed"),
        "missing": Text("an entry was removed"),
        "forged": Text("an entry was added"),
        "without its instance": Text("the entries belong to no instance"),
    }
    return Problem(f"{found.instance} {found.seq}", texts[found.what], Text("compare it with a backup"))
