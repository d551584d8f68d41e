"""Compiled expressions as the rest of the engine holds them."""

from __future__ import annotations

import itertools
import time
import timeit
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine import feel
from engine.errors import Invalid, Text


class Scopes(Mapping[str, Any]):
    """A scope of the runtime: looked up name by name, never walked over."""

    def __init__(self, *scopes: dict[str, Any]) -> None:
        self.scopes = scopes

    def __getitem__(self, name: str) -> Any:
        for scope in self.scopes:
            if name in scope:
                return scope[name]
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("the context is not walked over")

    def __len__(self) -> int:
        raise AssertionError("the context is not counted")


def test_text_of_a_diagram_is_feel_after_an_equals_sign_and_a_constant_otherwise():
    expression, text = feel.read("= amount > 10"), feel.read("amount > 10")

    assert (expression.text, expression.constant, expression.names) == ("= amount > 10", False, {"amount"})
    assert (text.text, text.constant, text.evaluate({})) == ("amount > 10", True, "amount > 10")


def test_an_expression_looks_names_up_in_any_mapping():
    context = Scopes({"amount": 5}, {"limit": 3, "amount": 1})

    assert feel.read("=amount > limit and count([limit]) = 1 and missing = null").evaluate(context) is True
    assert feel.read("=a.b").evaluate(ChainMap({"a": ChainMap({"b": 1})})) == 1


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a + b.c[d > e]", {"a", "b", "d", "e"}),
        ("for x in xs return x + y", {"xs", "y"}),
        ("{a: 1, b: a + c}.b", {"c"}),
        ("function(p) p + q", {"q"}),
        ("count(list) + now().year", {"list"}),
        ("unknown function(1)", {"unknown function"}),
        ("some x in [1] satisfies ? > x", {"?"}),
        ("item", {"item"}),
        ("[1][item > 0]", set()),
    ],
)
def test_an_expression_knows_which_names_it_reads(text, names):
    assert feel.compile_expression(text, ["unknown function"]).names == names


@pytest.mark.parametrize(
    ("text", "constant"),
    [
        ("1 + 2", True),
        ('date("2026-01-01")', True),
        ("now()", False),
        ("today().year", False),
        ("uuid()", False),
        ("a", False),
    ],
)
def test_an_expression_knows_whether_it_is_constant(text, constant):
    assert feel.compile_expression(text).constant is constant


def test_identifiers_and_random_numbers_differ_each_time():
    both = feel.compile_expression("[uuid(), uuid(), random number(), random number()]")
    first, second = both.evaluate({}), both.evaluate({})

    assert len({*first, *second}) == 8
    assert all(0 <= number < 1 for number in (*first[2:], *second[2:]))


def test_the_same_text_is_compiled_once():
    assert feel.compile_expression("a + 1") is feel.compile_expression("a + 1", ["b"])
    assert feel.compile_expression("a b", ["a b"]) is not feel.compile_expression("`a b`")


def least_seconds(action: Callable[[], object], times: int) -> float:
    """The least time of one run, which other work on the machine disturbs least."""
    return min(timeit.repeat(action, number=times, repeat=20, timer=time.thread_time)) / times


def test_a_cached_condition_is_evaluated_in_ten_microseconds():
    condition = feel.read('=amount > limit and status = "open"')
    context = {"amount": 1200, "limit": Decimal("1000.5"), "status": "open"}

    assert least_seconds(lambda: condition.evaluate(context), 500) < 10e-6


def test_five_hundred_characters_are_compiled_in_two_milliseconds():
    number = itertools.count()
    text = " or ".join(
        f'(x{n}.amount > {n} and status in ("a", "b") or count(items[price > x{n}.limit]) = 3)' for n in range(6)
    )

    assert 460 < len(text) < 540
    assert least_seconds(lambda: feel.compile_expression(f"{text} or y{next(number)}"), 5) < 2e-3


