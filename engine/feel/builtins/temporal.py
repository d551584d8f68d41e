"""Functions that make, take apart and ask about dates, times and durations.

Source: DMN 1.5, tables 73, 79 and 80.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.feel.builtins.numbers import whole
from engine.feel.builtins.signature import NoResult, builtin
from engine.feel.comparison import equal
from engine.feel.properties import weekday
from engine.feel.run import Run
from engine.feel.temporal import arithmetic, parts, read
from engine.feel.temporal.calendar import DAY, HOUR, MINUTE, SECOND, days_of, month_length
from engine.feel.temporal.classes import AnyDate, AnyDateTime, AnyTime, YearsMonths
from engine.feel.temporal.zones import MAX_OFFSET_S, fixed, instant_of, local_of, named
from engine.feel.text import string_of
from engine.feel.values import DATE, DATE_TIME, NULL, STRING, TIME, kind

Number = int | Decimal
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def _no(what: str) -> NoResult:
    return NoResult("that is no {what}", what=what)


def _date(value: AnyDate | None) -> AnyDate:
    if value is None:
        raise _no(DATE)
    return value


def _moment(value: AnyDateTime | None) -> AnyDateTime:
    if value is None:
        raise _no(DATE_TIME)
    return value


@builtin("date", "from: string|days")
def date(run: Run, from_: Any) -> AnyDate:
    """Read a date, or take that of a date and time."""
    of = kind(from_)
    if of == STRING:
        return _date(read.read_date(from_))
    return _date(parts.make_date(from_.year, from_.month, from_.day))


@builtin("date", "year: number", "month: number", "day: number")
def date_of_parts(run: Run, year: Number, month: Number, day: Number) -> AnyDate:
    """Make a date."""
    return _date(parts.make_date(whole(year), whole(month), whole(day)))


def _days(value: Any) -> int:
    """Count the days from 1970-01-01 to the day of a date, or of a date and time."""
    return parts.days(value) if kind(value) == DATE else parts.local(value) // DAY


def _clock(hour: Number, minute: Number, second: Number) -> int:
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        raise NoResult("that is no time")
    return whole(hour) * HOUR + whole(minute) * MINUTE + int(second * SECOND)


def _offset(offset: Any) -> Any:
    if offset is None:
        return None
    seconds = parts.span(offset) // SECOND
    if abs(seconds) > MAX_OFFSET_S:
        raise NoResult("the offset is more than 18 hours")
    return fixed(seconds)


def _zone(timezone: str) -> Any:
    zone = named(timezone)
    if zone is None:
        raise NoResult("{zone} is no time zone", zone=timezone[:60])
    return zone


@builtin("time", "from: string|time|days")
def time(run: Run, from_: Any) -> AnyTime:
    """Read a time, or take that of a date and time; a date's is midnight in UTC."""
    of = kind(from_)
    if of == STRING:
        made = read.read_time(from_)
        if made is None:
            raise _no(TIME)
        return made
    if of == DATE:
        return parts.make_time(0, fixed(0))
    return from_ if of == TIME else parts.make_time(parts.clock(from_), from_.tzinfo)


@builtin("time", "hour: number", "minute: number", "second: number", "offset?: days and time duration?")
def time_of_parts(run: Run, hour: Number, minute: Number, second: Number, offset: Any = None) -> AnyTime:
    """Make a time."""
    return parts.make_time(_clock(hour, minute, second), _offset(offset))


@builtin("date and time", "from: string|days")
def date_and_time(run: Run, from_: Any) -> AnyDateTime:
    """Read a date and time; a date becomes its midnight in UTC."""
    of = kind(from_)
    if of == STRING:
        return _moment(read.read_date_time(from_))
    return arithmetic.midnight(from_) if of == DATE else from_


@builtin("date and time", "date: days", "time: time")
def date_and_time_joined(run: Run, date: Any, time: Any) -> AnyDateTime:
    """Join a date and a time."""
    return _moment(parts.make_date_time(_days(date) * DAY + parts.clock(time), time.tzinfo))


@builtin("date and time", "date: date and time", "timezone: string")
def date_and_time_moved(run: Run, date: Any, timezone: str) -> AnyDateTime:
    """Give the same instant in another zone."""
    zone = _zone(timezone)
    instant = instant_of(parts.local(date), date.tzinfo or run.zone)
    return _moment(parts.make_date_time(local_of(instant, zone), zone))


