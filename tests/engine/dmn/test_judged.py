"""Expressions and cells of decisions are judged by the types that the model declares, and decisions say of which kind they are."""

from __future__ import annotations

import pytest

from engine import dmn
from engine.dmn.check import check
from engine.feel.kinds import Shape
from tests.engine.dmn.files import decision, input_data, literal, model, table

TYPES = (
    '<itemDefinition name="tFee"><itemComponent name="amount"><typeRef>number</typeRef></itemComponent>'
    '<itemComponent name="since"><typeRef>date</typeRef></itemComponent></itemDefinition>'
    '<itemDefinition name="tTags" isCollection="true"><typeRef>string</typeRef></itemDefinition>'
)


def decided(logic: str, type_ref: str = "") -> dmn.Decisions:
    return dmn.load(
        model(TYPES, input_data("age", "number"), decision("it", logic, needs=["input:age"], type_=type_ref))
    )


def found(logic: str) -> list[tuple[str, str]]:
    return [(problem.rule, problem.message) for problem in check(decided(logic))]


@pytest.mark.parametrize(
    ("text", "rule", "reason"),
    [
        ('age > "x"', "feel-kind", "in {} at line 1, column 5: > cannot compare number and string"),
        ("1 +\nupper case(age)", "feel-call", "in {} at line 2, column 1: upper case does not take (number)"),
        ("{a: age}.b", "feel-name", "in {} at line 1, column 9: the context has no entry b"),
        ("if 1 > 2 then 3 else 4", "feel-constant", "in {} at line 1, column 6: the condition is always the same"),
    ],
)
def test_an_expression_that_clashes_with_a_declared_type_is_told_with_its_place(text, rule, reason):
    assert (rule, reason.format(text)) in found(literal(text))


@pytest.mark.parametrize("text", ["age > limit", "stranger(1).x", "for i in 1..age return i * factor", "null", "-"])
def test_what_a_caller_may_bring_is_left_alone(text):
    assert found(literal(text)) == []


def test_a_cell_of_the_wrong_kind_and_an_output_that_becomes_null_are_told():
    logic = table("FIRST", ["age"], [("level", '"low","high"', "")], ['"old"', '"low"'], ["> 5", "3"], ["-", '"hihg"'])
    logic = logic.replace("<inputExpression>", '<inputExpression typeRef="number">')
    logic = logic.replace('<output name="level"', '<output name="level" typeRef="string"')

    assert [each for each in found(logic) if each[0] == "table-kind"] == [
        (
            "table-kind",
            'rule 1 can never match: "old" is of the kind string, the input age of the kind number',
        ),
        (
            "table-kind",
            "the output 3 of rule 2 becomes null: it is of the kind number, the column of the kind string",
        ),
        ("table-kind", 'the output "hihg" of rule 3 becomes null: it is not among the values of the column'),
    ]
    decisions = decided(logic)
    assert [decisions.evaluate("it", {"age": age}) for age in (1, 6)] == [None, None]


@pytest.mark.parametrize(
    ("logic", "type_ref", "kind"),
    [
        (literal("age + 1"), "", "number"),
        (literal("unknown"), "", None),
        (literal("unknown"), "string", "string"),
        (literal("unknown"), "tTags", "list"),
        (literal("unknown"), "tFee", Shape({"amount": "number", "since": "date"}, closed=False)),
        (table("FIRST", ["age"], ["a"], ["-", "1"]), "", "number"),
        (table("FIRST", ["age"], ["a"], ["-", "1"], ["-", '"x"']), "", None),
        (table("FIRST", ["age"], ["a", "b"], ["-", "1", "age > 3"]), "", Shape({"a": "number", "b": "boolean"})),
        (table("COLLECT", ["age"], ["a"], ["-", "1"]), "", "list"),
        (table("RULE ORDER", ["age"], ["a"], ["-", "1"]), "", "list"),
        (
            f'<context><contextEntry><variable name="a"/>{literal("age")}</contextEntry>'
            f'<contextEntry><variable name="b"/>{literal("a > 3")}</contextEntry></context>',
            "",
            Shape({"a": "number", "b": "boolean"}),
        ),
        (
            f'<context><contextEntry><variable name="a"/>{literal("age")}</contextEntry>'
            f"<contextEntry>{literal('string(a)')}</contextEntry></context>",
            "",
            "string",
        ),
        (
            f"<conditional><if>{literal('age > 3')}</if><then>{literal('1')}</then><else>{literal('2')}</else></conditional>",
            "",
            "number",
        ),
        (f"<list>{literal('1')}</list>", "", "list"),
        (
            f'<some iteratorVariable="i"><in>{literal("[age]")}</in><satisfies>{literal("i > 1")}</satisfies></some>',
            "",
            "boolean",
        ),
    ],
)
def test_the_kind_of_a_decision_is_known_from_its_type_or_its_logic(logic, type_ref, kind):
    assert decided(logic, type_ref).kind("it") == kind


def test_a_decision_knows_the_kinds_of_those_that_it_requires_however_long_the_chain_is():
    chain = [decision(f"d{n}", literal(f"d{n - 1} + 1"), needs=[f"decision:d{n - 1}"]) for n in range(1, 500)]
    decisions = dmn.load(model(*reversed(chain), decision("d0", literal("1"))))

    assert decisions.kind("d499") == "number"
    assert check(decisions) == []
