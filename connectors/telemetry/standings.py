"""Where a rule stands with one device. A reading makes it raise, clear or wait: pure, and a small value that the caller keeps.

normal  -> pending:  the condition holds for the first time
pending -> normal:   it broke before its time was up
pending -> active:   it held for ``raise_for`` and in ``samples`` readings: RAISE
active  -> clearing: the clearing condition holds
clearing -> active:  it broke before its time was up
clearing -> normal:  it held for ``clear_for``: CLEAR
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from connectors.telemetry.rules import Rule
from connectors.telemetry.trend import Trend


class Phase(StrEnum):
    """Where a rule stands with one device."""

    NORMAL = "normal"  #: nothing is wrong
    PENDING = "pending"  #: the condition holds, not yet for long enough
    ACTIVE = "active"  #: the alarm is raised
    CLEARING = "clearing"  #: the clearing condition holds, not yet for long enough


class Change(StrEnum):
    """What a judgement brings about."""

    RAISE = "raise"  #: the condition has held for long enough
    CLEAR = "clear"  #: the clearing condition has held for long enough


Means = Mapping[str, tuple[tuple[int, Decimal, int], ...]]
"""{signal: ((minute, sum, count), ...)}, oldest first."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is remembered of a rule and a device: the phase, since when, in how many readings; for means, sums per minute."""

    phase: Phase = Phase.NORMAL
    since: datetime | None = None
    samples: int = 0
    means: Means | None = None

    def due_at(self, rule: Rule) -> datetime | None:
        """Say when time alone, without another reading, moves the rule on."""
        if self.since is None or self.phase not in (Phase.PENDING, Phase.CLEARING):
            return None
        if self.phase is Phase.PENDING:
            return self.since + rule.raise_for if self.samples >= rule.samples else None
        return self.since + rule.clear_for


NORMAL = Standing()


def on_reading(
    rule: Rule, standing: Standing, readings: Mapping[str, Any], at: datetime
) -> tuple[Standing, Change | None]:
    """Judge the latest readings.

    A condition that is null (a reading is missing or not comparable) says nothing: the rule stays where it is.

    Args:
        readings: {signal: latest reading}, this one included.
        at: when it was taken; never before the reading judged last.
    """
    if rule.mean_over:
        means = _remember(rule, standing.means or {}, readings, at)
        standing = Standing(standing.phase, standing.since, standing.samples, means)
        readings = {**readings, **averages(means)}
    if standing.phase in (Phase.NORMAL, Phase.PENDING):
        return _towards(rule, standing, rule.raise_when.evaluate(readings), at, Phase.PENDING, Phase.NORMAL)
    return _towards(rule, standing, rule.clear_when.evaluate(readings), at, Phase.CLEARING, Phase.ACTIVE)


def on_time(rule: Rule, standing: Standing, now: datetime) -> tuple[Standing, Change | None]:
    """Judge that time has passed without a reading."""
    due = standing.due_at(rule)
    return _turn(standing) if due is not None and due <= now else (standing, None)


def turn(trend: Trend, standing: Standing, fired: bool, end: datetime) -> tuple[Standing, Change | None]:
    """Take the judgement of the span of a trend that ended at ``end``: so many in a row raise the alarm, so many clear it."""
    raising = standing.phase in (Phase.NORMAL, Phase.PENDING)
    if fired is not raising:
        return Standing(Phase.NORMAL if raising else Phase.ACTIVE, since=end), None
    samples = standing.samples + 1
    if samples < (trend.spans if raising else trend.clear_spans):
        return Standing(Phase.PENDING if raising else Phase.CLEARING, since=end, samples=samples), None
    return Standing(Phase.ACTIVE if raising else Phase.NORMAL, since=end), Change.RAISE if raising else Change.CLEAR


def _towards(
    rule: Rule, standing: Standing, holds: Any, at: datetime, towards: Phase, back: Phase
) -> tuple[Standing, Change | None]:
    if holds is False:
        return (standing if standing.phase is back else replace(standing, phase=back, since=None, samples=0)), None
    if holds is not True:
        return standing, None
    if standing.phase is back:
        standing = replace(standing, phase=towards, since=at, samples=1)
    else:
        standing = replace(standing, samples=standing.samples + 1)
    due = standing.due_at(rule)
    return _turn(standing) if due is not None and due <= at else (standing, None)


def _turn(standing: Standing) -> tuple[Standing, Change]:
    if standing.phase is Phase.PENDING:
        return replace(standing, phase=Phase.ACTIVE, since=None, samples=0), Change.RAISE
    return replace(standing, phase=Phase.NORMAL, since=None, samples=0), Change.CLEAR


def _remember(rule: Rule, means: Means, readings: Mapping[str, Any], at: datetime) -> Means:
    minute = int(at.timestamp()) // 60
    oldest = int((at - max(rule.mean_over, timedelta(minutes=1))).timestamp()) // 60
    kept: dict[str, tuple[tuple[int, Decimal, int], ...]] = {}
    for signal in rule.signals:
        sums = [entry for entry in means.get(signal, ()) if entry[0] > oldest]
        value = readings.get(signal)
        if isinstance(value, int | Decimal):
            if sums and sums[-1][0] == minute:
                _, total, count = sums.pop()
                sums.append((minute, total + value, count + 1))
            else:
                sums.append((minute, Decimal(value), 1))
        kept[signal] = tuple(sums)
    return kept


def averages(means: Means) -> dict[str, Decimal]:
    """Give the mean of each signal over what is remembered, to six digits."""
    averaged = {}
    for signal, sums in means.items():
        count = sum(entry[2] for entry in sums)
        if count:
            total = sum((entry[1] for entry in sums), Decimal(0))
            averaged[signal] = round(total / count, 6)
    return averaged
