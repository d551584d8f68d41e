"""Try a rule on what devices said in the past, before it is armed: between how many tickets would it have made? Pure.

What is kept of the past is an hour's lowest, highest, mean and last reading of each number. So an hour can say that a condition must have
held all through it, or that it may have held at some moment; the answer is a range, and the truth lies in it. Texts are not kept: a
condition is judged without them, and ``blind`` says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice, pairwise, product
from math import prod
from typing import Any

from connectors.telemetry.alarms import REOPEN_WITHIN
from connectors.telemetry.rules import DeviceType, Rule
from engine.feel import Expression

HOUR = timedelta(hours=1)
POINTS = 500
"""How many combinations of readings are tried in an hour; where there are more, only the lowest and highest of each signal are."""

_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Span:
    """Between which numbers a signal was in an hour."""

    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Hour:
    """What is kept of an hour.

    Attributes:
        at: when it began.
        samples: how many readings came.
        spans: {signal: span}, the reading with which the hour began included.
        told: {signal: span} of what was reported within it; of a signal that was not, the last reading before.
    """

    at: datetime
    samples: int
    spans: Mapping[str, Span]
    told: Mapping[str, Span]


@dataclass(frozen=True, slots=True)
class Hit:
    """An hour in which the rule may have started a ticket, and the numbers. ``sure``: it must have."""

    at: datetime
    numbers: Mapping[str, Span]
    sure: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule would have made of a device's past.

    Attributes:
        least, most: between how many tickets.
        hits: the first hours that count towards ``most``.
        hours: in how many hours anything was heard.
        blind: signals of the rule of which nothing is kept.
    """

    least: int
    most: int
    hits: Sequence[Hit]
    hours: int
    blind: Sequence[str]


def hours(rows: Iterable[tuple[datetime, int, Mapping[str, Sequence[Any]]]]) -> Iterator[Hour]:
    """Read stored hours. A signal that was not reported in an hour still has its last reading, and an hour begins with it."""
    last: dict[str, Decimal] = {}
    for at, samples, signals in rows:
        before = {name: Span(value, value) for name, value in last.items()}
        told = {name: Span(Decimal(low), Decimal(high)) for name, (_, _, low, high, _) in signals.items()}
        spans = {name: _hull(span, before.get(name, span)) for name, span in told.items()}
        yield Hour(at, samples, before | spans, before | told)
        last |= {name: Decimal(newest) for name, (*_, newest) in signals.items()}


def _hull(one: Span, other: Span) -> Span:
    return Span(min(one.low, other.low), max(one.high, other.high))


def replay(rule: Rule, past: Iterable[Hour], *, kind: DeviceType, hits: int = 5) -> Outcome:
    """Give between how many tickets a rule would have made of a device's past.

    ``most`` counts an hour as soon as some reading within its spans would raise the alarm; a return within an hour of clearing is the
    same ticket. ``least`` counts only hours in which every reading would, and lets an alarm end only where it must have.
    """
    least, most = _Least(rule), _Most(rule)
    found: list[Hit] = []
    heard = 0
    for hour in past:
        heard += 1
        raises = _judge(rule.raise_when, rule, hour.spans)
        sure = least.take(hour, raises, _judge(rule.clear_when, rule, hour.spans))
        # what the hour began with cannot end an alarm that began after it
        if most.take(hour, raises, _judge(rule.clear_when, rule, hour.told)):
            numbers = {name: hour.spans[name] for name in sorted(rule.signals) if name in hour.spans}
            found.append(Hit(hour.at, numbers, sure))
    blind = sorted(name for name in rule.signals if kind.signals[name].kind == "text")
    return Outcome(least.tickets, most.tickets, tuple(islice(found, hits)), heard, blind)


@dataclass(frozen=True, slots=True)
class _Verdict:
    """Whether a condition may have held in an hour, and whether it must have, all through it."""

    might: bool
    must: bool


def _judge(condition: Expression, rule: Rule, spans: Mapping[str, Span]) -> _Verdict:
    names = [name for name in sorted(rule.signals) if name in spans]
    if not names:
        return _Verdict(might=False, must=False)
    breaks = [Decimal(number) for number in _NUMBER.findall(condition.text)]
    axes = [_points(spans[name], breaks) for name in names]
    if prod(map(len, axes)) > POINTS:
        axes = [sorted({spans[name].low, spans[name].high}) for name in names]
    said = [
        condition.evaluate(dict(zip(names, values, strict=True))) is True for values in islice(product(*axes), POINTS)
    ]
    return _Verdict(might=any(said), must=all(said))


def _points(span: Span, breaks: Sequence[Decimal]) -> list[Decimal]:
    """List readings such that a comparison with one of the numbers of a rule that changes within the span changes between two of them."""
    ends = sorted({span.low, span.high, *(each for each in breaks if span.low < each < span.high)})
    return sorted({*ends, *((a + b) / 2 for a, b in pairwise(ends))})


class _Most:
    """Counts every ticket that may have been."""

    def __init__(self, rule: Rule) -> None:
        self.tickets = 0
        self._rule = rule
        self._run = timedelta()
        self._free_at: datetime | None = None
        self._open = False

    def take(self, hour: Hour, raises: _Verdict, clears: _Verdict) -> bool:
        """Judge an hour; say whether a ticket may have been started in it."""
        self._run = self._run + HOUR if raises.might else timedelta()
        if self._open and self._free_at is not None and hour.at >= self._free_at:
            self._open = False
        started = not self._open and raises.might and self._run >= self._rule.raise_for
        if started:
            self.tickets += 1
            self._open, self._free_at = True, None
        if self._open and self._free_at is None and clears.might:
            self._free_at = hour.at + max(HOUR, REOPEN_WITHIN)
        return started


class _Least:
    """Counts only tickets that must have been."""

    def __init__(self, rule: Rule) -> None:
        self.tickets = 0
        self._rule = rule
        self._run = timedelta()
        self._quiet = timedelta()
        self._open = False

    def take(self, hour: Hour, raises: _Verdict, clears: _Verdict) -> bool:
        """Judge an hour; say whether a ticket must have been open in it."""
        sure = raises.must and hour.samples >= self._rule.samples
        self._run = self._run + HOUR if sure else timedelta()
        self._quiet = self._quiet + HOUR if clears.must and not raises.might else timedelta()
        if self._open and self._quiet >= self._rule.clear_for + REOPEN_WITHIN:
            self._open = False
        if not self._open and sure and self._run >= self._rule.raise_for:
            self.tickets += 1
            self._open = True
        return self._open and sure
