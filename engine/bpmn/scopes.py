"""Subprocesses of every kind and the process itself: how they begin, and when they have come to their end.

Source: BPMN 2.0.2, 13.3.4 (subprocess), 13.3.5 (ad-hoc subprocess), 13.5.4 (event subprocess).
"""

from __future__ import annotations

from engine.bpmn.activities import begin
from engine.bpmn.definition import Element, Kind
from engine.bpmn.handlers import starts_of
from engine.bpmn.progress import Ended, Outcome
from engine.bpmn.state import ElementInstance
from engine.bpmn.step import Step
from engine.bpmn.variables import holds, map_in
from engine.bpmn.waits import ARMED, arm
from engine.errors import Text
from engine.model.json import Variables


def subprocess(step: Step, node: ElementInstance) -> None:
    """Begin a subprocess at its start."""
    element = step.element(node)
    begin(step, node, element)
    open_scope(step, node, element)
    if element.kind is Kind.AD_HOC_SUB_PROCESS:
        ad_hoc(step, node)
        return
    for start in element.starts[:1] or implicit_starts(step, element):
        step.token(start, node.id, "")
    step.settle(node.id)


def open_scope(step: Step, node: ElementInstance, element: Element) -> None:
    """Arm the event subprocesses of a scope."""
    starts = [start for id in element.event_subprocesses for start in starts_of(step, id)]
    arm(step, node, [start for start in starts if any(each.kind in ARMED for each in start.events)])
    step.happened("element_activated", node)


def enter(step: Step, node: ElementInstance, start: str, payload: Variables) -> None:
    """Begin an event subprocess at the start event that happened."""
    element = step.element(node)
    if not node.begun:
        map_in(step, node, element)
        open_scope(step, node, element)
        node.begun = True
        step.state.touch(node)
    step.do("complete", step.create(start, node.id), payload)


def implicit_starts(step: Step, element: Element) -> list[str]:
    """Give the elements that nothing leads to: where a scope without start event begins."""
    members = (step.definition.elements[child] for child in element.children)
    return [
        member.id
        for member in members
        if not member.incoming
        and not member.triggered_by_event
        and not member.is_for_compensation
        and member.kind not in (Kind.BOUNDARY_EVENT, Kind.START_EVENT)
        and not (member.kind is Kind.CATCH_EVENT and any(each.link for each in member.events))
    ]


def ad_hoc(step: Step, node: ElementInstance) -> None:
    """Start what is free to start in an ad-hoc subprocess: everything at once, or one activity after the other."""
    element = step.element(node)
    if element.completion is not None and node.started and not node.fired and holds(step, element.completion, node.id):
        node.fired = True  # nothing new starts from here on
        step.state.touch(node)
        if element.cancel_remaining:
            for child in step.state.instances(node.id):
                step.terminate(child)
            step.drop_tokens(node.id)
    busy = step.is_expected(node.id) or bool(step.state.instances(node.id))
    if not node.fired and not (busy and element.ordering_sequential):
        ready = [id for id in implicit_starts(step, element) if id not in node.started]
        for id in ready[:1] if element.ordering_sequential else ready:
            node.started.append(id)
            step.token(id, node.id, "")
        step.state.touch(node)
    step.settle(node.id)


def settled(step: Step, node: ElementInstance) -> None:
    """End a scope in which nothing lives any more. Joins that alone are left can never go on: an incident on each."""
    if node.incident or step.is_expected(node.id):
        return
    live = step.state.instances(node.id)
    if live:
        waiting = [each for each in live if each.arrived and not each.incident]
        if len(waiting) == len(live):
            for each in (join for join in waiting if not join.fired):
                step.incident(each, "join", _why_not(step, each), ["join"])
        return
    element = step.element(node)
    if not node.parent:
        step.end(Ended(Outcome.COMPLETED, dict(node.variables)))
    elif element.kind is Kind.AD_HOC_SUB_PROCESS and not node.fired and _left_to_start(step, node, element):
        step.do("ad_hoc", node)
    else:
        step.move("complete", node.id, {})


def _why_not(step: Step, node: ElementInstance) -> Text:
    """Say what an element instance lacks that waits for tokens of which none can come."""
    element = step.element(node)
    if element.kind is Kind.COMPLEX_GATEWAY and element.activation is not None:
        return Text(
            "the activation condition of {element} does not hold, and no further token can come", element=element.id
        )
    if element.is_activity:
        return Text(
            "{element} waits for {quantity} tokens, and no further one can come",
            element=element.id,
            quantity=element.start_quantity,
        )
    missing = [flow for flow in element.incoming if flow not in node.arrived]
    return Text(
        "{element} waits for a token on {flows}, and none can come", element=element.id, flows=", ".join(missing)
    )


def _left_to_start(step: Step, node: ElementInstance, element: Element) -> bool:
    return any(id not in node.started for id in implicit_starts(step, element))
