"""Every rule has a bad and a good example in docs/reference/lint.md; what examples cannot show stands here."""

import itertools
import re
import time
from pathlib import Path

import pytest
from lxml import etree

from engine.bpmn.lint import RULES, LintContext, lint
from engine.bpmn.read import read
from engine.bpmn.rules.surroundings import RESULT, Part
from engine.bpmn.validate import LIMITS
from engine.feel.kinds import Shape
from tests.engine.bpmn.diagram import NAMESPACES, chain, definitions, flow, process

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "lint.md"
BPMN = Path(__file__).parents[3] / "engine" / "bpmn"
AROUND = {
    (Part.PROCESS, "parts_request"): {},
    (Part.DECISION, "priority"): {RESULT: Shape({"level": "string", "days": "number"})},
    (Part.FORM, "acceptance"): {"accepted": "boolean", "amount": "string", "note": "string"},
}
KNOWN = LintContext(
    find=lambda part, id, binding, tag: AROUND.get((part, id)) if tag in ("", "2026") else None,
    job_types=frozenset({"ledger:post", "notify:mail", "archive:put"}),
    roles=frozenset({"foreman", "finance"}),
)
BESIDE = {"message", "signal", "error", "escalation", "signalEventDefinition"}


def judge(xml, context=KNOWN):
    found = read(xml)
    return [*found.problems, *(problem for each in found.definitions for problem in lint(each, context=context))]


def rules(content, context=KNOWN, **more):
    return [problem.rule for problem in judge(process(content, **more), context)]


def errors(content, **more):
    return [p.rule for p in judge(process(content, **more)) if p.severity == "error"]


# ---- the page ----------------------------------------------------------------------------------------------------------

SECTIONS = re.findall(
    r"^### `([\w-]+)`\n\n\*\*(.*?)\*\* · (.*?)\n(.*?)(?=^##|\Z)", PAGE.read_text(), re.MULTILINE | re.DOTALL
)
EXAMPLES = [
    (rule, example, text)
    for rule, _, _, body in SECTIONS
    for example, text in re.findall(r"^```xml (bad|good)\n(.*?)^```", body, re.MULTILINE | re.DOTALL)
]


CUT_SHORT = {"dead-end", "form-missing", "assignment-missing"}
"""What examples leave out where they are not about it, as the page says."""


def as_diagram(example):
    """Wrap an example: what stands beside a process goes beside it."""
    if "<process" in example:
        return definitions(example)
    children = list(etree.fromstring(f"<definitions {NAMESPACES}>{example}</definitions>"))
    texts = {id(child): etree.tostring(child, encoding="unicode", with_tail=False) for child in children}
    beside = [texts[id(child)] for child in children if etree.QName(child).localname in BESIDE]
    inside = [texts[id(child)] for child in children if etree.QName(child).localname not in BESIDE]
    return process("".join(inside), beside="".join(beside))


@pytest.mark.parametrize(
    ("rule", "example", "text"), EXAMPLES, ids=[f"{rule}-{example}" for rule, example, _ in EXAMPLES]
)
def test_the_bad_example_breaks_its_rule_and_no_other_and_the_good_one_breaks_none(rule, example, text):
    found = {problem.rule for problem in judge(as_diagram(text))} - (CUT_SHORT - {rule})

    assert found == ({rule} if example == "bad" else set())


def test_every_rule_is_on_the_page_with_its_severity_its_sentence_and_both_examples():
    page = {rule: (severity, title) for rule, severity, title, _ in SECTIONS}
    examples = {(rule, example) for rule, example, _ in EXAMPLES}

    for rule in RULES:
        severity, title = page[rule.id]
        assert severity == rule.severity
        assert title.startswith(rule.title)
    assert {(rule, example) for rule in page for example in ("bad", "good")} == examples


def test_every_rule_that_the_reader_knows_is_on_the_page():
    sources = [*(BPMN / "read").glob("*.py"), BPMN / "validate.py"]
    known = {rule.id for rule in RULES}
    page = PAGE.read_text()

    told = {
        rule
        for source in sources
        for rule in re.findall(
            r'"((?:xml|limit|id|reference|element|expression|mapping|attribute|extension|data)-[\w-]+)"',
            source.read_text(),
        )
    }

    assert told
    assert [rule for rule in told - known if f"`{rule}`" not in page] == []


