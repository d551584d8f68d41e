"""Files of other engines become ours: what declares is translated, what is code is asked about, nothing is lost."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from random import Random

import pytest
from lxml import etree

from engine.bpmn.definition import Binding, Kind, TimerKind
from engine.bpmn.importers import convert
from engine.bpmn.importers.juel import to_feel
from engine.bpmn.importers.python import assignment
from engine.bpmn.importers.python import to_feel as python_to_feel
from engine.bpmn.importers.words import Untranslatable
from engine.bpmn.read import read
from engine.bpmn.timers import schedule
from engine.errors import Invalid
from engine.feel import evaluate

CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
ENGINES = {
    "Camunda 7": CAMUNDA,
    "Operaton": "http://operaton.org/schema/1.0/bpmn",
    "Flowable": "http://flowable.org/bpmn",
    "Activiti": "http://activiti.org/bpmn",
}
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
DRAWN = (
    '<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" id="drawn">'
    '<bpmndi:BPMNPlane id="plane" bpmnElement="p"/></bpmndi:BPMNDiagram>'
)


def file(content, *, namespace=CAMUNDA, beside="", attributes='isExecutable="true"'):
    return (
        f'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:x="{namespace}" targetNamespace="t">'
        f'{beside}<process id="p" {attributes}>{content}</process>{DRAWN}</definitions>'
    ).encode()


def imported(content, **more):
    """Give the definition, and the rules of what a person must do."""
    done = convert(file(content, **more))
    result = read(done.xml)
    return result.definitions[0], [each.rule for each in done.report if each.severity == "warning"], done


def value(expression, **context):
    return expression.evaluate(context)


# ---- expressions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("juel", "feel"),
    [
        ("${approved}", "approved"),
        ("#{!approved}", "not(approved)"),
        ("${a == 'x' && b != 2 || c}", '((a = "x") and (b != 2)) or c'),
        ("${a gt 1 and b le 2.5}", "(a > 1) and (b <= 2.5)"),
        ("${a - b - c * 2}", "(a - b) - (c * 2)"),
        ("${a % 2 eq 0}", "modulo(a, 2) = 0"),
        ("${order.customer['first name']}", "order.customer.`first name`"),
        ("${items[0].price}", "items[1].price"),
        ("${a > 1 ? 'many' : 'one'}", '(if a > 1 then "many" else "one")'),
        ("${empty name}", 'list contains([null, "", [], {}], name)'),
        ("${execution.getVariable('amount')}", "amount"),
        ("Hello ${name}!", '"Hello " + string(name) + "!"'),
        ("${in}", "`in`"),
        ("${loopCounter == 0}", "(loopCounter - 1) = 0"),
        ("${'it\\'s' == name}", '"it\'s" = name'),
        ("${!(a and b) or not c}", "not((a and b)) or not(c)"),
        ("${task.amount > 1}", "task.amount > 1"),
        ("${nrOfCompletedInstances / nrOfInstances >= 0.6}", "(numberOfCompletedInstances / numberOfInstances) >= 0.6"),
    ],
)
def test_a_simple_expression_becomes_feel(juel, feel):
    assert to_feel(juel) == feel


@pytest.mark.parametrize(
    "code",
    [
        "${bean.find(x)}",
        "${dateTime().plusDays(1)}",
        "${a +}",
        "${a = 1}",
        "${",
        "${" + "(" * 500 + "a",
        "${a[i]}",
        "${execution.processBusinessKey}",
        "${execution}",
        "${execution['id']}",
        "${task.assignee}",
        "${authenticatedUserId}",
        "${fn:length(a)}",
        "${now(1)}",
    ],
)
def test_what_calls_code_or_cannot_be_read_is_not_translated(code):
    with pytest.raises(Untranslatable):
        to_feel(code)


def test_a_translated_expression_gives_what_it_gave_before():
    text = to_feel("${(amount + fee) * 2 > limit && !(empty customer)}")

    assert evaluate(text, {"amount": 3, "fee": 1, "limit": 7, "customer": "Li"}) is True
    assert evaluate(text, {"amount": 3, "fee": 1, "limit": 7, "customer": ""}) is False


@pytest.mark.parametrize(
    ("python", "feel"),
    [
        ("amount > 10 and not done", "((amount > 10) and not(done))"),
        ("order['lines'][0]", "order.lines[1]"),
        ("'x' if a is None else b", '(if (a = null) then "x" else b)'),
        ("status in ['a', 'b']", 'list contains(["a", "b"], status)'),
        ("len(items) % 2 == 0", "(modulo(count(items), 2) = 0)"),
        ("{'a': 1}", '{"a": 1}'),
    ],
)
def test_a_simple_python_expression_becomes_feel(python, feel):
    assert python_to_feel(python) == feel


@pytest.mark.parametrize(
    "code", ["open('x')", "timedelta(hours=1)", "a b", "[x for x in y]", "(" * 300 + "1", "x" * 11_000]
)
def test_python_code_is_not_translated(code):
    with pytest.raises(Untranslatable):
        python_to_feel(code)
    with pytest.raises(Untranslatable):
        assignment(f"a = 1\n{code}")


# ---- elements ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("namespace", ENGINES.values(), ids=ENGINES)
def test_people_dates_and_priority_of_a_user_task_are_translated(namespace):
    definition, asked, _ = imported(
        '<userTask id="a" x:assignee="${boss}" x:candidateGroups="finance, ${team}" x:candidateUsers="li,wang"'
        ' x:dueDate="P3D" x:priority="${level * 10}" x:asyncBefore="true"/>',
        namespace=namespace,
    )

    work = definition.element("a").work
    assert asked == []
    assert value(work.assignee, boss="li") == "li"
    assert value(work.candidate_groups, team=["hr"]) == ["finance", "hr"]
    assert value(work.candidate_users) == ["li", "wang"]
    assert (value(work.due_date), value(work.priority, level=5)) == ("P3D", 50)


def test_what_calls_code_stays_in_the_file_and_a_person_is_asked_once():
    _, asked, done = imported('<userTask id="a" x:assignee="${bean.pick(task)}"/>')

    assert asked == ["import-expression"]
    assert b"${bean.pick(task)}" in done.xml


def test_forms_become_form_ids_and_a_person_draws_them():
    definition, asked, done = imported(
        '<startEvent id="s" x:initiator="who"><extensionElements><x:formProperty id="days" type="long"/></extensionElements>'
        '</startEvent><userTask id="a" x:formKey="embedded:app:forms/check-order.html"/>'
    )

    assert definition.element("a").work.form_id == "check_order"
    assert asked == ["import-form", "import-initiator", "import-form"]
    assert "days (long)" in str(done.report)


def test_delegates_external_tasks_and_connectors_become_job_types():
    definition, asked, _ = imported(
        '<serviceTask id="a" x:class="com.acme.Archive" x:resultVariable="r"><extensionElements>'
        '<x:field name="to" stringValue="li"/><x:field name="about"><x:expression>${order.id}</x:expression></x:field>'
        "<x:failedJobRetryTimeCycle>R5/PT1M</x:failedJobRetryTimeCycle></extensionElements></serviceTask>"
        '<serviceTask id="b" x:type="external" x:topic="mail"/><serviceTask id="c" x:expression="${books.post(order)}"/>'
        '<scriptTask id="d" scriptFormat="groovy"><script>x = 1</script></scriptTask>'
    )

    types = {each.id: value(each.work.type) for each in definition.elements.values() if each.work}
    a = definition.element("a")
    assert types == {"a": "Archive", "b": "mail", "c": "books.post", "d": "script.d"}
    assert (value(a.work.retries), a.work.headers) == (5, {"to": "li"})
    assert (a.inputs[0].target, a.inputs[0].source.text) == ("about", "=order.id")
    assert (a.outputs[0].source.text, a.outputs[0].target) == ("=result", "r")
    assert asked == ["import-code", "import-result", "import-code", "import-code"]


def test_decisions_scripts_in_the_expression_language_and_calls_are_translated():
    definition, asked, _ = imported(
        '<businessRuleTask id="a" x:decisionRef="limit" x:decisionRefBinding="deployment" x:resultVariable="l"'
        ' x:mapDecisionResult="singleEntry"/>'
        '<scriptTask id="b" scriptFormat="juel" x:resultVariable="sum"><script>${a + b}</script></scriptTask>'
        '<callActivity id="c" calledElement="sub"><extensionElements><x:in source="order" target="what"/>'
        '<x:in sourceExpression="${amount * 2}" target="twice"/><x:out variables="all"/></extensionElements></callActivity>'
    )

    a, b, c = (definition.element(id_) for id_ in "abc")
    assert (value(a.work.decision_id), a.work.result, a.work.binding) == ("limit", "l", Binding.DEPLOYMENT)
    assert (b.work.result, value(b.work.expression, a=1, b=2)) == ("sum", 3)
    assert (c.work.all_in, c.work.all_out) == (False, True)
    assert [(each.target, value(each.source, order="o", amount=2)) for each in c.inputs] == [
        ("what", "o"),
        ("twice", 4),
    ]
    assert asked == []


def test_mappings_loops_timers_and_conditions_are_translated():
    definition, asked, _ = imported(
        '<task id="a"><extensionElements><x:inputOutput><x:inputParameter name="n">${a + 1}</x:inputParameter>'
        '<x:inputParameter name="l"><x:list><x:value>one</x:value><x:value>${two}</x:value></x:list></x:inputParameter>'
        '<x:inputParameter name="m"><x:map><x:entry key="k">v</x:entry></x:map></x:inputParameter>'
        "</x:inputOutput></extensionElements>"
        '<multiInstanceLoopCharacteristics x:collection="people" x:elementVariable="one"><completionCondition>'
        "${nrOfCompletedInstances >= 2}</completionCondition></multiInstanceLoopCharacteristics></task>"
        '<boundaryEvent id="t" attachedToRef="a"><timerEventDefinition><timeDuration>${wait}</timeDuration>'
        '</timerEventDefinition></boundaryEvent><task id="b"/><sequenceFlow id="f" sourceRef="a" targetRef="b">'
        "<conditionExpression>${go}</conditionExpression></sequenceFlow>"
    )

    a = definition.element("a")
    assert {each.target: value(each.source, a=1, two=2) for each in a.inputs} == {
        "n": 2,
        "l": ["one", 2],
        "m": {"k": "v"},
    }
    assert (a.loop.collection.text, a.loop.item, value(a.loop.completion, numberOfCompletedInstances=2)) == (
        "=people",
        "one",
        True,
    )
    assert definition.element("t").events[0].timer.text == "=wait"
    assert definition.flows["f"].condition.text == "=go"
    assert asked == []


def test_listeners_are_refused_by_name_until_a_person_has_replaced_them():
    _, asked, done = imported(
        '<userTask id="a"><extensionElements><x:taskListener event="create" class="com.acme.Tell"/>'
        '<x:executionListener event="end"><x:script scriptFormat="groovy">go()</x:script></x:executionListener>'
        "</extensionElements></userTask>"
    )

    refused = [each.message for each in read(done.xml).errors]
    assert asked == ["import-listener", "import-listener"]
    assert any("taskListeners" in each for each in refused)
    assert any("executionListeners" in each for each in refused)
    assert b"go()" in done.xml


@pytest.mark.parametrize(
    ("content", "refused"),
    [
        ('<userTask id="a">{}</userTask>', '<x:taskListener event="all" class="com.acme.Tell"/>'),
        ('<userTask id="a">{}</userTask>', '<x:taskListener event="timeout" id="t" delegateExpression="${tell}"/>'),
        ('<task id="b"/><task id="c"/><sequenceFlow id="a" sourceRef="b" targetRef="c">{}</sequenceFlow>',
         '<x:executionListener expression="${log.write(execution)}"/>'),
        ('<exclusiveGateway id="a">{}</exclusiveGateway>', '<x:executionListener event="start" class="com.acme.Tell"/>'),
        ('<subProcess id="a">{}</subProcess>', '<x:executionListener event="end" class="com.acme.Tell" onTransaction="committed"/>'),
    ],
    ids=["all events of a task", "a timeout", "a flow that is taken", "a gateway", "a subprocess"],
)  # fmt: skip
def test_a_listener_of_any_kind_is_refused_where_it_listens(content, refused):
    held = f"<extensionElements>{refused}</extensionElements>"

    _, asked, done = imported(content.format(held), namespace=ENGINES["Flowable"])

    assert asked[0] == "import-listener"
    assert ("a", "extension-unsupported") in [(each.where, each.rule) for each in read(done.xml).errors]


def test_a_listener_of_everything_that_happens_in_a_process_is_refused_too():
    _, asked, done = imported(
        '<extensionElements><x:eventListener events="JOB_CANCELED" class="com.acme.Watch"/></extensionElements><task id="a"/>',
        namespace=ENGINES["Flowable"],
    )

    assert asked == ["import-listener"]
    assert [each.rule for each in read(done.xml).errors] == ["extension-unsupported"]


def test_what_else_a_translated_listener_says_is_told():
    _, _, done = imported(
        '<task id="a"><extensionElements><x:executionListener event="start" class="c.D" onTransaction="committed"/>'
        "</extensionElements></task>"
    )

    assert b'onTransaction="committed"' in done.xml
    assert "executionListener (onTransaction=committed) of Camunda 7 stays" in str(done.report)


# ---- what used to get lost ---------------------------------------------------------------------------------------------


def test_values_in_lists_and_maps_are_translated_as_deep_as_they_go():
    definition, asked, _ = imported(
        '<task id="a"><extensionElements><x:inputOutput><x:inputParameter name="l"><x:list><x:value>one</x:value>'
        "<x:list><x:value>${two}</x:value></x:list></x:list></x:inputParameter>"
        '<x:inputParameter name="m"><x:map><x:entry key="a &quot;b&quot;"><x:list><x:value>v</x:value></x:list></x:entry>'
        "</x:map></x:inputParameter></x:inputOutput></extensionElements></task>"
    )

    values = {each.target: value(each.source, two=2) for each in definition.element("a").inputs}
    assert values == {"l": ["one", [2]], "m": {'a "b"': ["v"]}}
    assert asked == []


@pytest.mark.parametrize(
    "inside",
    [
        "<x:list><x:value>one</x:value><x:script scriptFormat='groovy'>two()</x:script></x:list>",
        "<x:map><x:entry key='k'><x:script scriptFormat='groovy'>two()</x:script></x:entry></x:map>",
        "<x:map><x:entry key='${two}'>v</x:entry></x:map>",
    ],
)
def test_a_list_or_map_with_code_in_it_stays_and_is_asked_about(inside):
    definition, asked, done = imported(
        f'<task id="a"><extensionElements><x:inputOutput><x:inputParameter name="n">{inside}</x:inputParameter>'
        "</x:inputOutput></extensionElements></task>"
    )

    assert definition.element("a").inputs == ()
    assert asked == ["import-code", "import-left"]
    assert b"two" in done.xml


def test_variables_of_a_call_keep_their_names_whatever_these_hold():
    definition, _, _ = imported(
        '<callActivity id="c" calledElement="sub"><extensionElements><x:in source="order-id" target="id"/>'
        '<x:out source="state" targetExpression="${name}"/></extensionElements></callActivity>'
    )

    c = definition.element("c")
    assert value(c.inputs[0].source, **{"order-id": 7}) == 7
    assert c.outputs == ()


def test_the_business_key_of_a_caller_is_handed_on_and_another_is_asked_about():
    same = '<x:in businessKey="#{execution.processBusinessKey}"/>'
    other = '<x:in businessKey="${order.id}"/>'
    call = '<callActivity id="c" calledElement="sub"><extensionElements>{}</extensionElements></callActivity>'

    assert imported(call.format(same))[1] == []
    assert imported(call.format(other))[1] == ["import-business-key"]
    assert imported('<callActivity id="c" calledElement="sub" x:inheritBusinessKey="true"/>')[1] == []


def test_only_the_local_variables_of_a_call_are_asked_about_and_stay_so():
    done = convert(
        file(
            '<callActivity id="c" calledElement="sub"><extensionElements><x:in variables="all" local="true"/>'
            "</extensionElements></callActivity>"
        )
    )

    for _ in range(2):
        assert read(done.xml).definitions[0].element("c").work.all_in
        assert "in (local=true) of Camunda 7 stays" in str(done.report)
        done = convert(done.xml)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("0 0 9 * * ?", "0 9 * * *"),
        ("0 0/5 * * * ?", "0/5 * * * *"),
        ("30 0 9 ? * 2-6", "30 0 9 * * MON-FRI"),
        ("0 15 10 ? * MON-FRI *", "15 10 * * MON-FRI"),
        ("0 0 9 ? * 2#1", "0 9 * * MON#1"),
        ("0 0 9 ? * 6L", "0 9 * * L5"),
        ("0 0 9 L * ?", "0 9 L * *"),
    ],
)
def test_a_cron_expression_keeps_its_beats(theirs, ours):
    content = '<startEvent id="s"><timerEventDefinition><timeCycle>{}</timeCycle></timerEventDefinition></startEvent>'

    definition, asked, _ = imported(content.format(theirs))

    timer = definition.element("s").events[0].timer
    assert value(timer) == ours
    assert schedule(TimerKind.CYCLE, ours, datetime(2026, 1, 1, tzinfo=UTC), UTC).due
    assert asked == []


@pytest.mark.parametrize("theirs", ["0 0 9 * * ? 2027", "0 0 9 LW * ?", "0 0 9 ? * 2/2"])
def test_a_cron_expression_that_cannot_be_said_here_is_asked_about(theirs):
    content = '<startEvent id="s"><timerEventDefinition><timeCycle>{}</timeCycle></timerEventDefinition></startEvent>'

    _, asked, done = imported(content.format(theirs))

    assert asked == ["import-expression"]
    assert theirs.encode() in done.xml


def test_data_of_a_loop_that_are_named_as_variables_are_found():
    definition, asked, _ = imported(
        '<userTask id="a"><multiInstanceLoopCharacteristics x:elementIndexVariable="at">'
        "<loopDataInputRef>people</loopDataInputRef><loopDataOutputRef>answers</loopDataOutputRef>"
        '<inputDataItem name="one"/><outputDataItem name="answer"/></multiInstanceLoopCharacteristics></userTask>',
        namespace=ENGINES["Flowable"],
    )

    a = definition.element("a")
    assert (a.loop.collection.text, a.loop.item) == ("=people", "one")
    assert (a.loop.output_collection, a.loop.output_element.text) == ("answers", "=answer")
    assert [(each.target, value(each.source, loopCounter=1)) for each in a.inputs] == [("at", 0)]
    assert asked == []


def test_a_service_task_that_only_calculates_calculates_here_too():
    definition, asked, _ = imported('<serviceTask id="a" x:expression="${price * 2}" x:resultVariable="total"/>')

    a = definition.element("a")
    assert (a.kind, a.work.result, value(a.work.expression, price=3)) == (Kind.SCRIPT_TASK, "total", 6)
    assert asked == []


def test_a_service_task_of_flowable_that_asks_a_decision_asks_it_here_too():
    definition, asked, _ = imported(
        '<serviceTask id="a" x:type="dmn"><extensionElements><x:field name="decisionTableReferenceKey"><x:string>limit'
        "</x:string></x:field></extensionElements></serviceTask>",
        namespace=ENGINES["Flowable"],
    )

    a = definition.element("a")
    assert (a.kind, value(a.work.decision_id), a.work.result) == (Kind.BUSINESS_RULE_TASK, "limit", "limit")
    assert asked == ["import-result"]


def test_what_flowable_lets_an_event_name_directly_is_declared():
    definition, asked, _ = imported(
        '<subProcess id="s"><endEvent id="e"><errorEventDefinition errorRef="NO_STOCK"/></endEvent></subProcess>'
        '<boundaryEvent id="b" attachedToRef="s"><errorEventDefinition errorRef="NO_STOCK"/></boundaryEvent>'
        '<intermediateThrowEvent id="t"><signalEventDefinition signalRef="alarm"/></intermediateThrowEvent>'
        '<userTask id="u" x:assignee="li"/>',
        namespace=ENGINES["Activiti"],
    )

    codes = [definition.element(each).events[0].code for each in "eb"]
    assert codes == ["NO_STOCK", "NO_STOCK"]
    assert value(definition.element("t").events[0].name) == "alarm"
    assert asked == []


def test_expressions_tell_what_a_file_was_made_for_where_nothing_else_does():
    content = (
        '<exclusiveGateway id="g"/><task id="a"/><sequenceFlow id="f" sourceRef="g" targetRef="a">'
        "<conditionExpression>{}</conditionExpression></sequenceFlow>"
    )
    bare = file(content.format("${approved}")).replace(f' xmlns:x="{CAMUNDA}"'.encode(), b"")

    assert read(convert(bare).xml).definitions[0].flows["f"].condition.text == "=approved"
    assert imported(content.format("amount &gt; 3"), namespace=SPIFF)[0].flows["f"].condition.text == "=(amount > 3)"


def test_a_condition_written_in_feel_begins_with_the_sign_that_says_so():
    definition, _, _ = imported(
        '<task id="a"/><task id="b" x:asyncBefore="true"/><sequenceFlow id="f" sourceRef="a" targetRef="b">'
        '<conditionExpression language="feel">amount &gt; 3</conditionExpression></sequenceFlow>'
    )

    assert definition.flows["f"].condition.text == "=amount > 3"


def test_a_name_that_is_calculated_there_is_asked_about():
    _, asked, _ = imported('<userTask id="a" name="Check ${order}" x:assignee="li"/>')

    assert asked == ["import-name"]


def test_messages_instructions_and_retries_of_spiffworkflow_are_translated():
    definition, asked, _ = imported(
        '<sendTask id="s" messageRef="m"><extensionElements><x:messagePayload>{"id": order}</x:messagePayload>'
        '</extensionElements></sendTask><receiveTask id="r" messageRef="m"><extensionElements>'
        "<x:messageVariable>answer</x:messageVariable></extensionElements></receiveTask>"
        '<manualTask id="m1"><extensionElements><x:instructionsForEndUser>Turn it off</x:instructionsForEndUser>'
        '</extensionElements></manualTask><serviceTask id="c"><extensionElements><x:serviceTaskOperator id="http/Get">'
        '<x:retry retries="4" backoff_base="2"/></x:serviceTaskOperator></extensionElements></serviceTask>',
        namespace=SPIFF,
        beside='<message id="m" name="order"/>',
    )

    s, r, m, c = (definition.element(each) for each in ("s", "r", "m1", "c"))
    assert (s.inputs[0].target, value(s.inputs[0].source, order=5)) == ("payload", {"id": 5})
    assert (r.outputs[0].source.text, r.outputs[0].target) == ("=payload", "answer")
    assert m.documentation == "Turn it off"
    assert value(c.work.retries) == 4
    assert asked == ["import-message", "import-message", "import-code"]


def test_whatever_is_not_known_stays_and_is_named():
    _, asked, done = imported('<task id="a" x:odd="1"><extensionElements><x:strange/></extensionElements></task>')

    assert asked == ["import-left", "import-left"]
    assert b"strange" in done.xml
    assert {"odd=1 of Camunda 7", "strange of Camunda 7"} == {
        str(each.message).partition(" stays")[0] for each in done.report
    }


def test_a_process_that_another_engine_would_run_is_executable_and_keeps_its_tag_and_time():
    kept, _, _ = imported('<task id="a"/>', attributes='isExecutable="true" x:versionTag="v2" x:historyTimeToLive="30"')
    assert (kept.version_tag, kept.history_ttl) == ("v2", "P30D")
    run, _, _ = imported('<userTask id="a" x:assignee="li"/>', namespace=ENGINES["Flowable"], attributes="")
    assert run.executable


def test_a_file_of_spiffworkflow_is_translated():
    definition, asked, _ = imported(
        '<laneSet id="ls"><lane id="l" name="Finance"><flowNodeRef>u</flowNodeRef></lane></laneSet>'
        '<userTask id="u"><extensionElements><x:properties><x:property name="formJsonSchemaFilename" value="pay.json"/>'
        "</x:properties></extensionElements></userTask>"
        '<scriptTask id="a"><script>total = price * 2</script></scriptTask>'
        '<scriptTask id="b"><script>import os</script></scriptTask>'
        '<serviceTask id="c"><extensionElements><x:serviceTaskOperator id="http/Get" resultVariable="page"><x:parameters>'
        '<x:parameter id="url" type="str" value="base + path"/></x:parameters></x:serviceTaskOperator></extensionElements>'
        '</serviceTask><businessRuleTask id="d"><extensionElements><x:calledDecisionId>rate</x:calledDecisionId>'
        '</extensionElements></businessRuleTask><sequenceFlow id="f" sourceRef="a" targetRef="b">'
        "<conditionExpression>total &gt; 3</conditionExpression></sequenceFlow>",
        namespace=SPIFF,
    )

    u, a, b, c, d = (definition.element(id_) for id_ in "uabcd")
    assert (u.work.form_id, value(u.work.candidate_groups)) == ("pay", ["Finance"])
    assert (a.work.result, value(a.work.expression, price=2)) == ("total", 4)
    assert (value(b.work.type), value(c.work.type)) == ("script.b", "http/Get")
    assert (c.inputs[0].target, c.outputs[0].target, value(d.work.decision_id)) == ("url", "page", "rate")
    assert value(definition.flows["f"].condition, total=4) is True
    assert asked == ["import-form", "import-code", "import-code", "import-result"]
    assert definition.element("b").kind is Kind.SCRIPT_TASK


# ---- files -------------------------------------------------------------------------------------------------------------


def test_what_is_drawn_is_untouched():
    before = file('<userTask id="a" x:assignee="li"/>')

    after = convert(before).xml

    drawn = [
        etree.tostring(etree.fromstring(each).find("{*}BPMNDiagram"), method="c14n", exclusive=True)
        for each in (before, after)
    ]
    assert drawn[0] == drawn[1]


def test_a_file_that_says_nothing_for_another_engine_stays_the_same_bytes():
    content = file('<task id="a"/><!-- kept -->')

    assert convert(content).xml == content
    assert convert(content).report == ()


def test_books_that_a_modeler_keeps_make_no_file_of_another_engine():
    content = file(
        '<callActivity id="a" calledElement="sub"/>', attributes='isExecutable="true" x:diagramRelationId="7"'
    )

    assert convert(content).xml == content


def test_what_a_file_says_in_our_words_already_comes_first():
    called = '<zeebe:calledElement xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" processId="sub" propagateAllChildVariables="false"/>'

    definition, _, _ = imported(
        f'<callActivity id="c" calledElement="sub" x:asyncBefore="true"><extensionElements>{called}</extensionElements></callActivity>'
    )

    work = definition.element("c").work
    assert (work.all_in, work.all_out) == (True, False)


def test_importing_twice_changes_nothing_more():
    once = convert(file('<userTask id="a" x:assignee="${boss}"/><serviceTask id="b" x:class="com.acme.Do"/>'))

    assert convert(once.xml).xml == once.xml


@pytest.mark.parametrize("content", [b"", b"<a>", b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>'])
def test_what_is_no_safe_xml_is_refused(content):
    with pytest.raises(Invalid):
        convert(content)


def test_a_damaged_file_is_refused_or_imported_and_never_breaks_the_import():
    content = file(
        '<userTask id="a" x:assignee="${a.b == \'c\' ? d : e[0]}"/><serviceTask id="b" x:expression="${f.g(h)}"/>'
        '<callActivity id="c" calledElement="${d}"><extensionElements><x:in source="e"/></extensionElements></callActivity>'
    )
    random = Random(3)
    for _ in range(500):
        damaged = bytearray(content)
        for _ in range(random.randint(1, 3)):
            at = random.randrange(len(damaged))
            damaged[at : at + random.randint(0, 3)] = bytes(
                random.choices(b"${}()<>'&!=. ab0[]?:", k=random.randint(0, 3))
            )
        try:
            read(convert(bytes(damaged)).xml)
        except Invalid:
            continue


@pytest.mark.parametrize(
    "content",
    [
        '<serviceTask id="a" x:class="c.D"><extensionElements>'
        + "".join(f'<x:field name="n{n}" stringValue="v"/>' for n in range(10_000))
        + "</extensionElements></serviceTask>",
        '<task id="a"><extensionElements>'
        + "".join(f'<x:executionListener event="start" class="c.D{n}"/>' for n in range(10_000))
        + "</extensionElements></task>",
        '<userTask id="a" x:assignee="' + "${&apos;" * 100_000 + '"/>',
        '<userTask id="a" x:assignee="${' + "!" * 4_000 + 'a}" x:candidateGroups="${' + "a-" * 2_400 + 'a}"/>',
    ],
    ids=["fields", "listeners", "quotes", "signs"],
)
def test_an_absurd_file_costs_little(content):
    begun = time.process_time()

    convert(file(content))

    assert time.process_time() - begun < 2  # 0.5 s on an idle machine


# ---- what files of the world say ---------------------------------------------------------------------------------------


def test_a_file_of_an_engine_that_executes_what_says_nothing_is_executable_even_without_any_word_of_it():
    definition, asked, done = imported('<task id="a"/>', namespace=ENGINES["Activiti"], attributes="")

    assert (definition.executable, asked) == (True, [])
    assert [each.where for each in done.report] == ["p"]


def test_a_file_of_an_engine_that_leaves_it_to_the_file_stays_as_it_is():
    content = file('<task id="a"/>', attributes="")

    assert convert(content).xml is content


def test_a_report_alone_leaves_the_file_byte_for_byte():
    content = file('<task id="a"/>', attributes='x:unheardOf="1" isExecutable="true"').replace(b"<task", b"\n <task ")

    done = convert(content)

    assert [each.rule for each in done.report] == ["import-left"]
    assert done.xml is content


def test_a_service_that_calculates_for_nobody_calls_no_worker():
    definition, asked, _ = imported('<serviceTask id="a" x:expression="${1 + 1}"/>')

    assert definition.element("a").kind is Kind.SCRIPT_TASK
    assert (value(definition.element("a").work.expression), definition.element("a").work.result, asked) == (2, "", [])


@pytest.mark.parametrize(
    ("implementation", "type_"),
    [("tagImageConnector", "tagImageConnector"), ("##WebService", None), ("http://acme.com/soap", None)],
)
def test_an_implementation_that_is_a_name_is_a_job_type(implementation, type_):
    definition, _, _ = imported(
        f'<serviceTask id="a" implementation="{implementation}"/><task id="b"/>'
        '<sequenceFlow id="f" sourceRef="a" targetRef="b"><conditionExpression>${go}</conditionExpression></sequenceFlow>'
    )

    work = definition.element("a").work
    assert (work.type.evaluate({}) if work else None) == type_


def test_the_correlation_key_of_an_event_belongs_to_its_message_or_to_what_is_sent():
    definition, asked, _ = imported(
        '<intermediateCatchEvent id="c"><messageEventDefinition messageRef="m" x:correlationKey="${order}"/>'
        '</intermediateCatchEvent><intermediateThrowEvent id="t"><messageEventDefinition messageRef="m"'
        ' x:correlationKey="${order}"/></intermediateThrowEvent>',
        beside='<message id="m" name="paid"/><signal id="s" name="stop" x:scope="global"/>',
        namespace=ENGINES["Activiti"],
    )

    assert [value(definition.element(each).events[0].key, order=7) for each in "ct"] == [7, 7]
    assert asked == []


def test_a_second_correlation_key_of_one_message_is_asked_about():
    definition, asked, _ = imported(
        '<intermediateCatchEvent id="c"><messageEventDefinition messageRef="m" x:correlationKey="${order}"/>'
        '</intermediateCatchEvent><intermediateCatchEvent id="d"><messageEventDefinition messageRef="m"'
        ' x:correlationKey="${customer}"/></intermediateCatchEvent>',
        beside='<message id="m" name="paid"/>',
        namespace=ENGINES["Activiti"],
    )

    assert value(definition.element("d").events[0].key, order=7) == 7
    assert asked == ["import-left"]


def test_whoever_started_the_process_is_nobody_by_that_name():
    definition, asked, _ = imported('<userTask id="a" x:assignee="$INITIATOR"/>', namespace=ENGINES["Flowable"])

    assert (definition.element("a").work.assignee, asked) == (None, ["import-initiator"])


def test_what_modelers_leave_behind_empty_is_nothing_to_ask_about():
    _, asked, done = imported(
        '<userTask id="a"><extensionElements><x:formData/><x:properties><x:property name="" value=""/></x:properties>'
        '<x:executionListener class="" event=""/></extensionElements></userTask>'
    )

    assert asked == []
    assert b"formData" in done.xml


def test_properties_that_stay_are_named_with_their_values():
    _, _, done = imported(
        '<task id="a"><extensionElements><x:properties><x:property name="module" value="billing"/></x:properties>'
        "</extensionElements></task>"
    )

    assert "properties (module=billing) of Camunda 7 stays" in str(done.report)
