"""Start events of processes: which message, signal or timer starts an instance of the newest version."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.bpmn import timers
from engine.bpmn.definition import Definition, Element, EventKind
from engine.bpmn.timers import Schedule
from engine.model.keys import DefinitionKey
from engine.model.states import SubscriptionKind
from engine.services.engine import Engine
from engine.store import jobs, subscriptions, versions
from engine.store.database import UnitOfWork
from engine.store.jobs import JobKind

LISTENS = {EventKind.MESSAGE: SubscriptionKind.MESSAGE, EventKind.SIGNAL: SubscriptionKind.SIGNAL}


def replace(engine: Engine, uow: UnitOfWork, key: DefinitionKey, definition: Definition) -> None:
    """Let the start events of a new version take over from those of the older ones."""
    older = [each for each in versions.keys_of_process(uow, definition.process_id) if each != key]
    if older:
        subscriptions.remove_starts(uow, older)
        jobs.drop_start_timers(uow, older)
    new_subscriptions: dict[tuple[Any, ...], dict[str, Any]] = {}
    new_timers = []
    for element in events(definition):
        for index, event in enumerate(element.events):
            if event.kind is EventKind.TIMER and event.timer_kind is not None and event.timer is not None:
                value = event.timer.evaluate({}, now=uow.now, zone=engine.zone)
                new_timers.append(
                    timer_row(uow, key, element, index, timers.schedule(event.timer_kind, value, uow.now, engine.zone))
                )
            elif event.kind in LISTENS and event.name is not None:
                name = str(event.name.evaluate({}, now=uow.now, zone=engine.zone))
                kind = LISTENS[event.kind]
                new_subscriptions[kind, name, element.id] = subscriptions.row(
                    uow, kind, name, "", definition=key, process_id=definition.process_id, element_id=element.id
                )
    subscriptions.add(uow, list(new_subscriptions.values()))
    jobs.add(uow, new_timers)
    if new_timers:
        uow.after_commit(engine.wake)


def events(definition: Definition) -> list[Element]:
    """List the elements of a process at which something from outside starts it."""
    found = []
    for child in definition.process.children:
        element = definition.elements[child]
        if element.instantiate and element.outgoing and not element.events:
            # an event-based gateway that starts the process: whatever comes first after it
            found += [definition.elements[definition.flows[flow].target] for flow in element.outgoing]
        elif element.events and (element.instantiate or element in definition.start_events(element.events[0].kind)):
            found.append(element)
    return found


def timer_row(uow: UnitOfWork, key: DefinitionKey, element: Element, index: int, at: Schedule) -> dict[str, Any]:
    """Make the job that starts an instance at the next beat of a timer."""
    payload = {"index": index, "due": at.due.isoformat(), "repeats": at.repeats, "interval": at.interval}
    return jobs.row(uow, JobKind.START_TIMER, definition_key=key, element_id=element.id, due_at=at.due, payload=payload)


def schedule(payload: dict[str, Any]) -> Schedule:
    """Read where a timer stands from the payload of its job."""
    return Schedule(datetime.fromisoformat(payload["due"]), payload["repeats"], payload["interval"])