def test_a_constant_has_its_value():
    assert feel.constant(Decimal(3)).evaluate({}) == 3
    assert feel.constant([1]).constant


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("1 +", "line 1, column 4", "the expression ends where a value should follow"),
        ("a b", "line 1, column 3", "b stands where an operator or the end should"),
        ("1\n+ * 2", "line 2, column 3", "* stands where a value should"),
        ('"abc', "line 1, column 1", "a string is not closed"),
        ("a # b", "line 1, column 3", "# does not belong here"),
        ("if a then b", "line 1, column 12", "the expression ends where else should follow"),
        ("1e99999", "line 1, column 1", "the number 1e99999 is too large"),
        ('"\\U110000"', "line 1, column 1", "the string has an escape for a character that does not exist"),
        ("f(a: 1, 2)", "line 1, column 10", ") stands where a name before every argument, or before none should"),
        ("", "line 1, column 1", "the expression ends where a value should follow"),
        ("[1, 2", "line 1, column 6", "the expression ends where ] should follow"),
        ("{a 1}", "line 1, column 2", "a stands where the name of an entry and a colon should"),
    ],
)
def test_what_does_not_parse_is_refused_with_line_and_column(text, where, message):
    with pytest.raises(Invalid) as refusal:
        feel.compile_expression(text)

    problem = refusal.value.problems[0]
    assert (problem.where, problem.message) == (where, message)


def test_diagnose_says_why_and_where_and_can_be_translated():
    value, messages = feel.diagnose('amount +\n  lable + "x"', {"amount": 3, "label": "a"})

    assert value is None
    assert messages[0] == "line 2, column 3: there is no variable lable"
    assert isinstance(messages[0], Text)
    assert messages[0].params["message"].template == "there is no variable {name}"
    assert messages[1] == "line 1, column 8: + has no result for number and null"


def test_diagnose_keeps_a_bounded_number_of_messages():
    _, messages = feel.diagnose("for a in 1..500 return b", {})

    assert len(messages) == 50


def test_an_evaluation_from_python_gives_decimals():
    value = feel.evaluate("{a: [1, b], c: 2 > 1}", {"b": 2})

    assert value == {"a": [1, 2], "c": True}
    assert [type(item) for item in value["a"]] == [Decimal, Decimal]
    assert value["c"] is True


def test_a_variable_named_like_a_function_hides_it_only_when_it_is_a_function():
    assert feel.evaluate("count(list) + count", {"count": 10, "list": [1, 2]}) == 12
    assert feel.evaluate("sum(1, 2)", {"sum": feel.FeelFunction(("a", "b"), lambda run, values: values)}) == [1, 2]


def test_a_function_can_be_called_from_python_and_from_another_evaluation():
    add = feel.compile_expression("function(a, b) a + b + c").evaluate({"c": 100})

    assert feel.evaluate("f(1, 2) + c", {"f": add, "c": 1}) == 104
    assert add(1, 2) == 103
    assert add(1) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("2.50"), Decimal("2.5")),
        (Decimal("1E+3"), 1000),
        ({"a": [Decimal("1.0"), True, None, "x"]}, {"a": [1, True, None, "x"]}),
        (date(2026, 3, 1), "2026-03-01"),
        (datetime(2026, 3, 1, 10, tzinfo=UTC), "2026-03-01T10:00:00Z"),
        (timedelta(days=1, hours=2), "P1DT2H"),
        (feel.YearsMonths(14), "P1Y2M"),
        (feel.Date(-44, 3, 15), "-0044-03-15"),
    ],
)
def test_a_value_becomes_a_process_variable(value, expected):
    converted = feel.to_json(value)

    assert converted == expected
    assert type(converted) is type(expected)


@pytest.mark.parametrize("text", ["[1..2]", "function(a) a", "{a: [abs]}"])
def test_a_range_or_a_function_cannot_become_a_process_variable(text):
    with pytest.raises(Invalid, match="cannot be the value of a variable"):
        feel.to_json(feel.evaluate(text, {}))
