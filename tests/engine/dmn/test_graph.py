"""Requirement graphs: inputs, decisions on decisions, knowledge models, services, imports, and what is refused."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from engine import dmn
from engine.errors import Invalid, LimitExceeded, NotFound
from engine.model import json
from tests.engine.dmn.files import decision, input_data, literal, model, table


def knowledge(name, parameters, logic, *, knows=(), type_=""):
    formal = "".join(
        f'<formalParameter name="{each.partition(":")[0]}" typeRef="{each.partition(":")[2]}"/>' for each in parameters
    )
    needed = "".join(
        f'<knowledgeRequirement><requiredKnowledge href="#{known}"/></knowledgeRequirement>' for known in knows
    )
    return (
        f'<businessKnowledgeModel id="{name}" name="{name}"><variable name="{name}" typeRef="{type_}"/>'
        f"<encapsulatedLogic>{formal}{logic}</encapsulatedLogic>{needed}</businessKnowledgeModel>"
    )


def service(name, outputs, *, decisions=(), inputs=(), type_=""):
    parts = [f'<outputDecision href="#{each}"/>' for each in outputs]
    parts += [f'<inputDecision href="#{each}"/>' for each in decisions]
    parts += [f'<inputData href="#{each}"/>' for each in inputs]
    return f'<decisionService id="{name}" name="{name}"><variable name="{name}" typeRef="{type_}"/>{"".join(parts)}</decisionService>'


def test_a_decision_sees_what_it_requires(load):
    decisions = load(
        input_data("amount", "number"),
        decision("tax", literal("amount * 0.06"), needs=["input:amount"]),
        decision("total", literal("amount + tax"), needs=["input:amount", "decision:tax"]),
    )

    assert decisions.evaluate("total", {"amount": 100}) == 106


def test_a_table_without_a_variable_is_seen_by_the_name_of_its_only_output(load):
    decisions = load(
        decision("Season", table("UNIQUE", ["temperature"], ["season"], ["> 20", '"summer"'], ["<= 20", '"winter"'])),
        decision("Heating", literal('season = "winter"'), needs=["decision:Season"]),
    )

    assert decisions.evaluate("Heating", {"temperature": 5, "season": "what the caller says"}) is True


def test_a_decision_sees_the_callers_variables_without_declaring_them(load):
    assert load(decision("it", literal('kind + "!"'))).evaluate("it", {"kind": "leak"}) == "leak!"


def test_each_decision_is_evaluated_once_and_told_in_order(load):
    decisions = load(
        decision("base", literal("1")),
        decision("left", literal("base + 1"), needs=["decision:base"]),
        decision("right", literal("base + 2"), needs=["decision:base"]),
        decision("top", literal("left + right"), needs=["decision:left", "decision:right"]),
    )

    explanation = decisions.explain("top", {})

    assert explanation.value == 5
    assert [each.name for each in explanation.decisions] == ["base", "left", "right", "top"]
    assert explanation.decisions[-1].inputs == {"left": 2, "right": 3}


def test_a_required_decision_without_a_variable_is_also_seen_by_its_id(load):
    named = (
        '<decision id="Decision_1" name="Base rate"><literalExpression><text>7</text></literalExpression></decision>'
    )

    assert (
        load(named, decision("it", literal("Decision_1 + Base rate"), needs=["decision:Decision_1"])).evaluate("it", {})
        == 14
    )


def test_decisions_and_services_are_listed(load):
    decisions = load(decision("a", literal("1")), service("s", ["a"]), input_data("x"))

    assert decisions.decisions == [("a", "a", "decision"), ("s", "s", "service")]


def test_what_a_decision_wants_from_its_caller_is_listed(load):
    decisions = load(
        input_data("amount", "number"),
        decision("tax", literal("amount * rate"), needs=["input:amount"]),
        decision("it", literal("{a: tax, b: a + count(list)}"), needs=["decision:tax"]),
        service("s", ["it"], decisions=["tax"]),
    )

    assert decisions.inputs("it") == {"amount": "number", "list": "", "rate": ""}
    assert decisions.inputs("s") == {"tax": "", "list": ""}


def test_an_explanation_is_stored_as_json(load):
    maker = decision("f", literal("function(x) x"))
    user = decision("it", literal('{on: date("2026-01-02"), f: f}'), needs=["decision:f"])
    decisions = load(maker, user)

    stored = decisions.explain("it", {}).as_json()

    assert stored["decisions"][0]["output"] == "(function)"
    assert json.loads(json.dumps(stored))["decisions"][1]["inputs"] == {"f": "(function)"}
    assert decisions.explain("f", {}).as_json()["value"] == "(function)"


def test_an_unknown_decision_is_not_found(load):
    decisions = load(decision("a", literal("1")))

    with pytest.raises(NotFound):
        decisions.evaluate("b", {})
    with pytest.raises(NotFound):
        decisions.evaluate("a", {}, service=True)


def test_a_knowledge_model_is_called_by_position_by_name_and_by_invocation(load):
    double = knowledge("double", ["n:number"], literal("n * 2"))
    invocation = (
        "<invocation><literalExpression><text>double</text></literalExpression>"
        '<binding><parameter name="n"/><literalExpression><text>4</text></literalExpression></binding></invocation>'
    )

    for logic in (literal("double(4)"), literal("double(n: 4)"), invocation):
        assert load(double, decision("it", logic, knows=["double"])).evaluate("it", {}) == 8


def test_an_argument_of_the_wrong_type_gives_null_with_a_note(load):
    decisions = load(
        knowledge("double", ["n:number"], literal("n * 2")), decision("it", literal('double("x")'), knows=["double"])
    )

    explanation = decisions.explain("it", {})

    assert explanation.value is None
    assert any("the argument n is not of the type number" in message for message in explanation.messages)


def test_a_knowledge_model_does_not_see_the_callers_variables(load):
    decisions = load(knowledge("peek", [], literal("secret")), decision("it", literal("peek()"), knows=["peek"]))

    assert decisions.evaluate("it", {"secret": 1}) is None


def test_a_knowledge_model_may_call_itself(load):
    factorial = knowledge(
        "factorial", ["n:number"], literal("if n < 2 then 1 else n * factorial(n - 1)"), knows=["factorial"]
    )

    assert load(factorial, decision("it", literal("factorial(6)"), knows=["factorial"])).evaluate("it", {}) == 720


def test_a_knowledge_model_that_never_ends_breaks_a_bound(load):
    endless = knowledge("endless", ["n"], literal("endless(n + 1)"), knows=["endless"])
    broad = knowledge("broad", ["n"], literal("if n > 30 then 1 else broad(n + 1) + broad(n + 1)"), knows=["broad"])

    for name, source in (("endless", endless), ("broad", broad)):
        with pytest.raises(LimitExceeded):
            load(source, decision("it", literal(f"{name}(0)"), knows=[name])).evaluate("it", {})


def test_functions_cannot_multiply_loops_without_end(load):
    slow = knowledge("slow", [], literal("count(for i in 1..50000 return i)"))

    with pytest.raises(LimitExceeded):
        load(slow, decision("it", literal("count(for i in 1..50000 return slow())"), knows=["slow"])).evaluate("it", {})


def test_a_service_answers_its_output_or_a_context_of_several(load):
    elements = [
        decision("a", literal("1")),
        decision("b", literal("a + x"), needs=["decision:a", "input:x"]),
        input_data("x"),
    ]
    decisions = load(*elements, service("one", ["b"], inputs=["x"]), service("two", ["a", "b"], inputs=["x"]))

    assert decisions.evaluate("one", {"x": 5}, service=True) == 6
    assert decisions.evaluate("two", {"x": 5}, service=True) == {"a": 1, "b": 6}


def test_a_service_takes_decisions_as_inputs_and_inputs_come_first(load):
    decisions = load(
        decision("a", literal("1")),
        decision("b", literal("a * 10 + x"), needs=["decision:a", "input:x"]),
        input_data("x"),
        service("s", ["b"], decisions=["a"], inputs=["x"]),
        decision("it", literal("s(3, 4)"), knows=["s"]),
    )

    assert decisions.evaluate("it", {}) == 43
    assert decisions.evaluate("s", {"x": 3, "a": 4}, service=True) == 43
    assert decisions.evaluate("b", {"x": 3}) == 13


def test_another_file_is_seen_under_the_name_of_its_import():
    library = model(
        '<itemDefinition name="tAge"><typeRef>number</typeRef><allowedValues><text>[0..150]</text></allowedValues></itemDefinition>',
        knowledge("twice", ["n:tAge"], literal("n * 2")),
        decision("base", literal("age + 1"), needs=["input:age"]),
        input_data("age", "tAge"),
        namespace="http://example.com/lib",
    )
    main = (
        '<import namespace="http://example.com/lib" name="lib" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>'
        '<decision id="it" name="it"><variable name="it" typeRef="lib.tAge"/>'
        '<informationRequirement><requiredDecision href="http://example.com/lib#base"/></informationRequirement>'
        '<knowledgeRequirement><requiredKnowledge href="http://example.com/lib#twice"/></knowledgeRequirement>'
        "<literalExpression><text>lib.twice(lib.base)</text></literalExpression></decision>"
    )

    decisions = dmn.load(model(main), library)

    assert decisions.evaluate("it", {"age": 20}) == 42
    assert decisions.evaluate("it", {"age": 100}) is None  # 202 is no age


def test_now_is_the_instant_of_the_call_in_its_zone(load):
    decisions = load(decision("it", literal("date(now())")))
    late = datetime(2026, 1, 1, 20, tzinfo=UTC)

    assert decisions.evaluate("it", {}, now=late, zone=ZoneInfo("Asia/Shanghai")) == date(2026, 1, 2)


def test_a_typed_input_reads_the_iso_text_of_variables(load):
    decisions = load(input_data("due", "date"), decision("it", literal('due < @"2026-02-01"'), needs=["input:due"]))

    assert decisions.evaluate("it", {"due": "2026-01-31"}) is True
    assert decisions.explain("it", {"due": "soon"}).value is None


@pytest.mark.parametrize(
    ("elements", "message"),
    [
        ([decision("a", literal("1")), decision("a", literal("2"))], "the id a is used twice"),
        ([decision("a", literal("b"), needs=["decision:a"])], "these require one another in a circle: a"),
        (
            [decision("a", literal("b"), needs=["decision:b"]), decision("b", literal("a"), needs=["decision:a"])],
            "these require one another in a circle: a, b",
        ),
        (
            [decision("a", literal("s()"), knows=["s"]), service("s", ["a"])],
            "these require one another in a circle: a, s",
        ),
        (
            [decision("a", '<decisionTable hitPolicy="BEST"><output name="o"/></decisionTable>')],
            "the hit policy BEST does not exist",
        ),
        ([decision("a", "<decisionTable/>")], "the table has no output column"),
        ([decision("a", table("UNIQUE", ["x"], ["y"], ["1"]))], "the rule has 0 output entries for 1 columns"),
    ],
)
def test_what_cannot_be_decided_is_refused(load, elements, message):
    with pytest.raises(Invalid) as caught:
        load(*elements)

    assert message in [str(problem.message) for problem in caught.value.problems]


def test_a_long_chain_of_decisions_is_evaluated_without_recursion(load):
    chain = [decision("d0", literal("0"))]
    chain += [decision(f"d{n}", literal(f"d{n - 1} + 1"), needs=[f"decision:d{n - 1}"]) for n in range(1, 3000)]

    assert load(*chain).evaluate("d2999", {}) == 2999


def test_an_expression_that_does_not_compile_is_null_and_told(load):
    decisions = load(decision("it", literal("1 +")))

    assert decisions.evaluate("it", {}) is None
    assert [problem.severity for problem in decisions.problems] == ["error"]
    assert decisions.explain("it", {}).messages


def test_requirements_that_lead_nowhere_are_told(load):
    decisions = load(decision("it", literal("1"), needs=["decision:gone"]))

    assert "it requires http://example.com/test#gone, which does not exist" in str(decisions.problems[0])
    assert decisions.evaluate("it", {}) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no xml",
        b"<a/>",
        b'<!DOCTYPE x [<!ENTITY e "x">]><definitions/>',
        b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>',
        "<definitions/>".encode("utf-16"),
    ],
)
def test_what_is_not_dmn_is_refused(content):
    with pytest.raises(Invalid):
        dmn.load(content)


def test_files_that_are_too_large_or_too_deep_are_refused():
    with pytest.raises(LimitExceeded):
        dmn.load(b" " * 10_000_001)
    with pytest.raises((LimitExceeded, Invalid)):
        dmn.load(model("<decision>" * 250 + "</decision>" * 250))
    with pytest.raises(Invalid):
        dmn.load(model(decision("a", "<list>" * 60 + literal("1") + "</list>" * 60)))


@pytest.mark.parametrize(
    "space",
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    ],
)
def test_every_version_of_dmn_is_read(space):
    assert dmn.load(model(decision("it", literal("1 + 1")), space=space)).evaluate("it", {}) == 2
