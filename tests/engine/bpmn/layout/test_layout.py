"""What has no diagram gets one that a person can read; what has one keeps it."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.bpmn.layout import drawn
from engine.bpmn.validate import LIMITS
from tests.engine.bpmn.layout.drawing import Drawing
from tests.engine.diagrams import (
    HEAD,
    boundary,
    catch,
    diagram,
    end,
    flows,
    on_message,
    on_timer,
    parallel,
    start,
    user,
)


def laid_out(*parts: str, roots: str = "") -> Drawing:
    return Drawing(drawn(diagram(*parts, roots=roots)))


def test_a_line_of_steps_runs_from_left_to_right_without_a_corner():
    made = laid_out(start(), user("a"), user("b"), end(), flows("start>a", "a>b", "b>end"))

    made.judge()
    order = [made.shapes[id].x for id in ("start", "a", "b", "end")]
    assert order == sorted(order)
    assert all(len(points) == 2 for points in made.edges.values())


def test_the_longer_way_goes_straight_on_and_the_branch_lies_beneath():
    made = laid_out(
        start(), '<exclusiveGateway id="g"/>', user("short"), user("a"), user("b"), '<exclusiveGateway id="m"/>', end(),
        flows("start>g", "g>short", "g>a", "a>b", "b>m", "short>m", "m>end"),
    )  # fmt: skip

    made.judge()
    middle = {id: shape.y + shape.height / 2 for id, shape in made.shapes.items()}
    assert middle["start"] == middle["g"] == middle["a"] == middle["b"] == middle["m"] == middle["end"]
    assert middle["short"] > middle["a"]


def test_a_way_back_passes_beneath_what_it_repeats():
    made = laid_out(start(), user("a"), user("b"), user("c"), end(), flows("start>a", "a>b", "b>c", "c>end", "c>a"))

    made.judge()
    assert made.shapes["a"].x < made.shapes["b"].x < made.shapes["c"].x
    assert max(y for _, y in made.edges["c_a"]) > made.shapes["b"].y + made.shapes["b"].height


def test_boundary_events_sit_on_the_lower_border_and_their_flows_leave_downwards():
    made = laid_out(
        start(), user("a"), boundary("late", "a", on_timer("PT1H")), boundary("later", "a", on_timer("PT2H")),
        user("remind"), user("call"), end(), flows("start>a", "a>end", "late>remind", "later>call"),
    )  # fmt: skip

    made.judge()
    host = made.shapes["a"]
    for id in ("late", "later"):
        event = made.shapes[id]
        assert event.y + event.height / 2 == host.y + host.height
        assert host.x < event.x and event.x + event.width < host.x + host.width
        assert made.edges[f"{id}_{'remind' if id == 'late' else 'call'}"][0][1] == event.y + event.height
    assert not made.shapes["late"].overlaps(made.shapes["later"])


def test_names_of_flows_and_boundary_events_hide_nothing():
    def named(flow: str, name: str) -> str:
        source, target = flow.split(">")
        return f'<sequenceFlow id="{source}_{target}" name="{name}" sourceRef="{source}" targetRef="{target}"/>'

    made = laid_out(
        start(), user("a"), user("b"), '<exclusiveGateway id="g" name="Good?"/>', user("c"), end(), user("tell"),
        boundary("late", "a", on_timer("PT1H")).replace('id="late"', 'id="late" name="1 h"'),
        boundary("off", "b", on_timer("PT2H")).replace('id="off"', 'id="off" name="取消"'),
        flows("start>a", "a>b", "b>g", "c>end", "late>tell", "off>a"),
        named("g>a", "no, write it again"), named("g>b", "look again"), named("g>c", "yes"),
    )  # fmt: skip

    made.judge()
    assert made.labels.keys() == {"late", "off", "g_a", "g_b", "g_c"}
    assert made.hidden() == []


def test_a_message_turns_between_the_pools():
    made = laid_out(
        start(), user("a"), end(), flows("start>a", "a>end"),
        '<dataObject id="data"/><dataObjectReference id="paper" dataObjectRef="data"/>',
        roots='<collaboration id="c"><participant id="out"/><participant id="pool" processRef="p"/>'
        '<messageFlow id="m" sourceRef="out" targetRef="start"/></collaboration>',
    )  # fmt: skip

    made.judge()
    upper, lower = made.shapes["out"], made.shapes["pool"]
    assert all(upper.y + upper.height < y < lower.y for _, y in made.edges["m"][1:-1])


def test_a_subprocess_is_as_large_as_what_is_in_it():
    inner = "".join((start("s"), user("x"), user("y"), end("e"), flows("s>x", "x>y", "y>e")))
    watcher = f'<subProcess id="watch" triggeredByEvent="true">{start("w", on_timer("PT1H"))}{end("v")}{flows("w>v")}</subProcess>'
    made = laid_out(
        start(), f'<subProcess id="sub">{inner}{watcher}</subProcess>', '<subProcess id="none"/>', end(),
        flows("start>sub", "sub>none", "none>end"),
    )  # fmt: skip

    made.judge()
    assert made.shapes["sub"].holds(made.shapes["watch"])
    assert made.shapes["watch"].holds(made.shapes["v"])


def test_lanes_and_pools_hold_their_members_and_messages_run_between_pools():
    process = (
        '<laneSet id="ls"><lane id="desk"><flowNodeRef>start</flowNodeRef><flowNodeRef>take</flowNodeRef></lane>'
        '<lane id="site"><childLaneSet id="cs"><lane id="north"><flowNodeRef>fix</flowNodeRef></lane>'
        '<lane id="south"><flowNodeRef>end</flowNodeRef></lane></childLaneSet></lane></laneSet>'
        f"{start()}{user('take')}{user('fix')}{end()}{user('alone')}{flows('start>take', 'take>fix', 'fix>end')}"
    )
    other = f"{start('s2')}{user('wait')}{flows('s2>wait')}"
    xml = (
        f'{HEAD}<collaboration id="c"><participant id="us" name="Us" processRef="p"/><participant id="they" processRef="q"/>'
        '<participant id="bank"/><messageFlow id="m1" sourceRef="take" targetRef="wait"/>'
        '<messageFlow id="m2" sourceRef="bank" targetRef="they"/></collaboration>'
        f'<process id="p">{process}</process><process id="q">{other}</process></definitions>'
    ).encode()

    made = Drawing(drawn(xml))

    made.judge()
    shapes = made.shapes
    for lane, members in {
        "desk": ("start", "take"),
        "north": ("fix",),
        "south": ("end",),
        "site": ("fix", "end"),
    }.items():
        assert all(shapes[lane].holds(shapes[each]) for each in members)
    assert shapes["us"].holds(shapes["desk"]) and shapes["us"].holds(shapes["site"])
    assert shapes["site"].holds(shapes["north"]) and not shapes["north"].overlaps(shapes["south"])
    assert not any(one.overlaps(other) for one, other in pairwise((shapes["us"], shapes["they"], shapes["bank"])))


def test_data_notes_and_handlers_are_drawn_with_their_associations():
    made = laid_out(
        start(), '<task id="a"><dataOutputAssociation id="out"><targetRef>order</targetRef></dataOutputAssociation></task>',
        end(), flows("start>a", "a>end"), boundary("undo", "a", "<compensateEventDefinition/>"),
        '<task id="back" isForCompensation="true"/>', '<dataObject id="o"/><dataObjectReference id="order" dataObjectRef="o"/>',
        '<textAnnotation id="note"><text>why</text></textAnnotation>',
        '<association id="n" sourceRef="a" targetRef="note"/>',
        '<association id="u" sourceRef="undo" targetRef="back" associationDirection="One"/>',
    )  # fmt: skip

    made.judge()
    for link, source, target in (("out", "a", "order"), ("n", "a", "note"), ("u", "undo", "back")):
        assert made.shapes[source].has_on_border(made.edges[link][0])
        assert made.shapes[target].has_on_border(made.edges[link][-1])


def test_each_process_of_a_file_without_a_collaboration_gets_a_drawing():
    one, two = (f'<process id="{id}">{start(f"{id}s")}{end(f"{id}e")}{flows(f"{id}s>{id}e")}</process>' for id in "pq")
    made = drawn(f"{HEAD}{one}{two}</definitions>".encode())

    for number in (0, 1):
        Drawing(made, number).judge()


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "UTF-16"])
def test_the_file_stays_in_its_encoding_and_keeps_its_comments(encoding):
    xml = f'<?xml version="1.0" encoding="{encoding}"?>{HEAD}<!-- kept --><process id="p"><task id="a" name="é"/></process></definitions>'

    made = drawn(xml.encode(encoding))

    assert etree.fromstring(made).getroottree().docinfo.encoding == encoding
    assert "<!-- kept -->" in made.decode(encoding)
    assert Drawing(made).shapes.keys() == {"a"}


def test_what_has_a_diagram_keeps_it_byte_for_byte():
    once = drawn(diagram(start(), end(), flows("start>end")))

    assert drawn(once) is once


@pytest.mark.parametrize("parts", ["", "<laneSet id='l'/>"])
def test_what_shows_nothing_stays_as_it_is(parts):
    xml = diagram(parts)

    assert drawn(xml) == xml


def test_what_makes_no_sense_in_a_draft_is_passed_over():
    made = laid_out(
        user("a"), boundary("lost", "nowhere", on_timer("PT1H")), flows("a>a"),
        '<sequenceFlow id="inner" sourceRef="a" targetRef="x"/>', f'<subProcess id="sub">{user("x")}</subProcess>',
    )  # fmt: skip

    made.judge()
    assert made.shapes.keys() == {"a", "lost", "sub", "x"}
    assert made.edges.keys() == {"a_a"}


# ---- rules over all inputs -----------------------------------------------------------------------------------------------


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """A process of nested scopes with lanes, boundary events, loops and crossing flows, anything that a draft may hold."""
    numbers = iter(range(10_000))

    def scope(depth: int) -> str:
        ids, parts = [], []
        for _ in range(draw(st.integers(0, 5 if depth else 9))):
            id = f"n{next(numbers)}"
            kind = draw(st.sampled_from(("task", "task", "gateway", "event", "end", "scope", "data")))
            if kind == "data":
                parts.append(f'<dataObject id="{id}o"/><dataObjectReference id="{id}" dataObjectRef="{id}o"/>')
                continue
            if kind == "scope" and depth < 2:
                parts.append(f'<subProcess id="{id}">{scope(depth + 1)}</subProcess>')
            else:
                made = {"gateway": parallel, "event": lambda id: catch(id, on_message("m")), "end": end}
                parts.append(made.get(kind, user)(id))
            ids.append(id)
            if kind in ("task", "scope"):
                for _ in range(draw(st.integers(0, 2))):
                    guest = f"n{next(numbers)}"
                    parts.append(boundary(guest, id, on_timer("PT1H")))
                    ids.append(guest)
        if ids:
            ends = st.sampled_from(ids)
            pairs = draw(st.lists(st.tuples(ends, ends), max_size=2 * len(ids)))
            parts += [f'<sequenceFlow id="f{next(numbers)}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairs]
        if not depth and ids and draw(st.booleans()):
            cut = draw(st.integers(0, len(ids)))
            halves = ("".join(f"<flowNodeRef>{id}</flowNodeRef>" for id in half) for half in (ids[:cut], ids[cut:]))
            lanes = "".join(f'<lane id="lane{number}">{refs}</lane>' for number, refs in enumerate(halves))
            parts.insert(0, f'<laneSet id="ls">{lanes}</laneSet>')
        return "".join(parts)

    inner = scope(0)
    pool = draw(st.sampled_from(("", '<collaboration id="c"><participant id="pool" processRef="p"/></collaboration>')))
    return diagram(inner, roots=f'<message id="m" name="m"/>{pool}')


@settings(max_examples=100, deadline=None)
@given(files())
def test_nothing_overlaps_and_every_flow_ends_at_its_shapes_whatever_is_drawn(xml):
    made = drawn(xml)

    if made != xml:
        Drawing(made).judge()
        assert drawn(made) == made


# ---- size ------------------------------------------------------------------------------------------------------------------


def large(kind: str, n: int = 5000) -> bytes:
    tasks = "".join(f'<task id="t{i}"/>' for i in range(n))
    pairs = {
        "a chain": [(i, i + 1) for i in range(n - 1)],
        "a ladder of ways back": [(i, i + 1) for i in range(n - 1)] + [(i, i // 2) for i in range(n)],
        "a fan": [(0, i) for i in range(1, n - 1)] + [(i, n - 1) for i in range(1, n - 1)],
        "islands": [],
    }[kind]
    lines = "".join(f'<sequenceFlow id="f{i}" sourceRef="t{a}" targetRef="t{b}"/>' for i, (a, b) in enumerate(pairs))
    return diagram(tasks, lines)


@pytest.mark.parametrize("kind", ["a chain", "a ladder of ways back", "a fan", "islands"])
def test_five_thousand_elements_are_laid_out_in_seconds(kind):
    xml = large(kind)
    begun = time.process_time()

    made = drawn(xml)

    assert time.process_time() - begun < 10  # 1 to 3 s on an idle machine
    assert made.count(b"<bpmndi:BPMNShape") == 5000


def test_subprocesses_may_be_as_deep_as_the_limit_allows():
    depth = LIMITS.nesting
    xml = diagram("".join(f'<subProcess id="s{i}">' for i in range(depth)), "</subProcess>" * depth)

    made = Drawing(drawn(xml))

    made.judge()
    assert len(made.shapes) == depth


def test_long_names_of_ways_and_of_several_boundary_events_stand_clear():
    xml = diagram(
        '<startEvent id="s"/><exclusiveGateway id="g" name="Which way?"/><task id="a"/><task id="b"/>'
        + "".join(
            f'<boundaryEvent id="e{i}" name="Wait for the answer of the supplier" attachedToRef="a">'
            "<signalEventDefinition/></boundaryEvent>"
            for i in range(3)
        ),
        '<sequenceFlow id="f" sourceRef="s" targetRef="g"/>'
        '<sequenceFlow id="l" name="the order is larger than 5000" sourceRef="g" targetRef="a"/>'
        '<sequenceFlow id="r" name="the order is smaller than that" sourceRef="g" targetRef="b"/>',
    )

    made = Drawing(drawn(xml))

    made.judge()
    assert made.hidden() == []


def test_a_flow_without_an_id_gets_one_with_its_line():
    made = Drawing(drawn(diagram('<task id="a"/><task id="b"/>', '<sequenceFlow sourceRef="a" targetRef="b"/>')))

    assert list(made.edges) == ["a_to_b"]