def test_every_problem_says_what_to_do():
    for _, example, text in EXAMPLES:
        if example == "bad":
            for problem in judge(as_diagram(text)):
                assert problem.where
                assert problem.remedy
                assert problem.rule
                assert problem.message.template
                assert problem.remedy.template


def test_rule_ids_are_unique():
    ids = [rule.id for rule in RULES]

    assert len(set(ids)) == len(ids)


# ---- context -----------------------------------------------------------------------------------------------------------


def test_what_is_not_known_is_not_checked():
    content = (
        '<callActivity id="c" calledElement="anything"/><serviceTask id="s"><extensionElements>'
        '<zeebe:taskDefinition type="anything"/></extensionElements></serviceTask>'
    )

    assert not {"process-unknown", "job-type-unknown"} & set(rules(content, LintContext()))
    assert {"process-unknown", "job-type-unknown"} <= set(rules(content))


def test_a_process_may_call_itself():
    assert "process-unknown" not in rules('<callActivity id="c" calledElement="p"/>')


def test_a_process_that_is_calculated_is_not_checked():
    call = '<extensionElements><zeebe:calledElement processId="=next"/></extensionElements>'

    assert "process-unknown" not in rules(f'<callActivity id="c">{call}</callActivity>')


# ---- ways ---------------------------------------------------------------------------------------------------------------


def test_what_lies_in_an_unreachable_subprocess_is_told_once():
    content = '<startEvent id="s"/><endEvent id="e"/><subProcess id="lost"><task id="a"/><task id="b"/></subProcess>'

    found = judge(process(content + flow("s", "e")))

    assert [problem.where for problem in found if problem.rule == "unreachable"] == ["lost"]


def test_boundary_events_links_handlers_and_event_subprocesses_are_reachable():
    content = (
        '<startEvent id="s"/><task id="t"/><boundaryEvent id="b" attachedToRef="t"><compensateEventDefinition/>'
        '</boundaryEvent><task id="undo" isForCompensation="true"/><association id="a" sourceRef="b" targetRef="undo"/>'
        '<intermediateThrowEvent id="l1"><linkEventDefinition name="x"/></intermediateThrowEvent>'
        '<intermediateCatchEvent id="l2"><linkEventDefinition name="x"/></intermediateCatchEvent>'
        '<subProcess id="es" triggeredByEvent="true"><startEvent id="es_s"><errorEventDefinition/></startEvent>'
        '<task id="es_t"/>' + flow("es_s", "es_t") + "</subProcess>"
    )

    assert "unreachable" not in rules(content + flow("s", "t") + flow("t", "l1"))


def test_an_event_subprocess_in_an_event_subprocess_is_reachable():
    inner = '<subProcess id="{0}" triggeredByEvent="true"><startEvent id="{0}_s"><errorEventDefinition/></startEvent>{1}</subProcess>'

    assert "unreachable" not in rules('<task id="t"/>' + inner.format("a", inner.format("b", "")))


def test_a_loop_that_waits_for_a_person_needs_no_way_out():
    content = '<startEvent id="s"/><userTask id="t" name="T"/>'

    assert "endless-loop" not in rules(content + flow("s", "t") + flow("t", "t", id="again"))


def test_a_parallel_gateway_is_no_way_out_of_a_loop():
    content = '<startEvent id="s"/><task id="t"/><parallelGateway id="g"/><endEvent id="e"/>'
    flows = flow("s", "t") + flow("t", "g") + flow("g", "t") + flow("g", "e")

    assert "endless-loop" in rules(content + flows)


def test_a_loop_through_links_is_a_loop():
    content = (
        '<intermediateThrowEvent id="l1"><linkEventDefinition name="x"/></intermediateThrowEvent><startEvent id="s"/>'
        '<intermediateCatchEvent id="l2"><linkEventDefinition name="x"/></intermediateCatchEvent>'
        '<exclusiveGateway id="m"/>'
    )

    assert errors(content + flow("s", "m") + flow("m", "l1") + flow("l2", "m")) in ([], ["endless-loop"])


# ---- joins ---------------------------------------------------------------------------------------------------------------


