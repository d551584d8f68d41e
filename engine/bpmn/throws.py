"""Throwing events: messages, signals, escalations, errors, compensation, links, termination.

Source: BPMN 2.0.2, 13.5.2 (intermediate events) and 13.5.6 (end events).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from engine.bpmn import timers
from engine.bpmn.compensation import begin, compensate, unfinished
from engine.bpmn.definition import Element, EventDefinition, EventKind, JobWork, Kind
from engine.bpmn.gateways import select, send
from engine.bpmn.handlers import shut, throw_error, throw_escalation
from engine.bpmn.progress import SendMessage, SendSignal
from engine.bpmn.state import ElementInstance, Wait
from engine.bpmn.step import Step, Stuck
from engine.bpmn.variables import evaluate, map_in, map_out, text
from engine.errors import Text
from engine.model.json import Variables


def throw(step: Step, node: ElementInstance) -> None:
    """Throw everything that a throw or end event has, in order, and go on if it still can."""
    element = step.element(node)
    if not node.begun:
        map_in(step, node, element)
        node.begun = True
        step.state.touch(node)
    if isinstance(element.work, JobWork):
        step.do("offer_job", node)
        return
    for event in element.events:
        match event.kind:
            case EventKind.LINK:
                _link(step, node, element, event)
                return
            case EventKind.COMPENSATION:
                if not event.wait_for_completion:
                    _go_on(step, node, element)
                step.happened("compensation_thrown", node)
                compensate(step, node, event.activity)
                return
            case EventKind.CANCEL:
                _cancel(step, node)
                return
            case EventKind.TERMINATE:
                _terminate(step, node)
                return
            case EventKind.ERROR:
                throw_error(step, node, event.code or "", "", dict(node.variables))
                return
            case _:
                throw_event(step, node, event)
        if step.find(node.id) is None:  # what it threw has ended it
            return
    step.do("complete", node, {})


def _go_on(step: Step, node: ElementInstance, element: Element) -> None:
    """Send the tokens on while the element instance stays to see that everything is undone."""
    flows = select(step, node, element)
    map_out(step, node, element, {})
    step.happened("element_completed", node)
    send(step, node, element, flows)


def throw_event(step: Step, node: ElementInstance, event: EventDefinition) -> None:
    """Throw one message, signal or escalation."""
    match event.kind:
        case EventKind.MESSAGE:
            send_message(step, node, event)
        case EventKind.SIGNAL:
            name = text(step, event.name, node.id) if event.name else ""
            send_signal(step, node, name, dict(node.variables))
        case EventKind.ESCALATION:
            throw_escalation(step, node, event.code or "", dict(node.variables))
        case EventKind.ERROR:
            throw_error(step, node, event.code or "", "", dict(node.variables))
        case _:
            raise Stuck("expression", "a {kind} event cannot be thrown here", kind=event.kind.value)


def send_message(step: Step, node: ElementInstance, event: EventDefinition) -> None:
    """Publish a message, with the element's own variables where its input mappings made any, else with none."""
    name = text(step, event.name, node.id) if event.name else ""
    if not name:
        raise Stuck("message", "the message of {element} has no name", element=node.element_id)
    key = text(step, event.key, node.id) if event.key else ""
    message_id = text(step, event.message_id, node.id) if event.message_id else None
    variables = dict(node.variables)
    step.ask(SendMessage(node.element_id, name, key, variables, message_id or None, _ttl(step, node, event)))
    step.happened("message_sent", node, {"name": name, "key": key})


def _ttl(step: Step, node: ElementInstance, event: EventDefinition) -> int:
    """Give the seconds that a message waits; one hour unless the diagram says otherwise, since its receiver may be a moment late."""
    if event.ttl is None:
        return 3600
    value: Any = evaluate(step, event.ttl, node.id)
    now = step.surroundings.now
    try:
        return max(0, (timers.later(now, value, step.surroundings.zone) - now) // timedelta(seconds=1))
    except (ValueError, TypeError, AttributeError, OverflowError):
        raise Stuck(
            "message", "{value} is no time to live; write a duration such as PT1H", value=str(value)[:40]
        ) from None


def send_signal(step: Step, node: ElementInstance, name: str, payload: dict[str, Any]) -> None:
    """Broadcast a signal: first to what waits in this instance, at once, then to everybody else."""
    step.happened("signal_sent", node, {"name": name})
    step.ask(SendSignal(node.element_id, name, payload))
    for id in [id for id, waited in step.state.signals.items() if waited == name]:
        wait = step.state.find(id)
        if isinstance(wait, Wait):
            step.fire(wait, payload)


def _link(step: Step, node: ElementInstance, element: Element, event: EventDefinition) -> None:
    scope = step.definition.elements[element.scope]
    for child in scope.children:
        target = step.definition.elements[child]
        if target.kind is Kind.CATCH_EVENT and any(
            each.kind is EventKind.LINK and each.link == event.link for each in target.events
        ):
            parent = node.parent
            step.happened("element_completed", node)
            step.dispose(node)
            step.do("complete", step.create(target.id, parent), {})
            return
    raise Stuck("error", "no link catch event is named {link}", link=event.link)


def _cancel(step: Step, node: ElementInstance) -> None:
    """End everything else in the transaction, all runs of it if it has several, and undo what was completed in it."""
    transaction = step.scope_of(node)
    while step.element(transaction).kind is not Kind.TRANSACTION:
        if not transaction.parent:
            raise Stuck("error", "a cancel end event works only inside a transaction")
        transaction = step.scope_of(transaction)
    if transaction.inner:
        transaction = step.state.element_instance(transaction.parent)
    transaction.undo += unfinished(step, transaction)
    if node.parent != transaction.id:
        node = step.create(node.element_id, transaction.id)
    for child in step.state.instances(transaction.id):
        if child.id != node.id:
            step.terminate(child)
    step.drop_tokens(transaction.id)
    shut(step, transaction)
    begin(step, node, transaction, None)


def _terminate(step: Step, node: ElementInstance) -> None:
    scope = step.state.element_instance(node.parent)
    step.happened("element_completed", node)
    for child in step.state.instances(scope.id):
        if child.id != node.id:
            step.terminate(child)
    step.drop_tokens(scope.id)
    step.dispose(node)
    step.settle(scope.id)


def end_in_error(step: Step, node: ElementInstance, code: str, message: str, payload: Variables) -> None:
    """Throw the error in which work outside ended.

    Where nobody catches it, it is an incident whose retry offers the work again: to throw the same error once more mends nothing.
    """
    node.opened = None
    try:
        throw_error(step, node, code, message, payload)
    except Stuck as stuck:
        step.incident(node, stuck.kind, stuck.text, ["activate"])


def fail(step: Step, node: ElementInstance, kind: str, message: str) -> None:
    """Turn a failure outside into an incident; its retry offers the work again."""
    node.opened = None
    step.incident(node, kind, Text("{message}", message=message), ["activate"])
