"""Runs a command: one transaction, tried again when another command came first, answered once however often it is sent."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

from engine.errors import ConcurrentUpdate, Conflict, IllegalTransition, Invalid, NotAllowed, NotFound, Unavailable
from engine.model.values import Actor
from engine.services.engine import Engine
from engine.store import commands
from engine.store.database import Clash, UnitOfWork

Answer = TypeVar("Answer")

TRIES = 5
REFUSALS = (ConcurrentUpdate, Conflict, IllegalTransition, Invalid, NotAllowed, NotFound, Unavailable)
"""Errors that tell the caller something; every other one is ours."""

log = logging.getLogger(__name__)


def run(
    engine: Engine,
    name: str,
    body: Callable[[UnitOfWork], Answer],
    *,
    actor: Actor,
    command_id: str | None = None,
    rescue: Callable[[UnitOfWork, Exception], Answer] | None = None,
    dry_run: bool = False,
) -> Answer:
    """Run ``body`` in a transaction and commit.

    (1) ``body`` does the work; what it gives must be JSON when there is a command id. (2) The answer is kept under the command id,
    which the database takes once, and all is committed. (3) A clash with another transaction begins again at (1). (4) Whatever was
    refused or clashed may be a repetition: then the first answer is given.

    Args:
        name: which command, on what: a command id belongs to one of them.
        rescue: does what can be done in a transaction of its own when ``body`` fails by a fault of ours.
        dry_run: do all of it and keep nothing: what would be refused is refused, by the same code.

    Raises:
        Conflict: the command id was used for another command.
        ConcurrentUpdate: other commands came first each time.
    """
    for attempt in range(1, TRIES + 1):
        try:
            return _once(engine, name, body, actor, command_id, dry_run=dry_run)
        except REFUSALS as refusal:
            known, first = _first_answer(engine, name, actor, command_id)
            if known:
                return first  # type: ignore[no-any-return]  # it is what body gave the first time
            if not isinstance(refusal, Clash) or attempt == TRIES:
                raise
            time.sleep(random.uniform(0, 0.004 * 2**attempt))  # noqa: S311 - spreads rivals, hides nothing
        except Exception as fault:
            if rescue is None:
                raise
            log.exception("%s failed; what was handed in is kept", name)
            return _once(engine, name, lambda uow, fault=fault: rescue(uow, fault), actor, command_id)  # type: ignore[misc]
    raise AssertionError("the last try returns or raises")


def _first_answer(engine: Engine, name: str, actor: Actor, command_id: str | None) -> tuple[bool, Any]:
    if command_id is None:
        return False, None
    with engine.store.read() as uow:
        return commands.find(uow, actor.id, command_id, name)


def _once(
    engine: Engine,
    name: str,
    body: Callable[[UnitOfWork], Answer],
    actor: Actor,
    command_id: str | None,
    *,
    dry_run: bool = False,
) -> Answer:
    with engine.store.begin() as uow:
        given = body(uow)
        if dry_run:
            return given
        if command_id is not None:
            commands.add(uow, actor.id, command_id, name, given)
        uow.commit()
        return given
