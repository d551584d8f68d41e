"""Rules about what catches events beside or around activities: whether what it waits for can come, and comes to it alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.bpmn.definition import Element, EventDefinition, EventKind, JobWork, Kind, MultiInstance
from engine.bpmn.rules.rule import WARNING, Finding, Subject, rule
from engine.errors import Text

_THROWN = (EventKind.ERROR, EventKind.ESCALATION)
_WORKING = (Kind.SERVICE_TASK, Kind.SEND_TASK, Kind.SCRIPT_TASK, Kind.BUSINESS_RULE_TASK)


@rule("handler-idle", WARNING)
def handler_idle(subject: Subject) -> Iterator[Finding]:
    """What catches an error or an escalation stands where one can come from."""
    thrown: dict[str, set[tuple[EventKind, str | None]]] | None = None
    for handler, event in subject.events(Kind.BOUNDARY_EVENT, Kind.START_EVENT):
        if event.kind not in _THROWN:
            continue
        inside = _around(subject, handler)
        if inside is None or (inside.is_scope and not inside.children):
            continue  # an empty subprocess has other problems
        if thrown is None:
            thrown = _thrown(subject)
        codes = {code for kind, code in thrown.get(inside.id, ()) if kind is event.kind}
        if not codes or (event.code is not None and codes.isdisjoint((event.code, None))):
            yield Finding(
                handler.id,
                Text(
                    "nothing in {inside} throws what {handler} catches",
                    inside=inside.name or inside.id,
                    handler=handler.name or handler.id,
                ),
                Text("throw it inside, correct the code, or remove the event"),
            )


def _around(subject: Subject, handler: Element) -> Element | None:
    """Give the activity, subprocess or process that a handler looks after; None when it looks after none."""
    if handler.kind is Kind.BOUNDARY_EVENT:
        return subject.elements.get(handler.attached_to or "")
    scope = subject.elements[handler.scope]
    return subject.elements[scope.scope] if scope.triggered_by_event else None


def _thrown(subject: Subject) -> dict[str, set[tuple[EventKind, str | None]]]:
    """Give what can come out of each element that throws, and out of all that are around it; code None: any."""
    found: dict[str, set[tuple[EventKind, str | None]]] = {}
    for element in subject.elements.values():
        own = set(_thrown_by(element))
        current: Element | None = element if own else None
        while current is not None:
            found.setdefault(current.id, set()).update(own)
            current = subject.elements.get(current.scope)
    return found


def _thrown_by(element: Element) -> Iterator[tuple[EventKind, str | None]]:
    if element.kind is Kind.CALL_ACTIVITY:
        yield from ((kind, None) for kind in _THROWN)
    # a calculation may fail, and what fails is caught like an error
    if element.kind in _WORKING or isinstance(element.work, JobWork) or element.inputs or element.outputs:
        yield EventKind.ERROR, None
    events: Iterable[EventDefinition] = element.events if element.kind in (Kind.THROW_EVENT, Kind.END_EVENT) else ()
    if isinstance(element.loop, MultiInstance):
        loop = element.loop
        events = [*events, *(event for _, event in loop.complex_events), *([loop.event] if loop.event else [])]
        if loop.collection is not None or loop.completion is not None:
            yield EventKind.ERROR, None
    for event in events:
        if event.kind in _THROWN:
            yield event.kind, event.code


@rule("handler-twice", WARNING)
def handler_twice(subject: Subject) -> Iterator[Finding]:
    """An error, an escalation or a message is caught once at one place."""
    for place, handlers in _places(subject):
        seen: dict[tuple[EventKind, str, str], str] = {}
        for handler in handlers:
            for event in handler.events if not handler.parallel_multiple else ():
                what = _caught(event)
                first = seen.setdefault(what, handler.id) if what else handler.id
                if first != handler.id:
                    yield Finding(
                        handler.id,
                        Text(
                            "{first} catches the same {kind} at {place} already",
                            first=first,
                            kind=event.kind.value,
                            place=place.name or place.id,
                        ),
                        Text("remove one of them, or let them catch different ones"),
                    )


def _caught(event: EventDefinition) -> tuple[EventKind, str, str] | None:
    if event.kind in _THROWN:
        return event.kind, event.code or "", ""
    if event.kind is EventKind.MESSAGE and event.name is not None:
        return event.kind, event.name.text, event.key.text if event.key else ""
    return None


def _places(subject: Subject) -> Iterator[tuple[Element, list[Element]]]:
    """Give each place with what catches events there side by side."""
    for element in subject.elements.values():
        if len(element.boundary) > 1:
            yield element, [subject.elements[event] for event in element.boundary]
        if len(element.event_subprocesses) > 1:
            inside = [subject.elements[each] for each in element.event_subprocesses]
            yield element, [subject.elements[start] for each in inside for start in _starts(subject, each)]
        if element.kind is Kind.EVENT_BASED_GATEWAY:
            yield element, [subject.elements[flow.target] for flow in subject.flows(element.outgoing)]


def _starts(subject: Subject, scope: Element) -> list[str]:
    return [child.id for child in subject.children(scope) if child.kind is Kind.START_EVENT]
