"""SpiffWorkflow's runtime as an oracle, by hand: what it walks, what it is not asked about, how a difference reads."""

import itertools

import pytest

from engine.bpmn.read import read
from engine.bpmn.spiff import EXCLUDED, Happens, Trace, compare, excluded, run_with_spiff
from engine.errors import Invalid
from tests.engine.bpmn.diagram import chain, flow, read_process
from tests.engine.bpmn.test_differential import Ours


def script(id, expression, result, inside=""):
    extension = (
        f'<extensionElements><zeebe:script expression="={expression}" resultVariable="{result}"/></extensionElements>'
    )
    return f'<scriptTask id="{id}">{extension}{inside}</scriptTask>'


def line(*ids):
    return "".join(flow(one, other) for one, other in itertools.pairwise(ids))


SIMPLE = '<startEvent id="s"/>' + script("a", "n + 1", "n") + '<endEvent id="e"/>' + line("s", "a", "e")


def test_it_walks_a_definition_with_our_expressions():
    trace = run_with_spiff(read_process(SIMPLE), {"n": 1}, {})

    assert trace == Trace(("s", "a", "e"), {"n": 2})


def test_it_waits_where_nobody_answers_and_goes_on_where_somebody_does():
    definition = read_process(
        '<startEvent id="s"/><userTask id="u"/><serviceTask id="w"><extensionElements><zeebe:taskDefinition type="x"/>'
        '</extensionElements></serviceTask><endEvent id="e"/>' + line("s", "u", "w", "e")
    )

    assert run_with_spiff(definition, {}, {}).waiting == ("u",)
    assert run_with_spiff(definition, {}, {"u": [{"a": 1}]}) == Trace(("s", "u"), {"a": 1}, ("w",))
    assert run_with_spiff(definition, {}, {"u": [{}], "w": [{"b": 2}]}) == Trace(("s", "u", "w", "e"), {"b": 2})


@pytest.mark.parametrize("names", [("Start", "End"), ("p.EndJoin", "Root"), ("StartEventSplit", "End")])
def test_ids_that_it_keeps_for_itself_are_harmless(names):
    start, end = names
    definition = read_process(f'<startEvent id="{start}"/><task id="t"/><endEvent id="{end}"/>' + line(start, "t", end))

    assert run_with_spiff(definition, {}, {}).completed == (start, "t", end)


def test_an_expression_that_gives_nothing_is_where_it_is_stuck():
    definition = read_process(SIMPLE)

    assert run_with_spiff(definition, {}, {}).stuck == "a"
    assert compare(definition, {}, {}, Ours(definition, {}, {}).run()) == ()


def test_a_choice_without_a_way_is_where_it_is_stuck():
    definition = read_process(
        '<startEvent id="s"/><exclusiveGateway id="x"/><task id="a"/><task id="b"/>'
        + line("s", "x")
        + flow("x", "a", "=n = 1")
        + flow("x", "b", "=n = 2")
    )

    assert run_with_spiff(definition, {"n": 3}, {}).stuck == "x"
    assert compare(definition, {"n": 3}, {}, Ours(definition, {"n": 3}, {}).run()) == ()


def test_a_boundary_event_happens_when_it_is_told_to():
    timer = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
    definition = read_process(
        f'<startEvent id="s"/><userTask id="u"/><boundaryEvent id="b" attachedToRef="u">{timer}</boundaryEvent>'
        '<task id="late"/><endEvent id="e1"/><endEvent id="e2"/>' + line("s", "u", "e1") + line("b", "late", "e2")
    )

    assert run_with_spiff(definition, {}, {"u": [Happens("b")]}).completed == ("s", "b", "late", "e2")


def test_updates_of_parallel_branches_are_not_lost():
    definition = read_process(
        '<startEvent id="s"/><parallelGateway id="x"/><parallelGateway id="j"/><endEvent id="e"/>'
        + script("a", "append(log, 1)", "log")
        + script("b", "append(log, 2)", "log")
        + line("s", "x", "a", "j", "e")
        + line("x", "b", "j")
    )

    assert sorted(run_with_spiff(definition, {"log": []}, {}).variables["log"]) == [1, 2]


