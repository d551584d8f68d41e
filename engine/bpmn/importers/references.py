"""What Flowable and Activiti let an event name directly, where the standard wants an element that has the name: the element is added."""

from __future__ import annotations

from lxml import etree

from engine.bpmn.importers.element import Report
from engine.bpmn.read.parts import bpmn, reference
from engine.bpmn.validate import Node
from engine.errors import Text

# {reference: (kind of element that it names, its attribute that holds the name)}
_NAMED = {
    "errorRef": ("error", "errorCode"),
    "escalationRef": ("escalation", "escalationCode"),
    "signalRef": ("signal", "name"),
    "messageRef": ("message", "name"),
}


def complete(root: Node, report: Report) -> None:
    """Add the errors, escalations, signals and messages that events name and nothing declares; the code or name is the id."""
    declared = {str(node.get("id")) for node in root.iter("*")}
    for node in list(root.iter(f"{bpmn('')}*")):
        for attribute, (kind, called) in _NAMED.items():
            target = reference(node.get(attribute))
            if not target or target in declared:
                continue
            declared.add(target)
            added = etree.Element(bpmn(kind), {"id": target, called: target})
            first = next((at for at, each in enumerate(root) if each.tag == bpmn("process")), 0)
            root.insert(first, added)
            report.tell(target, Text("{kind} {name} was not declared and is added", kind=kind, name=target))
