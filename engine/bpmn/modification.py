"""Moves tokens of a live instance from outside: element instances are terminated, others are activated in the scope that is meant.

What a scope loses decides about the scope: one in which nothing is left, and into which nothing new comes, ends early too; the last one is
the process, which is then canceled.

Source: Camunda 8, process instance modification (activate and terminate instructions, ancestor selection).
"""

from __future__ import annotations

from engine.bpmn import compensation, loops
from engine.bpmn.activities import begin
from engine.bpmn.definition import Definition, Element, EventKind, Kind
from engine.bpmn.handlers import starts_of
from engine.bpmn.progress import Activation, Ended, Modify, Outcome
from engine.bpmn.repair import set_variables
from engine.bpmn.scopes import open_scope
from engine.bpmn.state import ElementInstance, State
from engine.bpmn.step import Step, Stuck
from engine.errors import Invalid, NotFound, Problem, Text


def modify(step: Step, trigger: Modify) -> None:
    """Set variables of the process, terminate element instances, then activate elements.

    (1) The variables come first, so that what is activated sees them. (2) What is terminated makes room. (3) What is activated keeps
    its scope alive. (4) Scopes that were left empty end.

    Raises:
        NotFound: the process has no such element, or no such element instance is live.
        Invalid: an element cannot be activated, or it is not clear in which scope.
    """
    _refuse_unknown(step, trigger)
    # (1)
    if trigger.variables:
        set_variables(step, None, trigger.variables)
    # (2)
    left: dict[int, None] = {}
    for what in trigger.terminate:
        for node in _meant(step, what):
            if step.find(node.id) is not None:
                left[node.parent] = None
                _terminate(step, node)
    # (3)
    for each in trigger.activate:
        _activate(step, each)
    # (4)
    for scope in left:
        _abandon(step, scope)


def choices(definition: Definition, state: State) -> dict[str, list[ElementInstance]]:
    """Give the elements that can be activated, each with the live scope instances of which one must be named; none where it is clear."""
    holders: dict[str, list[ElementInstance]] = {}
    for node in state:
        if isinstance(node, ElementInstance) and _can_hold(node):
            holders.setdefault(node.element_id, []).append(node)
    found: dict[str, list[ElementInstance]] = {}
    for element in definition.elements.values():
        if why_not(element) is None:
            scope = element.scope
            while scope not in holders and definition.elements[scope].scope:
                scope = definition.elements[scope].scope
            live = holders.get(scope, [])
            found[element.id] = live if len(live) > 1 else []
    return found


def why_not(element: Element) -> Text | None:
    """Say why an element can never be activated from outside; None when it can."""
    if element.kind is Kind.PROCESS:
        return Text("{element} is the process itself", element=element.id)
    if element.kind is Kind.BOUNDARY_EVENT:
        return Text("{element} happens only to its activity", element=element.id)
    return None


def _refuse_unknown(step: Step, trigger: Modify) -> None:
    ids = [each for each in trigger.terminate if isinstance(each, str)]
    for id in (*ids, *(each.element_id for each in trigger.activate)):
        if id not in step.definition.elements:
            raise NotFound("{process} has no element {element}", process=step.definition.process_id, element=id)


# ---- terminating ---------------------------------------------------------------------------------------------------------


def _meant(step: Step, what: str | int) -> list[ElementInstance]:
    if isinstance(what, str):
        found = step.state.with_element(what)
    else:
        node = step.find(what)
        if node is None:
            raise NotFound("element instance {id} is not live", id=what)
        found = [node]
    if any(not node.parent for node in found):
        message = Text("{element} is the process itself", element=step.definition.process_id)
        raise Invalid(Problem(step.definition.process_id, message, Text("Cancel the instance instead.")))
    return found


def _terminate(step: Step, node: ElementInstance) -> None:
    """End an element instance, and tell whoever waits for its end: the body of its loop, what it was to undo."""
    body = step.find(node.parent) if node.inner else None
    step.terminate(node)
    if body is not None:
        loops.run_terminated(step, body)
    if node.undoes:
        compensation.undone(step, node)


