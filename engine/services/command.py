"""Runs a command: one transaction, tried again when another command came first, answered once however often it is sent."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

from engine.errors import ConcurrentUpdate, Conflict, IllegalTransition, Invalid, NotAllowed, NotFound
from engine.model.values import Actor
from engine.services.engine import Engine
from engine.store import commands
from engine.store.database import Clash, UnitOfWork

Answer = TypeVar("Answer")

TRIES = 5
REFUSALS = (ConcurrentUpdate, Conflict, IllegalTransition, Invalid, NotAllowed, NotFound)
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
) -> Answer:
    """Run ``body`` in a transaction and commit.

    (1) A command id that was used before is answered as it was. (2) ``body`` does the work; what it gives must be JSON when there
    is a command id. (3) The answer is kept and all is committed. A clash with another transaction begins again at (1).

    Args:
        name: which command, on what: a command id belongs to one of them.
        rescue: does what can be done in a transaction of its own when ``body`` fails by a fault of ours.

    Raises:
        Conflict: the command id was used for another command.
        ConcurrentUpdate: other commands came first each time.
    """
    for attempt in range(1, TRIES + 1):
        try:
            return _once(engine, name, body, actor, command_id)
        except Clash:
            if attempt == TRIES:
                raise
            time.sleep(random.uniform(0, 0.004 * 2**attempt))  # noqa: S311 - spreads rivals, hides nothing
        except REFUSALS:
            raise
        except Exception as fault:
            if rescue is None:
                raise
            log.exception("%s failed; what was handed in is kept", name)
            return _once(engine, name, lambda uow, fault=fault: rescue(uow, fault), actor, command_id)  # type: ignore[misc]
    raise AssertionError("the last try returns or raises")


def _once(
    engine: Engine, name: str, body: Callable[[UnitOfWork], Answer], actor: Actor, command_id: str | None
) -> Answer:
    with engine.store.begin() as uow:
        if command_id is not None:
            known, first = commands.find(uow, actor.id, command_id, name)
            if known:
                answer: Any = first
                return answer  # type: ignore[no-any-return]  # it is what body gave the first time
        given = body(uow)
        if command_id is not None:
            commands.add(uow, actor.id, command_id, name, given)
        uow.commit()
        return given
