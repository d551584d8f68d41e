"""Publishes announcements that are durable: each is one command of the engine, and is marked in the same transaction."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from connectors.announcements import store
from engine.model.values import Actor
from engine.services import messages
from engine.store.database import UnitOfWork

if TYPE_CHECKING:
    from engine.services.engine import Engine

BATCH = 100


def publish_waiting(engine: Engine) -> int:
    """Publish what waits, oldest first; give how many.

    Called right after whatever announced something, and by the sweeper, which finds what a crash left behind. Two callers at once are
    harmless: the engine takes a message id once, and both see what waits in the same order, so that "cleared" never overtakes "raised".
    """
    published = 0
    while True:
        with engine.store.read() as uow:
            waiting = store.waiting(uow, BATCH)
        for row in waiting:
            connector = row.source.partition(":")[0]

            def mark(uow: UnitOfWork, key: int = row.key) -> None:
                store.mark(uow, key)

            messages.publish(
                engine,
                row.message,
                actor=Actor(f"connector:{connector}", connector, everything=True),
                correlation_key=row.correlation_key,
                variables=row.variables,
                source=row.source,
                message_id=row.message_id,
                unit=row.unit,
                ttl=timedelta(seconds=row.ttl_s) or None,
                also=mark,
            )
        published += len(waiting)
        if len(waiting) < BATCH:
            return published
