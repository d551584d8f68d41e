"""Rules about loops and multi-instance activities."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.definition import ACTIVITIES, Element, EventKind, MultiInstance, StandardLoop
from engine.bpmn.progress import Limits
from engine.bpmn.rules.rule import Finding, Subject, known, rule
from engine.errors import Text

_THROWN = frozenset({EventKind.SIGNAL, EventKind.MESSAGE, EventKind.ESCALATION, EventKind.ERROR})


def _multi_instances(subject: Subject) -> Iterator[tuple[Element, MultiInstance]]:
    for element in subject.of(*ACTIVITIES):
        if isinstance(element.loop, MultiInstance):
            yield element, element.loop


@rule("loop-endless")
def loop_endless(subject: Subject) -> Iterator[Finding]:
    """A standard loop has a condition or a maximum."""
    for element in subject.of(*ACTIVITIES):
        loop = element.loop
        if isinstance(loop, StandardLoop) and loop.condition is None and loop.maximum is None:
            yield Finding(
                element.id,
                Text("the loop of {element} never ends", element=element.name or element.id),
                Text("give it a condition or a maximum"),
            )


@rule("loop-maximum")
def loop_maximum(subject: Subject) -> Iterator[Finding]:
    """A standard loop may run at least once."""
    for element in subject.of(*ACTIVITIES):
        loop = element.loop
        if isinstance(loop, StandardLoop) and loop.maximum is not None and loop.maximum < 1:
            yield Finding(
                element.id,
                Text(
                    "the loop of {element} may run {count} times",
                    element=element.name or element.id,
                    count=loop.maximum,
                ),
                Text("use a maximum of 1 or more"),
            )


@rule("multi-instance-count")
def multi_instance_count(subject: Subject) -> Iterator[Finding]:
    """A multi-instance activity says how often it runs: by a collection, or by a number within bounds."""
    limit = Limits().multi_instance
    for element, loop in _multi_instances(subject):
        if loop.collection is None and loop.cardinality is None:
            yield Finding(
                element.id,
                Text("{element} does not say how often it runs", element=element.name or element.id),
                Text("give it an input collection, such as =rooms, or a cardinality"),
            )
        elif loop.collection is not None:
            items = known(loop.collection)
            if items is not None and not isinstance(items, list):
                yield Finding(
                    element.id,
                    Text(
                        "{element} cannot run over {items}", element=element.name or element.id, items=str(items)[:80]
                    ),
                    Text("give it a list, such as =rooms, or a cardinality"),
                )
        elif loop.cardinality is not None:
            count = known(loop.cardinality)
            if count is not None and (not isinstance(count, int) or not 0 <= count <= limit):
                yield Finding(
                    element.id,
                    Text("{element} cannot run {count} times", element=element.name or element.id, count=count),
                    Text("use a whole number from 0 to {limit}, or an expression with =", limit=limit),
                )


@rule("multi-instance-output")
def multi_instance_output(subject: Subject) -> Iterator[Finding]:
    """An output collection and an output element come together."""
    for element, loop in _multi_instances(subject):
        if bool(loop.output_collection) != bool(loop.output_element):
            yield Finding(
                element.id,
                Text("{element} has only half of its output", element=element.name or element.id),
                Text("give it both an output collection and an output element, or neither"),
            )


@rule("multi-instance-behavior")
def multi_instance_behavior(subject: Subject) -> Iterator[Finding]:
    """A multi-instance activity that throws events says which ones."""
    for element, loop in _multi_instances(subject):
        events = [loop.event] if loop.event else [event for _, event in loop.complex_events]
        if loop.behavior != "All" and not events:
            yield Finding(
                element.id,
                Text("{element} should throw an event but names none", element=element.name or element.id),
                Text("name an event, or set its behavior to All"),
            )
        for event in events:
            if event.kind not in _THROWN:
                yield Finding(
                    element.id,
                    Text(
                        "{element} cannot throw a {kind} event",
                        element=element.name or element.id,
                        kind=event.kind.value,
                    ),
                    Text("use a signal, message, escalation or error"),
                )
