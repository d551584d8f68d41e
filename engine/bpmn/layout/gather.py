"""Gathers from a file what there is to draw. A draft may hold anything, so that what makes no sense is passed over."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.definition import ACTIVITIES, EVENTS, GATEWAYS, SUB_PROCESSES
from engine.bpmn.layout.picture import Box, Lane, Link, Picture, Scope
from engine.bpmn.read.parts import bpmn, local_name, reference, text_of
from engine.bpmn.validate import Node

EVENT, GATEWAY, TASK, BAND = (36, 36), (50, 50), (100, 80), (600, 60)
_SIZES = dict.fromkeys(ACTIVITIES, TASK) | dict.fromkeys(EVENTS, EVENT) | dict.fromkeys(GATEWAYS, GATEWAY)
SIZES = {kind.value: size for kind, size in _SIZES.items()}
ARTIFACTS = {"dataObjectReference": (36, 50), "dataStoreReference": (50, 50), "textAnnotation": (100, 50)}
SCOPES = frozenset(kind.value for kind in SUB_PROCESSES)
_DATA = ("dataInputAssociation", "dataOutputAssociation")


def gather(root: Node) -> list[Picture]:
    """Give the drawings of a file: one of its collaboration, and one of each process that is in none."""
    return _Gatherer(root).pictures


class _Gatherer:
    """Reads one file; boxes are known by id, the first of several with the same."""

    def __init__(self, root: Node) -> None:
        self.boxes: dict[str, Box] = {}
        self.pictures: list[Picture] = []
        processes = {id: node for node in root.iterchildren(bpmn("process")) if (id := node.get("id"))}
        for node in root.iterchildren(bpmn("collaboration")):
            if node.get("id") and node.find(bpmn("participant")) is not None:
                self._collaboration(node, processes)
        for id, node in processes.items():
            picture = Picture(id)
            self._process(node, Box(id, "process", 0, 0), picture)
            self.pictures.append(picture)
        self.pictures = [each for each in self.pictures if each.pools or any(scope.nodes for scope in each.scopes)]

    def _collaboration(self, node: Node, processes: dict[str, Node]) -> None:
        picture = Picture(str(node.get("id")))
        for participant in node.iterchildren(bpmn("participant")):
            box = self._box(participant, "participant", BAND)
            if box is None:
                continue
            picture.pools.append(box)
            process = processes.pop(reference(participant.get("processRef")), None)
            if process is not None:
                self._process(process, box, picture)
        for flow in node.iterchildren(bpmn("messageFlow")):
            if link := self._link(flow, flow.get("sourceRef"), flow.get("targetRef")):
                picture.messages.append(link)
        self.pictures.append(picture)

    def _process(self, process: Node, box: Box, picture: Picture) -> None:
        """Walk a process and its subprocesses, each scope before those in it."""
        pending = [(process, box)]
        while pending:
            node, box = pending.pop()
            scope = Scope(box)
            picture.scopes.append(scope)
            inner = self._nodes(node, scope)
            self._attach(node, scope)
            self._lines(node, scope)
            if box.kind not in SCOPES:
                scope.lanes = self._lanes(node)
            pending += reversed(inner)

    def _nodes(self, parent: Node, scope: Scope) -> list[tuple[Node, Box]]:
        inner = []
        for node in parent:
            kind = local_name(node)
            if kind in SIZES:
                box = self._box(node, kind, SIZES[kind])
                if box is not None:
                    scope.nodes.append(box)
                    if kind in SCOPES:
                        inner.append((node, box))
            elif kind in ARTIFACTS:
                box = self._box(node, kind, ARTIFACTS[kind])
                if box is not None:
                    scope.artifacts.append(box)
        return inner

    def _attach(self, parent: Node, scope: Scope) -> None:
        """Put boundary events on their activities; one that names none stays among the nodes."""
        here = {box.id: box for box in scope.nodes}
        for node in parent.iterchildren(bpmn("boundaryEvent")):
            box, host = here.get(node.get("id") or ""), here.get(reference(node.get("attachedToRef")))
            if box is not None and host is not None and host.kind in ACTIVITIES:
                box.host = host
                host.guests.append(box)
        scope.nodes = [box for box in scope.nodes if box.host is None]

    def _lines(self, parent: Node, scope: Scope) -> None:
        inside = {box.id for box in scope.nodes} | {guest.id for box in scope.nodes for guest in box.guests}
        for node in parent:
            kind = local_name(node)
            if kind in ("sequenceFlow", "association"):
                link = self._link(node, node.get("sourceRef"), node.get("targetRef"))
                if link is None:
                    continue
                orders = {link.source.id, link.target.id} <= inside and link.target.host is None
                if orders and (kind == "sequenceFlow" or link.source.host is not None):
                    scope.flows.append(link)
                elif kind == "association":
                    scope.dotted.append(link)
            elif node.get("id") in inside:
                scope.dotted += self._data(node)

    def _data(self, activity: Node) -> Iterator[Link]:
        """Give the data associations of an activity or event: drawn between the data and the element itself."""
        for node in activity.iterchildren(*map(bpmn, _DATA)):
            source, target = text_of(node.find(bpmn("sourceRef"))), text_of(node.find(bpmn("targetRef")))
            if local_name(node) == _DATA[0]:
                target = activity.get("id") or ""
            else:
                source = activity.get("id") or ""
            if link := self._link(node, source, target):
                yield link

    def _lanes(self, process: Node) -> list[Lane]:
        found: list[Lane] = []
        pending = [(lanes, found) for lanes in process.iterchildren(bpmn("laneSet"))]
        while pending:
            lanes, into = pending.pop(0)
            for node in lanes.iterchildren(bpmn("lane")):
                box = self._box(node, "lane", (0, 0))
                if box is None:
                    continue
                lane = Lane(box, members=[reference(text_of(each)) for each in node.iterchildren(bpmn("flowNodeRef"))])
                into.append(lane)
                pending += [(inner, lane.inner) for inner in node.iterchildren(bpmn("childLaneSet"))]
        return found

    def _box(self, node: Node, kind: str, size: tuple[int, int]) -> Box | None:
        id = node.get("id") or ""
        if not id or id in self.boxes:
            return None
        self.boxes[id] = Box(id, kind, *size, name=(node.get("name") or "").strip())
        return self.boxes[id]

    def _link(self, node: Node, source: str | None, target: str | None) -> Link | None:
        id = node.get("id") or ""
        begin, end = self.boxes.get(reference(source)), self.boxes.get(reference(target))
        if not (id and begin and end):
            return None
        return Link(id, local_name(node), begin, end, name=(node.get("name") or "").strip())
