"""Tokens at joins, and the flows that a token leaves by.

Source: BPMN 2.0.2, 13.4 (gateways) and 13.3.1 (sequence flow considerations: implicit splits, conditional and default flows).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.bpmn import reach
from engine.bpmn.definition import Element, EventKind, Flow, Kind
from engine.bpmn.state import ElementInstance
from engine.bpmn.step import Step, Stuck
from engine.bpmn.variables import holds

JOINS = frozenset({Kind.PARALLEL_GATEWAY, Kind.INCLUSIVE_GATEWAY, Kind.COMPLEX_GATEWAY})


def arrive(step: Step, element_id: str, scope: int, flow: str) -> None:
    """Take in a token: at a join it waits for others, anywhere else it makes a new instance of the element."""
    if step.find(scope) is None:
        return
    element = step.definition.elements[element_id]
    if element.start_quantity == 1 and (element.kind not in JOINS or len(element.incoming) < 2):
        step.do("activate", step.create(element_id, scope))
        return
    node = step.collector(scope, element_id)
    if node is None:
        node = step.create(element_id, scope)
        step.collect_in(node)
    node.arrived[flow] = node.arrived.get(flow, 0) + 1
    step.state.touch(node)
    step.do("join", node)


def join(step: Step, node: ElementInstance) -> None:
    """See whether a join, or an activity that waits for several tokens, can go on with those that have come."""
    element = step.element(node)
    if element.kind not in JOINS:
        _begin_with_enough(step, node, element)
    elif element.kind is Kind.COMPLEX_GATEWAY and element.activation is not None:
        _activate_complex(step, node, element)
    elif len(node.arrived) == len(element.incoming):
        _pass(step, node, element)
    else:
        if element.kind is not Kind.PARALLEL_GATEWAY:
            step.state.joins[node.id] = None
        step.settle(node.parent)  # should nothing else live there, the join can never go on


def _begin_with_enough(step: Step, node: ElementInstance, element: Element) -> None:
    if sum(node.arrived.values()) < element.start_quantity:
        step.settle(node.parent)
        return
    if node.incident:
        step.resolve(node)
    node.arrived = {}
    step.stop_collecting(node)
    step.do("activate", node)


def _activate_complex(step: Step, node: ElementInstance, element: Element) -> None:
    """Fire when the activation condition holds; then stay until a token has come by every flow that can still bring one.

    While it stays it takes one token by each flow; more of them wait for the next round.
    """
    known = {"activationCount": sum(node.arrived.values()), "waitingForStart": True}
    if not node.fired and element.activation is not None and holds(step, element.activation, node.id, known):
        step.refuse_endless()
        flows = select(step, node, element, known)
        if node.incident:
            step.resolve(node)
        node.fired = True
        step.completed(node)
        send(step, node, element, flows)
    if node.fired and len(node.arrived) == len(element.incoming):
        step.do("pass", node)
    else:
        step.state.joins[node.id] = None
        step.settle(node.parent)


def join_late(step: Step, node: ElementInstance) -> bool:
    """Let a waiting join go on when no further token can come to it. Asked only when nothing else moves."""
    element = step.element(node)
    if node.incident or _may_still_come(step, node, element):
        return False
    if element.kind is Kind.COMPLEX_GATEWAY and element.activation is not None and not node.fired:
        return False
    step.do("pass", node)
    return True


def pass_on(step: Step, node: ElementInstance) -> None:
    """Let a join go on; let a complex gateway that has fired begin anew."""
    element = step.element(node)
    if node.fired:
        _reset(step, node, element)
    else:
        _pass(step, node, element)


def _pass(step: Step, node: ElementInstance, element: Element) -> None:
    step.refuse_endless()
    flows = select(step, node, element)
    step.completed(node)
    _next_round(step, node, element, flows)


def _reset(step: Step, node: ElementInstance, element: Element) -> None:
    """Let the flows go a second time only where their conditions ask in which of its two states the gateway is."""
    known = {"activationCount": sum(node.arrived.values()), "waitingForStart": False}
    outgoing = [step.definition.flows[id] for id in element.outgoing]
    second = [
        flow
        for flow in outgoing
        if flow.condition is not None
        and "waitingForStart" in flow.condition.names
        and holds(step, flow.condition, node.id, known)
    ]
    _next_round(step, node, element, second)


def _next_round(step: Step, node: ElementInstance, element: Element, flows: list[Flow]) -> None:
    """Send the tokens on; where more than one had come by a flow, the others begin the next round."""
    left = {flow: count - 1 for flow, count in node.arrived.items() if count > 1}
    step.stop_collecting(node)
    scope = node.parent
    send(step, node, element, flows)
    step.dispose(node)
    if left:
        again = step.create(element.id, scope)
        again.arrived = left
        step.collect_in(again)
        step.do("join", again)
    if not flows:
        step.settle(scope)


def _may_still_come(step: Step, node: ElementInstance, element: Element) -> bool:
    sources = reach.sources(step.definition, element.id)
    have = [sources[flow] for flow in element.incoming if flow in node.arrived]
    lack = [sources[flow] for flow in element.incoming if flow not in node.arrived]
    for other in step.state.instances(node.parent):
        at = other.element_id
        if (
            other.id != node.id
            and not _has_sent(step, other)
            and any(at in upstream for upstream in lack)
            and not any(at in upstream for upstream in have)
        ):
            return True
    return False


def _has_sent(step: Step, node: ElementInstance) -> bool:
    """Say whether a compensation throw has sent its tokens and stays only to see that everything is undone."""
    event = step.element(node).event(EventKind.COMPENSATION) if node.undoing is not None else None
    return event is not None and not event.wait_for_completion


def send(step: Step, node: ElementInstance, element: Element, flows: list[Flow]) -> None:
    """Send the tokens of a finished element instance on their way."""
    for _ in range(element.completion_quantity):
        for flow in flows:
            step.token(flow.target, node.parent, flow.id)


def select(step: Step, node: ElementInstance, element: Element, known: Mapping[str, Any] | None = None) -> list[Flow]:
    """Choose the flows that a finished element instance is left by; ``known`` is what conditions see besides the variables."""
    outgoing = [step.definition.flows[id] for id in element.outgoing]
    if element.kind is Kind.PARALLEL_GATEWAY:
        return outgoing
    if len(outgoing) == 1 and outgoing[0].condition is None:
        return outgoing
    if element.kind is Kind.EXCLUSIVE_GATEWAY:
        for flow in outgoing:
            if flow.id != element.default and (flow.condition is None or holds(step, flow.condition, node.id)):
                return [flow]
        return _default(step, element)
    unconditional = [flow for flow in outgoing if flow.condition is None and flow.id != element.default]
    conditional = [flow for flow in outgoing if flow.condition is not None and flow.id != element.default]
    taken = [flow for flow in conditional if flow.condition is not None and holds(step, flow.condition, node.id, known)]
    if taken or not (conditional or element.default):
        return [flow for flow in outgoing if flow in unconditional or flow in taken]
    if not element.default and unconditional:
        return unconditional
    return unconditional + _default(step, element)


def _default(step: Step, element: Element) -> list[Flow]:
    if element.default:
        return [step.definition.flows[element.default]]
    raise Stuck(
        "condition", "no outgoing flow of {element} can be taken and there is no default flow", element=element.id
    )
