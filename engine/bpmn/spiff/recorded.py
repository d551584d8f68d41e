"""A run of ours as the other runtime needs it: its history read back into answers, and into what it came to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from engine.bpmn.definition import Definition, JobWork, Kind
from engine.bpmn.spiff.excluded import ANSWERED
from engine.bpmn.spiff.oracle import Answers, Happens, Trace
from engine.model.json import Variables


class Line(Protocol):
    """One line of history, of the runtime or of the harness."""

    @property
    def kind(self) -> str:
        """What happened."""
        ...

    @property
    def element_id(self) -> str:
        """Where."""
        ...

    @property
    def data(self) -> Any:
        """Of ``variables_set``: {name: [before, after]}."""
        ...


def recorded(
    definition: Definition, history: Iterable[Line], variables: Variables, waiting: Iterable[str] = ()
) -> tuple[Answers, Trace]:
    """Read a run's history back.

    Args:
        history: of one instance, oldest first.
        variables: of the process, at the end.
        waiting: ids of the elements that are live at the end.

    Returns:
        What the outside answered, for ``compare``; and what the run came to.
    """
    answers: dict[str, list[Variables | Happens]] = {}
    completed: list[str] = []
    written: dict[str, dict[str, Any]] = {}
    for line in history:
        if line.kind == "variables_set":
            written.setdefault(line.element_id, {}).update({name: after for name, (_, after) in line.data.items()})
        elif line.kind == "element_completed":
            completed.append(line.element_id)
            values = written.pop(line.element_id, {})
            asked, event = _answered(definition, line.element_id)
            if asked:
                answers.setdefault(asked, []).append(Happens(event, values) if event else values)
    trace = Trace(tuple(completed), variables, tuple(sorted(each for each in waiting if _waits(definition, each))))
    return answers, trace


def _answered(definition: Definition, element_id: str) -> tuple[str, str]:
    """Give (element that was answered, event that happened to it); empty where the outside had no part."""
    element = definition.elements[element_id]
    if element.attached_to:
        return element.attached_to, element_id
    if element.kind is Kind.CATCH_EVENT and _waits(definition, element_id):
        for flow in element.incoming:
            source = definition.elements[definition.flows[flow].source]
            if source.kind is Kind.EVENT_BASED_GATEWAY:
                return source.id, element_id
        return element_id, ""
    if element.kind in ANSWERED or isinstance(element.work, JobWork):
        return element_id, ""
    return "", ""


def _waits(definition: Definition, element_id: str) -> bool:
    """Say whether an element itself waits for the outside, and not for what is inside it or for other tokens."""
    element = definition.elements[element_id]
    if element.kind is Kind.CATCH_EVENT:
        return not any(event.link for event in element.events)
    return element.kind in ANSWERED or element.kind is Kind.EVENT_BASED_GATEWAY or isinstance(element.work, JobWork)
