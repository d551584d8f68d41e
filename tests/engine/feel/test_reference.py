"""The reference page tells the truth: every table of it is run."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine import feel
from engine.feel import bounds
from engine.feel.builtins import BUILTINS
from engine.feel.comparison import equal

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "feel.md"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
CONTEXT = {"a": 5, "items": [{"name": "门", "price": 3}, {"name": "窗", "price": 12}]}
CELL = re.compile(r"``? ?(.+?) ?``?")


def rows(header: str) -> list[list[str]]:
    """Cells of all tables that have this header, without their backticks."""
    found = []
    for table in PAGE.read_text("utf-8").split(header + "\n")[1:]:
        lines = table.split("\n\n")[0].splitlines()[1:]
        found.extend([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return found


def code(cell: str) -> str:
    match = CELL.fullmatch(cell)
    assert match, cell
    return match[1]


def value(expression: str):
    return feel.compile_expression(expression).evaluate(CONTEXT, now=NOW)


FUNCTIONS = rows("| function | what it does | example | value |")
OPERATORS = rows("| operators | example | value |")
EXPRESSIONS = rows("| expression | value |")
TESTS = rows("| test | met by | not met by |")
EXAMPLES = [row[-2:] for row in FUNCTIONS + OPERATORS + EXPRESSIONS]


@pytest.mark.parametrize(("example", "answer"), EXAMPLES, ids=[example for example, _ in EXAMPLES])
def test_an_example_has_the_value_that_the_page_gives(example, answer):
    assert same(value(code(example)), value(code(answer)))


def same(left, right) -> bool:
    return equal(left, right, feel.Run({})) is True


@pytest.mark.parametrize(("cell", "met", "unmet"), TESTS, ids=[cell for cell, _, _ in TESTS])
def test_a_unary_test_is_met_and_not_met_as_the_page_says(cell, met, unmet):
    test = feel.compile_unary(code(cell))

    assert test.test(value(code(met)), {}) is True
    assert not unmet or test.test(value(code(unmet)), {}) is False


def test_every_way_to_call_every_function_is_on_the_page():
    documented = {code(row[0]) for row in FUNCTIONS}

    declared = {
        f"{name}({', '.join(f.name + '?' * f.optional + '...' * f.many for f in overload.formals)})"
        for name, function in BUILTINS.items()
        for overload in function.overloads
    }

    assert documented == declared


def test_the_page_gives_the_bounds_as_they_are():
    page = PAGE.read_text("utf-8")

    for bound in (bounds.EXPRESSION_CHARS, bounds.STEPS, bounds.ITEMS, bounds.STRING_CHARS, bounds.REGEX_CHARS):
        assert f"{bound:,}" in page
    for bound in (bounds.NESTING, bounds.CALLS, bounds.VALUE_DEPTH, bounds.REGEX_SECONDS):
        assert re.search(rf"\| {bound}( |$)", page, re.MULTILINE), bound