def _abandon(step: Step, id: int) -> None:
    """End a scope or loop body in which nothing is left, and those around it for which that is true too."""
    node = step.find(id)
    while node is not None:
        if step.state.instances(node.id) or step.is_expected(node.id):
            step.settle(node.id)
            return
        if not node.parent:
            step.end(Ended(Outcome.CANCELED, dict(node.variables)))
            return
        above = node.parent
        _terminate(step, node)
        node = step.find(above)


# ---- activating ----------------------------------------------------------------------------------------------------------


def _activate(step: Step, wanted: Activation) -> None:
    element = step.definition.elements[wanted.element_id]
    message = why_not(element)
    if message is not None:
        raise Invalid(Problem(element.id, message, Text("Activate what it leads to.")))
    try:
        scope = _scope_for(step, element, wanted.within)
    except Stuck as stuck:
        raise Invalid(Problem(element.id, stuck.text)) from stuck
    if step.element(scope).kind is Kind.AD_HOC_SUB_PROCESS and element.id not in scope.started:
        scope.started.append(element.id)
        step.state.touch(scope)
    node = step.create(element.id, scope.id)
    # the move waits in the queue, and its element instance is what keeps the scope alive; a join does not wait for further tokens
    if element.triggered_by_event:
        step.move("enter", node.id, starts_of(step, element.id)[0].id, {})
    elif element.kind is Kind.CATCH_EVENT and element.event(EventKind.LINK):
        step.move("complete", node.id, {})
    else:
        step.move("activate", node.id)


def _holders(state: State, scope_id: str) -> list[ElementInstance]:
    return [node for node in state.with_element(scope_id) if _can_hold(node)]


def _can_hold(node: ElementInstance) -> bool:
    """Say whether a scope instance can hold a token: no loop body does, nor what lives only to undo what is inside."""
    return node.run is None and not node.undoes


def _scope_for(step: Step, element: Element, within: int | None) -> ElementInstance:
    """Give the live scope instance for an element, opening those that are missing between it and the ancestor.

    Args:
        within: the ancestor that is meant; None: the one that is live, or a new one where none is.

    Raises:
        Stuck: several are live and none is named, or a loop or an expression stands in the way.
        Invalid: the ancestor does not hold the element.
    """
    missing: list[Element] = []
    ancestor = None if within is None else _ancestor(step, element, within)
    scope = step.definition.elements[element.scope]
    while True:
        live = _holders(step.state, scope.id)
        if ancestor is not None:
            live = [ancestor] if ancestor.element_id == scope.id else []
        if len(live) > 1:
            raise _unclear(element, scope, live)
        if live:
            break
        if scope.loop is not None:
            raise Invalid(
                Problem(
                    element.id,
                    Text(
                        "{element} lies in the loop {scope}, and no run of it is meant",
                        element=element.id,
                        scope=scope.id,
                    ),
                    Text("Activate {scope} as a whole, or name one of its live runs.", scope=scope.id),
                )
            )
        missing.append(scope)
        scope = step.definition.elements[scope.scope]
    node = live[0]
    for each in reversed(missing):
        node = step.create(each.id, node.id)
        begin(step, node, each)
        open_scope(step, node, each)
    return node


def _ancestor(step: Step, element: Element, within: int) -> ElementInstance:
    node = step.find(within)
    if node is None:
        raise NotFound("element instance {id} is not live", id=within)
    around = element.scope
    while around and around != node.element_id:
        around = step.definition.elements[around].scope
    if not around or not _can_hold(node):
        message = Text(
            "element instance {id} of {scope} cannot hold {element}",
            id=within,
            scope=node.element_id,
            element=element.id,
        )
        raise Invalid(Problem(element.id, message, Text("Name a live instance of a scope around it.")))
    return node


def _unclear(element: Element, scope: Element, live: list[ElementInstance]) -> Invalid:
    return Invalid(
        Problem(
            element.id,
            Text(
                "{scope} around {element} has {n} live instances: {ids}",
                scope=scope.id,
                element=element.id,
                n=len(live),
                ids=", ".join(str(node.id) for node in live),
            ),
            Text("Say in which of them {element} is to be activated.", element=element.id),
        )
    )