def diamond(split, join, before="", *, inside="", extra=""):
    conditions = ("=x", "") if split != "parallelGateway" else ("", "")
    default = ' default="x_b"' if conditions[0] else ""
    return (
        f'<startEvent id="s"/><{split} id="x"{default}/><task id="a"/><task id="b"/><{join} id="j"/><endEvent id="e"/>'
        + (before or flow("s", "x"))
        + flow("x", "a", conditions[0])
        + flow("x", "b", conditions[1])
        + flow("a", "j")
        + flow("b", "j")
        + flow("j", "e")
        + inside
        + extra
    )


@pytest.mark.parametrize(
    ("split", "join", "found"),
    [
        ("exclusiveGateway", "parallelGateway", ["join-impossible"]),
        ("exclusiveGateway", "exclusiveGateway", []),
        ("exclusiveGateway", "inclusiveGateway", []),
        ("inclusiveGateway", "parallelGateway", ["join-may-wait"]),
        ("inclusiveGateway", "inclusiveGateway", []),
        ("parallelGateway", "parallelGateway", []),
        ("parallelGateway", "inclusiveGateway", []),
        ("parallelGateway", "exclusiveGateway", ["merge-repeats"]),
    ],
)
def test_joins_are_judged_by_the_split_before_them(split, join, found):
    joins = {"join-impossible", "join-may-wait", "merge-repeats"}

    assert [rule for rule in rules(diamond(split, join)) if rule in joins] == found


def test_a_join_after_a_choice_that_two_tokens_come_to_is_possible():
    two = (
        '<parallelGateway id="two"/><task id="m"/>'
        + flow("s", "two")
        + flow("two", "x")
        + flow("two", "m")
        + flow("m", "x")
    )

    assert "join-impossible" not in rules(diamond("exclusiveGateway", "parallelGateway", before=two))


def test_a_join_after_a_choice_in_a_loop_is_possible():
    again = (
        '<exclusiveGateway id="r" default="r_x"/>'
        + flow("s", "x")
        + flow("a", "r")
        + flow("r", "x")
        + flow("r", "j", "=y")
    )

    assert "join-impossible" not in rules(diamond("exclusiveGateway", "parallelGateway", before=again))


def test_a_join_of_an_activity_and_its_interrupting_boundary_event_is_impossible():
    content = (
        '<startEvent id="s"/><userTask id="t" name="T"/><boundaryEvent id="b" attachedToRef="t" cancelActivity="{}">'
        "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>"
        '<parallelGateway id="j"/><endEvent id="e"/>'
        + flow("s", "t")
        + flow("t", "j")
        + flow("b", "j")
        + flow("j", "e")
    )

    assert "join-impossible" in rules(content.format("true"))
    assert "join-impossible" not in rules(content.format("false"))


def test_nested_blocks_are_judged_one_by_one():
    inner = (
        '<task id="k"/><parallelGateway id="p1"/><parallelGateway id="p2"/><task id="c"/><task id="d"/>'
        + flow("s", "k")
        + flow("k", "p1")
        + flow("p1", "c")
        + flow("p1", "d")
        + flow("c", "p2")
        + flow("d", "p2")
        + flow("p2", "x")
    )

    assert errors(diamond("exclusiveGateway", "exclusiveGateway", before=inner)) == []


# ---- events --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "event"),
    [
        ("intermediateThrowEvent", "timer"),
        ("intermediateThrowEvent", "error"),
        ("intermediateThrowEvent", "terminate"),
        ("intermediateCatchEvent", "error"),
        ("intermediateCatchEvent", "compensate"),
        ("endEvent", "timer"),
        ("endEvent", "conditional"),
        ("endEvent", "link"),
        ("startEvent", "error"),
        ("startEvent", "conditional"),
        ("startEvent", "terminate"),
    ],
)
def test_an_event_in_a_position_that_the_standard_does_not_have_is_refused_by_name(kind, event):
    inside = {"conditional": "<condition>=x</condition>", "timer": "<timeDuration>PT1S</timeDuration>"}.get(event, "")
    name = 'name="x"' if event == "link" else ""

    found = judge(process(f'<{kind} id="e"><{event}EventDefinition {name}>{inside}</{event}EventDefinition></{kind}>'))

    (problem,) = [problem for problem in found if problem.rule == "event-position"]
    assert event in problem.message


def test_an_embedded_subprocess_cannot_start_by_an_event():
    content = (
        '<subProcess id="sub"><startEvent id="s"><timerEventDefinition><timeDuration>PT1S</timeDuration>'
        "</timerEventDefinition></startEvent></subProcess>"
    )

    assert "event-position" in errors(content)


