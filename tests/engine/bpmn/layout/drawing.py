"""A diagram as it stands in a file, and what must hold of every one that is laid out."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise

from lxml import etree

from engine.bpmn.validate import parse, schema_problems

NS = {
    "m": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "b": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
}
FRAMES = ("participant", "lane", "subProcess", "transaction", "adHocSubProcess")


@dataclass(frozen=True)
class Rectangle:
    x: float
    y: float
    width: float
    height: float

    def overlaps(self, other: Rectangle) -> bool:
        across = self.x < other.x + other.width and other.x < self.x + self.width
        return across and self.y < other.y + other.height and other.y < self.y + self.height

    def holds(self, other: Rectangle) -> bool:
        across = self.x <= other.x and other.x + other.width <= self.x + self.width
        return across and self.y <= other.y and other.y + other.height <= self.y + self.height

    def has_on_border(self, point: tuple[float, float]) -> bool:
        x, y = point
        inside = self.x <= x <= self.x + self.width and self.y <= y <= self.y + self.height
        return inside and (x in (self.x, self.x + self.width) or y in (self.y, self.y + self.height))


class Drawing:
    """The shapes and edges of one plane, and the elements they stand for."""

    def __init__(self, xml: bytes, number: int = 0) -> None:
        assert schema_problems(parse(xml)) == ()
        root = etree.fromstring(xml)
        self.elements = {node.get("id"): node for node in root.iter("{*}*") if node.get("id")}
        plane = root.findall("b:BPMNDiagram/b:BPMNPlane", NS)[number]
        self.shapes = {
            shape.get("bpmnElement"): Rectangle(*(float(shape.find("dc:Bounds", NS).get(key)) for key in _BOUNDS))
            for shape in plane.findall("b:BPMNShape", NS)
        }
        self.labels = {
            drawn.get("bpmnElement"): Rectangle(*(float(bounds.get(key)) for key in _BOUNDS))
            for drawn in plane
            for bounds in drawn.iterfind("b:BPMNLabel/dc:Bounds", NS)
        }
        self.edges = {
            edge.get("bpmnElement"): [(float(p.get("x")), float(p.get("y"))) for p in edge.findall("di:waypoint", NS)]
            for edge in plane.findall("b:BPMNEdge", NS)
        }

    def kind(self, id: str) -> str:
        return etree.QName(self.elements[id]).localname

    def ends(self, id: str) -> tuple[str, str]:
        node = self.elements[id]
        return node.get("sourceRef"), node.get("targetRef")

    def around(self, id: str) -> set[str]:
        """The frames that an element lies in, pools and lanes included."""
        found = {above.get("id") for above in self.elements[id].iterancestors()}
        for pool in (each for each in self.shapes if self.kind(each) == "participant"):
            if self.elements[pool].get("processRef") in {*found, id}:
                found.add(pool)
        return found

    def judge(self) -> None:
        """No two shapes overlap, frames hold what is in them, flows begin and end at borders, turn at right angles and cross nothing."""
        nodes = [id for id in self.shapes if self.kind(id) not in ("lane", "participant")]
        for one, other in combinations(nodes, 2):
            if one in self.around(other) or other in self.around(one) or self._sits_on(one, other):
                continue
            assert not self.shapes[one].overlaps(self.shapes[other]), (one, other)
        for id in nodes:
            for frame in self.around(id) & self.shapes.keys():
                assert self.shapes[frame].holds(self.shapes[id]), (frame, id)
        for id, points in self.edges.items():
            if self.kind(id) in ("sequenceFlow", "messageFlow"):
                self._judge_flow(id, points, nodes)

    def hidden(self) -> list[tuple[str, str]]:
        """Names that stand on a shape, on a line or on another name, each with that."""
        found = []
        for id, label in self.labels.items():
            shapes = [
                each for each in self.shapes if self.kind(each) not in FRAMES and self.shapes[each].overlaps(label)
            ]
            lines = [
                each
                for each, points in self.edges.items()
                if any(_line(*ends).overlaps(label) for ends in pairwise(points))
            ]
            names = [each for each, other in self.labels.items() if each != id and other.overlaps(label)]
            found += [(id, each) for each in (*shapes, *lines, *names)]
        return found

    def _sits_on(self, one: str, other: str) -> bool:
        return self.elements[one].get("attachedToRef") == other or self.elements[other].get("attachedToRef") == one

    def _judge_flow(self, id: str, points: list[tuple[float, float]], nodes: list[str]) -> None:
        source, target = self.ends(id)
        assert self.shapes[source].has_on_border(points[0]), id
        assert self.shapes[target].has_on_border(points[-1]), id
        for (x1, y1), (x2, y2) in pairwise(points):
            assert x1 == x2 or y1 == y2, (id, "runs aslant")
            if self.kind(id) == "sequenceFlow":
                stretch = _line((x1, y1), (x2, y2))
                for node in nodes:
                    if node not in self.around(id) and self.kind(node) != "boundaryEvent":
                        assert not _inner(self.shapes[node]).overlaps(stretch), (id, "crosses", node)


_BOUNDS = ("x", "y", "width", "height")


def _line(one: tuple[float, float], other: tuple[float, float]) -> Rectangle:
    (x1, y1), (x2, y2) = one, other
    return Rectangle(min(x1, x2), min(y1, y2), abs(x1 - x2) or 0.1, abs(y1 - y2) or 0.1)


def _inner(shape: Rectangle) -> Rectangle:
    return Rectangle(shape.x + 1, shape.y + 1, shape.width - 2, shape.height - 2)
