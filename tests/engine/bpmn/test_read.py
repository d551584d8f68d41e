import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn.definition import (
    Binding,
    Call,
    Decision,
    EventKind,
    JobWork,
    Kind,
    MultiInstance,
    Script,
    StandardLoop,
    TimerKind,
    UserTask,
)
from engine.bpmn.lint import lint
from engine.bpmn.read import read
from engine.bpmn.validate import LIMITS
from tests.engine.bpmn.diagram import chain, definitions, flow, process, read_process


def zeebe(inside):
    return f"<extensionElements>{inside}</extensionElements>"


def rules(result):
    return [problem.rule for problem in result.problems]


# ---- graph ---------------------------------------------------------------------------------------------------------


def test_elements_and_flows_keep_their_ids_and_their_order():
    definition = read_process(
        '<startEvent id="s"/><task id="b"/><task id="a" name="Do a"/><endEvent id="e"/>'
        + flow("s", "b")
        + flow("b", "a")
        + flow("a", "e")
    )

    assert list(definition.elements) == ["p", "s", "b", "a", "e"]
    assert definition.process.children == ("s", "b", "a", "e")
    assert definition.process.starts == ("s",)
    assert definition.element("a").name == "Do a"
    assert definition.element("a").incoming == ("b_a",)
    assert definition.element("a").outgoing == ("a_e",)
    assert definition.flows["b_a"].target == "a"
    assert definition.executable


def test_conditions_and_defaults_are_read():
    definition = read_process(
        '<exclusiveGateway id="x" default="x_b"/><task id="a"/><task id="b"/>'
        + flow("x", "a", "=amount &gt; 1")
        + flow("x", "b")
    )

    assert definition.flows["x_a"].condition is not None
    assert definition.flows["x_b"].condition is None
    assert definition.element("x").default == "x_b"


def test_subprocesses_hold_their_own_elements():
    definition = read_process(
        '<subProcess id="outer"><startEvent id="s1"/><subProcess id="inner" triggeredByEvent="true">'
        '<startEvent id="s2" isInterrupting="false"><signalEventDefinition/></startEvent></subProcess></subProcess>'
        '<task id="after"/>'
    )

    assert definition.process.children == ("outer", "after")
    assert definition.element("outer").children == ("s1", "inner")
    assert definition.element("outer").starts == ("s1",)
    assert definition.element("outer").event_subprocesses == ("inner",)
    assert definition.element("inner").triggered_by_event
    assert definition.element("inner").starts == ()
    assert definition.element("s2").scope == "inner"
    assert not definition.element("s2").interrupting


def test_a_boundary_event_is_attached_to_its_activity():
    definition = read_process(
        '<task id="t"/><boundaryEvent id="b1" attachedToRef="t" cancelActivity="false"><timerEventDefinition>'
        "<timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>"
        '<boundaryEvent id="b2" attachedToRef="t"><errorEventDefinition/></boundaryEvent>'
    )

    assert definition.element("t").boundary == ("b1", "b2")
    assert definition.element("b1").attached_to == "t"
    assert not definition.element("b1").interrupting
    assert definition.element("b2").interrupting
    assert definition.element("b2").event(EventKind.ERROR).code is None


@pytest.mark.parametrize(
    ("source", "target", "direction"), [("b", "undo", "One"), ("undo", "b", "None"), ("b", "undo", "Both")]
)
def test_a_compensation_handler_is_found_by_its_association(source, target, direction):
    definition = read_process(
        '<task id="t"/><boundaryEvent id="b" attachedToRef="t"><compensateEventDefinition/></boundaryEvent>'
        '<task id="undo" isForCompensation="true"/><textAnnotation id="note"/>'
        '<association id="a0" sourceRef="b" targetRef="note"/>'
        f'<association id="a" sourceRef="{source}" targetRef="{target}" associationDirection="{direction}"/>'
    )

    assert definition.element("b").compensation_handler == "undo"
    assert definition.element("undo").is_for_compensation


def test_nested_lanes_give_the_innermost_name():
    definition = read_process(
        '<laneSet id="ls"><lane id="l1" name="Office"><flowNodeRef>a</flowNodeRef><flowNodeRef>b</flowNodeRef>'
        '<childLaneSet id="ls2"><lane id="l2" name="Cashier"><flowNodeRef>b</flowNodeRef></lane></childLaneSet>'
        '</lane></laneSet><task id="a"/><task id="b"/><task id="c"/>'
    )

    assert [definition.element(id).lane for id in "abc"] == ["Office", "Cashier", ""]


