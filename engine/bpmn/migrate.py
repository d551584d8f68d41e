"""Moves a live instance to another version of its process: every live element finds its place there, or the move is refused."""

from __future__ import annotations

from collections.abc import Mapping

from engine.bpmn.definition import Definition, Element
from engine.bpmn.handlers import starts_of
from engine.bpmn.progress import Progress, Surroundings
from engine.bpmn.run import MEANINGS, fire
from engine.bpmn.state import ElementInstance, State, Wait
from engine.bpmn.step import Step, Stuck
from engine.bpmn.waits import ARMED, arm
from engine.errors import Invalid, Problem, Text


def problems(source: Definition, target: Definition, state: State, mapping: Mapping[str, str]) -> list[Problem]:
    """List why the instance cannot move; empty when it can.

    Args:
        mapping: {element id in ``source``: element id in ``target``}; what is not named keeps its id.
    """
    found = [
        Problem(id, Text("{id} is no element of the version left", id=id), Text("Take it out of the mapping."))
        for id in mapping
        if id not in source.elements
    ]
    place = _places(source, target, mapping)
    for node in state:
        if isinstance(node, ElementInstance):
            found += _misplaced(source, target, state, node, place)
    if state.moves:
        found.append(Problem(source.process_id, Text("the instance is on the move"), Text("Try again when it waits.")))
    return found


def migrate(
    source: Definition, target: Definition, state: State, mapping: Mapping[str, str], surroundings: Surroundings
) -> Progress:
    """Move the instance. Armed timers keep their due times; events that the new version adds are armed, those it lacks are closed.

    Raises:
        Invalid: it cannot move; the state is to be thrown away.
    """
    found = problems(source, target, state, mapping)
    if found:
        raise Invalid(found)
    place = _places(source, target, mapping)
    step = Step(target, state, surroundings, MEANINGS, fire)
    waits: list[Wait] = []
    instances: list[ElementInstance] = []
    for node in list(state):
        if isinstance(node, Wait):
            waits.append(node)
        else:
            node.element_id = place[node.element_id]
            node.started = [place.get(id, id) for id in node.started]
            state.touch(node)
            instances.append(node)
    for wait in waits:
        _move_wait(step, wait, place)
    for instance in instances:
        _arm_what_is_new(step, instance)
        step.happened("element_migrated", instance)
    return step.progress


def _places(source: Definition, target: Definition, mapping: Mapping[str, str]) -> dict[str, str]:
    return {id: mapping.get(id, id) for id in source.elements} | {source.process_id: target.process_id}


def _misplaced(
    source: Definition, target: Definition, state: State, node: ElementInstance, place: Mapping[str, str]
) -> list[Problem]:
    there = target.elements.get(place[node.element_id])
    here = source.elements[node.element_id]
    if there is None:
        return [_problem(node, Text("{id} is not in the other version", id=place[node.element_id]))]
    if there.kind is not here.kind:
        return [_problem(node, Text("{id} is a {kind} in the other version", id=there.id, kind=there.kind.value))]
    if (there.loop is None) != (here.loop is None):
        return [_problem(node, Text("{id} is a loop in one version only", id=there.id))]
    if node.parent:
        parent = state.element_instance(node.parent)
        scope = parent.element_id if not node.inner else source.elements[parent.element_id].scope
        if there.scope != place[scope]:
            return [_problem(node, Text("{id} lies in another scope there: {scope}", id=there.id, scope=there.scope))]
    missing = [flow for flow in node.arrived if flow not in there.incoming]
    if missing:
        return [
            _problem(
                node,
                Text("a token has come by {flow}, which does not lead to {id} there", flow=missing[0], id=there.id),
            )
        ]
    return []


def _problem(node: ElementInstance, message: Text) -> Problem:
    return Problem(
        node.element_id, message, Text("Map the element to one of the same kind, or move its token away first.")
    )


def _move_wait(step: Step, wait: Wait, place: Mapping[str, str]) -> None:
    there = step.definition.elements.get(place[wait.element_id])
    same = there is not None and wait.index < len(there.events) and there.events[wait.index].kind is wait.kind
    if there is None or not same:
        step.disarm(wait)
        return
    wait.element_id = there.id
    step.state.touch(wait)


def _arm_what_is_new(step: Step, node: ElementInstance) -> None:
    if node.inner or not node.begun:
        return
    element = step.element(node)
    armed = {wait.element_id for wait in step.state.waits(node.id)}
    events = [step.definition.elements[id] for id in element.boundary]
    if not node.interrupted and node.run is None and element.is_scope:
        events += [start for id in element.event_subprocesses for start in starts_of(step, id)]
    new = [event for event in events if event.id not in armed and _can_be_armed(event)]
    try:
        arm(step, node, new)
    except Stuck as stuck:
        raise Invalid(
            Problem(element.id, stuck.text, Text("Set what the new event asks for, then migrate."))
        ) from stuck


def _can_be_armed(event: Element) -> bool:
    return any(each.kind in ARMED for each in event.events)
