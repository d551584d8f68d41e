"""Which elements and flows of a diagram an instance walked, and which rules decided, read from its history."""

from __future__ import annotations

from collections.abc import Sequence

from engine.bpmn.definition import Definition, Kind
from engine.testing import Event

_DONE = frozenset({"element_completed", "loop_completed"})
_THREW = "error_thrown"


def drawn(definition: Definition) -> frozenset[str]:
    """Give the ids of all elements and flows of a process that can be walked."""
    elements = {each.id for each in definition.elements.values() if each.kind is not Kind.PROCESS}
    return frozenset(elements | set(definition.flows))


def walked(definition: Definition, history: Sequence[Event]) -> frozenset[str]:
    """Give the ids of the elements that were completed, threw an error or were left by one of their events, and of the flows taken.

    A flow out of a choice was taken when the first thing that happened afterwards to one of the targets happened to its own.
    """
    found: set[str] = set()
    for index, event in enumerate(history):
        element = definition.elements.get(event.element_id)
        if element is None or event.kind not in _DONE | {_THREW}:
            continue
        found.add(element.id)
        if event.kind == _THREW:
            continue
        if element.attached_to:
            found.add(element.attached_to)
        if element.kind is Kind.START_EVENT and element.scope:
            found.add(element.scope)
        if len(element.outgoing) == 1 or element.kind is Kind.PARALLEL_GATEWAY:
            found.update(element.outgoing)
            continue
        by_target = {definition.flows[flow].target: flow for flow in element.outgoing}
        later = (by_target.get(each.element_id) for each in history[index + 1 :])
        found.update(flow for flow in [next((flow for flow in later if flow), None)] if flow)
    return frozenset(found)


def decided(history: Sequence[Event]) -> frozenset[str]:
    """Give the ids of the rules of decision tables that matched."""
    tables = [
        each for event in history if event.kind == "decision_evaluated" for each in event.data.get("decisions", ())
    ]
    return frozenset(rule for table in tables for rule in table.get("rules", ()))