def test_every_pool_is_a_process_and_lends_it_its_name():
    result = read(
        definitions(
            '<collaboration id="c"><participant id="p1" name="Office" processRef="one"/>'
            '<participant id="p2" processRef="two"/></collaboration>'
            '<process id="one" isExecutable="true"/><process id="two" name="Vendor"/>'
        )
    )

    assert [(d.process_id, d.name, d.executable) for d in result.definitions] == [
        ("one", "Office", True),
        ("two", "Vendor", False),
    ]


def test_a_global_task_becomes_a_process_that_can_be_called():
    result = read(
        definitions(
            '<globalScriptTask id="g" name="Add">'
            + zeebe('<zeebe:script expression="=1 + 1" resultVariable="n"/>')
            + "</globalScriptTask>"
        )
    )

    (definition,) = result.definitions
    (start,) = definition.start_events()
    (flow_id,) = start.outgoing
    task = definition.element(definition.flows[flow_id].target)
    assert definition.process_id == "g"
    assert definition.executable
    assert task.kind is Kind.SCRIPT_TASK
    assert isinstance(task.work, Script)


# ---- what activities do ----------------------------------------------------------------------------------------------


def activity(kind, inside, attributes=""):
    return read_process(f'<{kind} id="t" {attributes}>{inside}</{kind}>').element("t")


def test_a_user_task_says_who_when_and_with_which_form():
    task = activity(
        "userTask",
        zeebe(
            '<zeebe:userTask/><zeebe:assignmentDefinition assignee="=boss" candidateGroups="technician, desk@east"'
            ' candidateUsers="=[first]"/><zeebe:taskSchedule dueDate="=now() + duration(&quot;PT2H&quot;)"'
            ' followUpDate="2026-01-01T00:00:00Z"/><zeebe:priorityDefinition priority="80"/>'
            '<zeebe:formDefinition formId="report" bindingType="latest"/>'
        ),
    )

    work = task.work
    assert isinstance(work, UserTask)
    assert work.candidate_groups.evaluate({}) == ["technician", "desk@east"]
    assert work.candidate_groups.constant
    assert not work.candidate_users.constant
    assert not work.assignee.constant
    assert work.follow_up_date.evaluate({}) == "2026-01-01T00:00:00Z"
    assert work.priority.evaluate({}) == 80
    assert (work.form_id, work.form_binding) == ("report", Binding.LATEST)


def test_a_bare_user_task_asks_nothing():
    assert activity("userTask", "").work == UserTask()


def test_a_service_task_is_a_job_with_headers():
    task = activity(
        "serviceTask",
        zeebe(
            '<zeebe:taskDefinition type="ledger:post" retries="5"/>'
            '<zeebe:taskHeaders><zeebe:header key="method" value="POST"/></zeebe:taskHeaders>'
        ),
    )

    work = task.work
    assert isinstance(work, JobWork)
    assert work.type.evaluate({}) == "ledger:post"
    assert work.retries.evaluate({}) == 5
    assert work.headers == {"method": "POST"}


@pytest.mark.parametrize("kind", ["scriptTask", "businessRuleTask", "sendTask"])
def test_other_tasks_can_be_jobs_too(kind):
    task = activity(kind, zeebe('<zeebe:taskDefinition type="x"/>'))

    assert isinstance(task.work, JobWork)
    assert task.events == ()


def test_a_script_gives_a_variable():
    work = activity("scriptTask", zeebe('<zeebe:script expression="=1 + 1" resultVariable="n"/>')).work

    assert isinstance(work, Script)
    assert work.expression.evaluate({}) == 2
    assert work.result == "n"


def test_a_business_rule_task_calls_a_decision_of_its_deployment():
    work = activity(
        "businessRuleTask", zeebe('<zeebe:calledDecision decisionId="priority" resultVariable="level"/>')
    ).work

    assert isinstance(work, Decision)
    assert (work.decision_id.evaluate({}), work.result, work.binding) == ("priority", "level", Binding.DEPLOYMENT)


