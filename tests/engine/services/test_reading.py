"""What the linter knows of variables: the kinds that forms, decisions and scripts give them, and the names that nothing sets."""

from __future__ import annotations

import json
from xml.sax.saxutils import escape, quoteattr

import pytest

from engine.model.values import SYSTEM, Resource
from engine.services import repository
from tests.engine.diagrams import diagram, end, flows, start, user

FIELDS = [
    {"type": "textfield", "key": "amount", "label": "Amount"},
    {"type": "number", "key": "limit", "label": "Limit"},
    {"type": "number", "key": "price", "label": "Price", "serializeToString": True},
    {"type": "datetime", "key": "due", "subtype": "date", "dateLabel": "Due"},
    {"type": "checkbox", "key": "urgent", "label": "Urgent"},
    {"type": "select", "key": "level", "label": "Level", "values": [{"value": 1, "label": "a"}, {"value": 2, "label": "b"}]},
    {"type": "select", "key": "mixed", "label": "Mixed", "values": [{"value": 1, "label": "a"}, {"value": "x", "label": "b"}]},
    {"type": "taglist", "key": "tags", "label": "Tags", "values": [{"value": "a", "label": "a"}]},
    {"type": "textfield", "key": "payer.name", "label": "Payer"},
    {"type": "number", "key": "shown", "label": "Shown", "readonly": True},
    {"type": "expression", "key": "total", "expression": "=limit * 2"},
    {"type": "expression", "key": "last_day", "expression": '=date(due) + duration("P3D")'},
]  # fmt: skip
TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:fee">
<decision id="fee" name="fee"><variable name="fee"/><decisionTable hitPolicy="{policy}" {more}>
<input label="limit"><inputExpression typeRef="number"><text>limit</text></inputExpression></input>{outputs}
<rule><inputEntry><text>-</text></inputEntry>{results}</rule></decisionTable></decision></definitions>"""


def form(fields=FIELDS) -> bytes:
    components = [{"id": f"c{number}", **each} for number, each in enumerate(fields)]
    return json.dumps({"id": "f", "type": "default", "components": components}).encode()


def table(policy="FIRST", more="", **columns: str) -> bytes:
    outputs = "".join(f'<output name="{name}"/>' for name in columns)
    results = "".join(f"<outputEntry><text>{escape(result)}</text></outputEntry>" for result in columns.values())
    return TABLE.format(policy=policy, more=more, outputs=outputs, results=results).encode()


def process(condition: str, *, before: str = "", start_form: bool = True) -> bytes:
    """A process that asks with the form, decides the fee, and branches on a condition."""
    asked = '<extensionElements><zeebe:formDefinition formId="f"/></extensionElements>' if start_form else ""
    decide = (
        '<businessRuleTask id="rule"><extensionElements><zeebe:calledDecision decisionId="fee" resultVariable="fee"/>'
        "</extensionElements></businessRuleTask>"
    )
    return diagram(
        start(inner=asked), user("ask", form="f"), decide, before or '<task id="before"/>',
        '<exclusiveGateway id="which" default="no"/>', end(),
        flows("start>ask", "ask>rule", "rule>before", "before>which"),
        '<sequenceFlow id="yes" sourceRef="which" targetRef="end"><conditionExpression>'
        f'{escape("=" + condition)}</conditionExpression></sequenceFlow>',
        '<sequenceFlow id="no" sourceRef="which" targetRef="end"/>',
    )  # fmt: skip


def found(h, condition: str, *, dmn: bytes = table(fee="12.50"), fields=FIELDS, **more) -> list[tuple[str, str, str]]:
    """What the linter says about a condition after the form and the decision."""
    files = [
        Resource("p.bpmn", process(condition, **more)),
        Resource("f.form", form(fields)),
        Resource("d.dmn", dmn),
    ]
    contents = repository.check(h.engine, files)
    assert not contents.errors, contents.errors
    return [(p.where, p.rule, p.message) for p in contents.problems if p.rule.startswith("feel-")]


@pytest.mark.parametrize(
    ("condition", "place", "reason"),
    [
        ("amount > limit", "line 1, column 8", "> cannot compare string and number"),
        ("urgent and\namount > 3", "line 2, column 8", "> cannot compare string and number"),
        ("price > 100", "line 1, column 7", "> cannot compare string and number"),
        ("due < today()", "line 1, column 5", "< cannot compare string and date"),
        ("last_day > today()", "line 1, column 10", "> cannot compare string and date"),
        ('urgent = "yes"', "line 1, column 8", "= cannot compare boolean and string"),
        ('level > "1"', "line 1, column 7", "> cannot compare number and string"),
        ("total > amount", "line 1, column 7", "> cannot compare number and string"),
        ("payer.name > 3", "line 1, column 12", "> cannot compare string and number"),
        ("tags > 3", "line 1, column 6", "> cannot compare list and number"),
        ("fee > amount", "line 1, column 5", "> cannot compare number and string"),
        ("limit", "line 1, column 1", "the condition is number, not a boolean"),
        ("starts with(limit, amount)", "line 1, column 1", "starts with does not take (number, string)"),
    ],
)
def test_values_that_do_not_go_together_are_told_with_line_and_column(h, condition, place, reason):
    [(where, _, message)] = found(h, condition)

    assert where == "yes"
    assert message == f"in ={condition} at {place}: {reason}"


@pytest.mark.parametrize(
    "condition",
    [
        "number(amount) > limit",
        "limit = null or fee > 12",
        "date(due) < today()",
        "urgent",
        "mixed > 3",
        "shown > 3 or list contains(tags, amount)",
        'payer.phone = "1" or payer.name = amount',
        "total > limit and level in [1..2]",
        "for t in tags return t = amount",
        "channel = amount",
    ],
)
def test_what_may_be_right_is_left_alone(h, condition):
    assert [each for each in found(h, condition) if "not a boolean" not in each[2]] == []


@pytest.mark.parametrize(
    ("dmn", "condition", "reason"),
    [
        (table(fee="3", level='"high"'), 'fee.level > 3 and fee.fee = "x"', "> cannot compare string and number"),
        (table(fee="3", level='"high"'), "fee.levle = 1", "the context has no entry levle"),
        (table("COLLECT", fee="3"), "fee > 3", "> cannot compare list and number"),
        (table("COLLECT", 'aggregation="SUM"', fee="3"), 'fee > "3"', "> cannot compare number and string"),
        (table(fee='date("2026-01-01")'), "fee < today()", "< cannot compare string and date"),
        (table(fee="limit + 1"), "fee = 3 and fee", "number stands where a boolean should"),
        (table(fee="limit + unknown"), "fee > 3", None),
    ],
)
def test_the_outputs_of_a_decision_have_kinds_too(h, dmn, condition, reason):
    told = [message.partition(": ")[2] for *_, message in found(h, condition, dmn=dmn)]

    assert (told[0] if told else None) == reason


def test_a_name_that_nothing_sets_is_told_where_everything_that_sets_is_known(h):
    [(where, rule, message)] = found(h, "limit > ceilling")

    assert (where, rule) == ("yes", "feel-name")
    assert message == "in =limit > ceilling at line 1, column 9: there is no variable ceilling"


@pytest.mark.parametrize(("name", "told"), [("limti", 1), ("limt", 1), ("limit2", 0), ("ceilling", 0), ("limmit", 1)])
def test_where_a_caller_may_bring_names_only_a_slip_of_a_known_name_is_told(h, name, told):
    assert len(found(h, f"{name} > 3", start_form=False)) == told


def test_scripts_and_mappings_have_the_kinds_of_what_they_calculate(h):
    script = (
        '<scriptTask id="before"><extensionElements><zeebe:script expression={} resultVariable="made"/>'
        "</extensionElements></scriptTask>"
    )
    mapping = (
        '<task id="before"><extensionElements><zeebe:ioMapping><zeebe:input source="=amount" target="local"/>'
        '<zeebe:output source="=limit + 1" target="made"/></zeebe:ioMapping></extensionElements></task>'
    )

    def told(before: str) -> list[str]:
        return [message.partition(": ")[2] for *_, message in found(h, "made > 3", before=before)]

    assert told(script.format(quoteattr("=upper case(amount)"))) == ["> cannot compare string and number"]
    assert told(script.format(quoteattr("=today()"))) == ["> cannot compare string and number"]
    assert told(script.format(quoteattr("=limit * 2"))) == []
    assert told(script.format(quoteattr("={a: 1}"))) == ["> cannot compare context and number"]
    assert told(mapping) == []
    assert found(h, "limit + local > 3", before=mapping) == [
        ("yes", "feel-kind", "in =limit + local > 3 at line 1, column 7: + has no result for number and string")
    ]


def test_a_variable_that_is_set_in_two_ways_has_no_kind(h):
    script = (
        '<scriptTask id="before"><extensionElements><zeebe:script expression="=number(amount)" resultVariable="amount"/>'
        "</extensionElements></scriptTask>"
    )

    assert found(h, "amount > 3", before=script) == []


def test_a_condition_that_never_changes_is_told(h):
    assert [message.partition(": ")[2] for *_, message in found(h, "1 > 2")] == ["the condition is always false"]


def test_the_form_that_is_deployed_already_is_known_too(h):
    repository.deploy(h.engine, [Resource("f.form", form()), Resource("d.dmn", table(fee="3"))], actor=SYSTEM)
    latest = process("amount > limit").replace(b'formId="f"', b'formId="f" bindingType="latest"')
    latest = latest.replace(b'bindingType="latest" bindingType="deployment"', b'bindingType="latest"')
    latest = latest.replace(b'decisionId="fee"', b'decisionId="fee" bindingType="latest"')

    contents = repository.check(h.engine, [Resource("p.bpmn", latest)])

    assert [p.rule for p in contents.problems if p.rule.startswith("feel-")] == ["feel-kind"]
