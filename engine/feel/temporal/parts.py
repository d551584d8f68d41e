"""Between temporal values and whole numbers: days and nanoseconds since 1970, nanoseconds since midnight, nanoseconds of a duration.

Every value is made here, so the choice between a standard type and one of our own is made in one place.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

from engine.feel.temporal.calendar import DAY, HOUR, MAX_YEAR, MINUTE, SECOND, civil, days_of, month_length
from engine.feel.temporal.classes import AnyDateTime, Date, DateTime, DaysTime, Time, YearsMonths

MAX_DURATION = 10**21 * SECOND
MAX_MONTHS = 10**20
_ORDINAL_1970 = 719_163
_FIRST_LOCAL = -719_162 * DAY
_END_LOCAL = 2_932_897 * DAY
_MAX_TIMEDELTA = 999_999_999 * DAY


def make_date(year: int, month: int, day: int) -> date | Date | None:
    """Make a date; None when the calendar has none such."""
    if not (-MAX_YEAR <= year <= MAX_YEAR and 1 <= month <= 12 and 1 <= day <= month_length(year, month)):
        return None
    return date(year, month, day) if 1 <= year <= 9999 else Date(year, month, day)


def date_of(days: int) -> date | Date | None:
    """Make the date so many days after 1970-01-01; None beyond the largest year."""
    return make_date(*civil(days))


def make_time(clock: int, zone: tzinfo | None) -> time | Time:
    """Make a time of day from nanoseconds since midnight, which wrap around."""
    clock %= DAY
    if clock % 1000:
        return Time(clock, zone)
    return time(clock // HOUR, clock // MINUTE % 60, clock // SECOND % 60, clock % SECOND // 1000, zone)


def make_date_time(local: int, zone: tzinfo | None) -> AnyDateTime | None:
    """Make a date and time from wall clock nanoseconds since 1970; None beyond the largest year."""
    days, clock = divmod(local, DAY)
    if _FIRST_LOCAL <= local < _END_LOCAL and clock % 1000 == 0:
        day = date.fromordinal(days + _ORDINAL_1970)
        return datetime.combine(
            day, time(clock // HOUR, clock // MINUTE % 60, clock // SECOND % 60, clock % SECOND // 1000, zone)
        )
    return DateTime(local, zone) if abs(civil(days)[0]) <= MAX_YEAR else None


def make_duration(nanoseconds: int) -> timedelta | None:
    """Make a days and time duration; None when it is too long."""
    if nanoseconds % 1000 == 0 and -_MAX_TIMEDELTA <= nanoseconds <= _MAX_TIMEDELTA:
        return timedelta(microseconds=nanoseconds // 1000)
    return DaysTime(nanoseconds) if abs(nanoseconds) <= MAX_DURATION else None


def make_months(months: int) -> YearsMonths | None:
    """Make a years and months duration; None when it is too long."""
    return YearsMonths(months) if abs(months) <= MAX_MONTHS else None


def days(value: date | Date) -> int:
    """Count the days from 1970-01-01 to a date."""
    if isinstance(value, Date):
        return days_of(value.year, value.month, value.day)
    return value.toordinal() - _ORDINAL_1970


def clock(value: time | Time | AnyDateTime) -> int:
    """Give the nanoseconds since midnight of a time, or of the time of a date and time."""
    if isinstance(value, Time):
        return value.clock
    if isinstance(value, DateTime):
        return value.local % DAY
    return ((value.hour * 60 + value.minute) * 60 + value.second) * SECOND + value.microsecond * 1000


def local(value: AnyDateTime) -> int:
    """Give the wall clock nanoseconds since 1970 of a date and time."""
    if isinstance(value, DateTime):
        return value.local
    return (value.toordinal() - _ORDINAL_1970) * DAY + clock(value)


def span(value: timedelta) -> int:
    """Give the nanoseconds of a days and time duration."""
    if isinstance(value, DaysTime):
        return value.nanoseconds
    return ((value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds) * 1000