def test_a_call_activity_says_what_goes_in_and_out():
    work = activity(
        "callActivity",
        zeebe(
            '<zeebe:calledElement processId="child" bindingType="versionTag" versionTag="v2"'
            ' propagateAllChildVariables="false"/>'
        ),
    ).work

    assert isinstance(work, Call)
    assert (work.process_id.evaluate({}), work.binding, work.version_tag) == ("child", Binding.VERSION_TAG, "v2")
    assert (work.all_in, work.all_out) == (True, False)


def test_a_call_activity_may_name_its_process_as_plain_bpmn_does():
    work = activity("callActivity", "", 'calledElement="child"').work

    assert work.process_id.evaluate({}) == "child"
    assert work.binding is Binding.LATEST


def test_mappings_and_properties_are_read():
    task = activity(
        "serviceTask",
        zeebe(
            '<zeebe:taskDefinition type="x"/><zeebe:ioMapping><zeebe:input source="=a.b" target="in"/>'
            '<zeebe:input source="text" target="plain"/><zeebe:output source="=r" target="out.deep"/></zeebe:ioMapping>'
            '<zeebe:properties><zeebe:property name="sla" value="respond"/></zeebe:properties>'
        ),
    )

    assert [mapping.target for mapping in task.inputs] == ["in", "plain"]
    assert task.inputs[1].source.evaluate({}) == "text"
    assert [mapping.target for mapping in task.outputs] == ["out.deep"]
    assert task.properties == {"sla": "respond"}


def test_an_unfinished_mapping_is_told():
    result = read(
        process(
            '<task id="t">'
            + zeebe('<zeebe:ioMapping><zeebe:input source="=a"/><zeebe:output source="" target="b"/></zeebe:ioMapping>')
            + "</task>"
        )
    )

    assert [(each.rule, each.severity) for each in result.problems] == [
        ("mapping-incomplete", "error"),
        ("mapping-empty", "warning"),
    ]
    (mapping,) = result.definitions[0].element("t").outputs
    assert (mapping.source.evaluate({}), mapping.target) == (None, "b")


def test_sequence_flows_without_an_id_are_called_after_where_they_lead():
    xml = process(
        '<task id="a"/><task id="b"/><task id="a_to_b"/><sequenceFlow sourceRef="a" targetRef="b"/>'
        '<sequenceFlow sourceRef="a" targetRef="b"/><sequenceFlow sourceRef="b" targetRef="a_to_b"/>'
    )

    result = read(xml)

    assert rules(result) == []
    assert list(result.definitions[0].flows) == ["a_to_b_2", "a_to_b_3", "b_to_a_to_b"]


def test_a_name_that_is_broken_over_lines_is_one_line():
    definition = read_process('<task id="a" name="Approve &#10;the&#13;&#10; order"/>')

    assert definition.element("a").name == "Approve the order"


def test_a_script_in_another_language_is_told_as_what_it_is():
    result = read(process('<scriptTask id="t" name="Add" scriptFormat="groovy"><script>a + b</script></scriptTask>'))

    assert [(each.rule, str(each.message)) for each in result.problems] == [
        ("script-foreign", "the script of Add in groovy is not executed")
    ]
    assert "script-missing" not in [each.rule for each in lint(result.definitions[0])]
    assert "result-missing" not in [each.rule for each in lint(result.definitions[0])]


def test_the_process_itself_carries_properties_a_version_and_a_time_to_keep():
    definition = read_process(
        "<documentation>What it is for.</documentation>"
        + zeebe(
            '<zeebe:versionTag value="v7"/><zeebe:properties>'
            '<zeebe:property name="historyTimeToLive" value="P5Y"/></zeebe:properties>'
        )
    )

    assert definition.version_tag == "v7"
    assert definition.history_ttl == "P5Y"
    assert definition.documentation == "What it is for."


# ---- loops -----------------------------------------------------------------------------------------------------------


def test_a_standard_loop_is_read():
    loop = activity(
        "task",
        '<standardLoopCharacteristics testBefore="true" loopMaximum="3"><loopCondition>=n &lt; 3</loopCondition>'
        "</standardLoopCharacteristics>",
    ).loop

    assert isinstance(loop, StandardLoop)
    assert (loop.test_before, loop.maximum) == (True, 3)
    assert loop.condition is not None


