"""One process: walks its elements without recursion and links them into a ``Definition``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.bpmn.definition import SCOPES, Definition, Element, Flow, Kind
from engine.bpmn.read.data import DataNames
from engine.bpmn.read.elements import read_element
from engine.bpmn.read.extensions import check_extensions
from engine.bpmn.read.links import Draft, link
from engine.bpmn.read.parts import Parts, local_name, reference, title
from engine.bpmn.read.reading import Reading
from engine.bpmn.read.roots import GLOBAL_TASKS, Roots
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
    start, task, end = f"{task_id}_start", f"{task_id}_task", f"{task_id}_end"
    flow, last = f"{task_id}_flow", f"{task_id}_last"
    parts, kind, name = Parts(node), Kind(GLOBAL_TASKS[local_name(node)]), title(node)
    check_extensions(parts, reading)
    element: dict[str, Any] = {
        "scope": task_id,
        "incoming": (flow,),
        "outgoing": (last,),
        "work": read_work(kind, parts, reading),
        "inputs": read_mappings(parts, "input", reading),
        "outputs": read_mappings(parts, "output", reading),
        "properties": read_properties(parts),
        "line": node.sourceline or 0,
    }
    elements = (
        Element(task_id, Kind.PROCESS, name, children=(start, task, end), starts=(start,)),
        Element(start, Kind.START_EVENT, scope=task_id, outgoing=(flow,)),
        Element(task, kind, name, **element),
        Element(end, Kind.END_EVENT, scope=task_id, incoming=(last,)),
    )
    flows = {flow: Flow(flow, start, task), last: Flow(last, task, end)}
    return Definition(task_id, name, {e.id: e for e in elements}, flows)


class _ProcessReader:
    """Reads one process: first every element by itself, then what links them."""

    def __init__(self, node: Node, process_id: str, roots: Roots, reading: Reading) -> None:
        self.node = node
        self.process_id = process_id
        self.roots = roots
        self.reading = reading
        self.names = DataNames(node, roots)
        self.draft = Draft(process_id, roots, reading)

    def read(self) -> Definition | None:
        parts = Parts(self.node)
        check_extensions(parts, self.reading)
        name = title(self.node) or self.roots.participants.get(self.process_id, "")
        properties = read_properties(parts)
        self.draft.fields[self.process_id] = {
            "kind": Kind.PROCESS,
            "name": name,
            "documentation": parts.text("documentation"),
            "properties": properties,
            "line": self.node.sourceline or 0,
        }
        if not self._walk():
            return None
        link(self.draft)
        elements = {element_id: Element(id=element_id, **fields) for element_id, fields in self.draft.fields.items()}
        return Definition(
            self.process_id,
            name,
            elements,
            self.draft.flows,
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
            if len(self.draft.fields) + len(self.draft.flows) > limits.elements:
                return self._too_large("elements", Text("flow nodes and sequence flows"), limits.elements)
            tag = local_name(node)
            kind = _KINDS.get(tag)
            if kind is None:
                self._beside(tag, node)
                continue
            element_id = node.get("id") or ""
            if not self._is_new(element_id, tag, node):
                continue
            self.draft.fields[element_id] = read_element(kind, Parts(node), scope, self.names, self.roots, self.reading)
            if kind in SCOPES:
                if len(pending) > limits.nesting:
                    return self._too_large("nesting", Text("levels of subprocesses"), limits.nesting)
                pending.append((element_id, iter(node)))
        return True

    def _too_large(self, rule: str, what: Text, limit: int) -> bool:
        self.reading.refuse(
            self.process_id,
            f"limit-{rule}",
            Text("the process has more than {limit} {what}", limit=limit, what=what),
            Text("split it into several processes that call one another"),
        )
        return False

    def _is_new(self, element_id: str, tag: str, node: Node) -> bool:
        if not element_id:
            self.reading.refuse(
                f"line {node.sourceline}",
                "id-missing",
                Text("an element {kind} has no id", kind=tag),
                Text("give it an id"),
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
        return bool(element_id) and element_id not in self.draft.fields and element_id not in self.draft.flows

    def _beside(self, tag: str, node: Node) -> None:
        if tag == "sequenceFlow":
            self._flow(node)
        elif tag == "laneSet":
            self.draft.lane_sets.append(node)
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
        check_extensions(parts, self.reading)
        self.draft.flows[flow_id] = Flow(
            flow_id,
            reference(parts.get("sourceRef")),
            reference(parts.get("targetRef")),
            self.reading.expression(parts.text("conditionExpression"), flow_id),
            title(node),
        )
