"""Simple cells of a decision table as sets of values: ``"a", "b"``, ``not(1)``, ``>= 10``, ``[1..5)``, ``true``, ``< @"2026-01-01"``.

Most cells of real tables are simple. As a set a cell is tested without the interpreter, and tables can be searched for
gaps and overlaps. What is not simple is left to FEEL.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

_STRING = r'"(?:[^"\\])*"'
_NUMBER = r"-?(?:\d{1,15}(?:\.\d{1,15})?|\.\d{1,15})"  # longer ones are rounded as FEEL says, by FEEL
_STRINGS = re.compile(rf"{_STRING}(?:\s*,\s*{_STRING})*")
_DAY = r"[1-8]\d{3}-\d\d-\d\d"  # years that have neighbours
_DATE = rf'(?:@"{_DAY}"|date\s*\(\s*"{_DAY}"\s*\))'
_FORMS = [
    (
        kind,
        re.compile(rf"(<=|>=|<|>|=)?\s*({end})"),
        re.compile(rf"([\[(\]])\s*({end})\s*\.\.\s*({end})\s*([\])\[])"),
    )
    for kind, end in (("number", _NUMBER), ("date", _DATE))
]
_NOT = re.compile(r"not\s*\((.*)\)", re.DOTALL)


End = Decimal | date


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of numbers or dates; an end of ``None`` is open towards infinity."""

    low: Any
    high: Any
    with_low: bool = False
    with_high: bool = False

    def __contains__(self, value: Any) -> bool:
        if self.low is not None and (value < self.low or (value == self.low and not self.with_low)):
            return False
        return self.high is None or value < self.high or (value == self.high and self.with_high)


@dataclass(frozen=True, slots=True)
class Cell:
    """The values of one kind that a cell lets through.

    Attributes:
        kind: ``string``, ``boolean``, ``number`` or ``date``.
        values: the strings or booleans, when the kind is one of these.
        intervals: the numbers or dates, when it is one of those.
        negated: everything else instead.
    """

    kind: str
    values: frozenset[str] | frozenset[bool] = frozenset()
    intervals: tuple[Interval, ...] = ()
    negated: bool = False

    @property
    def is_ordered(self) -> bool:
        """Whether its values have an order, and it is made of intervals."""
        return self.kind in ("number", "date")

    def test(self) -> Callable[[Any], bool]:
        """Give the test for values of this kind."""
        negated = self.negated
        if not self.is_ordered:
            values = self.values
            return (lambda value: value not in values) if negated else values.__contains__
        if len(self.intervals) == 1:
            one = _compare(self.intervals[0])
            return (lambda value: not one(value)) if negated else one
        intervals = self.intervals
        return lambda value: any(value in interval for interval in intervals) is not negated


def _compare(interval: Interval) -> Callable[[Any], bool]:
    low, high = interval.low, interval.high
    if low is not None and low == high and interval.with_low and interval.with_high:
        return lambda value: value == low
    if low is None and high is not None:
        return (lambda value: value <= high) if interval.with_high else (lambda value: value < high)
    if high is None and low is not None:
        return (lambda value: value >= low) if interval.with_low else (lambda value: value > low)
    return interval.__contains__


def quick(text: str) -> tuple[str, Callable[[Any], bool]] | None:
    """Read a cell as (kind, test of values of this kind) that needs no interpreter.

    Dates are left to FEEL: its years go beyond those of ``datetime.date``.
    """
    cell = parse(text)
    return None if cell is None or cell.kind == "date" else (cell.kind, cell.test())


def parse(text: str) -> Cell | None:
    """Read a cell as a set of values; ``None`` when it is not simple."""
    negation = _NOT.fullmatch(text)
    inner = negation[1].strip() if negation else text
    negated = negation is not None
    if _STRINGS.fullmatch(inner):
        return Cell("string", frozenset(part[1:-1] for part in re.findall(_STRING, inner)), negated=negated)
    if inner in ("true", "false"):
        return Cell("boolean", frozenset((inner == "true",)), negated=negated)
    if not inner or len(inner) > 1000:
        return None
    parts = [part.strip() for part in inner.split(",")]
    for kind, comparison, between in _FORMS:
        intervals = [_interval(part, comparison, between) for part in parts]
        known = tuple(each for each in intervals if each is not None)
        if len(known) == len(parts):
            return Cell(kind, intervals=known, negated=negated)
    return None


def _interval(part: str, comparison: re.Pattern[str], between: re.Pattern[str]) -> Interval | None:
    try:
        if found := between.fullmatch(part):
            return Interval(_end(found[2]), _end(found[3]), found[1] == "[", found[4] == "]")
        found = comparison.fullmatch(part)
        if found is None:
            return None
        sign, end = found[1] or "=", _end(found[2])
    except ValueError:  # the 30th of February
        return None
    match sign[0]:
        case "<":
            return Interval(None, end, with_high=sign == "<=")
        case ">":
            return Interval(end, None, with_low=sign == ">=")
        case _:
            return Interval(end, end, with_low=True, with_high=True)


def _end(text: str) -> End:
    day = re.search(_DAY, text) if '"' in text else None
    return date.fromisoformat(day[0]) if day else Decimal(text)


def constant(text: str) -> tuple[Any] | None:
    """Read an output that is a plain string, number, boolean or null, as a tuple of one; ``None`` for all else."""
    if re.fullmatch(_STRING, text):
        return (text[1:-1],)
    if re.fullmatch(_NUMBER, text):
        return (Decimal(text),)
    return {"true": (True,), "false": (False,), "null": (None,)}.get(text)
