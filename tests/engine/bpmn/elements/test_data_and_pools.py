"""Data, lanes, pools, and what is drawn for readers."""

import pytest

from engine.bpmn.read import read
from tests.engine.bpmn.elements.conftest import ON, ROOTS, refusals
from tests.engine.diagrams import HEAD, catch, diagram, end, flows, script, start, throw, user

ORDER = '<dataObject id="order_data" name="purchase"/><dataObjectReference id="order_ref" dataObjectRef="order_data"/>'


def associated(direction, source, target, inside=""):
    ends = f"<sourceRef>{source}</sourceRef><targetRef>{target}</targetRef>"
    return f"<data{direction}Association>{ends}{inside}</data{direction}Association>"


def test_a_data_object_is_a_variable_of_its_name(play):
    """BPMN 2.0.2, 10.4.1 and 10.4.2."""
    instance = play(
        ORDER, start(), script("add", "=purchase + 1", "purchase"), end(), flows("start>add", "add>end"), purchase=4
    )

    assert instance.variables["purchase"] == 5


def test_data_associations_copy_between_variables(play):
    """BPMN 2.0.2, 10.4.2: inputs when the activity begins, outputs when it completes."""
    inside = '<property id="copy"/>' + associated("Input", "order_ref", "copy")
    inside = inside.replace("<dataInput", "<dataInput", 1) + associated("Output", "copy", "kept")
    task = f'<userTask id="task">{inside}</userTask>'
    kept = '<dataObject id="kept"/>'
    instance = play(ORDER, kept, start(), task, end(), flows("start>task", "task>end"), purchase=4)

    assert instance.complete("task").variables == {"order": "A1", "level": 1, "purchase": 4, "kept": 4}


def test_an_association_that_calculates_is_refused():
    """BPMN 2.0.2, 10.4.2: a transformation; refused, since its language is left open."""
    copy = '<property id="copy"/>' + associated("Input", "order_ref", "copy", "<transformation>x</transformation>")
    xml = diagram(ORDER, start(), f'<task id="task">{copy}</task>', flows("start>task"))

    assert refusals(xml) == ["data-transformation"]


def test_a_data_store_is_for_readers():
    """BPMN 2.0.2, 10.4.1: it is told that nothing is read from it or written to it."""
    store = '<dataStoreReference id="archive"/>'
    copy = '<property id="copy"/>' + associated("Input", "archive", "copy")
    xml = diagram(store, start(), f'<task id="task">{copy}</task>', flows("start>task"))

    assert refusals(xml) == []
    assert "data-store" in [problem.rule for problem in read(xml).problems]


def pools(*processes, flows=""):
    parts = "".join(f'<participant id="pool_{id}" name="{id}" processRef="{id}"/>' for id, _ in processes)
    bodies = "".join(f'<process id="{id}" isExecutable="true">{body}</process>' for id, body in processes)
    return f'{HEAD}{ROOTS}<collaboration id="together">{parts}{flows}</collaboration>{bodies}</definitions>'.encode()


def test_each_pool_is_a_process_of_its_own_and_they_talk_by_messages(h):
    """BPMN 2.0.2, 9.2 and 13.2: processes of a collaboration run apart; message flows only show who tells whom."""
    ask = start() + throw("ask", ON["message"]) + end() + flows("start>ask", "ask>end")
    answer = start("begin_b") + catch("hear", ON["message"]) + user("work") + flows("begin_b>hear", "hear>work")
    told = '<messageFlow id="told" sourceRef="ask" targetRef="hear"/>'
    h.deploy(pools(("asking", ask), ("answering", answer), flows=told))
    other = h.start("answering", {"order": "A1"})

    h.start("asking", {"order": "A1"})

    assert h.active(other) == ["work"]


def test_an_element_keeps_the_name_of_its_innermost_lane(play):
    """BPMN 2.0.2, 10.8: lanes organise; they do not change what runs."""
    inner = '<childLaneSet id="i"><lane id="l2" name="Front desk"><flowNodeRef>work</flowNodeRef></lane></childLaneSet>'
    lanes = f'<laneSet id="ls"><lane id="l1" name="Office"><flowNodeRef>work</flowNodeRef>{inner}</lane></laneSet>'
    instance = play(lanes, start(), user("work"), end(), flows("start>work", "work>end"))

    assert instance.definition.element("work").lane == "Front desk"
    assert instance.complete("work").outcome == "completed"


def test_annotations_groups_and_associations_change_nothing(play):
    """BPMN 2.0.2, 8.3.1: artifacts do not affect the flow."""
    drawn = '<textAnnotation id="note"><text>look here</text></textAnnotation><group id="box"/>'
    drawn += '<association id="to" sourceRef="note" targetRef="work"/>'

    assert play(start(), user("work"), flows("start>work"), drawn).complete("work").outcome == "completed"


@pytest.mark.parametrize("kind", ["choreographyTask", "subChoreography", "callChoreography"])
def test_a_choreography_is_refused(kind):
    """BPMN 2.0.2, 11.1: a choreography describes several participants, not what one of them runs."""
    inner = "<participantRef>us</participantRef><participantRef>them</participantRef>"
    inner += "" if kind != "choreographyTask" else "<messageFlowRef>letter</messageFlowRef>"
    xml = diagram(start(), f'<{kind} id="talk" initiatingParticipantRef="us">{inner}</{kind}>')

    assert "element-unsupported" in refusals(xml)