@pytest.mark.parametrize("text", ["3", "=3", " 3 "])
def test_a_cardinality_may_be_written_with_or_without_the_equals_sign(text):
    loop = activity(
        "task",
        f"<multiInstanceLoopCharacteristics><loopCardinality>{text}</loopCardinality>"
        "</multiInstanceLoopCharacteristics>",
    ).loop

    assert isinstance(loop, MultiInstance)
    assert loop.cardinality.evaluate({}) == 3
    assert not loop.sequential


def test_a_multi_instance_loop_runs_over_a_collection():
    loop = activity(
        "task",
        '<multiInstanceLoopCharacteristics isSequential="true">'
        + zeebe(
            '<zeebe:loopCharacteristics inputCollection="=rooms" inputElement="room"'
            ' outputCollection="results" outputElement="=result"/>'
        )
        + "<completionCondition>=numberOfCompletedInstances &gt; 1</completionCondition>"
        "</multiInstanceLoopCharacteristics>",
    ).loop

    assert loop.sequential
    assert (loop.item, loop.output_collection) == ("room", "results")
    assert loop.collection and loop.output_element and loop.completion


def test_a_multi_instance_loop_may_be_drawn_with_data_as_plain_bpmn_does():
    loop = (
        read_process(
            '<dataObject id="do" name="rooms" isCollection="true"/>'
            '<task id="t"><ioSpecification><dataInput id="in"/><inputSet/><outputSet/></ioSpecification>'
            "<dataInputAssociation><sourceRef>do</sourceRef><targetRef>in</targetRef></dataInputAssociation>"
            "<multiInstanceLoopCharacteristics><loopDataInputRef>in</loopDataInputRef>"
            '<inputDataItem id="i" name="room"/></multiInstanceLoopCharacteristics></task>'
        )
        .element("t")
        .loop
    )

    assert loop.collection.evaluate({"rooms": [1]}) == [1]
    assert loop.item == "room"


def test_data_of_a_loop_that_nothing_declares_are_told_by_name():
    told = read(
        process(
            '<startEvent id="s"/><task id="t"><multiInstanceLoopCharacteristics><loopDataInputRef>rooms</loopDataInputRef>'
            "<loopDataOutputRef>found</loopDataOutputRef></multiInstanceLoopCharacteristics></task>"
        )
    ).problems

    assert [each.rule for each in told] == ["reference-unknown", "reference-unknown"]
    assert "rooms" in str(told[0])
    assert "found" in str(told[1])


def test_a_default_flow_of_another_element_is_told_as_that():
    flows = flow("s", "g") + flow("g", "a", "=true") + flow("a", "e")
    content = f'<startEvent id="s"/><exclusiveGateway id="g" default="a_e"/><task id="a"/><endEvent id="e"/>{flows}'

    (told,) = read(process(content)).problems

    assert (told.where, told.rule) == ("g", "reference-unknown")
    assert told.message == "the default flow a_e does not begin at g"


def test_a_listener_on_a_sequence_flow_is_refused_like_one_on_an_element():
    told = read(
        process(
            '<startEvent id="s"/><endEvent id="e"/><sequenceFlow id="f" sourceRef="s" targetRef="e"><extensionElements>'
            '<zeebe:executionListeners><zeebe:executionListener eventType="take" type="log"/></zeebe:executionListeners>'
            "</extensionElements></sequenceFlow>"
        )
    ).problems

    assert [(each.where, each.rule) for each in told] == [("f", "extension-unsupported")]


def test_the_events_that_a_loop_throws_are_found_at_the_root():
    loop = (
        read_process(
            '<task id="t"><multiInstanceLoopCharacteristics behavior="One" oneBehaviorEventRef="event">'
            "<loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics></task>",
            beside='<signal id="sig" name="done"/><signalEventDefinition id="event" signalRef="sig"/>',
        )
        .element("t")
        .loop
    )

    assert loop.behavior == "One"
    assert loop.event.kind is EventKind.SIGNAL
    assert loop.event.name.evaluate({}) == "done"


