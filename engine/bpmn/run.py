"""Moves an instance: ``advance(definition, state, trigger, surroundings) -> Progress``. A pure function; the state passed in is consumed.

A token that arrives, an element that is activated, completed or left: each is a move. They wait in a queue and are made one after the
other, so that neither the length nor the depth of a diagram meets the interpreter's stack. When the queue is empty, whatever can only
be known then is looked at: conditions, inclusive joins, scopes that have come to their end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.bpmn import activities, compensation, gateways, handlers, loops, modification, repair, scopes, throws, waits
from engine.bpmn.definition import ACTIVITIES, SUB_PROCESSES, Definition, Element, EventKind, JobWork, Kind
from engine.bpmn.progress import (
    Activation,
    Cancel,
    CompleteElement,
    Continue,
    Ended,
    Fail,
    Fire,
    Modify,
    Outcome,
    Progress,
    Retry,
    SetVariables,
    Skip,
    Start,
    Surroundings,
    ThrowError,
    ThrowEscalation,
    Trigger,
)
from engine.bpmn.state import ElementInstance, State, Wait
from engine.bpmn.step import Meaning, Step, Stuck
from engine.bpmn.variables import assign, map_out, put
from engine.bpmn.variables import visible as visible_mapping
from engine.errors import IllegalTransition, NotFound
from engine.model.json import Variables

__all__ = ["active", "advance", "local", "visible"]


def advance(definition: Definition, state: State | None, trigger: Trigger, surroundings: Surroundings) -> Progress:
    """Move an instance as far as it can go without the outside.

    Args:
        state: None for ``Start``; else the state of the last Progress, or a snapshot of it. It is consumed.

    Raises:
        NotFound: the trigger names an element that the process does not have.
        IllegalTransition: the trigger names something that is not waiting (any more).
    """
    step = Step(definition, state or State(), surroundings, MEANINGS, fire)
    if not isinstance(trigger, Continue):
        step.state.steps = 0
    _take(step, trigger)
    work(step)
    return step.progress


# ---- reading a state ----------------------------------------------------------------------------------------------------


def visible(state: State, id: int) -> dict[str, Any]:
    """Give the variables that an element instance can see."""
    return dict(visible_mapping(state, id))


def local(state: State, element_id: str | None = None) -> dict[str, Any]:
    """Give the variables of the innermost live scope of an element, or of the process.

    Raises:
        NotFound: no instance of the element is live.
    """
    return dict(repair.holder(state, element_id).variables)


def active(state: State) -> list[str]:
    """List the distinct ids of the elements with a live instance, sorted; armed boundary events and starts are not among them."""
    return sorted({node.element_id for node in state if isinstance(node, ElementInstance) and node.parent})


# ---- triggers ---------------------------------------------------------------------------------------------------------


def _take(step: Step, trigger: Trigger) -> None:
    match trigger:
        case Start():
            _start(step, trigger)
        case CompleteElement():
            node = _waiting(step, trigger.id)
            handed = activities.handed_back(step.element(node), dict(trigger.variables))
            node.opened = None
            step.do("complete", node, handed)
        case ThrowError():
            throws.end_in_error(
                step, _waiting(step, trigger.id), trigger.code, trigger.message, dict(trigger.variables)
            )
        case ThrowEscalation():
            handlers.throw_escalation(step, _waiting(step, trigger.id), trigger.code, trigger.variables)
        case Fail():
            throws.fail(step, _waiting(step, trigger.id), trigger.kind, trigger.message)
        case Fire():
            wait = step.state.find(trigger.id)
            if not isinstance(wait, Wait):
                raise IllegalTransition("nothing waits under {id} any more", id=trigger.id)
            fire(step, wait, trigger.variables)
        case SetVariables():
            repair.set_variables(step, trigger.id, trigger.variables)
        case Modify():
            modification.modify(step, trigger)
        case Retry():
            repair.retry(step, trigger.id)
        case Skip():
            repair.skip(step, trigger.id, trigger.variables)
        case Cancel():
            root = step.state.element_instance(step.state.root)
            step.end(Ended(Outcome.CANCELED, dict(root.variables)))
        case Continue():
            pass


def _waiting(step: Step, id: int) -> ElementInstance:
    node = step.find(id)
    if node is None or node.opened is None:
        raise IllegalTransition("element instance {id} does not wait for this", id=id)
    step.state.touch(node)
    return node


def _start(step: Step, trigger: Start) -> None:
    process = step.definition.process
    missing = [id for id in (*trigger.before, trigger.event) if id and id not in step.definition.elements]
    if missing:
        raise NotFound("{process} has no element {element}", process=process.id, element=missing[0])
    step.state.catches = trigger.catches
    step.state.depth = trigger.depth
    root = step.create(process.id, 0)
    root.begun = True
    step.state.root = root.id
    if trigger.event is None or not step.definition.elements[trigger.event].outputs:
        # also what a message brings: the event subprocesses armed next may need it for their correlation keys
        for name, value in trigger.variables.items():
            put(step, root, name, value)
    step.do("open_process", root)
    step.settle(root.id)
    if trigger.before:
        modification.modify(step, Modify(tuple(map(Activation, trigger.before))))
    elif trigger.event is not None:
        step.do("start_at", root, trigger.event, dict(trigger.variables))
    else:
        for start in process.starts[:1] or scopes.implicit_starts(step, process):
            step.token(start, root.id, "")


def _look(step: Step, node: ElementInstance) -> None:
    """Look at the conditions again."""
    step.variables_changed = True


def _open_process(step: Step, root: ElementInstance) -> None:
    scopes.open_scope(step, root, step.element(root))


def _start_at(step: Step, root: ElementInstance, event: str, payload: Variables) -> None:
    """Begin at the start event, receive task or event after an instantiating gateway whose message, signal or timer came."""
    element = step.definition.elements[event]
    for flow in element.incoming:
        gateway = step.definition.elements[step.definition.flows[flow].source]
        if gateway.instantiate and not gateway.exclusive_event_gateway:
            others = [step.definition.flows[each].target for each in gateway.outgoing]
            for other in others:
                if other != event:
                    step.token(other, root.id, "")
    step.do("complete", step.create(event, root.id), payload)


# ---- the queue ----------------------------------------------------------------------------------------------------------


def work(step: Step) -> None:
    """Make the moves that wait, and those that follow from them, until nothing moves or the budget is used up."""
    limits = step.surroundings.limits
    while step.progress.ended is None:
        if step.variables_changed and not step.state.conditions:
            step.variables_changed = False
        if (step.state.moves or step.variables_changed) and step.completions >= limits.steps_per_transaction:
            if step.variables_changed:
                step.state.moves.appendleft(("look", step.state.root))
            step.progress.continues = True
            return
        if step.variables_changed:
            step.variables_changed = False
            _fire_conditions(step)
        elif step.state.moves:
            _make(step, step.next_move())
        elif not _quiet(step):
            return


def _make(step: Step, move: tuple[Any, ...]) -> None:
    name, *args = move
    if name == "arrive":
        gateways.arrive(step, *args)
        return
    node = step.find(args[0])
    if node is not None:
        step.do(name, node, *args[1:])


def _fire_conditions(step: Step) -> None:
    met = waits.met_conditions(step)
    while met:
        wait = met.pop(0)
        if step.state.find(wait.id) is None:  # one before it has ended what it belonged to
            continue
        try:
            step.refuse_endless()
        except Stuck as stuck:
            for each in (wait, *met):
                each.held = False  # so that they are met again when a person has acted
            step.incident(step.state.element_instance(wait.parent), stuck.kind, stuck.text, ["look"])
            return
        fire(step, wait, {})


def _quiet(step: Step) -> bool:
    """Look at what can only be known when no token moves; say whether anything moves again."""
    for id in list(step.state.joins):
        node = step.find(id)
        if node is not None and gateways.join_late(step, node):
            return True
    while step.state.unsettled and not step.state.moves and step.progress.ended is None:
        scope = step.find(step.state.unsettled.popitem()[0])
        if scope is not None:
            scopes.settled(step, scope)
    return bool(step.state.moves or step.variables_changed)


# ---- moves --------------------------------------------------------------------------------------------------------------


def _activate(step: Step, node: ElementInstance) -> None:
    element = step.element(node)
    step.refuse_endless()
    if element.loop is not None and not node.inner and node.run is None:
        loops.begin_loop(step, node)
        return
    if element.kind in SUB_PROCESSES:
        scopes.subprocess(step, node)
    elif element.kind in ACTIVITIES:
        activities.task(step, node)
    elif element.kind in (Kind.THROW_EVENT, Kind.END_EVENT):
        throws.throw(step, node)
    elif element.kind is Kind.CATCH_EVENT and element.events:
        waits.arm(step, node, [element])
        step.happened("element_activated", node)
    elif element.kind is Kind.EVENT_BASED_GATEWAY:
        targets = (step.definition.flows[flow].target for flow in element.outgoing)
        waits.arm(step, node, [step.definition.elements[target] for target in targets])
        step.happened("element_activated", node)
    else:
        step.do("leave", node)


def _offer_job(step: Step, node: ElementInstance) -> None:
    element = step.element(node)
    assert isinstance(element.work, JobWork)
    activities.offer_job(step, node, element, element.work)


def _complete(step: Step, node: ElementInstance, handed: Variables) -> None:
    """Bring what was handed back into the scopes; then leave."""
    element = step.element(node)
    is_undone = node.undoes and not element.is_for_compensation  # its results have been handed on when it was completed
    if node.run is None and not is_undone:
        map_out(step, node, element, handed)
    step.do("leave", node)


def _leave(step: Step, node: ElementInstance) -> None:
    """Let a finished element instance go and send its tokens on."""
    element = step.element(node)
    if node.inner:
        loops.gather(step, node, element)
        body = step.state.element_instance(node.parent)
        # a null of its own may only mean that the run has not set it: then what lies around is looked at
        last = {name: value for name, value in node.variables.items() if value is not None}
        _close(step, node, element)
        step.do("run_done", body, last)
        return
    if node.undoes:
        _close(step, node, element)
        compensation.undone(step, node)
        return
    flows = gateways.select(step, node, element)
    _close(step, node, element)
    gateways.send(step, node, element, flows)
    scope = step.find(node.parent)
    if scope is not None and step.element(scope).kind is Kind.AD_HOC_SUB_PROCESS:
        step.do("ad_hoc", scope)
    elif not flows:
        step.settle(node.parent)


def _close(step: Step, node: ElementInstance, element: Element) -> None:
    step.completed(node, "element_completed" if node.run is None else "loop_completed")
    compensation.remember(step, node, element)
    step.dispose(node)


def fire(step: Step, wait: Wait, payload: Variables) -> None:
    """Let an armed event happen."""
    element = step.element(wait)
    owner = step.state.element_instance(wait.parent)
    stays = not element.interrupting and element.kind in (Kind.BOUNDARY_EVENT, Kind.START_EVENT)
    if wait.kind is EventKind.TIMER:
        if stays and waits.is_cycle(wait, element) and not element.parallel_multiple:
            waits.go_on(step, wait, element)
        step.disarm(wait, answered=True)
    if element.parallel_multiple:
        if step.state.find(wait.id) is not None:
            step.disarm(wait)
        assign(step, owner, payload)
        if any(other.element_id == element.id for other in step.state.waits(owner.id)):
            return  # the others have not come yet
        payload = {}
        if stays:
            waits.arm(step, owner, [element])
    if element.kind is Kind.BOUNDARY_EVENT:
        handlers.take_boundary(step, owner, element, payload)
    elif element.kind is Kind.START_EVENT:
        handlers.take_event_subprocess(step, owner, element, payload)
    elif owner.element_id == element.id:
        step.do("complete", owner, payload)
    else:  # an event-based gateway: the first of its events has come
        scope = owner.parent
        _close(step, owner, step.element(owner))
        step.do("complete", step.create(element.id, scope), payload)


def _catchable(meaning: Meaning) -> Meaning:
    """Let error events catch what fails in a move, before it is an incident."""

    def make(step: Step, node: ElementInstance, *args: Any) -> None:
        try:
            meaning(step, node, *args)
        except Stuck as failure:
            if not handlers.catch_failure(step, node, failure):
                raise

    return make


MEANINGS: Mapping[str, Meaning] = {
    "activate": _catchable(_activate),
    "ad_hoc": scopes.ad_hoc,
    "complete": _catchable(_complete),
    "enter": scopes.enter,
    "join": gateways.join,
    "leave": _catchable(_leave),
    "look": _look,
    "offer_job": _catchable(_offer_job),
    "open_process": _open_process,
    "pass": gateways.pass_on,
    "run_counted": loops.run_counted,
    "run_done": loops.run_done,
    "runs_checked": loops.runs_checked,
    "start_at": _start_at,
    "undo": compensation.undo,
}
