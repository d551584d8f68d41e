"""What SpiffWorkflow is not asked about, and why: constructs that it refuses or does not execute correctly."""

from __future__ import annotations

from collections.abc import Mapping

from engine import feel
from engine.bpmn.definition import (
    SUB_PROCESSES,
    Definition,
    Element,
    EventKind,
    Kind,
    MultiInstance,
    Script,
    StandardLoop,
)
from engine.bpmn.rules.graph import JOINS, Graph

MAX_ELEMENTS = 250

EXCLUDED: Mapping[str, str] = {
    "ad-hoc subprocess": "it fails unless the process declares data objects, and does not know sequential ordering",
    "boundary event on a subprocess or loop": "what is thrown inside goes on after an interrupting one",
    "boundary event that catches a throw": "it belongs to the case above; here such events happen only when told to",
    "call into a called process": "a call activity is answered like a task; the called process is checked by itself",
    "compensation, cancel": "compensation passes through silently",
    "complex gateway": "it is not known",
    "completion condition of a parallel multi-instance": "runs that it ends are made all the same",
    "data association": "it must have the same name on both sides",
    "error or escalation end": "an uncaught error lets the parent go on",
    "event subprocess": "an interrupting one does not interrupt; error and nested ones misfire",
    "inclusive join after a merge": "it looks back along one way only and goes on before the other tokens have come",
    "input or output mapping": "variables are kept in one scope here",
    "instantiating element": "it is refused",
    "items, counters and outputs of a multi-instance": "variables are kept in one scope here",
    "join in a loop": "what came in earlier rounds counts again, so it goes on before all tokens have come",
    "parallel multiple event": "only one trigger of an event is told here",
    "several starts": "only one of them can be meant",
    "signal that is thrown": "which waits take it depends on the order of steps",
    "size": f"it predicts recursively; more than {MAX_ELEMENTS} elements are not tried",
    "start or completion quantity": "it is not known",
    "wait inside a multi-instance": "an event would reach all its runs at once",
}
"""{construct: why SpiffWorkflow is not asked about it}"""

_LOOP_NAMES = frozenset(
    {
        "loopCounter",
        "numberOfInstances",
        "numberOfActiveInstances",
        "numberOfCompletedInstances",
        "numberOfTerminatedInstances",
    }
)
ANSWERED = frozenset(
    {Kind.USER_TASK, Kind.SERVICE_TASK, Kind.BUSINESS_RULE_TASK, Kind.CALL_ACTIVITY, Kind.RECEIVE_TASK}
)
"""Kinds that wait for the outside to complete them."""


def excluded(definition: Definition) -> tuple[str, ...]:
    """List the constructs of a definition that SpiffWorkflow is not asked about, as ``element: construct``."""
    found = [f"{definition.process_id}: size"] if len(definition.elements) > MAX_ELEMENTS else []
    for element in definition.elements.values():
        found += [f"{element.id}: {construct}" for construct in _constructs(definition, element)]
    graph = Graph(definition)
    found += [f"{join}: inclusive join after a merge" for join in _inclusive_joins_after_merges(definition, graph)]
    found += [f"{join}: join in a loop" for cycle in graph.components() for join in cycle if _is_join(definition, join)]
    for expression in _expressions(definition):
        if expression.names & _LOOP_NAMES:
            found.append(f"{expression.text}: items, counters and outputs of a multi-instance")
    return tuple(found)


def _constructs(definition: Definition, element: Element) -> list[str]:
    kinds = {event.kind for event in element.events}
    loop = element.loop
    checks = {
        "ad-hoc subprocess": element.kind is Kind.AD_HOC_SUB_PROCESS,
        "boundary event on a subprocess or loop": bool(
            element.boundary and (element.kind in SUB_PROCESSES or loop or element.kind not in ANSWERED)
        ),
        "compensation, cancel": bool(kinds & {EventKind.COMPENSATION, EventKind.CANCEL}) or element.is_for_compensation,
        "complex gateway": element.kind is Kind.COMPLEX_GATEWAY,
        "completion condition of a parallel multi-instance": isinstance(loop, MultiInstance)
        and not loop.sequential
        and loop.completion is not None,
        "data association": bool(element.data_in or element.data_out),
        "error or escalation end": element.kind in (Kind.END_EVENT, Kind.THROW_EVENT)
        and bool(kinds & {EventKind.ERROR, EventKind.ESCALATION}),
        "event subprocess": element.triggered_by_event,
        "input or output mapping": bool(element.inputs or element.outputs),
        "instantiating element": element.instantiate,
        "items, counters and outputs of a multi-instance": isinstance(loop, MultiInstance)
        and bool(loop.item or loop.output_collection or loop.output_element or loop.behavior != "All"),
        "parallel multiple event": element.parallel_multiple or len(element.events) > 1,
        "several starts": element.is_scope and len(element.starts) != 1,
        "signal that is thrown": element.kind in (Kind.END_EVENT, Kind.THROW_EVENT) and EventKind.SIGNAL in kinds,
        "start or completion quantity": element.start_quantity != 1 or element.completion_quantity != 1,
        "wait inside a multi-instance": (
            element.kind in (Kind.CATCH_EVENT, Kind.EVENT_BASED_GATEWAY) or bool(element.boundary)
        )
        and _in_loop(definition, element),
    }
    return [construct for construct, applies in checks.items() if applies]


def _is_join(definition: Definition, element_id: str) -> bool:
    element = definition.elements[element_id]
    return element.kind in JOINS and len(element.incoming) > 1


def _inclusive_joins_after_merges(definition: Definition, graph: Graph) -> list[str]:
    found = []
    for join in definition.elements.values():
        if join.kind is not Kind.INCLUSIVE_GATEWAY or not _is_join(definition, join.id):
            continue
        split = graph.dominators(definition.elements[join.scope]).get(join.id, "")
        seen = {join.id}
        pending = [other for other in graph.before[join.id] if other != split]
        while pending:
            element = pending.pop()
            if element in seen:
                continue
            seen.add(element)
            pending += [other for other in graph.before[element] if other != split]
        if any(len(graph.before[element]) > 1 for element in seen - {join.id}):
            found.append(join.id)
    return found


def _in_loop(definition: Definition, element: Element) -> bool:
    scope = element.scope
    while scope:
        if definition.elements[scope].loop is not None:
            return True
        scope = definition.elements[scope].scope
    return False


def _expressions(definition: Definition) -> list[feel.Expression]:
    found = [flow.condition for flow in definition.flows.values()]
    for element in definition.elements.values():
        if isinstance(element.work, Script):
            found.append(element.work.expression)
        if isinstance(element.loop, StandardLoop):
            found.append(element.loop.condition)
        elif isinstance(element.loop, MultiInstance):
            found += [element.loop.cardinality, element.loop.collection, element.loop.completion]
    return [expression for expression in found if expression is not None]