def test_complex_behavior_has_its_own_conditions_and_events():
    loop = (
        read_process(
            '<task id="t"><multiInstanceLoopCharacteristics behavior="Complex"><loopCardinality>2</loopCardinality>'
            "<complexBehaviorDefinition><condition>=true</condition><event><signalEventDefinition signalRef='sig'/>"
            "</event></complexBehaviorDefinition></multiInstanceLoopCharacteristics></task>",
            beside='<signal id="sig" name="done"/>',
        )
        .element("t")
        .loop
    )

    ((condition, event),) = loop.complex_events
    assert condition.evaluate({}) is True
    assert event.kind is EventKind.SIGNAL


def test_token_quantities_are_read():
    task = activity("task", "", 'startQuantity="2" completionQuantity="3"')

    assert (task.start_quantity, task.completion_quantity) == (2, 3)


# ---- gateways and ad-hoc subprocesses ----------------------------------------------------------------------------------


def test_gateways_keep_what_is_special_to_them():
    definition = read_process(
        '<complexGateway id="c"><activationCondition>=activationCount &gt; 1</activationCondition></complexGateway>'
        '<eventBasedGateway id="g" instantiate="true" eventGatewayType="Parallel"/><eventBasedGateway id="h"/>'
    )

    assert definition.element("c").activation is not None
    assert definition.element("g").instantiate
    assert not definition.element("g").exclusive_event_gateway
    assert definition.element("h").exclusive_event_gateway


def test_an_ad_hoc_subprocess_keeps_its_order_and_its_end():
    ad_hoc = activity(
        "adHocSubProcess",
        '<task id="inner"/><completionCondition>=done</completionCondition>',
        'ordering="Sequential" cancelRemainingInstances="false"',
    )

    assert ad_hoc.kind is Kind.AD_HOC_SUB_PROCESS
    assert ad_hoc.ordering_sequential
    assert ad_hoc.completion is not None
    assert not ad_hoc.cancel_remaining
    assert ad_hoc.children == ("inner",)


# ---- events ------------------------------------------------------------------------------------------------------------


def event(inside, *, kind="intermediateCatchEvent", beside="", attributes=""):
    return read_process(f'<{kind} id="e" {attributes}>{inside}</{kind}>', beside=beside).element("e")


@pytest.mark.parametrize(
    ("tag", "kind"),
    [("timeDate", TimerKind.DATE), ("timeDuration", TimerKind.DURATION), ("timeCycle", TimerKind.CYCLE)],
)
def test_a_timer_says_how_it_says_when(tag, kind):
    (timer,) = event(f"<timerEventDefinition><{tag}>=x</{tag}></timerEventDefinition>").events

    assert timer.timer_kind is kind
    assert timer.timer is not None and not timer.timer.constant


def test_a_plain_timer_text_is_a_constant():
    (timer,) = event("<timerEventDefinition><timeCycle>0 9 * * 1-5</timeCycle></timerEventDefinition>").events

    assert timer.timer.constant
    assert timer.timer.evaluate({}) == "0 9 * * 1-5"


MESSAGE = (
    '<message id="m" name="paid"><extensionElements><zeebe:subscription correlationKey="=order"/>'
    "</extensionElements></message>"
)


def test_a_caught_message_has_a_name_and_a_key():
    (message,) = event('<messageEventDefinition messageRef="m"/>', beside=MESSAGE).events

    assert message.name.evaluate({}) == "paid"
    assert message.key.evaluate({"order": "7"}) == "7"


def test_a_message_without_a_subscription_has_no_key():
    (message,) = event('<messageEventDefinition messageRef="m"/>', beside='<message id="m" name="paid"/>').events

    assert message.key is None


def test_a_receive_task_waits_for_its_message():
    task = read_process('<receiveTask id="t" messageRef="m" instantiate="true"/>', beside=MESSAGE).element("t")

    assert task.events[0].kind is EventKind.MESSAGE
    assert task.instantiate


@pytest.mark.parametrize("place", ["task", "definition"])
def test_what_the_engine_publishes_may_have_its_own_key_id_and_time_to_live(place):
    publish = zeebe('<zeebe:publishMessage correlationKey="=k" messageId="=i" timeToLive="PT1H"/>')
    inside = (
        f'<messageEventDefinition messageRef="m">{publish}</messageEventDefinition>'
        if place == "definition"
        else f'{publish}<messageEventDefinition messageRef="m"/>'
    )

    (message,) = event(inside, kind="intermediateThrowEvent", beside=MESSAGE).events

    assert message.key.evaluate({"k": "1"}) == "1"
    assert message.message_id.evaluate({"i": "2"}) == "2"
    assert message.ttl.evaluate({}) == "PT1H"


