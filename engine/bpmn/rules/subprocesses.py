"""Rules about subprocesses of every kind: event subprocesses, transactions, ad-hoc ones, and what can be undone in them."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.definition import ACTIVITIES, SUB_PROCESSES, Element, EventKind, Kind
from engine.bpmn.rules.rule import WARNING, Finding, Subject, rule
from engine.errors import Text


@rule("process-drawn", WARNING)
def process_drawn(subject: Subject) -> Iterator[Finding]:
    """A process that should run is marked as executable."""
    if not subject.definition.executable:
        yield Finding(
            subject.definition.process_id,
            Text("this process is not marked as executable, so it is only drawn"),
            Text("mark it as executable if it should run"),
        )


@rule("event-subprocess-start")
def event_subprocess_start(subject: Subject) -> Iterator[Finding]:
    """An event subprocess begins with one start event that has a trigger."""
    for scope in subject.of(*SUB_PROCESSES):
        if not scope.triggered_by_event:
            continue
        starts = [child for child in subject.children(scope) if child.kind is Kind.START_EVENT]
        if len(starts) != 1 or not starts[0].events:
            yield Finding(
                scope.id,
                Text("the event subprocess {scope} does not begin with one event", scope=scope.name or scope.id),
                Text("give it exactly one start event, with a message, timer, error or another trigger"),
            )


@rule("event-subprocess-flow")
def event_subprocess_flow(subject: Subject) -> Iterator[Finding]:
    """An event subprocess is connected to nothing and runs once for each event."""
    for scope in subject.of(*SUB_PROCESSES):
        if scope.triggered_by_event and (scope.incoming or scope.outgoing or scope.loop):
            yield Finding(
                scope.id,
                Text("its event begins {scope}; it has neither flows nor a loop", scope=scope.name or scope.id),
                Text("remove its sequence flows and its loop"),
            )


@rule("ad-hoc-content")
def ad_hoc_content(subject: Subject) -> Iterator[Finding]:
    """An ad-hoc subprocess holds activities to choose from, and neither start nor end events.

    Source: BPMN 2.0.2, 10.3.5 (ad-hoc subprocess).
    """
    for scope in subject.of(Kind.AD_HOC_SUB_PROCESS):
        children = subject.children(scope)
        for child in children:
            if child.kind in (Kind.START_EVENT, Kind.END_EVENT):
                yield Finding(
                    child.id,
                    Text("an ad-hoc subprocess has neither start nor end events"),
                    Text("remove it; what nothing leads to is free to begin"),
                )


@rule("cancel-position")
def cancel_position(subject: Subject) -> Iterator[Finding]:
    """Only a transaction can be canceled."""
    for element, _ in subject.with_event(EventKind.CANCEL, Kind.END_EVENT):
        scope = subject.elements[element.scope]
        while scope.kind is not Kind.TRANSACTION and scope.scope:
            scope = subject.elements[scope.scope]
        if scope.kind is not Kind.TRANSACTION:
            yield Finding(
                element.id,
                Text("there is no transaction around {element} to cancel", element=element.name or element.id),
                Text("put it into a transaction, or use an error end event"),
            )
        elif not any(subject.elements[event].event(EventKind.CANCEL) for event in scope.boundary):
            yield Finding(
                scope.id,
                Text("{scope} can be canceled, but nothing says how to go on then", scope=scope.name or scope.id),
                Text("attach a cancel boundary event to it"),
            )
    for element, _ in subject.with_event(EventKind.CANCEL, Kind.BOUNDARY_EVENT):
        host = subject.elements.get(element.attached_to or "")
        if host is not None and host.kind is not Kind.TRANSACTION:
            yield Finding(
                element.id,
                Text("{host} is no transaction and cannot be canceled", host=host.name or host.id),
                Text("make it a transaction, or use an error boundary event"),
            )


@rule("compensation-handler")
def compensation_handler(subject: Subject) -> Iterator[Finding]:
    """A compensation boundary event is associated with an activity that undoes, which nothing flows into or out of."""
    for element, _ in subject.with_event(EventKind.COMPENSATION, Kind.BOUNDARY_EVENT):
        handler = subject.elements.get(element.compensation_handler or "")
        if handler is None or handler.scope != element.scope:
            yield Finding(
                element.id,
                Text("{element} is associated with no activity that undoes", element=element.name or element.id),
                Text("draw an association to an activity beside it that is marked as compensation"),
            )
        elif not handler.is_for_compensation or handler.incoming or handler.outgoing:
            yield Finding(
                handler.id,
                Text("{handler} undoes something but also stands in the flow", handler=handler.name or handler.id),
                Text("mark it as compensation and remove its sequence flows"),
            )


@rule("compensation-target")
def compensation_target(subject: Subject) -> Iterator[Finding]:
    """A compensation that names an activity names one that can be undone."""
    for element, event in subject.with_event(EventKind.COMPENSATION, Kind.THROW_EVENT, Kind.END_EVENT):
        if event.activity is None:
            continue
        target = subject.elements.get(event.activity)
        if target is None or not target.is_activity:
            yield Finding(
                element.id,
                Text("there is no activity {activity} to undo", activity=event.activity),
                Text("choose an activity that can be undone, or none to undo the whole scope"),
            )
        elif not any(_can_undo(subject, each) for each in _with_inner(subject, target)):
            yield Finding(
                element.id,
                Text("nothing says how to undo {activity}", activity=target.name or target.id),
                Text("attach a compensation boundary event to it, with an activity that undoes"),
            )


@rule("compensation-nothing", WARNING)
def compensation_nothing(subject: Subject) -> Iterator[Finding]:
    """Where compensation is thrown there is something to undo."""
    for element, event in subject.with_event(EventKind.COMPENSATION, Kind.THROW_EVENT, Kind.END_EVENT):
        scope = subject.elements[element.scope]
        while scope.triggered_by_event:
            scope = subject.elements[scope.scope]
        if event.activity is None and not any(_can_undo(subject, each) for each in _with_inner(subject, scope)):
            yield Finding(
                element.id,
                Text("nothing in {scope} can be undone", scope=scope.name or scope.id),
                Text("attach compensation boundary events to the activities that should be undone"),
            )


def _can_undo(subject: Subject, activity: Element) -> bool:
    if any(subject.elements[event].event(EventKind.COMPENSATION) for event in activity.boundary):
        return True
    starts = (child for id in activity.event_subprocesses for child in subject.children(subject.elements[id]))
    return any(start.kind is Kind.START_EVENT and start.event(EventKind.COMPENSATION) for start in starts)


def _with_inner(subject: Subject, scope: Element) -> Iterator[Element]:
    pending = [scope]
    while pending:
        element = pending.pop()
        yield element
        pending += [child for child in subject.children(element) if child.kind in ACTIVITIES]
