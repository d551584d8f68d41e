"""Messages and signals: publish them, and find who takes them.

A message goes to at most one instance of each process: to the one that has waited longest, else to a start event. Each delivery is a
job, taken up in a transaction of its own; until then the wait may vanish, and the delivery looks for another one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from engine.errors import NotFound
from engine.model.json import Variables
from engine.model.keys import InstanceKey, MessageKey, UnitKey, parse_key
from engine.model.states import SubscriptionKind
from engine.model.values import Actor
from engine.services import access, command
from engine.services.buffered import birth, delivery
from engine.services.engine import Engine
from engine.services.payload import checked
from engine.store import instances, jobs, messages, subscriptions
from engine.store.database import UnitOfWork
from engine.store.jobs import JobKind
from engine.store.messages import Message
from engine.store.subscriptions import Subscription


@dataclass(frozen=True, slots=True)
class Published:
    """What became of a message: its key and the instances to which it set out; ``is_new`` is False for a repeated id."""

    key: MessageKey
    instances: tuple[InstanceKey, ...]
    is_new: bool = True


def publish(
    engine: Engine,
    name: str,
    *,
    actor: Actor,
    correlation_key: str = "",
    variables: Variables | None = None,
    ttl: timedelta | None = None,
    source: str = "",
    message_id: str | None = None,
    unit: int | None = None,
    command_id: str | None = None,
    also: Callable[[UnitOfWork], None] | None = None,
) -> Published:
    """Publish a message.

    Args:
        ttl: how long it waits for a process that does not wait for it yet; None: not at all.
        source, message_id: together they name the message; one that was published before is not published again.
        unit: where in the organisation an instance belongs that the message starts.
        also: writes the caller's own rows in the same transaction, for a repeated message too.

    Raises:
        NotAllowed: the actor may not publish messages.
        Invalid: a variable is not JSON or too large.
    """
    given = checked(variables, engine.limits)

    def body(uow: UnitOfWork) -> dict[str, object]:
        access.require_somewhere(uow, actor, "publish", "message")
        message = Message(
            key=MessageKey(uow.new_key()),
            name=name,
            correlation_key=correlation_key,
            variables=given,
            source=source,
            message_id=message_id,
            actor=actor.id,
            actor_name=actor.name,
            published_at=uow.now,
            expires_at=uow.now + ttl if ttl else None,
            unit=None if unit is None else UnitKey(unit),
        )
        answer = put(engine, uow, message)
        if also is not None:
            also(uow)
        return {"key": answer.key, "instances": list(answer.instances), "new": answer.is_new}

    found = command.run(engine, f"publish {name}", body, actor=actor, command_id=command_id)
    return Published(found["key"], tuple(found["instances"]), bool(found["new"]))  # type: ignore[arg-type]  # JSON


def put(engine: Engine, uow: UnitOfWork, message: Message) -> Published:
    """Store a message and send it on its way, in the caller's transaction."""
    if not messages.add(uow, message):
        first = messages.by_id(uow, message.source, message.message_id or "")
        return Published(first.key, tuple(messages.deliveries(uow, first.key).values()), is_new=False)
    if message.expires_at is not None:
        subscriptions.serialize(uow, [(message.name, message.correlation_key)])
    waiting = subscriptions.waiting(uow, SubscriptionKind.MESSAGE, message.name, message.correlation_key)
    starting = subscriptions.starting(uow, SubscriptionKind.MESSAGE, message.name)
    rows = []
    taken: dict[str, InstanceKey] = {}
    for wait in waiting:
        if wait.process_id not in taken and wait.instance is not None:
            taken[wait.process_id] = wait.instance
            rows.append(_to(uow, message.key, wait))
    for start in _free_to_start(uow, starting, message.correlation_key, taken):
        key = InstanceKey(uow.new_key())
        taken[start.process_id] = key
        rows.append(birth(uow, start, key, message))
    for process_id, key in taken.items():
        messages.deliver(uow, message.key, process_id, key)
    if rows:
        jobs.add(uow, rows)
        uow.after_commit(engine.wake)
    return Published(message.key, tuple(taken.values()))


def _free_to_start(
    uow: UnitOfWork, starting: Sequence[Subscription], correlation_key: str, taken: dict[str, InstanceKey]
) -> list[Subscription]:
    """Leave out processes that took the message already, and those with a live instance that the same key started."""
    free = [start for start in starting if start.process_id not in taken]
    if free and correlation_key:
        living = instances.started_with(uow, [start.process_id for start in free], correlation_key)
        free = [start for start in free if start.process_id not in living]
    return list({start.process_id: start for start in reversed(free)}.values())


def _to(uow: UnitOfWork, key: int, wait: Subscription) -> dict[str, Any]:
    return delivery(uow, key, wait.process_id, wait.instance, wait.ref, wait.element_id)


