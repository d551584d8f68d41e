"""What links the elements of one process, once each of them was read by itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.bpmn.definition import ACTIVITIES, EventKind, Flow, Kind
from engine.bpmn.read.reading import Reading
from engine.bpmn.read.roots import Roots, lane_names
from engine.bpmn.validate import Node
from engine.errors import Text


@dataclass(slots=True)
class Draft:
    """A process while it is read.

    Attributes:
        fields: {element id: fields of its ``Element``}, the process included, in document order.
        flows: {id: flow}.
        lane_sets: elements that hold lanes, outermost first.
    """

    process_id: str
    roots: Roots
    reading: Reading
    fields: dict[str, dict[str, Any]] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    lane_sets: list[Node] = field(default_factory=list)


def link(draft: Draft) -> None:
    """Link the elements of a draft: flows, boundary events with their handlers, scopes, lanes."""
    _link_flows(draft)
    _link_boundary_events(draft)
    _link_scopes(draft)
    for node_id, lane in lane_names(draft.lane_sets).items():
        if node_id in draft.fields:
            draft.fields[node_id]["lane"] = lane


def _link_flows(draft: Draft) -> None:
    incoming: dict[str, list[str]] = {}
    outgoing: dict[str, list[str]] = {}
    dangling = []
    for flow in draft.flows.values():
        for what, end in (("sourceRef", flow.source), ("targetRef", flow.target)):
            if end not in draft.fields or end == draft.process_id:
                draft.reading.unknown(flow.id, what, end)
                dangling.append(flow.id)
        outgoing.setdefault(flow.source, []).append(flow.id)
        incoming.setdefault(flow.target, []).append(flow.id)
    for flow_id in dangling:
        draft.flows.pop(flow_id, None)
    for direction, flows in (("incoming", incoming), ("outgoing", outgoing)):
        for element_id, flow_ids in flows.items():
            if fields := draft.fields.get(element_id):
                fields[direction] = tuple(flow_id for flow_id in flow_ids if flow_id in draft.flows)
            if len(flow_ids) > draft.reading.limits.branches:
                _too_many_branches(draft, element_id, len(flow_ids))
    for element_id, fields in draft.fields.items():
        default = fields.get("default")
        if default in draft.flows and default not in fields.get("outgoing", ()):
            draft.reading.refuse(
                element_id,
                "reference-unknown",
                Text("the default flow {flow} does not begin at {element}", flow=default, element=element_id),
                Text("choose one of the flows that lead out of it"),
            )
        elif default and default not in fields.get("outgoing", ()):
            draft.reading.unknown(element_id, "default", default)


def _too_many_branches(draft: Draft, element_id: str, count: int) -> None:
    limit = draft.reading.limits.branches
    draft.reading.refuse(
        element_id,
        "limit-branches",
        Text("{count} sequence flows meet here; {limit} are allowed", count=count, limit=limit),
        Text("use a multi-instance activity over a list"),
    )


def _link_boundary_events(draft: Draft) -> None:
    boundary: dict[str, list[str]] = {}
    for element_id, fields in draft.fields.items():
        attached_to = fields.get("attached_to")
        if attached_to is None:
            continue
        if attached_to not in draft.fields:
            draft.reading.unknown(element_id, "attachedToRef", attached_to)
            continue
        boundary.setdefault(attached_to, []).append(element_id)
        if any(event.kind is EventKind.COMPENSATION for event in fields["events"]):
            linked = [other for other in draft.roots.links.get(element_id, ()) if other in draft.fields]
            handlers = [other for other in linked if draft.fields[other]["kind"] in ACTIVITIES]
            fields["compensation_handler"] = handlers[0] if handlers else None
    for attached_to, events in boundary.items():
        draft.fields[attached_to]["boundary"] = tuple(events)


def _link_scopes(draft: Draft) -> None:
    children: dict[str, list[str]] = {}
    for element_id, fields in draft.fields.items():
        if element_id != draft.process_id:
            children.setdefault(fields["scope"], []).append(element_id)
    for scope, inside in children.items():
        fields = draft.fields[scope]
        fields["children"] = tuple(inside)
        fields["starts"] = tuple(
            child
            for child in inside
            if draft.fields[child]["kind"] is Kind.START_EVENT and not draft.fields[child]["events"]
        )
        fields["event_subprocesses"] = tuple(child for child in inside if draft.fields[child].get("triggered_by_event"))