def test_a_boundary_event_on_an_activity_of_another_scope_is_refused():
    content = (
        '<subProcess id="sub"><task id="t"/></subProcess><boundaryEvent id="b" attachedToRef="t">'
        "<errorEventDefinition/></boundaryEvent>"
    )

    assert "boundary-host" in errors(content)


def test_the_events_after_a_starting_gateway_need_no_key():
    content = (
        '<eventBasedGateway id="g" instantiate="true"/><intermediateCatchEvent id="a"><messageEventDefinition '
        'messageRef="m"/></intermediateCatchEvent>' + flow("g", "a")
    )

    assert "message-key" not in rules(content, beside='<message id="m" name="m"/>')


def test_a_key_that_is_plain_text_is_refused():
    message = (
        '<message id="m" name="m"><extensionElements><zeebe:subscription correlationKey="orderId"/></extensionElements>'
        "</message>"
    )

    assert "equals-sign" in errors('<receiveTask id="r" messageRef="m"/>', beside=message)


@pytest.mark.parametrize(
    ("tag", "text", "good"),
    [
        ("timeDate", "2026-05-01T09:00:00+08:00", True),
        ("timeDate", "2026-13-01", False),
        ("timeDuration", "P1DT2H", True),
        ("timeDuration", "1h", False),
        ("timeCycle", "R3/PT10M", True),
        ("timeCycle", "0 9 * * 1-5", True),
        ("timeCycle", "0 99 * * *", False),
        ("timeCycle", "R3", False),
        ("timeDuration", "=span", True),
    ],
)
def test_the_text_of_a_timer_is_checked(tag, text, good):
    content = (
        f'<intermediateCatchEvent id="e"><timerEventDefinition><{tag}>{text}</{tag}></timerEventDefinition>'
        "</intermediateCatchEvent>"
    )

    assert ("timer-malformed" not in rules(content)) is good


def test_an_error_is_caught_by_an_event_subprocess_around_it():
    content = (
        '<subProcess id="sub"><endEvent id="e"><errorEventDefinition errorRef="x"/></endEvent></subProcess>'
        '<subProcess id="es" triggeredByEvent="true"><startEvent id="es_s"><errorEventDefinition/></startEvent></subProcess>'
    )

    assert "error-uncaught" not in rules(content, beside='<error id="x" errorCode="X"/>')


def test_an_event_subprocess_does_not_catch_what_it_throws_itself():
    content = (
        '<task id="t"/><subProcess id="es" triggeredByEvent="true"><startEvent id="es_s"><errorEventDefinition/>'
        '</startEvent><endEvent id="e"><errorEventDefinition errorRef="x"/></endEvent>'
        + flow("es_s", "e")
        + "</subProcess>"
    )

    assert "error-uncaught" in rules(content, beside='<error id="x" errorCode="X"/>')


# ---- values --------------------------------------------------------------------------------------------------------------


def extended(kind, inside, attributes=""):
    return f'<{kind} id="t" name="T" {attributes}><extensionElements>{inside}</extensionElements></{kind}>'


@pytest.mark.parametrize(
    ("content", "good"),
    [
        (extended("serviceTask", '<zeebe:taskDefinition type="ledger:post" retries="3"/>'), True),
        (extended("serviceTask", '<zeebe:taskDefinition type="ledger:post" retries="0"/>'), False),
        (extended("serviceTask", '<zeebe:taskDefinition type="ledger:post" retries="many"/>'), False),
        (extended("userTask", '<zeebe:priorityDefinition priority="101"/>'), False),
        (extended("userTask", '<zeebe:priorityDefinition priority="=p"/>'), True),
        (extended("userTask", '<zeebe:taskSchedule dueDate="P2D"/>'), True),
        (extended("userTask", '<zeebe:taskSchedule followUpDate="2026-05-01"/>'), True),
        (extended("userTask", '<zeebe:taskSchedule followUpDate="soon"/>'), False),
        (extended("sendTask", '<zeebe:publishMessage timeToLive="1 day"/>', 'messageRef="m"'), False),
        (extended("sendTask", '<zeebe:publishMessage timeToLive="P1D"/>', 'messageRef="m"'), True),
    ],
)
def test_plain_values_are_checked(content, good):
    assert ("value-malformed" not in rules(content, beside='<message id="m" name="m"/>')) is good


