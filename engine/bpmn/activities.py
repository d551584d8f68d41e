"""Tasks and call activities: what each does when a token comes, and what it does with what is handed back.

Source: BPMN 2.0.2, 13.3 (activities).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.bpmn import timers
from engine.bpmn.definition import Call, Decision, Element, EventKind, JobWork, Kind, Script, TimerKind, UserTask
from engine.bpmn.handlers import catches_around
from engine.bpmn.progress import Opened, OpenJob, OpenTask, StartChild
from engine.bpmn.state import ElementInstance
from engine.bpmn.step import Step, Stuck
from engine.bpmn.throws import send_message
from engine.bpmn.variables import evaluate, evaluate_json, map_in, text, visible
from engine.bpmn.waits import ARMED, arm
from engine.errors import Invalid, PropflowError
from engine.feel import Expression, to_json

DEFAULT_PRIORITY = 50
DEFAULT_RETRIES = 3


def begin(step: Step, node: ElementInstance, element: Element) -> None:
    """Map the inputs and arm the boundary events, once."""
    if node.begun:
        return
    map_in(step, node, element)
    if not node.inner:
        arm_boundary(step, node, element)
    node.begun = True
    step.state.touch(node)


def arm_boundary(step: Step, node: ElementInstance, element: Element) -> None:
    """Arm the boundary events of an activity."""
    if element.boundary:
        events = [step.definition.elements[id] for id in element.boundary]
        arm(step, node, [event for event in events if any(each.kind in ARMED for each in event.events)])


def task(step: Step, node: ElementInstance) -> None:
    """Do the work of a task."""
    element = step.element(node)
    begin(step, node, element)
    work = element.work
    match work:
        case JobWork():
            offer_job(step, node, element, work)
        case UserTask():
            _offer_task(step, node, element, work)
        case Script():
            value = evaluate_json(step, work.expression, node.id)
            step.do("complete", node, {work.result: value} if work.result else {})
        case Decision():
            _decide(step, node, work)
        case Call():
            _call(step, node, element, work)
        case None if element.kind is Kind.RECEIVE_TASK:
            arm(step, node, [element])
            step.happened("element_activated", node)
        case None if element.kind is Kind.USER_TASK:
            _offer_task(step, node, element, UserTask())
        case None:
            message = element.event(EventKind.MESSAGE)
            if element.kind is Kind.SEND_TASK and message is not None:
                send_message(step, node, message)
            step.do("complete", node, {})


def offer_job(step: Step, node: ElementInstance, element: Element, work: JobWork) -> None:
    """Offer a job of a type to workers."""
    retries = DEFAULT_RETRIES if work.retries is None else evaluate_json(step, work.retries, node.id)
    try:
        retries = int(retries)
    except (TypeError, ValueError):
        raise Stuck("expression", "retries are {value}, not a number", value=str(retries)[:40]) from None
    type = text(step, work.type, node.id)
    if not type:
        raise Stuck("expression", "the job type of {element} is empty", element=element.id)
    step.open(node, Opened.JOB, OpenJob(node.id, element.id, type, max(retries, 1), work.headers))


def _offer_task(step: Step, node: ElementInstance, element: Element, work: UserTask) -> None:
    assignee = text(step, work.assignee, node.id) if work.assignee else ""
    priority = evaluate_json(step, work.priority, node.id) if work.priority else DEFAULT_PRIORITY
    try:
        priority = int(priority)
    except (TypeError, ValueError):
        raise Stuck("expression", "the priority is {value}, not a number", value=str(priority)[:40]) from None
    ask = OpenTask(
        id=node.id,
        element_id=element.id,
        name=element.name or element.id,
        assignee=assignee or None,
        candidate_groups=_names(step, work.candidate_groups, node.id),
        candidate_users=_names(step, work.candidate_users, node.id),
        form_id=work.form_id,
        due_at=_moment(step, work.due_date, node.id),
        follow_up_at=_moment(step, work.follow_up_date, node.id),
        priority=priority,
    )
    step.open(node, Opened.TASK, ask)


def _names(step: Step, expression: Expression | None, id: int) -> tuple[str, ...]:
    value = evaluate_json(step, expression, id) if expression else None
    if value is None:
        return ()
    if isinstance(value, str):
        value = [name.strip() for name in value.split(",")]
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise Stuck(
            "expression", "{expression} gives no list of names", expression=expression.text if expression else ""
        )
    return tuple(dict.fromkeys(name for name in value if name))


def _moment(step: Step, expression: Expression | None, id: int) -> datetime | None:
    """Read a due date: a date-time, or a duration from now."""
    value: Any = evaluate(step, expression, id) if expression else None
    if value is None or value == "":
        return None
    now, zone = step.surroundings.now, step.surroundings.zone
    is_duration = value.startswith("P") if isinstance(value, str) else not hasattr(value, "year")
    try:
        return timers.schedule(TimerKind.DURATION if is_duration else TimerKind.DATE, value, now, zone).due
    except Invalid as error:
        raise Stuck("expression", error.problems[0].message) from error


def _decide(step: Step, node: ElementInstance, work: Decision) -> None:
    decision_id = text(step, work.decision_id, node.id)
    try:
        value, record = step.surroundings.decide(
            decision_id, visible(step.state, node.id), binding=work.binding, version_tag=work.version_tag
        )
        result = to_json(value)
    except PropflowError as error:
        raise Stuck("decision", "{decision}: {reason}", decision=decision_id, reason=error.text) from error
    step.happened("decision_evaluated", node, record)
    step.do("complete", node, {work.result: result} if work.result else {})


def _call(step: Step, node: ElementInstance, element: Element, work: Call) -> None:
    process_id = text(step, work.process_id, node.id)
    if not process_id:
        raise Stuck("call", "{element} names no process to call", element=element.id)
    limit = step.surroundings.limits.call_depth
    if step.state.depth >= limit:
        raise Stuck("limit", "processes call one another deeper than {limit}", limit=limit)
    variables = dict(visible(step.state, node.id)) if work.all_in else dict(node.variables)
    ask = StartChild(
        id=node.id,
        element_id=element.id,
        process_id=process_id,
        binding=work.binding,
        version_tag=work.version_tag,
        variables=variables,
        catches=catches_around(step, node),
        depth=step.state.depth + 1,
    )
    step.open(node, Opened.CHILD, ask)


def handed_back(element: Element, variables: dict[str, Any]) -> dict[str, Any]:
    """Give what of a child's variables comes back: all for the output mappings to choose from, else as the call says."""
    keep = bool(element.outputs) or not isinstance(element.work, Call) or element.work.all_out
    return variables if keep else {}
