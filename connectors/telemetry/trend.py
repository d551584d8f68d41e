"""Trends: what is unusual, although no limit is broken. Judged once for each hour or day that is over, on what is kept of it. Pure.

In this order, and the first that fires says why: (1) fixed limits; (2) what is usual: the same hour, or day, of the last 28 days, their
mean and standard deviation, once 14 of them are known; (3) the change since the hour, or day, before.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum
from typing import Any

from connectors.telemetry import judges
from connectors.telemetry.events import LATE
from connectors.telemetry.judges import Judge
from engine.errors import Invalid

DAYS = 28
ENOUGH = 14
"""Days of which something must be known before anything is usual."""

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DIGITS = Decimal("0.000001")


class Figure(StrEnum):
    """What is taken of a signal over an hour or a day."""

    MEAN = "mean"  #: the mean of its readings
    MIN = "min"  #: the lowest reading
    MAX = "max"  #: the highest reading
    USAGE = "usage"  #: by how much a counter went on


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend(Judge):
    """One trend of a type of device: it judges each hour or day that is over.

    Attributes:
        every: an hour or a day.
        between: the hours of the day that count, local; None: all.
        above, below: fixed limits.
        sigmas: how many standard deviations from the mean are unusual; ``times``: how many times the mean is.
        upwards: only more than usual is unusual.
        deadband: a difference that is smaller is never unusual.
        change: how much more or less than before is unusual.
        settle: how long after its end a span is judged: what comes later is not waited for.
        spans: how many in a row raise the alarm; ``clear_spans``: how many usual ones in a row clear it.
    """

    signal: str
    figure: Figure
    every: timedelta
    between: tuple[int, int] | None = None
    above: Decimal | None = None
    below: Decimal | None = None
    sigmas: Decimal | None = None
    times: Decimal | None = None
    upwards: bool = False
    deadband: Decimal = Decimal(0)
    change: Decimal | None = None
    settle: timedelta = LATE
    spans: int = 1
    clear_spans: int = 1

    def window(self, end: datetime, zone: tzinfo, *, back: int = 0) -> tuple[datetime, datetime]:
        """Give the beginning and the end of the span that ends at ``end``, or of the same one ``back`` days before."""
        local = end.astimezone(zone) - back * DAY  # by the clock on the wall
        hours = self.between[1] - self.between[0] if self.between else 24
        length = HOUR if self.every == HOUR else hours * HOUR
        return local.astimezone(UTC) - length, local.astimezone(UTC)

    def over_at(self, now: datetime, zone: tzinfo) -> datetime:
        """Give the end of the latest span of which nothing in time can still come."""
        settled = (now - self.settle).astimezone(zone)
        if self.every == HOUR:
            return settled.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
        end = settled.replace(hour=0, minute=0, second=0, microsecond=0)
        end += timedelta(hours=self.between[1] if self.between else 0)
        return (end if end <= settled else end - DAY).astimezone(UTC)

    def due_at(self, now: datetime, zone: tzinfo, judged: datetime | None) -> datetime:
        """Say when the next span is to be judged. ``judged``: the end of the one that was judged last."""
        over = self.over_at(now, zone)
        return now if judged is None or judged < over else over + self.every + self.settle


Kept = Sequence[tuple[datetime, Sequence[Any]]]
"""((hour, (count, sum, lowest, highest, last)), ...) of one signal, oldest first."""


def figure(trend: Trend, kept: Kept, begin: datetime, end: datetime) -> Decimal | None:
    """Give the figure of a span; None when too little is kept of it."""
    first, beyond = (bisect_left(kept, at, key=lambda each: each[0]) for at in (begin, end))
    inside = [values for _, values in kept[first:beyond]]
    if not inside:
        return None
    if trend.figure is Figure.MIN:
        return Decimal(min(values[2] for values in inside))
    if trend.figure is Figure.MAX:
        return Decimal(max(values[3] for values in inside))
    if trend.figure is Figure.USAGE:
        return Decimal(inside[-1][4]) - Decimal(kept[first - 1][1][4]) if first else None
    return _round(Decimal(sum(values[1] for values in inside)) / sum(values[0] for values in inside))


def judge(trend: Trend, kept: Kept, end: datetime, zone: tzinfo, *, limits_only: bool = False) -> dict[str, Any] | None:
    """Judge the span that ends at ``end``; give the numbers that fired, None when nothing is unusual.

    Args:
        kept: hours of the signal, those of the 28 days before included.
        limits_only: a rule already says what is wrong with this signal.

    Raises:
        LookupError: nothing is kept of the span; it says neither that all is well nor that it is not.
    """
    value = figure(trend, kept, *trend.window(end, zone))
    if value is None:
        raise LookupError(trend.signal)
    told: dict[str, Any] = {f"{trend.signal}_{trend.figure}": value}
    if trend.above is not None and value > trend.above:
        return told | {"limit_above": trend.above}
    if trend.below is not None and value < trend.below:
        return told | {"limit_below": trend.below}
    if limits_only:
        return None
    past = [figure(trend, kept, *trend.window(end, zone, back=back)) for back in range(1, DAYS + 1)]
    return _unusual(trend, value, told, [each for each in past if each is not None]) or _changed(
        trend, value, told, figure(trend, kept, *trend.window(end - HOUR, zone)) if trend.every == HOUR else past[0]
    )


def _unusual(trend: Trend, value: Decimal, told: dict[str, Any], past: Sequence[Decimal]) -> dict[str, Any] | None:
    if len(past) < ENOUGH or (trend.sigmas is None and trend.times is None):
        return None
    mean, sigma = statistics(past)
    told = told | {"usual_mean": mean, "usual_sigma": sigma, "usual_days": len(past)}
    apart = value - mean if trend.upwards else abs(value - mean)
    if apart <= trend.deadband:
        return None
    if trend.sigmas is not None and apart > trend.sigmas * sigma:
        return told | {"sigmas": trend.sigmas}
    if trend.times is not None and value > trend.times * mean:
        return told | {"times": trend.times}
    return None


def _changed(trend: Trend, value: Decimal, told: dict[str, Any], before: Decimal | None) -> dict[str, Any] | None:
    if trend.change is None or before is None or abs(value - before) <= trend.change:
        return None
    return told | {"before": before, "change": value - before, "limit_change": trend.change}


def statistics(values: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    """Give the mean and the standard deviation of a sample, to six digits."""
    mean = sum(values, Decimal(0)) / len(values)
    variance = sum(((value - mean) ** 2 for value in values), Decimal(0)) / (len(values) - 1)
    return _round(mean), _round(variance.sqrt())


def _round(value: Decimal) -> Decimal:
    return value.quantize(DIGITS).normalize() + 0


def needed(trend: Trend, end: datetime, zone: tzinfo) -> list[datetime]:
    """List the hours that ``judge`` looks at, the two before each span included."""
    found: set[datetime] = set()
    for back in range(DAYS + 1):
        begin, until = trend.window(end, zone, back=back)
        begin = begin.replace(minute=0, second=0, microsecond=0) - 2 * HOUR
        found.update(begin + number * HOUR for number in range((until - begin) // HOUR + 1))
    return sorted(found)


def read(spec: Mapping[str, Any], signals: Mapping[str, Any]) -> Trend:
    """Read one ``trend`` table of ``rules.toml``.

    Raises:
        Invalid, KeyError, ValueError, TypeError, ArithmeticError: it is none.
    """
    if spec["signal"] not in signals:
        raise Invalid("the trend speaks of none of the signals of its device type: {known}", known=", ".join(signals))
    numbers: dict[str, Any] = {
        name: Decimal(str(spec[name]))
        for name in ("above", "below", "sigmas", "times", "deadband", "change")
        if name in spec
    }
    if not numbers.keys() - {"deadband"}:
        raise Invalid("a trend needs a limit: above, below, sigmas, times or change")
    between = spec.get("between")
    if between is not None and not (len(between) == 2 and 0 <= between[0] < between[1] <= 24):
        raise Invalid("between names two hours of the day, such as [2, 4]")
    return Trend(
        **judges.read(spec),
        signal=spec["signal"],
        figure=Figure(spec["figure"]),
        every={"hour": HOUR, "day": DAY}[spec["every"]],
        between=None if between is None else (int(between[0]), int(between[1])),
        upwards=bool(spec.get("upwards", False)),
        settle=timedelta(seconds=spec.get("settle_s", LATE.total_seconds())),
        spans=int(spec.get("spans", 1)),
        clear_spans=int(spec.get("clear_spans", 1)),
        **numbers,
    )