def test_a_message_end_event_with_a_job_type_is_a_job():
    element = event(
        zeebe('<zeebe:taskDefinition type="send"/>') + '<messageEventDefinition messageRef="m"/>',
        kind="endEvent",
        beside=MESSAGE,
    )

    assert isinstance(element.work, JobWork)
    assert element.events[0].kind is EventKind.MESSAGE


def test_codes_come_from_the_root_elements():
    definition = read_process(
        '<endEvent id="a"><errorEventDefinition errorRef="err"/></endEvent>'
        '<endEvent id="b"><escalationEventDefinition escalationRef="esc"/></endEvent>',
        beside='<error id="err" errorCode="E1"/><escalation id="esc" escalationCode="S1"/>',
    )

    assert definition.element("a").events[0].code == "E1"
    assert definition.element("b").events[0].code == "S1"


def test_an_event_may_refer_to_a_shared_definition():
    element = event(
        "<eventDefinitionRef>shared</eventDefinitionRef>",
        beside='<timerEventDefinition id="shared"><timeDuration>PT1S</timeDuration></timerEventDefinition>',
    )

    assert element.events[0].timer_kind is TimerKind.DURATION


def test_several_definitions_stand_in_order():
    element = event(
        '<signalEventDefinition signalRef="s"/><cancelEventDefinition/><terminateEventDefinition/>',
        beside='<signal id="s" name="x"/>',
        attributes='parallelMultiple="true"',
    )

    assert [each.kind for each in element.events] == [EventKind.SIGNAL, EventKind.CANCEL, EventKind.TERMINATE]
    assert element.parallel_multiple


def test_links_conditions_and_compensations_are_read():
    definition = read_process(
        '<intermediateThrowEvent id="l"><linkEventDefinition name=" A "/></intermediateThrowEvent>'
        '<intermediateCatchEvent id="c"><conditionalEventDefinition><condition>=x</condition>'
        "</conditionalEventDefinition></intermediateCatchEvent>"
        '<intermediateThrowEvent id="u"><compensateEventDefinition activityRef="t" waitForCompletion="false"/>'
        '</intermediateThrowEvent><task id="t"/>'
    )

    assert definition.element("l").events[0].link == "A"
    assert definition.element("c").events[0].condition is not None
    assert definition.element("u").events[0].activity == "t"
    assert not definition.element("u").events[0].wait_for_completion


def test_a_start_event_may_have_a_form():
    element = event(zeebe('<zeebe:formDefinition formId="report"/>'), kind="startEvent")

    assert element.attributes["formId"] == "report"


# ---- data ------------------------------------------------------------------------------------------------------------


def test_data_associations_copy_between_variables():
    task = read_process(
        '<property id="prop"/><dataObject id="do"/><dataObjectReference id="ref" name="order" dataObjectRef="do"/>'
        '<task id="t"><ioSpecification><dataInput id="in" name="input"/><dataOutput id="out" name="output"/><inputSet/>'
        "<outputSet/></ioSpecification>"
        "<dataInputAssociation><sourceRef>ref</sourceRef><targetRef>in</targetRef></dataInputAssociation>"
        "<dataOutputAssociation><sourceRef>out</sourceRef><targetRef>prop</targetRef></dataOutputAssociation></task>"
    ).element("t")

    assert task.data_in == (("order", "input"),)
    assert task.data_out == (("output", "prop"),)


def test_an_association_that_is_only_drawn_copies_nothing():
    task = read_process(
        '<dataObject id="do"/><dataObjectReference id="ref" dataObjectRef="do"/>'
        '<task id="t"><property id="pr" name="__targetRef_placeholder"/>'
        "<dataInputAssociation><sourceRef>ref</sourceRef><targetRef>pr</targetRef></dataInputAssociation>"
        "<dataOutputAssociation><targetRef>ref</targetRef></dataOutputAssociation></task>"
    ).element("t")

    assert task.data_in == ()
    assert task.data_out == ()


def test_a_data_store_is_told_to_have_no_effect():
    result = read(
        process(
            '<dataStoreReference id="ds" name="Archive"/><task id="t"><property id="pr"/>'
            "<dataInputAssociation><sourceRef>ds</sourceRef><targetRef>pr</targetRef></dataInputAssociation></task>"
        )
    )

    assert [(problem.rule, problem.severity) for problem in result.problems] == [("data-store", "warning")]


