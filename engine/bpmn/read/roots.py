"""What stands beside the processes of a file and is referred to from inside them: messages, signals, errors, events."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from engine.bpmn.read.parts import Parts, bpmn, local_name, reference, text_of, title
from engine.bpmn.read.reading import Reading
from engine.bpmn.validate import Node
from engine.feel import Expression

GLOBAL_TASKS = {
    "globalTask": "task",
    "globalUserTask": "userTask",
    "globalManualTask": "manualTask",
    "globalScriptTask": "scriptTask",
    "globalBusinessRuleTask": "businessRuleTask",
}


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the file: its name, and the correlation key of its subscriptions."""

    name: Expression | None
    key: Expression | None


@dataclass(slots=True)
class Roots:
    """Root elements by id.

    Attributes:
        messages, signals: {id: message}, {id: name}.
        errors, escalations: {id: code}; None where it has no code.
        events: {id: event definition element} of those that several events share.
        participants: {process id: name of its pool}.
        processes, global_tasks: their elements, in document order.
        message_names: {id: name as written}.
        data_stores: ids of data stores and of the references to them.
        links: {id: ids that it is associated with}, both ways, since tools differ in which end they call the source.
    """

    messages: dict[str, Message] = field(default_factory=dict)
    signals: dict[str, Expression | None] = field(default_factory=dict)
    errors: dict[str, str | None] = field(default_factory=dict)
    escalations: dict[str, str | None] = field(default_factory=dict)
    events: dict[str, Node] = field(default_factory=dict)
    participants: dict[str, str] = field(default_factory=dict)
    processes: list[Node] = field(default_factory=list)
    global_tasks: list[Node] = field(default_factory=list)
    message_names: dict[str, str] = field(default_factory=dict)
    data_stores: set[str] = field(default_factory=set)
    links: dict[str, list[str]] = field(default_factory=dict)


def read_roots(root: Node, reading: Reading) -> Roots:
    """Read the root elements, and what may stand anywhere: associations and data stores."""
    roots = Roots()
    roots.data_stores = {str(node.get("id")) for node in root.iter(bpmn("dataStore"), bpmn("dataStoreReference"))}
    for association in root.iter(bpmn("association")):
        source, target = reference(association.get("sourceRef")), reference(association.get("targetRef"))
        roots.links.setdefault(source, []).append(target)
        roots.links.setdefault(target, []).append(source)
    for node in root:
        kind = local_name(node)
        element_id = node.get("id") or ""
        if kind == "process":
            roots.processes.append(node)
        elif kind in GLOBAL_TASKS:
            roots.global_tasks.append(node)
        elif kind == "message":
            roots.message_names[element_id] = node.get("name") or ""
            roots.messages[element_id] = _message(node, reading)
        elif kind == "signal":
            roots.signals[element_id] = reading.expression(node.get("name"), element_id)
        elif kind == "error":
            roots.errors[element_id] = node.get("errorCode") or None
        elif kind == "escalation":
            roots.escalations[element_id] = node.get("escalationCode") or None
        elif kind.endswith("EventDefinition"):
            roots.events[element_id] = node
        elif kind == "collaboration":
            for participant in node:
                if local_name(participant) == "participant" and participant.get("processRef"):
                    roots.participants[reference(participant.get("processRef"))] = title(participant)
    return roots


def _message(node: Node, reading: Reading) -> Message:
    element_id = node.get("id") or ""
    subscription = Parts(node).extension("subscription") or {}
    return Message(
        name=reading.expression(node.get("name"), element_id),
        key=reading.expression(subscription.get("correlationKey"), element_id),
    )


def lane_names(lane_sets: list[Node]) -> dict[str, str]:
    """Give {flow node id: name of its innermost lane}."""
    names: dict[str, str] = {}
    pending = deque(lane_sets)
    while pending:  # outer lanes come before inner ones, which overwrite them
        for lane in pending.popleft():
            for part in lane:
                kind = local_name(part)
                if kind == "flowNodeRef":
                    names[reference(text_of(part))] = title(lane) or lane.get("id") or ""
                elif kind == "childLaneSet":
                    pending.append(part)
    return names
