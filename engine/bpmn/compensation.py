"""Compensation: remembers what was completed, and undoes it in reverse order when asked to.

A compensation throw (or a cancel end event) stays live while its handlers run, one after the other. A completed subprocess is undone
inside an element instance of its own that has the subprocess's last variables.

Source: BPMN 2.0.2, 13.5.5 (compensation).
"""

from __future__ import annotations

from engine.bpmn import records
from engine.bpmn.definition import SUB_PROCESSES, Element, EventKind
from engine.bpmn.handlers import starts_of, take_cancel
from engine.bpmn.progress import Happened
from engine.bpmn.state import ElementInstance, Undo
from engine.bpmn.step import Step


def remember(step: Step, node: ElementInstance, element: Element) -> None:
    """Note a completed activity in its scope, when there is anything to undo."""
    if not element.is_activity or node.undoes:
        return
    parent = step.state.element_instance(node.parent)
    if node.run is not None:  # the runs of a loop were noted one by one in its body
        undone = node.undo
    elif node.undo or _handler(step, element):
        variables = dict(node.variables) if element.kind in SUB_PROCESSES else {}
        undone = [Undo(element.id, variables, tuple(node.undo), at=step.state.take_id())]
    else:
        undone = []
    if undone:
        records.add(parent.undo, undone)
        step.state.touch(parent)


def compensate(step: Step, thrower: ElementInstance, activity: str | None) -> None:
    """Begin to undo one activity, or all that the thrower's scope has completed."""
    scope = step.scope_of(thrower)
    while activity is not None and scope.parent and not records.has(scope.undo, activity):
        scope = step.scope_of(scope)
    begin(step, thrower, scope, activity)


def begin(step: Step, thrower: ElementInstance, scope: ElementInstance, activity: str | None) -> None:
    """Take the records out of a scope and start with the youngest."""
    thrower.undoing, scope.undo = (scope.undo, []) if activity is None else records.part(scope.undo, activity)
    thrower.undo_in = scope.id
    step.state.touch(scope)
    step.state.touch(thrower)
    step.do("undo", thrower)


def unfinished(step: Step, scope: ElementInstance) -> list[Undo]:
    """List what was completed in what is still live in a scope, oldest first; what is being undone just now counts as completed.

    For a transaction that is canceled: nothing of it may stay, not even what a subprocess, loop or compensation has done half way.
    """
    order = [scope]
    for each in order:
        order += step.state.instances(each.id)
    found: dict[int, list[Undo]] = {each.id: [] for each in order}
    for node in reversed(order[1:]):
        element = step.element(node)
        if node.undoing and node.undo_in in found:
            found[node.undo_in] = [*node.undoing, *found[node.undo_in]]
            node.undoing = []  # else its end would give them back
        inside = [*node.undo, *found[node.id]]
        if node.undoes and element.is_for_compensation:
            events = step.definition.elements.values()
            inside = [Undo(each.attached_to or "") for each in events if each.compensation_handler == element.id]
        elif inside and node.run is None and element.kind in SUB_PROCESSES:
            inside = [Undo(element.id, dict(node.variables), tuple(inside), completed=False)]
        found[node.parent] = [*inside, *found[node.parent]]
    return found[scope.id]


def undo(step: Step, thrower: ElementInstance) -> None:
    """Undo the next record; when none is left, go on."""
    record = records.take(thrower.undoing or [])
    if record is None:
        around = _around(step, thrower)
        if around is None:
            _done(step, thrower)
        else:
            begin(step, thrower, around, None)
        return
    step.state.touch(thrower)
    element = step.definition.elements[record.element_id]
    boundary = _boundary(step, element) if record.completed else None
    if boundary is not None and boundary.compensation_handler:
        step.progress.history.append(Happened("element_completed", boundary.id, step.state.take_id()))
        handler = step.create(boundary.compensation_handler, thrower.undo_in)
        handler.undoes = thrower.id
        step.do("activate", handler)
        return
    again = step.create(element.id, thrower.undo_in)
    again.begun = True
    again.fired = True  # an ad-hoc subprocess starts nothing any more
    again.variables = dict(record.variables)
    again.undoes = thrower.id
    again.undo = list(record.inner)
    start = _event_subprocess(step, element) if record.completed else None
    if start is not None:
        step.do("enter", step.create(start.scope, again.id), start.id, {})
    else:
        begin(step, again, again, None)


def _around(step: Step, thrower: ElementInstance) -> ElementInstance | None:
    """Give the scope that an event subprocess belongs to: a throw inside it undoes the work of both, its own first."""
    event = step.element(thrower).event(EventKind.COMPENSATION)
    if thrower.undoes or event is None or event.activity is not None:
        return None
    scope = step.state.element_instance(thrower.undo_in)
    return step.scope_of(scope) if step.element(scope).triggered_by_event else None


def _done(step: Step, thrower: ElementInstance) -> None:
    element = step.element(thrower)
    thrower.undoing = None
    if thrower.undoes:
        step.do("leave", thrower)
    elif element.event(EventKind.CANCEL):
        step.happened("element_completed", thrower)
        take_cancel(step, step.state.element_instance(thrower.parent))
    elif (event := element.event(EventKind.COMPENSATION)) and not event.wait_for_completion:
        step.dispose(thrower)
        step.settle(thrower.parent)
    else:
        step.do("leave", thrower)


def undone(step: Step, handler: ElementInstance) -> None:
    """Go on after a handler has finished."""
    thrower = step.find(handler.undoes)
    if thrower is not None:
        step.move("undo", thrower.id)
    else:  # somebody terminated it while its handler was at work
        step.settle(handler.parent)


def _handler(step: Step, element: Element) -> bool:
    return _boundary(step, element) is not None or _event_subprocess(step, element) is not None


def _boundary(step: Step, element: Element) -> Element | None:
    events = (step.definition.elements[id] for id in element.boundary)
    return next((event for event in events if event.event(EventKind.COMPENSATION)), None)


def _event_subprocess(step: Step, element: Element) -> Element | None:
    starts = (start for id in element.event_subprocesses for start in starts_of(step, id))
    return next((start for start in starts if start.event(EventKind.COMPENSATION)), None)
