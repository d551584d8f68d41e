"""Boxed expressions and types."""

import pytest

from engine import dmn
from tests.engine.dmn.files import decision, literal, model


def entry(name, content, type_=""):
    variable = f'<variable name="{name}" typeRef="{type_}"/>' if name else ""
    return f"<contextEntry>{variable}{literal(content)}</contextEntry>"


@pytest.mark.parametrize(
    ("logic", "value"),
    [
        ("<context>" + entry("a", "1") + entry("b", "a + 1") + "</context>", {"a": 1, "b": 2}),
        ("<context>" + entry("a", "1") + entry("", "a + 5") + "</context>", 6),
        ("<context>" + entry("a", "1") + entry("a", "2") + "</context>", None),
        ("<context>" + entry("a", '"x"', "number") + "</context>", {"a": None}),
        ("<list>" + literal("1") + literal("x + 1") + "</list>", [1, 11]),
        (
            '<relation><column name="a"/><column name="b"/>'
            f"<row>{literal('1')}{literal('2')}</row><row>{literal('3')}{literal('x')}</row></relation>",
            [{"a": 1, "b": 2}, {"a": 3, "b": 10}],
        ),
        (
            f"<conditional><if>{literal('x > 5')}</if><then>{literal('1')}</then><else>{literal('2')}</else></conditional>",
            1,
        ),
        (
            f"<conditional><if>{literal('null')}</if><then>{literal('1')}</then><else>{literal('2')}</else></conditional>",
            2,
        ),
        (f"<filter><in>{literal('[1,2,3]')}</in><match>{literal('item > 1')}</match></filter>", [2, 3]),
        (f"<filter><in>{literal('[{n: 1}, {n: 2}]')}</in><match>{literal('n > 1')}</match></filter>", [{"n": 2}]),
        (f'<for iteratorVariable="i"><in>{literal("null")}</in><return>{literal("i * x")}</return></for>', None),
        (
            f'<for iteratorVariable="i"><in>{literal("[1..3]")}</in><return>{literal("i * x")}</return></for>',
            [10, 20, 30],
        ),
        (
            f'<for iteratorVariable="i"><in>{literal("[1,2,3]")}</in><return>{literal("i + count(partial)")}</return></for>',
            [1, 3, 5],
        ),
        (
            f'<some iteratorVariable="i"><in>{literal("[1,2]")}</in><satisfies>{literal("i > 1")}</satisfies></some>',
            True,
        ),
        (
            f'<every iteratorVariable="i"><in>{literal("[1,2]")}</in><satisfies>{literal("i > 1")}</satisfies></every>',
            False,
        ),
        (
            "<context><contextEntry><variable name='f'/><functionDefinition><formalParameter name='n' typeRef='number'/>"
            + literal("n + x")
            + "</functionDefinition></contextEntry>"
            + entry("", "f(1)")
            + "</context>",
            11,
        ),
    ],
)
def test_a_boxed_expression_gives_its_value(evaluate, logic, value):
    assert evaluate(logic, x=10) == value


def test_functions_in_other_languages_are_not_executed(load):
    java = '<functionDefinition kind="Java"><context/></functionDefinition>'

    decisions = load(decision("it", java))

    assert decisions.evaluate("it", {}) is None
    assert "functions of kind Java are not executed" in str(decisions.problems[0])


def test_expressions_in_other_languages_are_not_executed(load):
    decisions = load(decision("it", literal("${x}", expressionLanguage="juel")))

    assert decisions.evaluate("it", {"x": 1}) is None
    assert decisions.problems[0].severity == "error"


TYPES = """
<itemDefinition name="tColour"><typeRef>string</typeRef><allowedValues><text>"red","green"</text></allowedValues></itemDefinition>
<itemDefinition name="tColours" isCollection="true"><typeRef>tColour</typeRef></itemDefinition>
<itemDefinition name="tPair" isCollection="true"><typeRef>number</typeRef>
  <typeConstraint><text>count(?) = 2</text></typeConstraint></itemDefinition>
<itemDefinition name="tPerson">
  <itemComponent name="name"><typeRef>string</typeRef></itemComponent>
  <itemComponent name="born"><typeRef>date</typeRef></itemComponent>
</itemDefinition>
<itemDefinition name="tTree">
  <itemComponent name="value"><typeRef>number</typeRef></itemComponent>
  <itemComponent name="children" isCollection="true"><typeRef>tTree</typeRef></itemComponent>
</itemDefinition>
<itemDefinition name="tLoop"><typeRef>tLoop2</typeRef></itemDefinition>
<itemDefinition name="tLoop2"><typeRef>tLoop</typeRef></itemDefinition>
"""


@pytest.mark.parametrize(
    ("type_", "expression", "value"),
    [
        ("number", "1", 1),
        ("number", '"1"', None),
        ("number", "[1]", 1),
        ("number", "[1, 2]", None),
        ("string", "null", None),
        ("Any", "[1]", [1]),
        ("context", "{a: 1}", {"a": 1}),
        ("tColour", '"red"', "red"),
        ("tColour", '"blue"', None),
        ("tColours", '["red", "green"]', ["red", "green"]),
        ("tColours", '["red", "blue"]', None),
        ("tColours", '"red"', ["red"]),
        ("tPair", "[1, 2]", [1, 2]),
        ("tPair", "[1, 2, 3]", None),
        ("tPerson", '{name: "Li", born: null}', {"name": "Li", "born": None}),
        ("tPerson", '{name: "Li", born: null, age: 3}', {"name": "Li", "born": None, "age": 3}),
        ("tPerson", '{name: "Li"}', None),
        ("tPerson", "{name: 3, born: null}", None),
        (
            "tTree",
            "{value: 1, children: [{value: 2, children: []}]}",
            {"value": 1, "children": [{"value": 2, "children": []}]},
        ),
        ("tTree", '{value: 1, children: [{value: "2", children: []}]}', None),
        ("tLoop", "1", 1),
        ("nowhere", "1", 1),
    ],
)
def test_a_value_has_its_type_or_is_null(type_, expression, value):
    assert dmn.load(model(TYPES, decision("it", literal(expression), type_=type_))).evaluate("it", {}) == value


def test_types_without_a_definition_and_types_of_themselves_are_told(load):
    decisions = load(TYPES, decision("it", literal("1"), type_="nowhere"))

    messages = [str(problem.message) for problem in decisions.problems]
    assert "the type nowhere is not defined" in messages
    assert any(
        "is defined by itself" in message
        for message in load(TYPES, decision("it", literal("1"), type_="tLoop")).problems[0:1].__str__().splitlines()
    )


def test_feel_knows_the_types_of_the_model(load):
    decisions = load(
        TYPES,
        decision(
            "it", literal('[instance, "blue" instance of tColour]'.replace("instance,", '"red" instance of tColour,'))
        ),
    )

    assert decisions.evaluate("it", {}) == [True, False]
