"""What somebody who has left still held goes back to those who can do it."""

from __future__ import annotations

import logging

from engine.errors import ConcurrentUpdate, IllegalTransition, NotFound
from engine.model.values import SYSTEM
from engine.services import holding
from engine.services.engine import Engine
from engine.store import leavers

log = logging.getLogger(__name__)


def rehome(engine: Engine, account: int | None = None, *, limit: int = 1000) -> int:
    """Hand the tasks of disabled accounts (or of one of them) back to their candidates; give how many.

    Each task is a command of its own, since it moves in the history of its instance. What is in the way now, such as a suspended
    instance, is done by a later round. A task that was offered to nobody else stays open for those who may assign it.
    """
    with engine.store.read() as uow:
        held = leavers.held(uow, account, limit)
    done = 0
    for key in held:
        try:
            holding.release(engine, key, actor=SYSTEM, reason="account_disabled")
            done += 1
        except (ConcurrentUpdate, IllegalTransition, NotFound) as later:
            log.info("task %s of a disabled account stays for now: %s", key, later)
    return done
