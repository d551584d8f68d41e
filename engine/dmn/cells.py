"""Simple cells of a decision table as sets of values: ``"a", "b"``, ``not(1)``, ``>= 10``, ``[1..5)``, ``true``.

Most cells of real tables are simple. As a set a cell is tested without the interpreter, and tables can be searched for
gaps and overlaps. What is not simple is left to FEEL.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_STRING = r'"(?:[^"\\])*"'
_NUMBER = r"-?(?:\d{1,15}(?:\.\d{1,15})?|\.\d{1,15})"  # longer ones are rounded as FEEL says, by FEEL
_STRINGS = re.compile(rf"{_STRING}(?:\s*,\s*{_STRING})*")
_NUMBERS = re.compile(rf"(?:{_NUMBER}|(?:<=|>=|<|>|=)\s*{_NUMBER}|[\[(\]]\s*{_NUMBER}\s*\.\.\s*{_NUMBER}\s*[\])\[])")
_COMPARISON = re.compile(rf"(<=|>=|<|>|=)?\s*({_NUMBER})")
_RANGE = re.compile(rf"([\[(\]])\s*({_NUMBER})\s*\.\.\s*({_NUMBER})\s*([\])\[])")
_NOT = re.compile(r"not\s*\((.*)\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of numbers; an end of ``None`` is open towards infinity."""

    low: Decimal | None
    high: Decimal | None
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
        kind: ``string``, ``number`` or ``boolean``.
        values: the strings or booleans, when the kind is one of these.
        intervals: the numbers, when it is that.
        negated: everything else instead.
    """

    kind: str
    values: frozenset[str] | frozenset[bool] = frozenset()
    intervals: tuple[Interval, ...] = ()
    negated: bool = False

    def test(self) -> Callable[[Any], bool]:
        """Give the test for values of this kind."""
        negated = self.negated
        if self.kind != "number":
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
    intervals = []
    for part in inner.split(","):
        interval = _interval(part.strip())
        if interval is None:
            return None
        intervals.append(interval)
    return Cell("number", intervals=tuple(intervals), negated=negated)


def _interval(part: str) -> Interval | None:
    if not _NUMBERS.fullmatch(part):
        return None
    if found := _RANGE.fullmatch(part):
        return Interval(Decimal(found[2]), Decimal(found[3]), found[1] == "[", found[4] == "]")
    found = _COMPARISON.fullmatch(part)
    assert found
    sign, number = found[1] or "=", Decimal(found[2])
    match sign[0]:
        case "<":
            return Interval(None, number, with_high=sign == "<=")
        case ">":
            return Interval(number, None, with_low=sign == ">=")
        case _:
            return Interval(number, number, with_low=True, with_high=True)


def constant(text: str) -> tuple[Any] | None:
    """Read an output that is a plain string, number, boolean or null, as a tuple of one; ``None`` for all else."""
    if re.fullmatch(_STRING, text):
        return (text[1:-1],)
    if re.fullmatch(_NUMBER, text):
        return (Decimal(text),)
    return {"true": (True,), "false": (False,), "null": (None,)}.get(text)
