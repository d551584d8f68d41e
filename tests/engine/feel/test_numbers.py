"""Numbers: decimal128, exact where decimal128 is."""

from __future__ import annotations

import decimal
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import feel

REFERENCE = decimal.Context(prec=34, rounding=decimal.ROUND_HALF_EVEN, Emin=-6143, Emax=6144, traps=[])
integers = st.integers(-(10**34) + 1, 10**34 - 1)
decimals = st.decimals(allow_nan=False, allow_infinity=False).map(REFERENCE.plus).filter(Decimal.is_finite)
numbers = integers | decimals | st.integers(-1000, 1000)


def calculated(operator: str, left: int | Decimal, right: int | Decimal) -> Decimal | None:
    return feel.evaluate(f"left {operator} right", {"left": left, "right": right})


@pytest.mark.parametrize(
    ("operator", "operation"),
    [("+", REFERENCE.add), ("-", REFERENCE.subtract), ("*", REFERENCE.multiply), ("/", REFERENCE.divide)],
)
@given(left=numbers, right=numbers)
def test_arithmetic_agrees_with_decimal(operator, operation, left, right):
    expected = operation(Decimal(left), Decimal(right))

    assert calculated(operator, left, right) == (expected if expected.is_finite() else None)


@given(left=numbers, right=numbers)
def test_numbers_are_ordered_as_decimals_are(left, right):
    context = {"left": left, "right": right}

    assert feel.evaluate("left < right", context) is (Decimal(left) < Decimal(right))
    assert feel.evaluate("left = right", context) is (Decimal(left) == Decimal(right))
    assert feel.evaluate("left >= right", context) is (Decimal(left) >= Decimal(right))


@given(number=numbers, scale=st.integers(-5, 10))
@pytest.mark.parametrize(
    ("function", "rounding"),
    [
        ("decimal", decimal.ROUND_HALF_EVEN),
        ("floor", decimal.ROUND_FLOOR),
        ("ceiling", decimal.ROUND_CEILING),
        ("round up", decimal.ROUND_UP),
        ("round down", decimal.ROUND_DOWN),
        ("round half up", decimal.ROUND_HALF_UP),
        ("round half down", decimal.ROUND_HALF_DOWN),
    ],
)
def test_rounding_agrees_with_decimal(function, rounding, number, scale):
    rounded = feel.evaluate(f"{function}(n, s)", {"n": number, "s": scale})

    wide = decimal.Context(prec=7000, rounding=rounding)
    assert rounded == Decimal(number).quantize(Decimal((0, (1,), -scale)), context=wide)


@given(dividend=st.integers(-(10**20), 10**20), divisor=st.integers(-1000, 1000).filter(bool))
def test_modulo_has_the_sign_of_the_divisor(dividend, divisor):
    assert feel.evaluate("modulo(a, b)", {"a": dividend, "b": divisor}) == dividend % divisor
    halves = {"a": Decimal(dividend) / 2, "b": Decimal(divisor) / 2}
    assert feel.evaluate("modulo(a, b)", halves) == Decimal(dividend % divisor) / 2


@given(value=numbers)
def test_a_number_written_and_read_again_is_the_same(value):
    assert feel.evaluate("number(string(n)) = n", {"n": value}) is True


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.1 + 0.2 = 0.3", True),
        ("1 / 3 * 3", Decimal("0.9999999999999999999999999999999999")),
        ("9999999999999999999999999999999999 + 1", Decimal("1E+34")),
        (
            "9999999999999999999999999999999999 * 9999999999999999999999999999999999",
            Decimal("9.999999999999999999999999999999998E+67"),
        ),
        ("3 ** 4 ** 5", Decimal(3**20)),
        ("0 ** 0", 1),
        ("1e3 + .5", Decimal("1000.5")),
        ("string(1.50)", "1.50"),
        ("string(-0.0)", "0.0"),
        ("string(1e10)", "10000000000"),
    ],
)
def test_a_number_is_what_decimal128_says(text, expected):
    assert feel.evaluate(text, {}) == expected


def test_a_binary_float_enters_by_its_shortest_text():
    assert feel.evaluate("a + b[1].c = 0.3", {"a": 0.1, "b": [{"c": 0.2}]}) is True
    assert feel.evaluate("a", {"a": float("nan")}) is None
    assert feel.evaluate("a", {"a": Decimal("Infinity")}) is None
