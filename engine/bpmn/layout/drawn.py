"""Writes drawings into a file as BPMN diagram interchange.

Source: BPMN 2.0.2, chapter 12 (BPMN diagram interchange).
"""

from __future__ import annotations

from lxml import etree

from engine.bpmn.layout.compose import compose
from engine.bpmn.layout.gather import SCOPES, gather
from engine.bpmn.layout.picture import Bounds, Box, Lane, Link, Picture
from engine.bpmn.read.identify import identify
from engine.bpmn.read.parts import bpmn
from engine.bpmn.validate import Node, parse

BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
_PREFIXES = {"bpmndi": BPMNDI, "dc": DC, "di": DI}


def drawn(xml: bytes) -> bytes:
    """Give a file with a diagram: the same bytes where it has one or shows nothing, else with one laid out.

    Sequence flows without an id get one, since nothing else could say which line stands for them.

    Raises:
        Invalid: it is not XML, or not safe to read.
    """
    parse(xml)
    if BPMNDI.encode() in xml and next(_parsed(xml).iter(f"{{{BPMNDI}}}BPMNShape"), None) is not None:
        return xml
    root = _parsed(xml)
    identify(root)
    pictures = gather(root)
    if not pictures:
        return xml
    for empty in root.findall(f"{{{BPMNDI}}}BPMNDiagram"):
        root.remove(empty)
    used = {id for node in root.iter() if (id := node.get("id"))}
    for picture in pictures:
        compose(picture)
        _insert(root, _Writer(used).diagram(picture))
    tree = root.getroottree()
    encoding = tree.docinfo.encoding or "UTF-8"
    written = etree.tostring(tree, encoding=encoding, xml_declaration=True)
    assert isinstance(written, bytes)
    return written


def _parsed(xml: bytes) -> Node:
    # comments and processing instructions stay, unlike in what `parse` gives
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(xml, parser)


def _insert(root: Node, diagram: Node) -> None:
    """Put a diagram where the schema has it: after the root elements, before relationships."""
    follower = root.find(bpmn("relationship"))
    if follower is None:
        root.append(diagram)
    else:
        follower.addprevious(diagram)


class _Writer:
    """Writes one diagram; ``used`` are the ids that the file has already."""

    def __init__(self, used: set[str]) -> None:
        self.used = used

    def diagram(self, picture: Picture) -> Node:
        diagram = etree.Element(f"{{{BPMNDI}}}BPMNDiagram", {"id": self._id(picture.plane, "diagram")}, _PREFIXES)
        self.plane = self._add(diagram, f"{{{BPMNDI}}}BPMNPlane", picture.plane, "plane")
        for box in picture.pools:
            self._shape(box, isHorizontal="true")
        for scope in picture.scopes:
            self._lanes(scope.lanes)
            for box in (*scope.nodes, *scope.artifacts):
                self._node(box)
            for box in scope.nodes:
                for guest in box.guests:
                    self._shape(guest)
        for scope in picture.scopes:
            for link in (*scope.flows, *scope.dotted):
                self._edge(link)
        for link in picture.messages:
            self._edge(link)
        return diagram

    def _lanes(self, lanes: list[Lane]) -> None:
        pending = list(reversed(lanes))
        while pending:
            lane = pending.pop()
            self._shape(lane.box, isHorizontal="true")
            pending += reversed(lane.inner)

    def _node(self, box: Box) -> None:
        if box.kind in SCOPES:
            self._shape(box, isExpanded="true")
        elif box.kind == "exclusiveGateway":
            self._shape(box, isMarkerVisible="true")
        else:
            self._shape(box)

    def _shape(self, box: Box, **more: str) -> None:
        shape = self._add(self.plane, f"{{{BPMNDI}}}BPMNShape", box.id, "shape", **more)
        self._bounds(shape, box.bounds)
        self._label(shape, box.label)

    def _edge(self, link: Link) -> None:
        edge = self._add(self.plane, f"{{{BPMNDI}}}BPMNEdge", link.id, "edge")
        for x, y in link.points:
            etree.SubElement(edge, f"{{{DI}}}waypoint", {"x": str(x), "y": str(y)})
        self._label(edge, link.label)

    def _label(self, parent: Node, label: Bounds | None) -> None:
        if label is not None:
            self._bounds(etree.SubElement(parent, f"{{{BPMNDI}}}BPMNLabel"), label)

    def _bounds(self, parent: Node, bounds: Bounds) -> None:
        names = zip(("x", "y", "width", "height"), bounds, strict=True)
        etree.SubElement(parent, f"{{{DC}}}Bounds", {name: str(value) for name, value in names})

    def _add(self, parent: Node, tag: str, element: str, what: str, **more: str) -> Node:
        return etree.SubElement(parent, tag, {"id": self._id(element, what), "bpmnElement": element, **more})

    def _id(self, element: str, what: str) -> str:
        id = f"{element}_{what}"
        while id in self.used:
            id += "_"
        self.used.add(id)
        return id