def test_a_transformation_of_data_is_refused():
    result = read(
        process(
            '<dataObject id="do"/><task id="t"><property id="pr"/><dataInputAssociation><sourceRef>do</sourceRef>'
            "<targetRef>pr</targetRef><transformation>x</transformation></dataInputAssociation></task>"
        )
    )

    assert rules(result) == ["data-transformation"]


# ---- what cannot be read ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "where", "what"),
    [
        ('<task id="a"/>' + flow("a", "gone"), "a_gone", "targetRef"),
        ('<task id="a"/>' + flow("gone", "a"), "gone_a", "sourceRef"),
        ('<exclusiveGateway id="x" default="gone"/>', "x", "default"),
        ('<boundaryEvent id="b" attachedToRef="gone"><errorEventDefinition/></boundaryEvent>', "b", "attachedToRef"),
        ('<receiveTask id="t" messageRef="gone"/>', "t", "messageRef"),
        ('<endEvent id="e"><signalEventDefinition signalRef="gone"/></endEvent>', "e", "signalRef"),
        ('<endEvent id="e"><errorEventDefinition errorRef="gone"/></endEvent>', "e", "errorRef"),
        ('<endEvent id="e"><escalationEventDefinition escalationRef="gone"/></endEvent>', "e", "escalationRef"),
        ('<endEvent id="e"><eventDefinitionRef>gone</eventDefinitionRef></endEvent>', "e", "eventDefinitionRef"),
    ],
)
def test_a_reference_that_leads_nowhere_is_told_with_its_element(content, where, what):
    result = read(process(content))

    (problem,) = result.problems
    assert problem.where == where
    assert problem.rule == "reference-unknown"
    assert problem.message == f"{what} points to gone, which does not exist"


def test_a_flow_that_leads_nowhere_is_left_out():
    (definition,) = read(process('<task id="a"/>' + flow("a", "gone"))).definitions

    assert definition.flows == {}
    assert definition.element("a").outgoing == ()


def test_every_problem_is_told_at_once():
    result = read(
        process(
            '<task id="a" bogus="1"/><choreographyTask id="c" initiatingParticipantRef="x"><participantRef>x'
            "</participantRef><participantRef>y</participantRef><messageFlowRef>z</messageFlowRef></choreographyTask>"
            + '<exclusiveGateway id="x" default="gone"/>'
            + flow("a", "x", "=1 +")
        )
    )

    assert sorted(rules(result)) == ["element-unsupported", "expression-invalid", "reference-unknown", "xml-schema"]
    assert result.errors == result.problems


def test_an_expression_that_cannot_be_read_is_told_with_its_element():
    result = read(process('<task id="a"/><task id="b"/>' + flow("a", "b", "=1 +")))

    (problem,) = result.problems
    assert (problem.where, problem.rule) == ("a_b", "expression-invalid")
    assert "=1 +" in problem.message


def test_a_process_that_is_only_drawn_is_warned_about_instead_of_refused():
    result = read(process('<exclusiveGateway id="x" default="gone"/>', executable="false"))

    assert [problem.severity for problem in result.problems] == ["warning"]
    assert result.errors == ()


def test_extensions_that_would_change_what_happens_are_refused_and_others_are_told():
    result = read(process('<task id="t">' + zeebe("<zeebe:executionListeners/><zeebe:somethingNew/>") + "</task>"))

    assert [(problem.rule, problem.severity) for problem in result.problems] == [
        ("extension-unsupported", "error"),
        ("extension-unsupported", "warning"),
    ]


def test_what_another_engine_would_do_is_told_once():
    result = read(
        definitions(
            '<process id="p" xmlns:camunda="http://camunda.org/schema/1.0/bpmn">'
            '<userTask id="a" camunda:assignee="x"/><userTask id="b" camunda:assignee="x"/></process>'
        )
    )

    (problem,) = result.problems
    assert (problem.rule, problem.severity) == ("extension-foreign", "warning")
    assert "Camunda 7" in problem.message


