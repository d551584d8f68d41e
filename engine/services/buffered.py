"""Messages on their way, and those that came before anybody could take them: whoever becomes free takes the oldest that fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.model.keys import InstanceKey
from engine.services.engine import Engine
from engine.store import jobs, messages, subscriptions
from engine.store.database import UnitOfWork
from engine.store.jobs import JobKind
from engine.store.messages import Message
from engine.store.subscriptions import Subscription


def take_waiting(engine: Engine, uow: UnitOfWork, process_id: str, waits: Sequence[Mapping[str, Any]]) -> None:
    """Send the oldest fitting message of the buffer to each of these new waits of one instance; a message goes to one of them."""
    pairs = {(wait["name"], wait["correlation_key"]) for wait in waits}
    subscriptions.serialize(uow, pairs)
    found = messages.buffered(uow, process_id, pairs)
    rows = []
    for wait in waits:
        keys = found.get((wait["name"], wait["correlation_key"]))
        if keys and messages.deliver(uow, keys[0], process_id, wait["instance"]):
            rows.append(delivery(uow, keys.pop(0), process_id, wait["instance"], wait["ref"], wait["element_id"]))
    _set_out(engine, uow, rows)


def start_waiting(engine: Engine, uow: UnitOfWork, process_id: str, start_key: str) -> None:
    """Let the oldest message that waited for an instance with this key to end start the next one."""
    starts = subscriptions.starts_of(uow, process_id)
    pairs = {(start.name, start_key) for start in starts}
    subscriptions.serialize(uow, pairs)
    found = messages.buffered(uow, process_id, pairs)
    if not found:
        return
    message = messages.get(uow, min(key for keys in found.values() for key in keys))
    start = next(each for each in starts if each.name == message.name)
    key = InstanceKey(uow.new_key())
    if messages.deliver(uow, message.key, process_id, key):
        _set_out(engine, uow, [birth(uow, start, key, message)])


def delivery(
    uow: UnitOfWork, key: int, process_id: str, instance: int | None, ref: int | None, element_id: str
) -> dict[str, Any]:
    """Make the job that brings a message to a wait."""
    payload = {"message": key, "process_id": process_id}
    return jobs.row(uow, JobKind.DELIVER, instance_key=instance, ref=ref, element_id=element_id, payload=payload)


def birth(uow: UnitOfWork, start: Subscription, key: InstanceKey, message: Message) -> dict[str, Any]:
    """Make the job that starts an instance because of a message."""
    payload = {
        "instance": key,
        "message": message.key,
        "variables": dict(message.variables),
        "start_key": message.correlation_key or None,
        "unit": message.unit,
        "actor": [message.actor, message.actor_name],
    }
    return jobs.row(uow, JobKind.START, definition_key=start.definition, element_id=start.element_id, payload=payload)


def _set_out(engine: Engine, uow: UnitOfWork, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        jobs.add(uow, rows)
        uow.after_commit(engine.wake)
