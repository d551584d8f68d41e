"""Publishes announcements that are durable: each is one command of the engine, and is marked in the same transaction."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from connectors.announcements import store
from connectors.announcements.store import Announcement
from engine.model.values import Actor
from engine.services import messages

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
            _publish(engine, row)
        published += len(waiting)
        if len(waiting) < BATCH:
            return published


def _publish(engine: Engine, row: Announcement) -> None:
    """Publish a message, or the other one when no process takes the first. A crash in between repeats the first, which changes nothing."""
    connector = row.source.partition(":")[0]
    publish = partial(
        messages.publish,
        engine,
        actor=Actor(f"connector:{connector}", connector, everything=True),
        correlation_key=row.correlation_key,
        variables=row.variables,
        source=row.source,
        unit=row.unit,
        ttl=timedelta(seconds=row.ttl_s) or None,
    )
    mark = partial(store.mark, key=row.key)
    if not row.otherwise:
        publish(row.message, message_id=row.message_id, also=mark)
    elif publish(row.message, message_id=row.message_id).instances:
        with engine.store.begin() as uow:
            store.mark(uow, row.key)
            uow.commit()
    else:
        publish(row.otherwise, message_id=f"{row.message_id}:otherwise", also=mark)