def test_a_time_to_keep_history_must_be_a_duration():
    properties = (
        '<extensionElements><zeebe:properties><zeebe:property name="historyTimeToLive" value="{}"/>'
        "</zeebe:properties></extensionElements>"
    )

    assert "value-malformed" in rules(properties.format("5 years"))
    assert "value-malformed" not in rules(properties.format("P5Y"))


@pytest.mark.parametrize(
    ("count", "good"),
    [("0", True), ("2000", True), ("2001", False), ("-1", False), ("many", False), ("=many", True), ("=-1", False)],
)
def test_a_cardinality_is_checked(count, good):
    loop = f"<multiInstanceLoopCharacteristics><loopCardinality>{count}</loopCardinality></multiInstanceLoopCharacteristics>"

    assert ("multi-instance-count" not in rules(f'<task id="t">{loop}</task>')) is good


# ---- bounds and time -----------------------------------------------------------------------------------------------------


def test_a_chain_of_five_thousand_elements_is_read_and_judged_in_time():
    script = '<extensionElements><zeebe:script expression="=1 + 1" resultVariable="n"/></extensionElements>'
    xml = chain(5000, "scriptTask", script)
    read(chain(1))

    began = time.process_time()
    found = judge(xml)

    assert time.process_time() - began < 1.5
    assert found == []


