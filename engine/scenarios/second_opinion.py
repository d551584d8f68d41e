"""A second opinion on what a scenario came to: the same instances on SpiffWorkflow's own runtime, where it executes their diagrams."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.bpmn.definition import Definition
from engine.bpmn.spiff import compare, excluded, recorded
from engine.testing import Harness


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the other runtime says of one instance.

    Attributes:
        differences: how its run differs; none when both agree.
        not_asked: the constructs for which it is not asked, as ``element: construct``; none when it was.
    """

    process_id: str
    differences: tuple[str, ...] = ()
    not_asked: tuple[str, ...] = ()


def opinions(harness: Harness, definitions: dict[str, Definition], *, now: datetime) -> tuple[Opinion, ...]:
    """Ask about every instance of some processes; ``now`` is when the scenario began."""
    return tuple(
        _opinion(harness, definition, key, now)
        for process_id, definition in sorted(definitions.items())
        for key in harness.instances(process_id)
    )


def _opinion(harness: Harness, definition: Definition, key: str, now: datetime) -> Opinion:
    why_not = excluded(definition)
    if why_not:
        return Opinion(definition.process_id, not_asked=why_not)
    lines = harness.history(key)
    begun = next(line.data for line in lines if line.kind == "instance_started")
    answers, ours = recorded(definition, lines, harness.variables(key), harness.active(key))
    zone = harness.engine.zone
    return Opinion(
        definition.process_id,
        tuple(map(str, compare(definition, begun["variables"], answers, ours, now=now, zone=zone))),
    )
