"""Messages that came before anybody waited for them: when a wait is opened, the oldest one that fits sets out for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.services.engine import Engine
from engine.store import jobs, messages, subscriptions
from engine.store.database import UnitOfWork
from engine.store.jobs import JobKind


def take_waiting(engine: Engine, uow: UnitOfWork, process_id: str, waits: Sequence[Mapping[str, Any]]) -> None:
    """Send the oldest fitting message of the buffer to each of these new waits of one instance; a message goes to one of them."""
    pairs = {(wait["name"], wait["correlation_key"]) for wait in waits}
    subscriptions.serialize(uow, pairs)
    found = messages.buffered(uow, process_id, pairs)
    on_their_way = []
    for wait in waits:
        keys = found.get((wait["name"], wait["correlation_key"]))
        if keys and messages.deliver(uow, keys[0], process_id, wait["instance"]):
            on_their_way.append(
                jobs.row(
                    uow,
                    JobKind.DELIVER,
                    instance_key=wait["instance"],
                    ref=wait["ref"],
                    element_id=wait["element_id"],
                    payload={"message": keys.pop(0), "process_id": process_id},
                )
            )
    if on_their_way:
        jobs.add(uow, on_their_way)
        uow.after_commit(engine.wake)
