"""An expression of another engine, translated, gives in FEEL what it gave there."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn.importers import juel, python
from engine.feel import evaluate

NAMES = {"a": 7, "b": 2, "count": 3, "date": 5, "in": 4, "note": "x y", "empty_text": "", "yes": True, "no": False}
KINDS = {"number": ["a", "b", "count", "date", "in"], "text": ["note", "empty_text"], "truth": ["yes", "no"]}
SPELLED = {
    "==": ["==", "eq"], "!=": ["!=", "ne"], "<": ["<", "lt"], ">": [">", "gt"], "<=": ["<=", "le"], ">=": [">=", "ge"],
    "&&": ["&&", "and"], "||": ["||", "or"], "!": ["!", "not "], "/": ["/", "div"], "%": ["%", "mod"],
    "+": ["+"], "-": ["-"], "*": ["*"],
}  # fmt: skip
LEVEL = {"||": 0, "&&": 1, "==": 2, "!=": 2, "<": 3, ">": 3, "<=": 3, ">=": 3, "+": 4, "-": 4, "*": 5, "/": 5, "%": 5}
WORK = {
    "==": lambda x, y: x == y, "!=": lambda x, y: x != y, "<": lambda x, y: x < y, ">": lambda x, y: x > y,
    "<=": lambda x, y: x <= y, ">=": lambda x, y: x >= y, "+": lambda x, y: x + y, "-": lambda x, y: x - y,
    "*": lambda x, y: x * y, "/": lambda x, y: x / y, "%": lambda x, y: x % y,
    "&&": lambda x, y: x and y, "||": lambda x, y: x or y,
}  # fmt: skip


@st.composite
def expressions(draw, kind, depth=4):
    """Draw (text, level of its outermost operator, value): brackets only where precedence asks for them, or by chance."""
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        if draw(st.booleans()):
            name = draw(st.sampled_from(KINDS[kind]))
            return name, 9, Decimal(NAMES[name]) if kind == "number" else NAMES[name]
        if kind == "number":
            number = draw(st.integers(1, 20))
            return str(number), 9, Decimal(number)
        if kind == "text":
            return draw(st.sampled_from([("'x y'", 9, "x y"), ('""', 9, ""), ("'it\\'s'", 9, "it's")]))
        return draw(st.sampled_from([("true", 9, True), ("false", 9, False)]))
    if draw(st.integers(0, 5)) == 0:
        condition, then, other = (draw(expressions(each, depth - 1)) for each in ("truth", kind, kind))
        return f"({wrapped(condition, 0)} ? {then[0]} : {other[0]})", 9, then[2] if condition[2] else other[2]
    if kind == "text":
        return draw(expressions(kind, 0))
    if kind == "truth" and draw(st.integers(0, 2)) == 0:
        if draw(st.booleans()):
            inner = draw(expressions("text", depth - 1))
            return f"empty {wrapped(inner, 8)}", 7, inner[2] == ""
        inner = draw(expressions("truth", depth - 1))
        return f"{draw(st.sampled_from(SPELLED['!']))}{wrapped(inner, 7)}", 7, not inner[2]
    if kind == "number":
        sign = draw(st.sampled_from("+-*%"))
        left, right = draw(expressions("number", depth - 1)), draw(expressions("number", depth - 1))
        if sign == "%" and (
            left[2] < 0 or right[2] <= 0
        ):  # what is left of a negative number differs between the engines
            sign = "+"
    else:
        sign = draw(st.sampled_from(["==", "!=", "<", ">", "<=", ">=", "&&", "||"]))
        inside = "truth" if sign in ("&&", "||") else "number"
        left, right = draw(expressions(inside, depth - 1)), draw(expressions(inside, depth - 1))
    level = LEVEL[sign]
    spelled = draw(st.sampled_from(SPELLED[sign]))
    text = f"{wrapped(left, level)} {spelled} {wrapped(right, level + 1)}"
    return text, level, WORK[sign](left[2], right[2])


def wrapped(expression, level):
    text, own, _ = expression
    return f"({text})" if own < level else text


@given(expressions("truth"))
@settings(max_examples=80, deadline=None)
def test_a_condition_of_the_expression_language_decides_as_before(expression):
    text, _, value = expression

    assert evaluate(juel.to_feel(f"${{{text}}}"), NAMES) is value, (text, juel.to_feel(f"${{{text}}}"))


@given(expressions("number"))
@settings(max_examples=40, deadline=None)
def test_a_calculation_of_the_expression_language_gives_what_it_gave(expression):
    text, _, value = expression

    assert evaluate(juel.to_feel(f"#{{{text}}}"), NAMES) == value, (text, juel.to_feel(f"#{{{text}}}"))


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_python_condition_decides_as_before(data):
    text = data.draw(python_conditions())

    assert evaluate(python.to_feel(text), NAMES) is eval(text, {}, dict(NAMES)), (text, python.to_feel(text))


@st.composite
def python_conditions(draw, depth=3):
    """Draw a condition as SpiffWorkflow's authors write it."""
    if depth == 0:
        return draw(
            st.sampled_from(
                ["yes", "no", "True", "a > 2", "note == 'x y'", "1 < b <= count < 9", "a in [1, 7]", "b not in (2, 3)"]
            )
        )
    one, two, three = (draw(python_conditions(depth - 1)) for _ in range(3))
    shapes = [
        "{} and {}",
        "{} or {}",
        "not ({})",
        "({}) and not ({})",
        "({}) if ({}) else ({})",
        "a - b - 1 == 4 and ({})",
        "-b ** 2 < 0 or {}",
    ]
    return draw(st.sampled_from(shapes)).format(one, two, three)