def correlate_again(engine: Engine, uow: UnitOfWork, key: int, process_id: str) -> None:
    """Look for another wait for a message whose wait has vanished; without one it waits for the rest of its time to live."""
    message = messages.get(uow, key)
    subscriptions.serialize(uow, [(message.name, message.correlation_key)])
    waits = subscriptions.waiting(uow, SubscriptionKind.MESSAGE, message.name, message.correlation_key)
    other = next((wait for wait in waits if wait.process_id == process_id and wait.instance is not None), None)
    if other is None:
        messages.redirect(uow, key, process_id, None)
        return
    messages.redirect(uow, key, process_id, other.instance)
    jobs.add(uow, [_to(uow, key, other)])
    uow.after_commit(engine.wake)


def took(engine: Engine, key: int) -> list[InstanceKey]:
    """List the instances to which a message went, by age."""
    with engine.store.read() as uow:
        return list(messages.deliveries(uow, key).values())


def broadcast(
    engine: Engine,
    name: str,
    variables: Variables | None = None,
    *,
    actor: Actor,
    unit: int | None = None,
    command_id: str | None = None,
) -> int:
    """Broadcast a signal: to every instance that waits for it now, and to every process that it starts. Give how many that are.

    Raises:
        NotAllowed: the actor may not broadcast signals.
        Invalid: a variable is not JSON or too large.
    """
    given = checked(variables, engine.limits)

    def body(uow: UnitOfWork) -> int:
        access.require_somewhere(uow, actor, "broadcast", "signal")
        return spread(engine, uow, name, given, actor=actor, unit=unit)

    return command.run(engine, f"broadcast {name}", body, actor=actor, command_id=command_id)


def spread(
    engine: Engine,
    uow: UnitOfWork,
    name: str,
    variables: Variables,
    *,
    actor: Actor,
    unit: int | None = None,
    but: int | None = None,
) -> int:
    """Send a signal on its way to everybody but one instance, in the caller's transaction; give how many they are."""
    rows = [
        jobs.row(
            uow,
            JobKind.SIGNAL,
            instance_key=wait.instance,
            ref=wait.ref,
            element_id=wait.element_id,
            payload={"name": name, "variables": dict(variables)},
        )
        for wait in subscriptions.waiting(uow, SubscriptionKind.SIGNAL, name)
        if wait.instance != but
    ]
    for start in subscriptions.starting(uow, SubscriptionKind.SIGNAL, name):
        payload = {
            "instance": uow.new_key(),
            "variables": dict(variables),
            "start_key": None,
            "unit": unit,
            "actor": [actor.id, actor.name],
        }
        rows.append(
            jobs.row(uow, JobKind.START, definition_key=start.definition, element_id=start.element_id, payload=payload)
        )
    if rows:
        jobs.add(uow, rows)
        uow.after_commit(engine.wake)
    return len(rows)


def answer(
    engine: Engine,
    instance: str | int,
    element_id: str,
    variables: Variables | None = None,
    *,
    actor: Actor,
    command_id: str | None = None,
    also: Callable[[UnitOfWork], None] | None = None,
) -> None:
    """Hand an instance the message that one of its elements waits for: a resident confirms, a supervisor urges.

    Args:
        element_id: the catch event, receive task, boundary event or event subprocess start that waits.

    Raises:
        NotFound: there is no such instance, it is not the actor's to see, or the element does not wait for a message.
        NotAllowed: the actor may see it, but not act on it.
        Invalid: a variable is not JSON or too large.
    """
    given = checked(variables, engine.limits)
    number = parse_key(instance)

    def body(uow: UnitOfWork) -> None:
        row = instances.get(uow, number)
        _may_answer(uow, actor, row, element_id)
        wait = subscriptions.at_element(uow, number, element_id)
        if wait is None:
            raise NotFound("{element} does not wait for a message (any more)", element=element_id)
        message = Message(
            key=MessageKey(uow.new_key()),
            name=wait.name,
            correlation_key=wait.correlation_key,
            variables=given,
            source="",
            message_id=None,
            actor=actor.id,
            actor_name=actor.name,
            published_at=uow.now,
            expires_at=None,
            unit=None,
        )
        messages.add(uow, message)
        messages.deliver(uow, message.key, wait.process_id, number)
        job = _to(uow, message.key, wait)
        jobs.add(uow, [job | {"payload": job["payload"] | {"only": True}}])  # to this instance or to nobody
        if also is not None:
            also(uow)
        uow.after_commit(engine.wake)

    command.run(engine, f"answer {element_id} of {number}", body, actor=actor, command_id=command_id)


def _may_answer(uow: UnitOfWork, actor: Actor, row: instances.Instance, element_id: str) -> None:
    if actor.bound is not None:
        if not access.sees(uow, actor, row) or actor.bound.element_id != element_id:
            raise NotFound("there is no process instance {key}", key=row.key)
        return
    if row.started_by != actor.id:
        access.require(uow, actor, "answer", row)
