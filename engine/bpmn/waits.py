"""Arming events: timers, message and signal subscriptions, conditions; and what follows when a condition becomes true."""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import datetime
from typing import Any

from engine.bpmn import timers
from engine.bpmn.definition import Element, EventDefinition, EventKind, TimerKind
from engine.bpmn.progress import OpenSubscription, OpenTimer, SubscriptionKind
from engine.bpmn.state import ElementInstance, Wait
from engine.bpmn.step import Step, Stuck
from engine.bpmn.variables import evaluate, evaluate_json, holds, text
from engine.errors import Invalid

ARMED = frozenset({EventKind.TIMER, EventKind.MESSAGE, EventKind.SIGNAL, EventKind.CONDITIONAL})


def arm(
    step: Step,
    owner: ElementInstance,
    events: Iterable[Element],
    *,
    only: Container[tuple[str, int]] | None = None,
) -> None:
    """Arm the definitions of some events for an element instance, which evaluates their expressions.

    All expressions are evaluated before anything is opened, so that an incident leaves nothing half armed.

    Args:
        only: of the definitions, those to arm: (element id, which one); None: all of them.
    """
    prepared = [
        (element, index, event, _prepare(step, owner, event))
        for element in events
        for index, event in enumerate(element.events)
        if event.kind in ARMED and (only is None or (element.id, index) in only)
    ]
    for element, index, event, (name, detail) in prepared:
        wait = Wait(step.state.take_id(), owner.id, element.id, event.kind, index, name)
        if isinstance(detail, timers.Schedule):
            _open_timer(step, wait, detail)
        elif event.kind is EventKind.CONDITIONAL:
            step.state.add(wait)
            step.state.conditions[wait.id] = None
            step.variables_changed = True  # a condition that is true when it is armed fires then
        else:
            step.state.add(wait)
            if event.kind is EventKind.SIGNAL:
                step.state.signals[wait.id] = name
            step.ask(OpenSubscription(wait.id, element.id, SubscriptionKind(event.kind.value), name, str(detail)))


def _prepare(step: Step, owner: ElementInstance, event: EventDefinition) -> tuple[str, Any]:
    if event.kind is EventKind.TIMER:
        if event.timer is None or event.timer_kind is None:
            raise Stuck("expression", "the timer says no time")
        value = evaluate(step, event.timer, owner.id)
        try:
            return "", timers.schedule(event.timer_kind, value, step.surroundings.now, step.surroundings.zone)
        except Invalid as error:
            raise Stuck("expression", error.problems[0].message) from error
    if event.kind is EventKind.CONDITIONAL:
        return "", None
    if event.name is None:
        raise Stuck("message", "the event names no {kind}", kind=event.kind.value)
    name = text(step, event.name, owner.id)
    if event.kind is EventKind.SIGNAL or event.key is None:
        return name, ""
    key = evaluate_json(step, event.key, owner.id)
    if key is None or isinstance(key, bool | list | dict):
        raise Stuck("message", "the correlation key {key} is neither text nor number", key=event.key.text)
    return name, str(key)


def _open_timer(step: Step, wait: Wait, schedule: timers.Schedule) -> None:
    wait.due = schedule.due.isoformat()
    wait.repeats = schedule.repeats
    wait.interval = schedule.interval
    step.state.add(wait)
    step.ask(OpenTimer(wait.id, wait.element_id, schedule.due))


def go_on(step: Step, wait: Wait, element: Element) -> None:
    """Arm the next beat of a cycle that has fired; ``missed=collapse`` among the element's properties leaves out missed beats."""
    current = timers.Schedule(datetime.fromisoformat(wait.due), wait.repeats, wait.interval)
    collapse = element.properties.get("missed") == "collapse"
    following = timers.following(current, step.surroundings.now, step.surroundings.zone, collapse=collapse)
    if following is not None:
        again = Wait(step.state.take_id(), wait.parent, wait.element_id, wait.kind, wait.index, wait.name)
        _open_timer(step, again, following)


def is_cycle(wait: Wait, element: Element) -> bool:
    """Say whether the wait is a timer that fires again."""
    return wait.kind is EventKind.TIMER and element.events[wait.index].timer_kind is TimerKind.CYCLE


def met_conditions(step: Step) -> list[Wait]:
    """List the conditions that have just become true. What is not known yet (null) does not hold."""
    met = []
    for id in list(step.state.conditions):
        wait = step.state.find(id)
        if not isinstance(wait, Wait):
            continue
        condition = step.element(wait).events[wait.index].condition
        try:
            value = condition is not None and holds(step, condition, wait.parent)
        except Stuck:
            value = False
        if value != wait.held:
            wait.held = value
            step.state.touch(wait)
            if value:
                met.append(wait)
    return met
