"""Rules about events: where they may stand, and what they must name."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.definition import EVENTS, Element, EventKind, JobWork, Kind
from engine.bpmn.rules.executed import ALONE, POSITIONS, TOGETHER, position
from engine.bpmn.rules.rule import WARNING, Finding, Subject, rule
from engine.errors import Text

_CATCHING = (Kind.START_EVENT, Kind.CATCH_EVENT, Kind.BOUNDARY_EVENT)
_THROWING = (Kind.THROW_EVENT, Kind.END_EVENT)


@rule("event-position")
def event_position(subject: Subject) -> Iterator[Finding]:
    """Every event is of a kind that its position allows."""
    for element, event in subject.events(*EVENTS):
        place = position(element, subject.elements[element.scope])
        if event.kind not in POSITIONS[place]:
            allowed = sorted(kind.value for kind in POSITIONS[place])
            yield Finding(
                element.id,
                Text("no {kind} event can be the {place}", kind=event.kind.value, place=place),
                Text("use one of: {allowed}", allowed=", ".join(allowed))
                if allowed
                else Text("use a start event without a trigger, or an event subprocess"),
            )


@rule("event-undefined")
def event_undefined(subject: Subject) -> Iterator[Finding]:
    """A catch or boundary event says what it waits for."""
    for element in subject.of(Kind.CATCH_EVENT, Kind.BOUNDARY_EVENT):
        if not element.events:
            yield Finding(
                element.id,
                Text("{element} does not say what it waits for", element=element.name or element.id),
                Text("give it a message, timer, signal or another trigger"),
            )


@rule("event-mix")
def event_mix(subject: Subject) -> Iterator[Finding]:
    """An event with several triggers has only such that go together."""
    for element in subject.of(*_THROWING):
        for event in element.events if len(element.events) > 1 else ():
            if event.kind in ALONE:
                yield Finding(
                    element.id,
                    Text("no {kind} event can be thrown together with others", kind=event.kind.value),
                    Text("throw the others in an event before it"),
                )
    for element in subject.of(*_CATCHING):
        for event in element.events if element.parallel_multiple else ():
            if event.kind not in TOGETHER:
                yield Finding(
                    element.id,
                    Text("no {kind} event can be waited for together with others", kind=event.kind.value),
                    Text("use an event of its own for it"),
                )
    for element in subject.of(Kind.START_EVENT):
        if element.parallel_multiple and len(element.events) > 1 and element.scope == subject.definition.process_id:
            yield Finding(
                element.id,
                Text(
                    "{element} cannot wait for all its triggers before there is an instance",
                    element=element.name or element.id,
                ),
                Text("start at one of them, and wait for the others in a parallel multiple catch event after it"),
            )


@rule("boundary-host")
def boundary_host(subject: Subject) -> Iterator[Finding]:
    """A boundary event is attached to an activity beside it."""
    for event in subject.of(Kind.BOUNDARY_EVENT):
        host = subject.elements.get(event.attached_to or "")
        if host is None:
            continue  # the reader has told it
        if not host.is_activity or host.triggered_by_event or host.scope != event.scope:
            yield Finding(
                event.id,
                Text("{host} cannot have boundary events here", host=host.name or host.id),
                Text("attach it to a task, subprocess or call activity of the same process or subprocess"),
            )


@rule("interrupting")
def interrupting(subject: Subject) -> Iterator[Finding]:
    """Errors and cancels always interrupt."""
    for element, event in subject.events(Kind.START_EVENT, Kind.BOUNDARY_EVENT):
        if event.kind in (EventKind.ERROR, EventKind.CANCEL) and not element.interrupting:
            yield Finding(
                element.id,
                Text("what caught {kind} cannot go on beside it", kind=event.kind.value),
                Text("make the event interrupting, or use an escalation"),
            )


@rule("message-unnamed")
def message_unnamed(subject: Subject) -> Iterator[Finding]:
    """A message event names its message."""
    for element, event in subject.with_event(EventKind.MESSAGE, *EVENTS, Kind.RECEIVE_TASK, Kind.SEND_TASK):
        if event.name is None and not isinstance(element.work, JobWork):
            yield Finding(
                element.id,
                Text("{element} names no message", element=element.name or element.id),
                Text("choose a message and give it a name")
                if element.kind is not Kind.SEND_TASK
                else Text("choose a message, or give the task a job type"),
            )


@rule("message-key")
def message_key(subject: Subject) -> Iterator[Finding]:
    """What waits for a message says by a correlation key which one is meant."""
    for element, event in subject.with_event(EventKind.MESSAGE, *_CATCHING, Kind.RECEIVE_TASK):
        if event.name is not None and event.key is None and not _starts_process(subject, element):
            yield Finding(
                element.id,
                Text("the message of {element} has no correlation key", element=element.name or element.id),
                Text("give the message a correlation key, such as =orderId, so that it reaches the right instance"),
            )


def _starts_process(subject: Subject, element: Element) -> bool:
    if element.instantiate or (element.kind is Kind.START_EVENT and element.scope == subject.definition.process_id):
        return True
    return any(subject.elements[flow.source].instantiate for flow in subject.flows(element.incoming))


@rule("message-start-twice")
def message_start_twice(subject: Subject) -> Iterator[Finding]:
    """A message starts a process in one place only."""
    seen: dict[str, str] = {}
    for element in subject.definition.start_events(EventKind.MESSAGE):
        for event in element.events:
            if event.kind is EventKind.MESSAGE and event.name is not None:
                first = seen.setdefault(event.name.text, element.id)
                if first != element.id:
                    yield Finding(
                        element.id,
                        Text(
                            "the message {name} starts the process at {first} already",
                            name=event.name.text,
                            first=first,
                        ),
                        Text("use another message, or lead on from {first}", first=first),
                    )


@rule("signal-unnamed")
def signal_unnamed(subject: Subject) -> Iterator[Finding]:
    """A signal event names its signal."""
    for element, event in subject.with_event(EventKind.SIGNAL, *EVENTS):
        if event.name is None:
            yield Finding(
                element.id,
                Text("{element} names no signal", element=element.name or element.id),
                Text("choose a signal and give it a name"),
            )


@rule("code-missing")
def code_missing(subject: Subject) -> Iterator[Finding]:
    """A thrown error or escalation has a code, written as plain text."""
    for element, event in subject.events(*EVENTS):
        if event.kind not in (EventKind.ERROR, EventKind.ESCALATION):
            continue
        if event.code is None and element.kind in _THROWING:
            yield Finding(
                element.id,
                Text(
                    "{element} throws {kind} without a code", element=element.name or element.id, kind=event.kind.value
                ),
                Text("give it a code that an event can catch"),
            )
        elif event.code is not None and event.code.startswith("="):
            yield Finding(
                element.id,
                Text("the code {code} is taken as it is written, not calculated", code=event.code),
                Text("write the code itself, without ="),
            )


@rule("error-uncaught", WARNING)
def error_uncaught(subject: Subject) -> Iterator[Finding]:
    """A thrown error is caught in the process."""
    for element, event in subject.with_event(EventKind.ERROR, Kind.END_EVENT):
        if event.code is not None and not _is_caught(subject, element, event.code):
            yield Finding(
                element.id,
                Text("nobody in this process catches the error {code}", code=event.code),
                Text("catch it with a boundary event or an event subprocess, unless the calling process does"),
            )


def _is_caught(subject: Subject, element: Element, code: str) -> bool:
    current = element
    while current.scope:
        scope = subject.elements[current.scope]
        handlers = [subject.elements[event] for event in scope.boundary]
        for event_subprocess in scope.event_subprocesses:
            if event_subprocess != current.id:
                handlers += subject.children(subject.elements[event_subprocess])
        for handler in handlers:
            catches = handler.kind in (Kind.START_EVENT, Kind.BOUNDARY_EVENT)
            if catches and any(each.kind is EventKind.ERROR and each.code in (None, code) for each in handler.events):
                return True
        current = scope
    return False


@rule("condition-undefined")
def condition_undefined(subject: Subject) -> Iterator[Finding]:
    """A conditional event has a condition."""
    for element, event in subject.with_event(EventKind.CONDITIONAL, *EVENTS):
        if event.condition is None:
            yield Finding(
                element.id,
                Text("{element} has no condition", element=element.name or element.id),
                Text("give it a FEEL condition, such as =amount > limit"),
            )


@rule("link-partner")
def link_partner(subject: Subject) -> Iterator[Finding]:
    """Every link that is thrown has one partner of the same name beside it."""
    catches: dict[tuple[str, str], list[str]] = {}
    for element, event in subject.with_event(EventKind.LINK, Kind.CATCH_EVENT):
        catches.setdefault((element.scope, event.link), []).append(element.id)
    for (_, name), partners in catches.items():
        for partner in partners[1:]:
            yield Finding(
                partner,
                Text("{first} already catches the link {name}", first=partners[0], name=name),
                Text("keep one of them, or give them different names"),
            )
    for element, event in subject.with_event(EventKind.LINK, Kind.THROW_EVENT):
        if not event.link or (element.scope, event.link) not in catches:
            yield Finding(
                element.id,
                Text("no link event of the name {name} catches this one", name=event.link or "''"),
                Text("give both link events the same name, in the same process or subprocess"),
            )


@rule("link-flow")
def link_flow(subject: Subject) -> Iterator[Finding]:
    """Nothing flows out of a link that is thrown or into one that is caught."""
    for kind in (Kind.THROW_EVENT, Kind.CATCH_EVENT):
        for element, _ in subject.with_event(EventKind.LINK, kind):
            flows = element.outgoing if kind is Kind.THROW_EVENT else element.incoming
            if flows:
                yield Finding(
                    element.id,
                    Text("a link stands in place of the sequence flow {flow}", flow=flows[0]),
                    Text("remove the flow, or use an event without a trigger"),
                )