def ladder(width):
    """Every task leads to every second join: as many ways as fit into the limits."""
    ids = [f"x{n}" for n in range(width)]
    content = '<startEvent id="s"/>' + flow("s", "x0")
    for at, one in enumerate(ids):
        content += f'<exclusiveGateway id="{one}"/><parallelGateway id="{one}_j"/>' + flow(one, f"{one}_j")
        content += "".join(flow(one, other, "=y") for other in ids[at + 1 : at + 4])
        content += flow(f"{one}_j", ids[at // 2], id=f"back_{one}")
    return process(content)


@pytest.mark.parametrize("xml", [ladder(1500), chain(9000, "exclusiveGateway")], ids=["ladder", "long"])
def test_a_tangle_is_judged_in_bounded_time(xml):
    began = time.process_time()
    judge(xml)

    assert time.process_time() - began < 6


def test_wide_splits_and_joins_are_judged_in_time():
    width = LIMITS.branches
    content = '<startEvent id="s"/><parallelGateway id="x"/><parallelGateway id="j"/><endEvent id="e"/>'
    content += flow("s", "x") + flow("j", "e")
    content += "".join(f'<task id="t{n}"/>' + flow("x", f"t{n}") + flow(f"t{n}", "j") for n in range(width))

    began = time.process_time()
    assert judge(process(content)) == []

    assert time.process_time() - began < 3


# ---- what is right and must not be told --------------------------------------------------------------------------------

WAIT = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
ALARM = '<signal id="alarm" name="alarm"/>'
BROKEN = '<error id="broken" errorCode="BROKEN"/><error id="other" errorCode="OTHER"/>'


def test_events_of_which_one_comes_may_be_merged():
    content = (
        '<startEvent id="s"/><eventBasedGateway id="g"/><intermediateCatchEvent id="t">'
        + WAIT
        + '</intermediateCatchEvent><intermediateCatchEvent id="m"><signalEventDefinition signalRef="alarm"/></intermediateCatchEvent>'
        '<exclusiveGateway id="x"/><endEvent id="e"/>'
        + "".join(itertools.starmap(flow, [("s", "g"), ("g", "t"), ("g", "m"), ("t", "x"), ("m", "x"), ("x", "e")]))
    )

    assert rules(content, beside=ALARM) == []


def test_a_gateway_that_chooses_without_conditions_is_not_taken_for_a_parallel_one():
    content = (
        '<startEvent id="s"/><exclusiveGateway id="g"/><task id="a"/><task id="b"/><exclusiveGateway id="x"/><endEvent id="e"/>'
        + "".join(itertools.starmap(flow, [("s", "g"), ("g", "a"), ("g", "b"), ("a", "x"), ("b", "x"), ("x", "e")]))
    )

    assert rules(content) == ["condition-missing", "condition-missing"]


def test_a_global_task_ends_by_itself():
    assert [each.rule for each in judge(definitions('<globalManualTask id="g" name="Look"/>'))] == []


@pytest.mark.parametrize(
    "thrower",
    [
        '<serviceTask id="{id}"><extensionElements><zeebe:taskDefinition type="ledger:post"/></extensionElements></serviceTask>',
        '<callActivity id="{id}" calledElement="parts_request"/>',
        '<subProcess id="{id}"><startEvent id="s1"/><subProcess id="in"><startEvent id="s2"/><endEvent id="e2"><errorEventDefinition'
        ' errorRef="broken"/></endEvent>' + flow("s2", "e2") + "</subProcess>" + flow("s1", "in") + "</subProcess>",
    ],
    ids=["a job", "a called process", "an end event deep inside"],
)
def test_an_error_that_can_come_may_be_caught(thrower):
    content = (
        thrower.format(id="a")
        + '<boundaryEvent id="b" attachedToRef="a"><errorEventDefinition errorRef="broken"/></boundaryEvent>'
    )

    assert "handler-idle" not in rules(content, beside=BROKEN)


def test_an_error_of_another_code_is_never_caught():
    content = (
        '<subProcess id="a"><startEvent id="s"/><endEvent id="e"><errorEventDefinition errorRef="other"/></endEvent>'
        + flow("s", "e")
        + '</subProcess><boundaryEvent id="b" attachedToRef="a"><errorEventDefinition errorRef="broken"/></boundaryEvent>'
    )

    assert "handler-idle" in rules(content, beside=BROKEN)


def test_an_escalation_that_nothing_throws_is_never_caught():
    content = '<userTask id="a"/><boundaryEvent id="b" attachedToRef="a"><escalationEventDefinition/></boundaryEvent>'

    assert "handler-idle" in rules(content)


def test_two_event_subprocesses_for_the_same_error_are_one_too_many():
    caught = "".join(
        f'<subProcess id="p{n}" triggeredByEvent="true"><startEvent id="s{n}"><errorEventDefinition errorRef="{code}"/></startEvent>'
        f"</subProcess>"
        for n, code in enumerate(("broken", "other", "broken"))
    )
    job = '<serviceTask id="a"><extensionElements><zeebe:taskDefinition type="ledger:post"/></extensionElements></serviceTask>'

    found = [each for each in judge(process(job + caught, beside=BROKEN)) if each.rule == "handler-twice"]

    assert [each.where for each in found] == ["s2"]


@pytest.mark.parametrize("target", ["total", "order.total", "order total", "总额", "x1", "order-id"])
def test_a_name_that_feel_can_read_may_hold_a_value(target):
    mapping = f'<extensionElements><zeebe:ioMapping><zeebe:input source="=1" target="{target}"/></zeebe:ioMapping></extensionElements>'

    assert "variable-name" not in rules(f'<task id="a">{mapping}</task>')


@pytest.mark.parametrize("target", ["=total", "a[1]", "order..total", "&quot;x&quot;", "f(x)"])
def test_a_calculation_is_no_name_for_a_variable(target):
    mapping = f'<extensionElements><zeebe:ioMapping><zeebe:input source="=1" target="{target}"/></zeebe:ioMapping></extensionElements>'

    assert "variable-name" in errors(f'<task id="a">{mapping}</task>')


def test_roles_are_checked_where_they_are_known():
    task = '<userTask id="a" name="A"><extensionElements><zeebe:assignmentDefinition candidateGroups="{}"/></extensionElements></userTask>'

    assert "group-unknown" in rules(task.format("formann"))
    assert "group-unknown" not in rules(task.format("foreman@north"))
    assert "group-unknown" not in rules(task.format("=who"))
    assert "group-unknown" not in rules(task.format("formann"), LintContext())


def test_a_cycle_that_never_moves_on_and_a_loop_over_no_list_are_refused():
    cycle = '<startEvent id="s"><timerEventDefinition><timeCycle>R/PT0S</timeCycle></timerEventDefinition></startEvent>'
    loop = (
        '<task id="a"><multiInstanceLoopCharacteristics><extensionElements><zeebe:loopCharacteristics inputCollection="=5"/>'
        "</extensionElements></multiInstanceLoopCharacteristics></task>"
    )

    assert "timer-malformed" in errors(cycle)
    assert "multi-instance-count" in errors(loop)
