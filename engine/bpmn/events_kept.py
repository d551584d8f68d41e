"""Armed events of an instance that moves to another version: which of them stay armed, which are closed, which are new there."""

from __future__ import annotations

from collections.abc import Mapping

from engine.bpmn.definition import Definition, Element, Kind
from engine.bpmn.state import ElementInstance, State
from engine.bpmn.step import Step, Stuck
from engine.bpmn.waits import ARMED, arm
from engine.errors import Invalid, Problem, Text

Known = Mapping[tuple[str, int], tuple[str, int]]
"""{(event in the version left, which of its definitions): the same in the other version}."""

_AT_REST = frozenset({"activate", "enter", "open_process"})
"""Moves that arm the event subprocesses of a scope: where one is to be tried again, nothing is armed yet."""


def keeps_waiting(
    source: Definition,
    target: Definition,
    state: State,
    node: ElementInstance,
    here: Element,
    there: Element,
    place: Mapping[str, str],
) -> Text | None:
    """Say why a catch event or receive task that waits would not wait for the same there; None when it would."""
    own = [wait for wait in state.waits(node.id) if wait.element_id == here.id]
    known = _known(source, target, [here], [there], place)
    for wait in own:
        if (wait.element_id, wait.index) not in known:
            return Text("{id} does not wait for a {kind} in the other version", id=there.id, kind=wait.kind.value)
    return None


def move_waits(
    step: Step, source: Definition, here: Element, node: ElementInstance, place: Mapping[str, str]
) -> set[tuple[str, int]]:
    """Let the armed events of an element instance that was moved already stand for those of the new version; close the others.

    Returns:
        The events of the new version that the version left had too, armed still or not: (element id, which of its definitions).
    """
    state, target = step.state, step.definition
    waits = state.waits(node.id)
    own = any(wait.element_id == here.id for wait in waits)
    known = _known(
        source, target, _events(source, node, here, own=own), _events(target, node, step.element(node), own=own), place
    )
    for wait in waits:
        to = known.get((wait.element_id, wait.index))
        if to is None:
            step.disarm(wait)
        else:
            wait.element_id, wait.index = to
            state.touch(wait)
    return set(known.values())


def arm_what_is_new(step: Step, node: ElementInstance, kept: set[tuple[str, int]]) -> None:
    """Arm the events that the new version adds to an element instance.

    Raises:
        Invalid: what one of them waits for cannot be worked out.
    """
    element = step.element(node)
    # an event-based gateway owns the waits of the events behind it
    own = element.kind is not Kind.EVENT_BASED_GATEWAY and any(
        w.element_id == element.id for w in step.state.waits(node.id)
    )
    events = _events(step.definition, node, element, own=own)
    new = {
        (event.id, index)
        for event in events
        for index, each in enumerate(event.events)
        if each.kind in ARMED and (event.id, index) not in kept
    }
    try:
        arm(step, node, [event for event in events if any(id == event.id for id, _ in new)], only=new)
    except Stuck as stuck:
        remedy = Text("Set what the new event asks for, then migrate.")
        raise Invalid(Problem(element.id, stuck.text, remedy)) from stuck


def _events(definition: Definition, node: ElementInstance, element: Element, *, own: bool) -> list[Element]:
    """List the events that can be armed for an element instance; ``own``: the element waits itself."""
    elements = definition.elements
    found = [element] if own else []
    if element.kind is Kind.EVENT_BASED_GATEWAY and not node.incident:
        found += [elements[definition.flows[flow].target] for flow in element.outgoing]
    if not node.begun:
        return found
    if not node.inner:
        found += [elements[id] for id in element.boundary]
    at_rest = node.retry is not None and node.retry[0] in _AT_REST
    # what lives only to undo what was completed in it has no events of its own
    if element.is_scope and node.run is None and not (node.interrupted or node.undoes or at_rest):
        inner = (elements[child] for id in element.event_subprocesses for child in elements[id].children)
        found += [child for child in inner if child.kind is Kind.START_EVENT]
    return found


def _known(
    source: Definition, target: Definition, here: list[Element], there: list[Element], place: Mapping[str, str]
) -> Known:
    """Pair the event definitions of two versions: the first timer of an event with the first timer of the event that has its place."""
    by_id = {event.id: event for event in there}
    found: dict[tuple[str, int], tuple[str, int]] = {}
    for event in here:
        other = by_id.get(place[event.id])
        if other is None or other.kind is not event.kind:
            continue
        free = list(enumerate(other.events))
        for index, each in enumerate(event.events):
            match = next((pair for pair in free if pair[1].kind is each.kind), None)
            if match is not None:
                free.remove(match)
                found[event.id, index] = (other.id, match[0])
    return found
