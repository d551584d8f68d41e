"""Equality and order of values, and whether a range holds one. None stands for null: the two cannot be compared.

Source: DMN 1.5, 10.3.2.3 (semantics of the types) and tables 51 to 54.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from typing import Any

from engine.errors import LimitExceeded
from engine.feel.bounds import VALUE_DEPTH
from engine.feel.run import Run
from engine.feel.temporal.calendar import SECOND
from engine.feel.temporal.classes import AnyDateTime, Time
from engine.feel.temporal.parts import clock, days, local, span
from engine.feel.temporal.zones import instant_of, offset_at, offset_of_local
from engine.feel.values import (
    BOOLEAN,
    CONTEXT,
    DATE,
    DATE_TIME,
    DAYS_TIME,
    LIST,
    NUMBER,
    RANGE,
    STRING,
    TIME,
    YEARS_MONTHS,
    Range,
    kind,
)


def _itself(value: Any, run: Run, alone: bool) -> Any:
    return value


def _moment(value: AnyDateTime, run: Run, alone: bool) -> int:
    if value.tzinfo is None:
        return local(value) if alone else instant_of(local(value), run.zone)
    return local(value) if alone else instant_of(local(value), value.tzinfo)


def _time(value: time | Time, run: Run, alone: bool) -> int:
    if alone:
        return clock(value)
    zone = value.tzinfo or run.zone
    offset = value.utcoffset()
    # a named zone has no offset without a date; that of the evaluation's day is meant
    seconds = offset_of_local(zone, 0) if offset is not None else offset_at(zone, local(run.now))
    return clock(value) - seconds * SECOND


_ORDERS: dict[str, Callable[[Any, Run, bool], Any]] = {
    NUMBER: _itself,
    STRING: _itself,
    DATE: lambda value, run, alone: days(value),
    TIME: _time,
    DATE_TIME: _moment,
    DAYS_TIME: lambda value, run, alone: span(value),
    YEARS_MONTHS: lambda value, run, alone: value.months,
}
ORDERED = frozenset(_ORDERS)


def compare(left: Any, right: Any, run: Run) -> int | None:
    """Order two values: -1, 0 or 1; None when they are of different kinds, or of a kind without order."""
    of = kind(left)
    order = _ORDERS.get(of)
    if order is None or kind(right) != of:
        return None
    alone = of in (TIME, DATE_TIME) and left.tzinfo is right.tzinfo
    one, other = order(left, run, alone), order(right, run, alone)
    return int(one > other) - int(one < other)


def equal(left: Any, right: Any, run: Run, depth: int = 0) -> bool | None:
    """Tell whether two values are equal. Null equals only null; None when their kinds differ.

    Times, and dates and times, are equal when they agree to the second.
    """
    if left is None or right is None:
        return left is right
    of = kind(left)
    if kind(right) != of:
        return None
    if of in (NUMBER, STRING, BOOLEAN):
        return bool(left == right)
    if of in (TIME, DATE_TIME):
        alone = left.tzinfo is right.tzinfo
        order = _ORDERS[of]
        return bool(order(left, run, alone) // SECOND == order(right, run, alone) // SECOND)
    if of in _ORDERS:
        return compare(left, right, run) == 0
    if left is right:
        return True
    if depth > VALUE_DEPTH:
        raise LimitExceeded("a value is nested deeper than {limit} levels", limit=VALUE_DEPTH)
    if of == LIST:
        run.spend(min(len(left), len(right)) + 1)
        return len(left) == len(right) and all(
            equal(one, other, run, depth + 1) is True for one, other in zip(left, right, strict=True)
        )
    if of == CONTEXT:
        run.spend(len(left) + 1)
        return left.keys() == right.keys() and all(
            equal(item, right[name], run, depth + 1) is True for name, item in left.items()
        )
    if of == RANGE:
        return (
            (left.operator, left.start_included, left.end_included)
            == (right.operator, right.start_included, right.end_included)
            and equal(left.start, right.start, run, depth + 1) is True
            and equal(left.end, right.end, run, depth + 1) is True
        )
    return False  # functions: the same one was answered above


def contains(range_: Range, value: Any, run: Run) -> bool | None:
    """Tell whether a range holds a value; None when its kind is not that of the ends."""
    if range_.operator == "=":
        return equal(value, range_.start, run)
    if range_.operator == "!=":
        same = equal(value, range_.start, run)
        return None if same is None else not same
    if range_.start is not None:
        order = compare(value, range_.start, run)
        if order is None:
            return None
        if order < 0 or (order == 0 and not range_.start_included):
            return False
    if range_.end is not None:
        order = compare(value, range_.end, run)
        if order is None:
            return None
        return order < 0 or (order == 0 and range_.end_included)
    return None if value is None else True


def satisfies(value: Any, test: Any, run: Run) -> bool | None:
    """Tell whether a value is in what follows ``in``: equal to it, inside a range, or so for an item of a list.

    None when the kinds never fit.
    """
    of = kind(test)
    if of == RANGE:
        return contains(test, value, run)
    if of != LIST:
        return equal(value, test, run)
    run.spend(len(test))
    if kind(value) == LIST and equal(value, test, run):
        return True
    return any(
        (contains(item, value, run) if type(item) is Range else equal(value, item, run)) is True for item in test
    )
