"""Ids for sequence flows that have none: BPMN lets them go without, history and drawings cannot.

Source: BPMN 2.0.2, table 8.5 (the id of an element is optional).
"""

from __future__ import annotations

from engine.bpmn.read.parts import bpmn, reference
from engine.bpmn.validate import Node


def identify(root: Node) -> None:
    """Give every sequence flow that has no id one that says where it leads, the same whenever the same file is read."""
    nameless = [node for node in root.iter(bpmn("sequenceFlow")) if not node.get("id")]
    if not nameless:
        return
    used = {id for node in root.iter("*") if (id := node.get("id"))}
    for node in nameless:
        id = first = f"{reference(node.get('sourceRef'))}_to_{reference(node.get('targetRef'))}"
        number = 1
        while id in used:
            number += 1
            id = f"{first}_{number}"
        used.add(id)
        node.set("id", id)
