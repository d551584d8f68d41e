"""Files of other engines become ours: what declares is translated, what is code is asked about, nothing is lost."""

from __future__ import annotations

from random import Random

import pytest
from lxml import etree

from engine.bpmn.definition import Binding, Kind
from engine.bpmn.importers import convert
from engine.bpmn.importers.juel import to_feel
from engine.bpmn.importers.python import assignment
from engine.bpmn.importers.python import to_feel as python_to_feel
from engine.bpmn.importers.words import Untranslatable
from engine.bpmn.read import read
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
        ("${empty name}", 'list contains([null, "", []], name)'),
        ("${execution.getVariable('amount')}", "amount"),
        ("Hello ${name}!", '"Hello " + string(name) + "!"'),
        ("${in}", "`in`"),
        ("${nrOfCompletedInstances / nrOfInstances >= 0.6}", "(numberOfCompletedInstances / numberOfInstances) >= 0.6"),
    ],
)
def test_a_simple_expression_becomes_feel(juel, feel):
    assert to_feel(juel) == feel


@pytest.mark.parametrize(
    "code",
    ["${bean.find(x)}", "${dateTime().plusDays(1)}", "${a +}", "${a = 1}", "${", "${" + "(" * 500 + "a", "${a[i]}"],
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
    "code", ["open('x')", "timedelta(hours=1)", "a b", "[x for x in y]", "(" * 300 + "1", "x" * 6000]
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


def test_whatever_is_not_known_stays_and_is_named():
    _, asked, done = imported('<task id="a" x:odd="1"><extensionElements><x:strange/></extensionElements></task>')

    assert asked == ["import-left", "import-left"]
    assert b"strange" in done.xml
    assert {"odd of Camunda 7", "strange of Camunda 7"} == {
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
