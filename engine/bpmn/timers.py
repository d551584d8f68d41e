"""When a timer fires: ISO 8601 dates, durations and cycles, cron expressions, and the FEEL values that stand for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import CroniterBadCronError, croniter

from engine import feel
from engine.bpmn.definition import TimerKind
from engine.errors import Invalid, LimitExceeded, Problem, Text

LAST_YEAR = 9000


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a timer fires first and how it goes on.

    Attributes:
        due: the next beat, aware, in UTC.
        repeats: beats after it; None for ever.
        interval: ISO duration or cron text between beats.
    """

    due: datetime
    repeats: int | None = 0
    interval: str = ""


def schedule(kind: TimerKind, value: Any, now: datetime, zone: tzinfo) -> Schedule:
    """Work out the first beat.

    Args:
        value: text, or a FEEL date, date-time or duration.

    Raises:
        Invalid: it is no date, duration or cycle.
    """
    try:
        if kind is TimerKind.DATE:
            return Schedule(_instant(value, zone))
        if kind is TimerKind.DURATION:
            return Schedule(later(now, value, zone))
        return _cycle(value, now, zone)
    except (ValueError, OverflowError, TypeError, AttributeError, LimitExceeded, ZoneInfoNotFoundError) as error:
        raise Invalid(
            Problem(
                "",
                Text("{value} is not a {kind} for a timer", value=str(value)[:80], kind=kind.value),
                Text("Write {example}.", example=_EXAMPLES[kind]),
            )
        ) from error


_EXAMPLES = {
    TimerKind.DATE: "2026-11-21T14:30:00+08:00",
    TimerKind.DURATION: "PT30M",
    TimerKind.CYCLE: "R3/PT10M or 0 9 * * 1-5",
}


def following(current: Schedule, now: datetime, zone: tzinfo, *, collapse: bool = False) -> Schedule | None:
    """Give the beat after this one, or None when it was the last.

    Missed beats are caught up one by one, each at its own due time; with ``collapse`` those before ``now`` are left out.
    """
    repeats = current.repeats
    due = current.due
    while repeats is None or repeats > 0:
        due = _next_beat(due, current.interval, zone)
        repeats = None if repeats is None else repeats - 1
        if not collapse or due > now:
            return Schedule(due, repeats, current.interval)
    return None


def later(start: datetime, duration: Any, zone: tzinfo) -> datetime:
    """Add a duration: days-time as elapsed time, years and months on the calendar of the zone."""
    months, span = _duration(duration)
    if months:
        local = start.astimezone(zone)
        years, month = divmod(local.year * 12 + local.month - 1 + months, 12)
        day = min(local.day, _days_in_month(years, month + 1))
        start = local.replace(year=years, month=month + 1, day=day)
    end = start.astimezone(UTC) + span
    if end.year > LAST_YEAR:
        raise ValueError("too far in the future")
    return end


def _days_in_month(year: int, month: int) -> int:
    following_month = date(year + month // 12, month % 12 + 1, 1)
    return (following_month - timedelta(days=1)).day


def _cycle(value: Any, now: datetime, zone: tzinfo) -> Schedule:
    if not isinstance(value, str):  # a FEEL duration: for ever
        interval = _iso(value)
        return Schedule(later(now, value, zone), None, interval)
    text = value.strip()
    if text.startswith("R"):
        count, *rest = text.split("/")
        beats = int(count[1:]) if len(count) > 1 else None
        if (beats is not None and beats < 1) or not rest or len(rest) > 2:
            raise ValueError(text)
        repeats = None if beats is None else beats - 1
        if len(rest) == 1:
            return Schedule(later(now, rest[0], zone), repeats, rest[0])
        first, second = rest
        if first.startswith("P"):
            return _until(_instant(second, zone), first, beats, now)
        start = _instant(first, zone)
        if not second.startswith("P"):  # the interval between two moments
            second = _iso(_instant(second, zone) - start)
        _duration(second)
        return Schedule(start, repeats, second)
    if text.startswith("P"):
        return Schedule(later(now, text, zone), None, text)
    return Schedule(_next_beat(now, text, zone), None, text)


def _until(end: datetime, interval: str, beats: int | None, now: datetime) -> Schedule:
    """Count back from the last beat to the first one that is still to come."""
    months, span = _duration(interval)
    if months or not span or end < now:
        raise ValueError("months have no length to count back by, and an end that is over has no beats")
    repeats = (end - now) // span
    if beats is not None:
        repeats = min(repeats, beats - 1)
    return Schedule(end - repeats * span, repeats, interval)


def _next_beat(after: datetime, interval: str, zone: tzinfo) -> datetime:
    if interval.startswith("P"):
        step_on = later(after, interval, zone)
        if step_on <= after:
            raise ValueError("a cycle must move forward")
        return step_on
    try:
        # six fields begin with seconds, as Camunda 8 has them; ? is any day
        beats = croniter(
            interval.replace("?", "*"), after.astimezone(zone), max_years_between_matches=20, second_at_beginning=True
        )
        beat: datetime = beats.get_next(datetime)
    except (CroniterBadCronError, KeyError) as error:
        raise ValueError(interval) from error
    return beat.astimezone(UTC)


def _instant(value: Any, zone: tzinfo) -> datetime:
    if isinstance(value, str):
        text, _, named = value.strip().partition("@")  # FEEL writes a date-time of a zone as ...@Asia/Shanghai
        zone = ZoneInfo(named) if named else zone
        value = datetime.fromisoformat(text) if "T" in text or " " in text else date.fromisoformat(text)
    if isinstance(value, datetime):
        at = value
    elif isinstance(value, date):
        at = datetime.combine(value, time())
    else:  # FEEL's own date-times are those outside the calendar's years
        raise ValueError(value)
    if at.tzinfo is None:
        at = at.replace(tzinfo=zone)
    if at.year > LAST_YEAR:
        raise ValueError("too far in the future")
    return at.astimezone(UTC)


_ISO_DURATION = re.compile(
    r"(-)?P(?=.)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,7})W)?(?:(\d{1,7})D)?"
    r"(?:T(?=.)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,12}(?:\.\d{1,9})?)S)?)?"
)


def _duration(value: Any) -> tuple[int, timedelta]:
    """Give (months, span); a negative one counts as none."""
    if isinstance(value, timedelta):
        return 0, max(value, timedelta())
    if isinstance(value, feel.YearsMonths):
        return max(value.months, 0), timedelta()
    match = _ISO_DURATION.fullmatch(value.strip())
    if not match:
        raise ValueError(value)
    sign, years, months, weeks, days, hours, minutes, seconds = match.groups()
    if sign:
        return 0, timedelta()
    micros = int(Decimal(seconds or 0) * 1_000_000)
    span = timedelta(
        weeks=int(weeks or 0),
        days=int(days or 0),
        hours=int(hours or 0),
        minutes=int(minutes or 0),
        microseconds=micros,
    )
    return int(years or 0) * 12 + int(months or 0), span


def _iso(value: Any) -> str:
    months, span = _duration(value)
    if not months and not span:
        raise ValueError("a cycle must move forward")
    return f"P{months}M" if months else f"PT{Decimal(span // timedelta(microseconds=1)) / 1_000_000:f}S"
