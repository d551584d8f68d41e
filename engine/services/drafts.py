"""What people have typed into tasks and not handed in, or could not because somebody else was quicker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.model.json import Json, Variables
from engine.model.keys import parse_key
from engine.model.values import Actor
from engine.services import rights
from engine.services.engine import Engine
from engine.services.payload import checked
from engine.store import drafts, tasks


def save(engine: Engine, key: str | int, values: Mapping[str, Json], *, actor: Actor) -> None:
    """Keep what the actor has typed into a task so far.

    Raises:
        NotFound: there is no such task, or it is not the actor's to see.
        Invalid: a value is not JSON or too large.
    """
    number = parse_key(key)
    given = checked(values, engine.limits)
    with engine.store.read() as uow:
        rights.refuse_invisible(uow, actor, tasks.get(uow, number))
    keep(engine, number, given, actor)


def keep(engine: Engine, key: int, values: Variables, actor: Actor) -> None:
    """Keep what was typed, whatever became of the task."""
    with engine.store.begin() as uow:
        drafts.put(uow, key, actor.id, values)
        uow.commit()


def get(engine: Engine, key: str | int, *, actor: Actor) -> dict[str, Any] | None:
    """Give what the actor has typed into a task and not handed in, or could not; None when there is nothing."""
    with engine.store.read() as uow:
        return drafts.get(uow, parse_key(key), actor.id)
