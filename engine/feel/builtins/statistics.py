"""Functions that make one value of a list: sums, means, extremes, and logic over booleans.

Source: DMN 1.5, table 76.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from engine.feel.arithmetic import TABLES
from engine.feel.builtins.signature import NoResult, builtin
from engine.feel.comparison import compare
from engine.feel.numbers import EXACT
from engine.feel.run import Run
from engine.feel.values import NUMBER, kind

Number = int | Decimal
_ADD = TABLES["+"][NUMBER, NUMBER]
_MULTIPLY = TABLES["*"][NUMBER, NUMBER]
_DIVIDE = TABLES["/"][NUMBER, NUMBER]


def ordered(run: Run, values: list[Any]) -> list[Any]:
    """Sort values of one ordered kind. Raises NoResult for others."""

    def order(left: Any, right: Any) -> int:
        run.spend(1)
        result = compare(left, right, run)
        if result is None:
            raise NoResult("{left} and {right} have no order", left=kind(left), right=kind(right))
        return result

    if len(values) == 1:
        order(values[0], values[0])
    return sorted(values, key=cmp_to_key(order))


def _numbers(run: Run, values: list[Any]) -> list[Number]:
    run.spend(len(values))
    for value in values:
        if kind(value) != NUMBER:
            raise NoResult("the list holds {kind} among its numbers", kind=kind(value))
    return values


def _total(numbers: list[Number]) -> Number:
    total: Number = 0
    for number in numbers:
        total = _ADD(total, number)
        if total is None:
            raise NoResult("the sum is too large")
    return total


def _some(numbers: list[Number]) -> list[Number]:
    if not numbers:
        raise NoResult("the list is empty")
    return numbers


def _mean(numbers: list[Number]) -> Number:
    return _DIVIDE(_total(_some(numbers)), len(numbers))  # type: ignore[no-any-return]  # numbers divide into a number


@builtin("count", "list...: list")
def count(run: Run, list_: list[Any]) -> int:
    """Count the items."""
    return len(list_)


@builtin("sum", "list...: list")
def sum_(run: Run, list_: list[Any]) -> Number:
    """Add up numbers; null when there are none."""
    return _total(_some(_numbers(run, list_)))


@builtin("product", "list...: list")
def product(run: Run, list_: list[Any]) -> Number:
    """Multiply numbers; null when there are none."""
    total: Number = 1
    for number in _some(_numbers(run, list_)):
        total = _MULTIPLY(total, number)
        if total is None:
            raise NoResult("the product is too large")
    return total


@builtin("mean", "list...: list")
def mean(run: Run, list_: list[Any]) -> Number:
    """Give the average of numbers."""
    return _mean(_numbers(run, list_))


@builtin("median", "list...: list")
def median(run: Run, list_: list[Any]) -> Number:
    """Give the middle number, or the average of the middle two."""
    numbers = ordered(run, _some(_numbers(run, list_)))
    middle = len(numbers) // 2
    return numbers[middle] if len(numbers) % 2 else _mean(numbers[middle - 1 : middle + 1])


@builtin("stddev", "list...: list")
def stddev(run: Run, list_: list[Any]) -> Number:
    """Give the standard deviation of a sample of at least two numbers."""
    numbers = _numbers(run, list_)
    if len(numbers) < 2:
        raise NoResult("a standard deviation takes two numbers at least")
    middle = _mean(numbers)
    squares = [EXACT.power(EXACT.subtract(Decimal(number), middle), 2) for number in numbers]
    result = EXACT.sqrt(EXACT.divide(Decimal(_total(list(squares))), Decimal(len(numbers) - 1)))
    if not result.is_finite():
        raise NoResult("the standard deviation is too large")
    return result


@builtin("mode", "list...: list")
def mode(run: Run, list_: list[Any]) -> list[Number]:
    """List the most frequent numbers, in ascending order."""
    counts = Counter(_numbers(run, list_))
    most = max(counts.values(), default=0)
    return ordered(run, [number for number, times in counts.items() if times == most])


@builtin("min", "list...: list")
def min_(run: Run, list_: list[Any]) -> Any:
    """Give the least of values of one kind."""
    return ordered(run, _some(list_))[0]


@builtin("max", "list...: list")
def max_(run: Run, list_: list[Any]) -> Any:
    """Give the greatest of values of one kind."""
    return ordered(run, _some(list_))[-1]


def _decide(run: Run, values: list[Any], decisive: bool) -> bool:
    run.spend(len(values))
    if any(value is decisive for value in values):
        return decisive
    if any(value is not (not decisive) for value in values):
        raise NoResult("the list holds something that is no boolean")
    return not decisive


@builtin("all", "list...: list")
def all_(run: Run, list_: list[Any]) -> bool:
    """Tell whether all are true; so it is of an empty list."""
    return _decide(run, list_, False)


@builtin("any", "list...: list")
def any_(run: Run, list_: list[Any]) -> bool:
    """Tell whether any is true; none is of an empty list."""
    return _decide(run, list_, True)


@builtin("not", "negand: boolean")
def not_(run: Run, negand: bool) -> bool:
    """Negate a boolean."""
    return not negand
