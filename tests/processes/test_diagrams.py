"""Diagrams that a person is glad to read: everything is drawn, nothing lies on anything else, lines run straight and go around boxes."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import etree

PROCESSES = Path(__file__).parents[2] / "processes"
DIAGRAMS = sorted(PROCESSES.glob("*/*.bpmn"))
NODES = ("task", "Task", "subProcess", "callActivity", "Gateway", "startEvent", "endEvent", "CatchEvent", "ThrowEvent")


def planes(path):
    root = etree.parse(path).getroot()
    kinds = {node.get("id"): etree.QName(node).localname for node in root.iter("{*}*") if node.get("id")}
    for plane in root.iter("{*}BPMNPlane"):
        boxes, lines = {}, {}
        for node in plane:
            element = node.get("bpmnElement")
            if etree.QName(node).localname == "BPMNShape":
                bounds = node.find("{*}Bounds")
                boxes[element] = tuple(float(bounds.get(name)) for name in ("x", "y", "width", "height"))
            else:
                lines[element] = [(float(each.get("x")), float(each.get("y"))) for each in node.iter("{*}waypoint")]
        yield plane.get("id"), kinds, boxes, lines


PLANES = [pytest.param(path, plane, id=plane[0]) for path in DIAGRAMS for plane in planes(path)]


def is_node(kind):
    return any(kind.endswith(each) for each in NODES)


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)
def test_every_property_of_a_diagram_is_one_that_somebody_reads(path):
    """A property that the page does not know has no effect; whoever edits it would wait for one."""
    page = (PROCESSES.parent / "docs" / "reference" / "properties.md").read_text(encoding="utf-8")
    known = {
        name
        for line in page.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    said = {node.get("name") for node in etree.parse(path).getroot().iter("{*}property")}

    assert said <= known


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)
def test_everything_is_drawn_once(path):
    root = etree.parse(path).getroot()
    drawn = [node.get("bpmnElement") for node in root.iter("{*}BPMNShape", "{*}BPMNEdge")]
    there = {
        node.get("id")
        for node in root.iter("{http://www.omg.org/spec/BPMN/20100524/MODEL}*")
        if is_node(etree.QName(node).localname)
        or etree.QName(node).localname in ("boundaryEvent", "sequenceFlow", "lane")
    }

    assert there <= set(drawn)
    assert len(drawn) == len(set(drawn))


@pytest.mark.parametrize(("path", "plane"), PLANES)
def test_no_two_elements_lie_on_each_other(path, plane):
    _, kinds, boxes, _ = plane
    nodes = [(id_, box) for id_, box in boxes.items() if is_node(kinds[id_])]
    overlaps = [
        (one, other)
        for index, (one, a) in enumerate(nodes)
        for other, b in nodes[index + 1 :]
        if a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]
    ]

    assert overlaps == []


@pytest.mark.parametrize(("path", "plane"), PLANES)
def test_lines_run_straight_and_around_the_boxes(path, plane):
    _, kinds, boxes, lines = plane
    nodes = {id_: box for id_, box in boxes.items() if is_node(kinds[id_])}
    wrong = []
    for id_, points in lines.items():
        for (x1, y1), (x2, y2) in pairwise(points):
            if x1 != x2 and y1 != y2:
                wrong.append(f"{id_} runs slanted")
            left, right, top, bottom = min(x1, x2), max(x1, x2), min(y1, y2), max(y1, y2)
            wrong += [
                f"{id_} runs through {node}"
                for node, (x, y, width, height) in nodes.items()
                if left < x + width - 1 and right > x + 1 and top < y + height - 1 and bottom > y + 1
            ]

    assert wrong == []


@pytest.mark.parametrize(("path", "plane"), PLANES)
def test_lines_do_not_cross(path, plane):
    _, _, _, lines = plane
    level, upright = [], []
    for id_, points in lines.items():
        for (x1, y1), (x2, y2) in pairwise(points):
            (level if y1 == y2 else upright).append((id_, min(x1, x2), max(x1, x2), min(y1, y2), max(y1, y2)))
    crossings = {
        (a[0], b[0])
        for a in level
        for b in upright
        if a[0] != b[0] and a[1] + 1 < b[1] < a[2] - 1 and b[3] + 1 < a[3] < b[4] - 1
    }
    # lines that share a stretch, such as the branches of one gateway, meet and do not cross
    ends = {id_: (points[0], points[-1]) for id_, points in lines.items()}
    real = {(a, b) for a, b in crossings if ends[a][0] != ends[b][0] and ends[a][1] != ends[b][1]}

    assert sorted(real) == []
