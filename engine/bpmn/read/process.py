"""One process: walks its elements without recursion and links them into a ``Definition``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.bpmn.definition import ACTIVITIES, SCOPES, Definition, Element, EventKind, Flow, Kind
from engine.bpmn.read.data import DataNames
from engine.bpmn.read.elements import read_element
from engine.bpmn.read.extensions import check_extensions
from engine.bpmn.read.parts import Parts, local_name, reference
from engine.bpmn.read.reading import Reading
from engine.bpmn.read.roots import GLOBAL_TASKS, Roots, lane_names
from engine.bpmn.read.work import read_mappings, read_properties, read_work
from engine.bpmn.validate import Node
from engine.errors import Text

_KINDS = {kind.value: kind for kind in Kind if kind is not Kind.PROCESS}
# parts of a scope that are no flow nodes
_BESIDE = frozenset(
    {
        "artifact",
        "association",
        "auditing",
        "completionCondition",
        "correlationSubscription",
        "dataInputAssociation",
        "dataObject",
        "dataObjectReference",
        "dataOutputAssociation",
        "dataStoreReference",
        "documentation",
        "extensionElements",
        "group",
        "humanPerformer",
        "incoming",
        "ioBinding",
        "ioSpecification",
        "laneSet",
        "monitoring",
        "multiInstanceLoopCharacteristics",
        "outgoing",
        "performer",
        "potentialOwner",
        "property",
        "resourceRole",
        "standardLoopCharacteristics",
        "supportedInterfaceRef",
        "supports",
        "textAnnotation",
        "",
    }
)


def read_process(node: Node, roots: Roots, reading: Reading) -> Definition | None:
    """Read a process; None when it has no id or is too large to be read at all."""
    process_id = node.get("id") or ""
    if not process_id:
        reading.refuse(f"line {node.sourceline}", "id-missing", Text("a process has no id"), Text("give it an id"))
        return None
    begun = len(reading.problems)
    definition = _ProcessReader(node, process_id, roots, reading).read()
    if definition and not definition.executable:
        reading.soften(begun)
    return definition


def read_global_task(node: Node, roots: Roots, reading: Reading) -> Definition | None:
    """Read a global task as a process of that one task, so that a call activity can call it."""
    task_id = node.get("id") or ""
    if not task_id:
        reading.refuse(f"line {node.sourceline}", "id-missing", Text("a global task has no id"), Text("give it an id"))
        return None
    start, task, flow = f"{task_id}_start", f"{task_id}_task", f"{task_id}_flow"
    parts, kind, name = Parts(node), Kind(GLOBAL_TASKS[local_name(node)]), node.get("name") or ""
    check_extensions(parts, reading)
    element: dict[str, Any] = {
        "scope": task_id,
        "incoming": (flow,),
        "work": read_work(kind, parts, reading),
        "inputs": read_mappings(parts, "input", reading),
        "outputs": read_mappings(parts, "output", reading),
        "properties": read_properties(parts),
        "line": node.sourceline or 0,
    }
    elements = (
        Element(task_id, Kind.PROCESS, name, children=(start, task), starts=(start,)),
        Element(start, Kind.START_EVENT, scope=task_id, outgoing=(flow,)),
        Element(task, kind, name, **element),
    )
    return Definition(task_id, name, {e.id: e for e in elements}, {flow: Flow(flow, start, task)})


class _ProcessReader:
    """Reads one process: first every element by itself, then what links them."""

    def __init__(self, node: Node, process_id: str, roots: Roots, reading: Reading) -> None:
        self.node = node
        self.process_id = process_id
        self.roots = roots
        self.reading = reading
        self.names = DataNames(node, roots)
        self.fields: dict[str, dict[str, Any]] = {}  # {element id: fields of its Element}
        self.flows: dict[str, Flow] = {}
        self.lane_sets: list[Node] = []

    def read(self) -> Definition | None:
        parts = Parts(self.node)
        check_extensions(parts, self.reading)
        name = parts.get("name") or self.roots.participants.get(self.process_id, "")
        properties = read_properties(parts)
        self.fields[self.process_id] = {
            "kind": Kind.PROCESS,
            "name": name,
            "documentation": parts.text("documentation"),
            "properties": properties,
            "line": self.node.sourceline or 0,
        }
        if not self._walk():
            return None
        self._link()
        elements = {element_id: Element(id=element_id, **fields) for element_id, fields in self.fields.items()}
        return Definition(
            self.process_id,
            name,
            elements,
            self.flows,
            executable=parts.flag("isExecutable", default=False),
            version_tag=(parts.extension("versionTag") or {}).get("value") or "",
            documentation=parts.text("documentation"),
            history_ttl=properties.get("historyTimeToLive") or None,
        )

    # ---- the walk ----------------------------------------------------------------------------------------------------

    def _walk(self) -> bool:
        """Visit every element in document order; say whether the process was small enough to go on with."""
        limits = self.reading.limits
        pending: list[tuple[str, Iterator[Node]]] = [(self.process_id, iter(self.node))]
        while pending:
            scope, nodes = pending[-1]
            node = next(nodes, None)
            if node is None:
                pending.pop()
                continue
            if len(self.fields) + len(self.flows) > limits.elements:
                return self._too_large("elements", "flow nodes and sequence flows", limits.elements)
            tag = local_name(node)
            kind = _KINDS.get(tag)
            if kind is None:
                self._beside(tag, node)
                continue
            element_id = node.get("id") or ""
            if not self._is_new(element_id, tag, node):
                continue
            self.fields[element_id] = read_element(kind, Parts(node), scope, self.names, self.roots, self.reading)
            if kind in SCOPES:
                if len(pending) > limits.nesting:
                    return self._too_large("nesting", "levels of subprocesses", limits.nesting)
                pending.append((element_id, iter(node)))
        return True

    def _too_large(self, rule: str, what: str, limit: int) -> bool:
        self.reading.refuse(
            self.process_id,
            f"limit-{rule}",
            Text("the process has more than {limit} {what}", limit=limit, what=Text(what)),
            Text("split it into several processes that call one another"),
        )
        return False

    def _is_new(self, element_id: str, tag: str, node: Node) -> bool:
        if not element_id:
            self.reading.refuse(
                f"line {node.sourceline}", "id-missing", Text("a {kind} has no id", kind=tag), Text("give it an id")
            )
        longest = max(len(element_id), len(node.get("name") or ""))
        if longest > self.reading.limits.label:
            self.reading.refuse(
                f"line {node.sourceline}",
                "limit-label",
                Text(
                    "an id or a name has {length} characters; {limit} are allowed",
                    length=longest,
                    limit=self.reading.limits.label,
                ),
                Text("shorten it, and write the rest into the documentation"),
            )
        return bool(element_id) and element_id not in self.fields and element_id not in self.flows

    def _beside(self, tag: str, node: Node) -> None:
        if tag == "sequenceFlow":
            self._flow(node)
        elif tag == "laneSet":
            self.lane_sets.append(node)
        elif tag not in _BESIDE:
            self.reading.refuse(
                node.get("id") or f"line {node.sourceline}",
                "element-unsupported",
                Text("an element {kind} is not executed", kind=tag),
                Text("use another element, or move it out of the executable process"),
            )

    def _flow(self, node: Node) -> None:
        flow_id = node.get("id") or ""
        if not self._is_new(flow_id, "sequenceFlow", node):
            return
        parts = Parts(node)
        self.flows[flow_id] = Flow(
            flow_id,
            reference(parts.get("sourceRef")),
            reference(parts.get("targetRef")),
            self.reading.expression(parts.text("conditionExpression"), flow_id),
            parts.get("name"),
        )

    # ---- links -------------------------------------------------------------------------------------------------------

    def _link(self) -> None:
        self._link_flows()
        self._link_boundary_events()
        self._link_scopes()
        for node_id, lane in lane_names(self.lane_sets).items():
            if node_id in self.fields:
                self.fields[node_id]["lane"] = lane

    def _link_flows(self) -> None:
        incoming: dict[str, list[str]] = {}
        outgoing: dict[str, list[str]] = {}
        dangling = []
        for flow in self.flows.values():
            for what, end in (("sourceRef", flow.source), ("targetRef", flow.target)):
                if end not in self.fields or end == self.process_id:
                    self.reading.unknown(flow.id, what, end)
                    dangling.append(flow.id)
            outgoing.setdefault(flow.source, []).append(flow.id)
            incoming.setdefault(flow.target, []).append(flow.id)
        for flow_id in dangling:
            self.flows.pop(flow_id, None)
        for direction, flows in (("incoming", incoming), ("outgoing", outgoing)):
            for element_id, flow_ids in flows.items():
                if fields := self.fields.get(element_id):
                    fields[direction] = tuple(flow_id for flow_id in flow_ids if flow_id in self.flows)
                if len(flow_ids) > self.reading.limits.branches:
                    self._too_many_branches(element_id, len(flow_ids))
        for element_id, fields in self.fields.items():
            default = fields.get("default")
            if default and default not in fields.get("outgoing", ()):
                self.reading.unknown(element_id, "default", default)

    def _too_many_branches(self, element_id: str, count: int) -> None:
        limit = self.reading.limits.branches
        self.reading.refuse(
            element_id,
            "limit-branches",
            Text("{count} sequence flows meet here; {limit} are allowed", count=count, limit=limit),
            Text("use a multi-instance activity over a list"),
        )

    def _link_boundary_events(self) -> None:
        boundary: dict[str, list[str]] = {}
        for element_id, fields in self.fields.items():
            attached_to = fields.get("attached_to")
            if attached_to is None:
                continue
            if attached_to not in self.fields:
                self.reading.unknown(element_id, "attachedToRef", attached_to)
                continue
            boundary.setdefault(attached_to, []).append(element_id)
            if any(event.kind is EventKind.COMPENSATION for event in fields["events"]):
                linked = [other for other in self.roots.links.get(element_id, ()) if other in self.fields]
                handlers = [other for other in linked if self.fields[other]["kind"] in ACTIVITIES]
                fields["compensation_handler"] = handlers[0] if handlers else None
        for attached_to, events in boundary.items():
            self.fields[attached_to]["boundary"] = tuple(events)

    def _link_scopes(self) -> None:
        children: dict[str, list[str]] = {}
        for element_id, fields in self.fields.items():
            if element_id != self.process_id:
                children.setdefault(fields["scope"], []).append(element_id)
        for scope, inside in children.items():
            fields = self.fields[scope]
            fields["children"] = tuple(inside)
            fields["starts"] = tuple(
                child
                for child in inside
                if self.fields[child]["kind"] is Kind.START_EVENT and not self.fields[child]["events"]
            )
            fields["event_subprocesses"] = tuple(
                child for child in inside if self.fields[child].get("triggered_by_event")
            )
