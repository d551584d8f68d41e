"""Moves a live instance to another version of its process: every live element finds its place there, or the move is refused.

What is open stays open as it is: tasks, jobs and messages keep what they were offered with, timers their due times. Events that the new
version adds to what is live are armed, those that it lacks are closed, and those that have fired already are not armed again.

Source: Camunda 8, process instance migration.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from engine.bpmn.definition import Call, Definition, Element, EventKind, JobWork, Kind, MultiInstance, UserTask
from engine.bpmn.events_kept import arm_what_is_new, keeps_waiting, move_waits
from engine.bpmn.gateways import JOINS
from engine.bpmn.progress import Opened, Progress, Surroundings
from engine.bpmn.records import keep
from engine.bpmn.run import MEANINGS, fire, work
from engine.bpmn.state import ElementInstance, State, Undo
from engine.bpmn.step import Step
from engine.errors import Invalid, Problem, Text

_REMEDY = Text("Map the element to one of the same kind, or move its token away first.")


def problems(source: Definition, target: Definition, state: State, mapping: Mapping[str, str]) -> list[Problem]:
    """List why the instance cannot move; empty when it can.

    Args:
        mapping: {element id in ``source``: element id in ``target``}; what is not named keeps its id. An empty id there leaves the
            element without a place.
    """
    return list(dict.fromkeys(_problems(source, target, state, mapping)))


def _problems(source: Definition, target: Definition, state: State, mapping: Mapping[str, str]) -> Iterator[Problem]:
    for here, there in mapping.items():
        if here not in source.elements:
            unknown = Text("{id} is no element of the version left", id=here)
            yield Problem(here, unknown, Text("Take it out of the mapping."))
        elif there and there not in target.elements:
            yield Problem(here, Text("{id} is not in the other version", id=there), _REMEDY)
    place = places(source, target, mapping)
    joins: dict[tuple[int, str], str] = {}
    for node in state:
        if not isinstance(node, ElementInstance):
            continue
        text = _misplaced(source, target, state, node, place)
        if text is None and node.arrived:
            first = joins.setdefault((node.parent, place[node.element_id]), node.element_id)
            if first != node.element_id:
                text = Text(
                    "{first} and {second} wait for tokens and cannot become one", first=first, second=node.element_id
                )
        if text is not None:
            yield Problem(node.element_id, text, _REMEDY)
    if state.moves:
        yield Problem(source.process_id, Text("the instance is on the move"), Text("Try again when it waits."))


def places(source: Definition, target: Definition, mapping: Mapping[str, str]) -> dict[str, str]:
    """Give the place of every element: {element id in ``source``: element id in ``target``, or nothing}."""
    return {id: mapping.get(id, id) for id in source.elements} | {source.process_id: target.process_id}


def migrate(
    source: Definition, target: Definition, state: State, mapping: Mapping[str, str], surroundings: Surroundings
) -> Progress:
    """Move the instance, and let what can go on in the new version go on.

    Raises:
        Invalid: it cannot move; the state is to be thrown away.
    """
    found = problems(source, target, state, mapping)
    if found:
        raise Invalid(found)
    place = places(source, target, mapping)
    step = Step(target, state, surroundings, MEANINGS, fire)
    state.steps = 0
    instances = [node for node in state if isinstance(node, ElementInstance)]
    left = {node.id: node.element_id for node in instances}
    for node in instances:
        _relabel(node, target, place)
        state.touch(node)
        renamed = left[node.id] != node.element_id
        step.happened("element_migrated", node, {"from": left[node.id]} if renamed else None)
    for node in instances:
        kept = move_waits(step, source, source.elements[left[node.id]], node, place)
        arm_what_is_new(step, node, kept)
    for node in instances:
        _look_again(step, node)
    work(step)
    return step.progress


# ---- whether it can ------------------------------------------------------------------------------------------------------


def _misplaced(
    source: Definition, target: Definition, state: State, node: ElementInstance, place: Mapping[str, str]
) -> Text | None:
    here = source.elements[node.element_id]
    if not place[here.id]:
        return Text("nothing says where {id} belongs in the other version", id=here.id)
    there = target.elements.get(place[here.id])
    if there is None:
        return Text("{id} is not in the other version", id=place[here.id])
    return (
        another_kind(here, there)
        or _elsewhere(source, state, node, there, place)
        or _without_its_tokens(node, there)
        or _without_its_work(node, there)
        or _without_its_retry(target, node, there, place)
        or keeps_waiting(source, target, state, node, here, there, place)
    )


def another_kind(here: Element, there: Element) -> Text | None:
    """Say in what an element of the other version is not of the same kind; None when it is."""
    if there.kind is not here.kind:
        return Text("{id} is a {kind} in the other version", id=there.id, kind=there.kind.value)
    if there.triggered_by_event != here.triggered_by_event:
        return Text("{id} is an event subprocess in one version only", id=there.id)
    if there.is_for_compensation != here.is_for_compensation:
        return Text("{id} is for compensation in one version only", id=there.id)
    if (there.loop is None) != (here.loop is None):
        return Text("{id} is a loop in one version only", id=there.id)
    if _form(there) != _form(here):
        return Text("{id} is another kind of loop in the other version", id=there.id)
    return None


def _form(element: Element) -> object:
    """Give what must not change of a loop: that it counts its runs, and whether they come one after the other."""
    return isinstance(element.loop, MultiInstance), isinstance(element.loop, MultiInstance) and element.loop.sequential


def _elsewhere(
    source: Definition, state: State, node: ElementInstance, there: Element, place: Mapping[str, str]
) -> Text | None:
    if not node.parent:
        return None
    parent = state.element_instance(node.parent)
    # what is undone of the runs of a loop lives in its body, as the runs do
    scope = parent.element_id if parent.run is None else source.elements[parent.element_id].scope
    if node.undoing is not None and source.elements[node.element_id].event(EventKind.CANCEL):
        scope = source.elements[node.element_id].scope  # it lives where its transaction does
    if there.scope != place[scope]:
        return Text("{id} lies in another scope there: {scope}", id=there.id, scope=there.scope)
    return None


def _without_its_tokens(node: ElementInstance, there: Element) -> Text | None:
    for flow in node.arrived:
        if flow not in there.incoming:
            return Text("a token has come by {flow}, which does not lead to {id} there", flow=flow, id=there.id)
    return None


def _without_its_work(node: ElementInstance, there: Element) -> Text | None:
    made_for: dict[Opened, bool] = {
        Opened.TASK: there.kind is Kind.USER_TASK and isinstance(there.work, UserTask | None),
        Opened.JOB: isinstance(there.work, JobWork),
        Opened.CHILD: isinstance(there.work, Call),
    }
    if node.opened is not None and not made_for.get(node.opened, True):
        return Text("{id} does other work in the other version", id=there.id)
    return None


def _without_its_retry(
    target: Definition, node: ElementInstance, there: Element, place: Mapping[str, str]
) -> Text | None:
    """Say why what stopped could not be tried again there."""
    name, *args = node.retry or [""]
    if name == "offer_job" and not isinstance(there.work, JobWork):
        return Text("{id} does other work in the other version", id=there.id)
    if name in _WITH_ELEMENT:
        event = target.elements.get(place[args[0]])
        if event is None or event.scope != there.id:
            return Text("{id} is not in the other version", id=place[args[0]] or args[0])
    return None


_WITH_ELEMENT = ("enter", "start_at")
"""Moves whose first argument is an element id: the start event that happened."""


# ---- moving --------------------------------------------------------------------------------------------------------------


def _relabel(node: ElementInstance, target: Definition, place: Mapping[str, str]) -> None:
    node.element_id = place[node.element_id]
    node.started = [place.get(id, id) for id in node.started]
    node.undo = _records(node.undo, target, place)
    if node.undoing is not None:
        node.undoing = _records(node.undoing, target, place)
    if node.retry is not None and node.retry[0] in _WITH_ELEMENT:
        node.retry = [node.retry[0], place[node.retry[1]], *node.retry[2:]]


def _records(found: list[Undo], target: Definition, place: Mapping[str, str]) -> list[Undo]:
    """Give what can be compensated in the new version; what that no longer knows as the same kind of thing is let go."""

    def moved(record: Undo) -> Undo | None:
        there = target.elements.get(place.get(record.element_id, record.element_id))
        if there is None or not there.is_activity:
            return None
        # subprocesses nest at most as deep as the diagram, which the linter bounds
        return replace(record, element_id=there.id, inner=tuple(keep(record.inner, moved)))

    return keep(found, moved)


def _look_again(step: Step, node: ElementInstance) -> None:
    """Let what waited for tokens see whether those that have come are enough in the new version."""
    if not node.arrived or node.incident:
        return
    element = step.element(node)
    if element.kind in JOINS:
        step.move("join", node.id)
    elif sum(node.arrived.values()) >= element.start_quantity:
        node.arrived = {}
        step.move("activate", node.id)