_PARTS = ("year: number", "month: number", "day: number", "hour: number", "minute: number", "second: number")


@builtin("date and time", *_PARTS, "offset?: days and time duration?")
def date_and_time_of_parts(
    run: Run, year: Number, month: Number, day: Number, hour: Number, minute: Number, second: Number, offset: Any = None
) -> AnyDateTime:
    """Make a date and time, with an offset or a local one."""
    midnight = _days(date_of_parts(run, year, month, day)) * DAY
    return _moment(parts.make_date_time(midnight + _clock(hour, minute, second), _offset(offset)))


@builtin("date and time", *_PARTS, "timezone: string")
def date_and_time_in_zone(
    run: Run, year: Number, month: Number, day: Number, hour: Number, minute: Number, second: Number, timezone: str
) -> AnyDateTime:
    """Make a date and time in a named zone."""
    midnight = _days(date_of_parts(run, year, month, day)) * DAY
    return _moment(parts.make_date_time(midnight + _clock(hour, minute, second), _zone(timezone)))


@builtin("duration", "from: string|duration")
def duration(run: Run, from_: Any) -> Any:
    """Read a duration of either kind."""
    if kind(from_) != STRING:
        return from_
    made = read.read_duration(from_)
    if made is None:
        raise _no("duration")
    return made


@builtin("years and months duration", "from: days", "to: days")
def years_and_months_duration(run: Run, from_: Any, to: Any) -> YearsMonths:
    """Count the whole months between two days."""
    months = arithmetic.months_between(from_, to)
    assert months is not None  # two dates are never too far apart
    return months


@builtin("now")
def now(run: Run) -> AnyDateTime:
    """Give the instant of the evaluation, in its zone."""
    return run.now


@builtin("today")
def today(run: Run) -> AnyDate:
    """Give the day of the evaluation, in its zone."""
    return run.now.date()


@builtin("day of year", "date: days")
def day_of_year(run: Run, date: Any) -> int:
    """Count the days from the first of the year."""
    return _days(date) - days_of(date.year, 1, 1) + 1


@builtin("day of week", "date: days")
def day_of_week(run: Run, date: Any) -> str:
    """Give the English name of the day."""
    return _WEEKDAYS[weekday(date) - 1]


@builtin("month of year", "date: days")
def month_of_year(run: Run, date: Any) -> str:
    """Give the English name of the month."""
    return _MONTHS[date.month - 1]


@builtin("week of year", "date: days")
def week_of_year(run: Run, date: Any) -> int:
    """Count the weeks as ISO 8601 does: the first has the year's first Thursday."""
    thursday = _days(date) - weekday(date) + 4
    year = date.year + (thursday >= days_of(date.year + 1, 1, 1)) - (thursday < days_of(date.year, 1, 1))
    return (thursday - days_of(year, 1, 1)) // 7 + 1


@builtin("last day of month", "date: days")
def last_day_of_month(run: Run, date: Any) -> AnyDate:
    """Give the last day of the month."""
    return _date(parts.make_date(date.year, date.month, month_length(date.year, date.month)))


@builtin("is", "value1: any?", "value2: any?")
def is_(run: Run, value1: Any, value2: Any) -> bool:
    """Tell whether two values are the same in kind, value and zone."""
    of = kind(value1)
    if of != kind(value2):
        return False
    if of == NULL:
        return True
    if of in (TIME, DATE_TIME):
        if (value1.tzinfo is None) != (value2.tzinfo is None) or value1.utcoffset() != value2.utcoffset():
            return False
        one, other = (
            (parts.clock(value1), parts.clock(value2)) if of == TIME else (parts.local(value1), parts.local(value2))
        )
        return one == other
    return equal(value1, value2, run) is True


@builtin("cycle", "interval: duration")
def cycle(run: Run, interval: Any) -> str:
    """Write a timer's cycle that never ends."""
    return f"R/{string_of(interval, run)}"


@builtin("cycle", "repetitions: number?", "interval: duration")
def cycle_of_times(run: Run, repetitions: Number | None, interval: Any) -> str:
    """Write a timer's cycle with so many beats; null for no end."""
    return f"R{'' if repetitions is None else whole(repetitions)}/{string_of(interval, run)}"