def test_an_unknown_binding_is_refused():
    result = read(
        process(
            '<callActivity id="c">' + zeebe('<zeebe:calledElement processId="x" bindingType="no"/>') + "</callActivity>"
        )
    )

    assert rules(result) == ["attribute-invalid"]


def test_what_has_no_id_is_refused():
    result = read(definitions('<process><task/></process><process id="p"><task/></process>'))

    assert rules(result) == ["id-missing"] * 2


def test_a_file_that_is_no_xml_has_no_definitions():
    result = read(b"PK")

    assert result.definitions == ()
    assert rules(result) == ["xml-syntax"]


# ---- limits ------------------------------------------------------------------------------------------------------------


def limited(xml, **limits):
    return read(xml, limits=replace(LIMITS, **limits))


def test_too_many_elements_are_refused_by_name():
    result = limited(chain(100), elements=50)

    assert rules(result) == ["limit-elements"]
    assert "50" in result.problems[0].message
    assert result.definitions == ()


def test_too_many_branches_at_one_gateway_are_refused_by_name():
    branches = "".join(f'<task id="t{n}"/>' + flow("g", f"t{n}") for n in range(11))

    assert rules(limited(process('<parallelGateway id="g"/>' + branches), branches=10)) == ["limit-branches"]
    assert rules(limited(process('<parallelGateway id="g"/>' + branches), branches=11)) == []


def nested(depth):
    inside = "".join(f'<subProcess id="s{n}">' for n in range(depth)) + '<task id="t"/>' + "</subProcess>" * depth
    return process(inside)


def test_fifty_levels_of_subprocesses_are_read_and_one_more_is_refused_by_name():
    assert read(nested(50)).problems == ()
    assert rules(read(nested(51))) == ["limit-nesting"]


def test_an_expression_of_more_than_ten_thousand_characters_is_refused_by_name():
    long = "=" + " + ".join(["1"] * 4000)

    assert rules(read(process('<task id="a"/>' + flow("a", "a", long)))) == ["limit-expression"]


def test_a_chain_of_five_thousand_elements_is_read_in_well_under_a_second():
    script = zeebe('<zeebe:script expression="=1 + 1" resultVariable="n"/>')
    xml = chain(5000, "scriptTask", script)
    read(chain(1))  # the schemas are loaded once

    began = time.process_time()
    result = read(xml)

    assert time.process_time() - began < 1
    assert len(result.definitions[0].elements) == 5003


# ---- any input ---------------------------------------------------------------------------------------------------------

TAGS = [
    "task", "userTask", "scriptTask", "callActivity", "subProcess", "transaction", "adHocSubProcess", "startEvent",
    "endEvent", "boundaryEvent", "intermediateCatchEvent", "sequenceFlow", "association", "laneSet", "lane", "dataObject",
    "multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "timerEventDefinition", "messageEventDefinition",
    "extensionElements", "zeebe:script", "zeebe:calledElement", "zeebe:ioMapping", "zeebe:input", "ioSpecification",
    "eventDefinitionRef", "dataInputAssociation", "sourceRef", "loopCardinality", "complexBehaviorDefinition", "event",
]  # fmt: skip
ATTRIBUTES = [
    "id", "name", "sourceRef", "targetRef", "default", "attachedToRef", "messageRef", "expression", "processId",
    "startQuantity", "loopMaximum", "behavior", "dataObjectRef", "triggeredByEvent", "source", "target",
]  # fmt: skip


def node(children):
    return st.builds(
        lambda tag, attributes, inside: f"<{tag} {attributes}>{''.join(inside)}</{tag}>",
        st.sampled_from(TAGS),
        st.dictionaries(st.sampled_from(ATTRIBUTES), st.sampled_from(["a", "b", "c", "3", "=1", "=", "p", ""])).map(
            lambda found: " ".join(f'{key}="{value}"' for key, value in found.items())
        ),
        children,
    )


@settings(deadline=None, max_examples=60)
@given(st.lists(st.recursive(node(st.just([])), lambda inner: node(st.lists(inner, max_size=4)), max_leaves=12)))
def test_whatever_stands_in_a_file_is_read_without_an_exception(content):
    result = read(process("".join(content)))

    for definition in result.definitions:
        for element in definition.elements.values():
            assert all(flow_id in definition.flows for flow_id in (*element.incoming, *element.outgoing))
            assert all(child in definition.elements for child in element.children)
