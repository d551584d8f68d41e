"""Event definitions: what an event waits for or throws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.bpmn.definition import EventDefinition, EventKind, TimerKind
from engine.bpmn.read.parts import Parts, local_name, reference, text_of
from engine.bpmn.read.reading import UNREADABLE, Reading
from engine.bpmn.read.roots import Message, Roots
from engine.bpmn.validate import Node
from engine.errors import Text

SUFFIX = "EventDefinition"
_TIMERS = {"timeDate": TimerKind.DATE, "timeDuration": TimerKind.DURATION, "timeCycle": TimerKind.CYCLE}


def read_events(parts: Parts, roots: Roots, reading: Reading) -> tuple[EventDefinition, ...]:
    """Read the event definitions of an event, those that it refers to included, in document order."""
    events = []
    for name, node in parts.items():
        if name == "eventDefinitionRef":
            target = reference(text_of(node))
            if target in roots.events:
                events.append(_read(roots.events[target], parts, roots, reading))
            else:
                reading.unknown(parts.id, "eventDefinitionRef", target)
        elif name.endswith(SUFFIX):
            events.append(_read(node, parts, roots, reading))
    return tuple(event for event in events if event)


def shared_event(target: str, parts: Parts, what: str, roots: Roots, reading: Reading) -> EventDefinition | None:
    """Read the event definition that ``what`` of an element points to; None when it points nowhere."""
    if not target:
        return None
    if target not in roots.events:
        reading.unknown(parts.id, what, target)
        return None
    return _read(roots.events[target], parts, roots, reading)


def message_event(
    parts: Parts, roots: Roots, reading: Reading, definition: Parts | None = None, *, definition_id: str = ""
) -> EventDefinition:
    """Read the message of a message event (whose definition is given), or of a send or receive task."""
    where, holder = parts.id, definition or parts
    target = reference(holder.get("messageRef"))
    message = Message(None, None)
    if target:
        if target in roots.messages:
            message = roots.messages[target]
        else:
            reading.unknown(where, "messageRef", target)
            message = Message(UNREADABLE, UNREADABLE)
    publish: Mapping[str, Any] = holder.extension("publishMessage") or parts.extension("publishMessage") or {}
    return EventDefinition(
        EventKind.MESSAGE,
        id=definition_id,
        name=message.name,
        key=reading.expression(publish.get("correlationKey"), where) or message.key,
        message_id=reading.expression(publish.get("messageId"), where),
        ttl=reading.expression(publish.get("timeToLive"), where),
    )


def _read(node: Node, parts: Parts, roots: Roots, reading: Reading) -> EventDefinition | None:
    definition = Parts(node)
    where, kind_name = parts.id, local_name(node).removesuffix(SUFFIX)
    try:
        kind = EventKind(kind_name)
    except ValueError:
        reading.refuse(
            where,
            "element-unsupported",
            Text("an event definition {kind} is not executed", kind=local_name(node)),
            Text("use another kind of event"),
        )
        return None
    if kind is EventKind.MESSAGE:
        return message_event(parts, roots, reading, definition, definition_id=definition.id)
    if kind is EventKind.SIGNAL:
        target = reference(definition.get("signalRef"))
        if target and target not in roots.signals:
            reading.unknown(where, "signalRef", target)
            return EventDefinition(kind, id=definition.id, name=UNREADABLE)
        return EventDefinition(kind, id=definition.id, name=roots.signals.get(target))
    if kind is EventKind.ERROR or kind is EventKind.ESCALATION:
        what, codes = ("errorRef", roots.errors) if kind is EventKind.ERROR else ("escalationRef", roots.escalations)
        target = reference(definition.get(what))
        if target and target not in codes:
            reading.unknown(where, what, target)
        return EventDefinition(kind, id=definition.id, code=codes.get(target))
    if kind is EventKind.TIMER:
        return _timer(definition, where, reading)
    if kind is EventKind.CONDITIONAL:
        return EventDefinition(
            kind, id=definition.id, condition=reading.expression(definition.text("condition"), where)
        )
    if kind is EventKind.LINK:
        return EventDefinition(kind, id=definition.id, link=definition.get("name").strip())
    if kind is EventKind.COMPENSATION:
        return EventDefinition(
            kind,
            id=definition.id,
            activity=reference(definition.get("activityRef")) or None,
            wait_for_completion=definition.flag("waitForCompletion", default=True),
        )
    return EventDefinition(kind, id=definition.id)


def _timer(definition: Parts, where: str, reading: Reading) -> EventDefinition:
    for name, kind in _TIMERS.items():
        if definition.first(name) is not None:
            timer = reading.expression(definition.text(name), where)
            return EventDefinition(EventKind.TIMER, id=definition.id, timer_kind=kind, timer=timer)
    return EventDefinition(EventKind.TIMER, id=definition.id)
