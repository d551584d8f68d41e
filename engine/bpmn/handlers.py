"""Who handles what was thrown: boundary events and event subprocesses, from the thrower outwards, at last the caller.

Source: BPMN 2.0.2, 10.5.6 (propagation of errors and escalations), 13.5.3 (boundary events) and 13.5.4 (event subprocesses).
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.bpmn.definition import Element, EventKind, Kind
from engine.bpmn.progress import Catches, Ended, Outcome, SendEscalation
from engine.bpmn.state import ElementInstance
from engine.bpmn.step import Step, Stuck
from engine.model.json import Variables

FAILURES = frozenset({"expression", "mapping", "decision"})
"""Kinds of incidents that error events catch, by the kind as code or without a code, before they become incidents."""


def take_boundary(step: Step, owner: ElementInstance, event: Element, payload: Variables) -> None:
    """Let a boundary event happen: an interrupting one ends its activity first."""
    scope = owner.parent
    if event.interrupting:
        step.terminate(owner)
        if owner.undoes:  # what could not be undone to its end holds up nothing
            step.move("undo", owner.undoes)
    step.do("complete", step.create(event.id, scope), payload)


def take_event_subprocess(step: Step, scope: ElementInstance, start: Element, payload: Variables) -> None:
    """Let the start of an event subprocess happen: an interrupting one ends everything else in the scope and disarms the others."""
    if start.interrupting:
        for child in step.state.instances(scope.id):
            step.terminate(child)
        step.drop_tokens(scope.id)
        shut(step, scope)
    step.do("enter", step.create(start.scope, scope.id), start.id, payload)


def shut(step: Step, scope: ElementInstance) -> None:
    """Let no event subprocess of a scope begin any more; the boundary events of the scope stay armed."""
    for wait in step.state.waits(scope.id):
        if step.element(wait).kind is Kind.START_EVENT:
            step.disarm(wait)
    scope.interrupted = True
    scope.fired = scope.fired or step.element(scope).kind is Kind.AD_HOC_SUB_PROCESS
    step.state.touch(scope)


def throw_error(step: Step, thrower: ElementInstance, code: str, message: str, payload: Variables) -> None:
    """Hand an error to the nearest handler outwards, which ends all that lies between. Uncaught, it is an incident."""
    step.happened("error_thrown", thrower, {"code": code, "message": message})
    if _hand_over(step, thrower, EventKind.ERROR, code, payload):
        return
    if _matches(step.state.catches.errors, code):
        root = step.state.element_instance(step.state.root)
        step.end(Ended(Outcome.ERROR, {**root.variables, **payload}, code, message))
        return
    raise Stuck("error", "nobody catches the error {code} {message}", code=code, message=message)


def catch_failure(step: Step, node: ElementInstance, failure: Stuck) -> bool:
    """Hand the failure of an activity's own expressions to the nearest handler outwards, as an error whose code is its kind.

    Not to callers: their handlers know the errors that a process throws, and nobody could mend the failure then.

    Returns:
        False when nobody catches it: it is an incident.
    """
    if failure.kind not in FAILURES or not step.element(node).is_activity:
        return False
    found = _handler_of(step, node, EventKind.ERROR, failure.kind)
    if found is None:
        return False
    step.happened("error_thrown", node, {"code": failure.kind, "message": str(failure.text)})
    _take(step, *found, {})
    return True


def throw_escalation(step: Step, thrower: ElementInstance, code: str, payload: Variables) -> None:
    """Hand an escalation to the nearest handler outwards. Uncaught, it is only told."""
    step.happened("escalation_thrown", thrower, {"code": code})
    if not _hand_over(step, thrower, EventKind.ESCALATION, code, payload) and _matches(
        step.state.catches.escalations, code
    ):
        step.ask(SendEscalation(thrower.element_id, code, payload))


def take_cancel(step: Step, transaction: ElementInstance) -> None:
    """Leave a canceled transaction by its cancel boundary event."""
    for event in _boundary(step, transaction):
        if event.event(EventKind.CANCEL):
            take_boundary(step, transaction, event, {})
            return
    raise Stuck("error", "the transaction was canceled and has no cancel boundary event")


def catches_around(step: Step, node: ElementInstance) -> Catches:
    """Work out which codes thrown by a child of this call activity would be caught, here or further above."""
    found: dict[EventKind, set[str | None]] = {
        EventKind.ERROR: set(step.state.catches.errors),
        EventKind.ESCALATION: set(step.state.catches.escalations),
    }
    current = node
    while True:
        candidates = _boundary(step, current)
        if current is not node:
            candidates += _event_subprocess_starts(step, current)
        for event in candidates:
            for each in event.events:
                if each.kind in found:
                    found[each.kind].add(each.code)
        if not current.parent:
            break
        current = step.state.element_instance(current.parent)
    return Catches(frozenset(found[EventKind.ERROR]), frozenset(found[EventKind.ESCALATION]))


def _hand_over(step: Step, thrower: ElementInstance, kind: EventKind, code: str, payload: Variables) -> bool:
    found = _handler_of(step, thrower, kind, code)
    if found is None:
        return False
    _take(step, *found, payload)
    return True


def _handler_of(
    step: Step, thrower: ElementInstance, kind: EventKind, code: str
) -> tuple[ElementInstance, Element] | None:
    """Give the nearest handler outwards: the activity or scope that it belongs to, and its event."""
    current = thrower
    while True:
        event = _best(_boundary(step, current), kind, code)
        if event is not None:
            return current, event
        if not current.parent:
            return None
        parent = step.state.element_instance(current.parent)
        # an event subprocess does not catch what it throws itself
        starts = [s for s in _event_subprocess_starts(step, parent) if s.scope != current.element_id]
        event = _best(starts, kind, code)
        if event is not None:
            return parent, event
        current = parent


def _take(step: Step, owner: ElementInstance, event: Element, payload: Variables) -> None:
    if event.kind is Kind.BOUNDARY_EVENT:
        take_boundary(step, owner, event, payload)
    else:
        take_event_subprocess(step, owner, event, payload)


def _boundary(step: Step, node: ElementInstance) -> list[Element]:
    if node.inner or _is_undone(step, node):
        return []
    return [step.definition.elements[id] for id in step.element(node).boundary]


def _is_undone(step: Step, node: ElementInstance) -> bool:
    """Say whether an element instance stands for a subprocess that has ended and is undone: its handlers have gone with it."""
    return node.undoes > 0 and not step.element(node).is_for_compensation


def _event_subprocess_starts(step: Step, scope: ElementInstance) -> list[Element]:
    if scope.run is not None or scope.interrupted or _is_undone(step, scope):
        return []
    return [event for id in step.element(scope).event_subprocesses for event in starts_of(step, id)]


def starts_of(step: Step, event_subprocess_id: str) -> list[Element]:
    """Give the start events of an event subprocess."""
    elements = step.definition.elements
    children = (elements[child] for child in elements[event_subprocess_id].children)
    return [child for child in children if child.kind is Kind.START_EVENT]


def _best(events: Iterable[Element], kind: EventKind, code: str) -> Element | None:
    """Give the event that names this code, else one that catches every code."""
    catch_all = None
    for event in events:
        for each in event.events:
            if each.kind is kind:
                if each.code == code:
                    return event
                if each.code is None and catch_all is None:
                    catch_all = event
    return catch_all


def _matches(codes: frozenset[str | None], code: str) -> bool:
    return code in codes or None in codes
