"""Addition, subtraction, multiplication, division, power and negation of any two values. None stands for null.

Source: DMN 1.5, tables 55 to 59.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.feel.bounds import check_chars
from engine.feel.numbers import EXACT, finite, fit, power
from engine.feel.run import Run
from engine.feel.temporal import arithmetic as calendar
from engine.feel.temporal.parts import make_duration, make_months, span
from engine.feel.values import DATE, DATE_TIME, DAYS_TIME, NUMBER, STRING, TIME, YEARS_MONTHS, kind

Operation = Callable[[Any, Any], Any]
Table = dict[tuple[str, str], Operation]


def _add_numbers(left: int | Decimal, right: int | Decimal) -> int | Decimal | None:
    if isinstance(left, int) and isinstance(right, int):
        return fit(left + right)
    return finite(EXACT.add(left, right))


def _subtract_numbers(left: int | Decimal, right: int | Decimal) -> int | Decimal | None:
    if isinstance(left, int) and isinstance(right, int):
        return fit(left - right)
    return finite(EXACT.subtract(left, right))


def _multiply_numbers(left: int | Decimal, right: int | Decimal) -> int | Decimal | None:
    if isinstance(left, int) and isinstance(right, int):
        return fit(left * right)
    return finite(EXACT.multiply(left, right))


def _divide_numbers(left: int | Decimal, right: int | Decimal) -> Decimal | None:
    return finite(EXACT.divide(left, right)) if right else None


def _swapped(operation: Operation) -> Operation:
    return lambda left, right: operation(right, left)


def _negated(value: Any) -> Any:
    return make_months(-value.months) if kind(value) == YEARS_MONTHS else make_duration(-span(value))


def _minus(operation: Operation) -> Operation:
    return lambda left, right: operation(left, _negated(right))


def _ratio(left: int, right: int) -> Decimal | None:
    return finite(EXACT.divide(Decimal(left), Decimal(right))) if right else None


ADD: Table = {
    (NUMBER, NUMBER): _add_numbers,
    (STRING, STRING): lambda left, right: left + right,
    (DATE, YEARS_MONTHS): calendar.date_plus_months,
    (YEARS_MONTHS, DATE): _swapped(calendar.date_plus_months),
    (DATE, DAYS_TIME): calendar.date_plus_span,
    (DAYS_TIME, DATE): _swapped(calendar.date_plus_span),
    (DATE_TIME, YEARS_MONTHS): calendar.moment_plus_months,
    (YEARS_MONTHS, DATE_TIME): _swapped(calendar.moment_plus_months),
    (DATE_TIME, DAYS_TIME): calendar.moment_plus_span,
    (DAYS_TIME, DATE_TIME): _swapped(calendar.moment_plus_span),
    (TIME, DAYS_TIME): calendar.time_plus_span,
    (DAYS_TIME, TIME): _swapped(calendar.time_plus_span),
    (DAYS_TIME, DAYS_TIME): lambda left, right: make_duration(span(left) + span(right)),
    (YEARS_MONTHS, YEARS_MONTHS): lambda left, right: make_months(left.months + right.months),
}

SUBTRACT: Table = {
    (NUMBER, NUMBER): _subtract_numbers,
    (DATE, DATE): calendar.between_dates,
    (DATE_TIME, DATE_TIME): calendar.between_moments,
    (DATE, DATE_TIME): lambda left, right: calendar.between_moments(calendar.midnight(left), right),
    (DATE_TIME, DATE): lambda left, right: calendar.between_moments(left, calendar.midnight(right)),
    (TIME, TIME): calendar.between_times,
    (DATE, YEARS_MONTHS): _minus(calendar.date_plus_months),
    (DATE, DAYS_TIME): _minus(calendar.date_plus_span),
    (DATE_TIME, YEARS_MONTHS): _minus(calendar.moment_plus_months),
    (DATE_TIME, DAYS_TIME): _minus(calendar.moment_plus_span),
    (TIME, DAYS_TIME): _minus(calendar.time_plus_span),
    (DAYS_TIME, DAYS_TIME): lambda left, right: make_duration(span(left) - span(right)),
    (YEARS_MONTHS, YEARS_MONTHS): lambda left, right: make_months(left.months - right.months),
}

MULTIPLY: Table = {
    (NUMBER, NUMBER): _multiply_numbers,
    (DAYS_TIME, NUMBER): calendar.scale_span,
    (NUMBER, DAYS_TIME): _swapped(calendar.scale_span),
    (YEARS_MONTHS, NUMBER): calendar.scale_months,
    (NUMBER, YEARS_MONTHS): _swapped(calendar.scale_months),
}

DIVIDE: Table = {
    (NUMBER, NUMBER): _divide_numbers,
    (DAYS_TIME, NUMBER): calendar.divide_span,
    (YEARS_MONTHS, NUMBER): calendar.divide_months,
    (DAYS_TIME, DAYS_TIME): lambda left, right: _ratio(span(left), span(right)),
    (YEARS_MONTHS, YEARS_MONTHS): lambda left, right: _ratio(left.months, right.months),
}

POWER: Table = {(NUMBER, NUMBER): power}

_DURATIONS = (DAYS_TIME, YEARS_MONTHS)

TABLES: dict[str, Table] = {"+": ADD, "-": SUBTRACT, "*": MULTIPLY, "/": DIVIDE, "**": POWER}


def result_kinds(operator: str, left: str | None, right: str | None) -> set[str]:
    """Give the kinds that a result may have, of operands of these kinds (None: any); none when there never is a result."""
    operands = [pair for pair in TABLES[operator] if left in (None, pair[0]) and right in (None, pair[1])]
    return {_result_kind(operator, *pair) for pair in operands}


def _result_kind(operator: str, left: str, right: str) -> str:
    if left == right:
        if left == NUMBER or operator == "+":
            return left
        if operator == "/":
            return NUMBER
        return left if left in _DURATIONS else DAYS_TIME
    if operator in ("+", "-"):
        return right if left in _DURATIONS else left if right in _DURATIONS else DAYS_TIME
    return left if right == NUMBER else right


def negate(value: Any) -> Any:
    """Give the negative of a number or duration; None for anything else."""
    of = kind(value)
    if of == NUMBER:
        return -value if isinstance(value, int) else EXACT.minus(value)
    return _negated(value) if of in (DAYS_TIME, YEARS_MONTHS) else None


def calculate(operator: str, left: Any, right: Any, run: Run) -> Any:
    """Apply an operator of ``TABLES``; None when it is not defined for these values or has no result."""
    kinds = kind(left), kind(right)
    operation = TABLES[operator].get(kinds)
    if operation is None:
        return None
    if kinds == (STRING, STRING):
        check_chars(len(left) + len(right))
        run.spend((len(left) + len(right)) // 64)
    elif operator == "**":
        run.spend(20)  # a power with a fraction is as much work as a short loop
    return operation(left, right)
