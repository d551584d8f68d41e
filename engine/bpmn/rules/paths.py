"""Rules about the ways through a diagram: where they begin, what they reach, where they end."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.definition import SCOPES, Element, EventKind, JobWork, Kind
from engine.bpmn.rules.rule import WARNING, Finding, Subject, rule
from engine.errors import Text


@rule("start-missing")
def start_missing(subject: Subject) -> Iterator[Finding]:
    """Every process and subprocess has something to begin with."""
    for scope in subject.of(*SCOPES):
        if not scope.triggered_by_event and not subject.graph.entries(scope):
            yield Finding(
                scope.id,
                Text("nothing begins {scope}", scope=scope.name or scope.id),
                Text("add a start event and connect it to the first element"),
            )


@rule("start-several")
def start_several(subject: Subject) -> Iterator[Finding]:
    """A process or subprocess has at most one start event without a trigger."""
    for scope in subject.of(*SCOPES):
        for start in scope.starts[1:]:
            if not scope.triggered_by_event:
                yield Finding(
                    start,
                    Text("{first} already begins {scope}", first=scope.starts[0], scope=scope.name or scope.id),
                    Text("keep one start event and lead from it to both ways, or give this one a message or timer"),
                )


@rule("unreachable")
def unreachable(subject: Subject) -> Iterator[Finding]:
    """Every element can be reached from a start."""
    reachable = subject.graph.reachable
    for element in subject.elements.values():
        # what lies in an unreachable subprocess is told once, at the subprocess
        if element.id not in reachable and element.scope in reachable and not _misplaced(subject, element):
            yield Finding(
                element.id,
                Text("{element} can never be reached", element=element.name or element.id),
                Text("connect it to the flow, or remove it"),
            )


def _misplaced(subject: Subject, element: Element) -> bool:
    """Tell whether it is an event that an ad-hoc subprocess must not hold, which is told by itself."""
    is_ad_hoc = element.scope in subject.elements and subject.elements[element.scope].kind is Kind.AD_HOC_SUB_PROCESS
    return is_ad_hoc and element.kind in (Kind.START_EVENT, Kind.END_EVENT)


@rule("dead-end", WARNING)
def dead_end(subject: Subject) -> Iterator[Finding]:
    """Every way ends at an end event."""
    for element in subject.elements.values():
        if element.outgoing or element.kind in (Kind.PROCESS, Kind.END_EVENT) or element.compensation_handler:
            continue
        if element.triggered_by_event or element.is_for_compensation or element.event(EventKind.LINK):
            continue
        if subject.elements[element.scope].kind is not Kind.AD_HOC_SUB_PROCESS:
            yield Finding(
                element.id,
                Text("the way ends at {element} without an end event", element=element.name or element.id),
                Text("lead it to an end event, so that readers see that it was meant to end here"),
            )


def _waits(subject: Subject, element: Element) -> bool:
    if element.is_scope:
        return any(_waits_itself(child) for child in _inside(subject, element))
    return _waits_itself(element)


def _waits_itself(element: Element) -> bool:
    return (
        element.kind in (Kind.USER_TASK, Kind.RECEIVE_TASK, Kind.CALL_ACTIVITY, Kind.EVENT_BASED_GATEWAY)
        or isinstance(element.work, JobWork)
        or (element.kind is Kind.CATCH_EVENT and not element.event(EventKind.LINK))
    )


def _inside(subject: Subject, scope: Element) -> Iterator[Element]:
    pending = list(scope.children)
    while pending:
        child = subject.elements[pending.pop()]
        yield child
        pending += child.children


@rule("endless-loop")
def endless_loop(subject: Subject) -> Iterator[Finding]:
    """A loop that waits for nothing has a way out."""
    if next(subject.with_event(EventKind.CONDITIONAL, Kind.BOUNDARY_EVENT, Kind.START_EVENT), None):
        return  # a condition that becomes true may interrupt any loop
    for cycle in subject.graph.components():
        members = set(cycle)
        elements = [subject.elements[member] for member in cycle]
        if any(_waits(subject, element) or element.kind is Kind.THROW_EVENT for element in elements):
            continue
        if not any(_may_leave(subject, element, members) for element in elements):
            first = min(elements, key=lambda element: element.line)
            yield Finding(
                first.id,
                Text("the loop through {elements} never ends and waits for nothing", elements=_some(elements)),
                Text("add a gateway with a way out, or a wait"),
            )


def _may_leave(subject: Subject, element: Element, cycle: set[str]) -> bool:
    """Say whether a token can leave the cycle here without another one staying in it."""
    if any(event not in cycle for event in element.boundary):
        return True
    flows = subject.flows(element.outgoing)
    if all(flow.target in cycle for flow in flows):
        return False
    if element.kind is Kind.PARALLEL_GATEWAY:
        return False
    return element.kind is Kind.EXCLUSIVE_GATEWAY or all(
        flow.condition or flow.id == element.default for flow in flows if flow.target in cycle
    )


def _some(elements: list[Element]) -> str:
    names = sorted(element.name or element.id for element in elements)
    return ", ".join(names[:5]) + ("..." if len(names) > 5 else "")