def test_a_difference_is_told_in_words():
    definition = read_process(SIMPLE)

    told = compare(definition, {"n": 1}, {}, Trace(("s", "e"), {"n": 1}, ("a",)))

    assert told == (
        "a was completed 1 times more there",
        "n is 1 here and 2 there",
        "it waits at a here and at - there",
    )


# ---- what is left out ------------------------------------------------------------------------------------------------

ONE = '<startEvent id="s"/><endEvent id="e"/>'
LOOP = "<multiInstanceLoopCharacteristics>{}<loopCardinality>2</loopCardinality>{}</multiInstanceLoopCharacteristics>"
OUTSIDE = {
    "ad-hoc subprocess": '<adHocSubProcess id="x"><task id="t"/></adHocSubProcess>',
    "boundary event on a subprocess or loop": '<subProcess id="x"><startEvent id="i"/></subProcess>'
    '<boundaryEvent id="b" attachedToRef="x"><errorEventDefinition/></boundaryEvent>',
    "compensation, cancel": '<endEvent id="x"><compensateEventDefinition/></endEvent>',
    "completion condition of a parallel multi-instance": "<task id='x'>"
    + LOOP.format("", "<completionCondition>=true</completionCondition>")
    + "</task>",
    "complex gateway": '<complexGateway id="x"/>',
    "data association": '<dataObject id="d"/><task id="x"><property id="p1"/><dataInputAssociation><sourceRef>d</sourceRef>'
    "<targetRef>p1</targetRef></dataInputAssociation></task>",
    "error or escalation end": '<endEvent id="x"><errorEventDefinition/></endEvent>',
    "event subprocess": '<subProcess id="x" triggeredByEvent="true"><startEvent id="i"><errorEventDefinition/></startEvent>'
    "</subProcess>",
    "input or output mapping": '<task id="x"><extensionElements><zeebe:ioMapping><zeebe:input source="=1" target="a"/>'
    "</zeebe:ioMapping></extensionElements></task>",
    "instantiating element": '<receiveTask id="x" instantiate="true"/>',
    "items, counters and outputs of a multi-instance": script("x", "loopCounter", "n", LOOP.format("", "")),
    "join in a loop": '<task id="t"/><parallelGateway id="x"/>' + line("t", "x", "t") + line("s", "x"),
    "inclusive join after a merge": '<inclusiveGateway id="g"/><task id="a"/><task id="b"/><task id="m"/><task id="c"/>'
    '<inclusiveGateway id="x"/>' + line("s", "g", "a", "m", "x") + line("g", "b", "m") + line("g", "c", "x"),
    "parallel multiple event": '<intermediateCatchEvent id="x" parallelMultiple="true"><signalEventDefinition/>'
    "</intermediateCatchEvent>",
    "several starts": '<startEvent id="x"/>',
    "signal that is thrown": '<endEvent id="x"><signalEventDefinition/></endEvent>',
    "start or completion quantity": '<task id="x" startQuantity="2"/>',
    "wait inside a multi-instance": f'<subProcess id="x">{LOOP.format("", "")}<startEvent id="i"/>'
    '<intermediateCatchEvent id="w"><signalEventDefinition/></intermediateCatchEvent></subProcess>',
}  # fmt: skip


@pytest.mark.parametrize("construct", OUTSIDE)
def test_what_it_does_wrong_is_left_out_by_name(construct):
    definition = read_process(ONE + OUTSIDE[construct])

    assert construct in {reason.partition(": ")[2] for reason in excluded(definition)}
    with pytest.raises(Invalid, match="second opinion"):
        run_with_spiff(definition, {}, {})


def test_a_diagram_that_it_would_recurse_over_is_left_out():
    (definition,) = read(chain(300)).definitions

    assert excluded(definition) == ("p: size",)


def test_every_construct_that_is_left_out_says_why():
    explained = {"size", "boundary event that catches a throw", "call into a called process", *OUTSIDE}

    assert set(EXCLUDED) == explained
    assert all(EXCLUDED.values())
