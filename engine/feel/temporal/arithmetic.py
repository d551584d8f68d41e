"""Reckoning with temporal values. Every function gives None where the calendar has no answer.

Source: DMN 1.5, table 57 (general semantics of addition and subtraction) and table 58 (multiplication and division).
"""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from typing import Any

from engine.feel.numbers import WIDE
from engine.feel.temporal.calendar import DAY, add_months, civil, days_of
from engine.feel.temporal.classes import AnyDateTime, Date, Time, YearsMonths
from engine.feel.temporal.parts import (
    clock,
    date_of,
    days,
    local,
    make_date,
    make_date_time,
    make_duration,
    make_months,
    make_time,
    span,
)
from engine.feel.temporal.zones import fixed, instant_of, local_of

AnyDuration = timedelta


def midnight(value: date | Date) -> AnyDateTime:
    """Turn a date into its midnight in UTC, which is what a date means beside a date and time."""
    made = make_date_time(days(value) * DAY, fixed(0))
    assert made is not None  # the date had its year already
    return made


def date_plus_months(value: date | Date, months: YearsMonths) -> date | Date | None:
    """Move a date by years and months."""
    return make_date(*add_months(value.year, value.month, value.day, months.months))


def date_plus_span(value: date | Date, duration: AnyDuration) -> date | Date | None:
    """Move a date's midnight by a duration and give the day that is reached."""
    return date_of((days(value) * DAY + span(duration)) // DAY)


def moment_plus_months(value: AnyDateTime, months: YearsMonths) -> AnyDateTime | None:
    """Move a date and time by years and months on the calendar; its wall clock stays."""
    at = local(value)
    return make_date_time(days_of(*add_months(*civil(at // DAY), months.months)) * DAY + at % DAY, value.tzinfo)


def moment_plus_span(value: AnyDateTime, duration: AnyDuration) -> AnyDateTime | None:
    """Move a date and time by a duration of real time; in a named zone the wall clock follows the zone's changes."""
    at, zone = local(value), value.tzinfo
    if zone is None:
        return make_date_time(at + span(duration), None)
    return make_date_time(local_of(instant_of(at, zone) + span(duration), zone), zone)


def time_plus_span(value: time | Time, duration: AnyDuration) -> time | Time:
    """Move a time around the clock."""
    return make_time(clock(value) + span(duration), value.tzinfo)


def between_dates(left: date | Date, right: date | Date) -> timedelta | None:
    """Give ``left - right`` in days."""
    return make_duration((days(left) - days(right)) * DAY)


def between_moments(left: AnyDateTime, right: AnyDateTime) -> timedelta | None:
    """Give ``left - right``; None when only one of them has a zone."""
    if left.tzinfo is None and right.tzinfo is None:
        return make_duration(local(left) - local(right))
    if left.tzinfo is None or right.tzinfo is None:
        return None
    return make_duration(instant_of(local(left), left.tzinfo) - instant_of(local(right), right.tzinfo))


def between_times(left: time | Time, right: time | Time) -> timedelta | None:
    """Give ``left - right``; None when only one of them has a zone, or they are in different named zones."""
    gap = clock(left) - clock(right)
    if left.tzinfo is not right.tzinfo:
        one, other = left.utcoffset(), right.utcoffset()
        if one is None or other is None:
            return None
        gap -= span(one - other)
    return make_duration(gap)


def months_between(start: Any, end: Any) -> YearsMonths | None:
    """Count the whole months from one date (or date and time) to another, by their wall clocks."""
    first, second = (start.year, start.month, start.day), (end.year, end.month, end.day)
    months = (second[0] - first[0]) * 12 + second[1] - first[1]
    if months > 0 and second[2] < first[2]:
        months -= 1
    elif months < 0 and second[2] > first[2]:
        months += 1
    return make_months(months)


def scale_span(duration: AnyDuration, factor: int | Decimal) -> timedelta | None:
    """Multiply a days and time duration."""
    product = WIDE.multiply(span(duration), factor)
    return make_duration(int(product.to_integral_value(ROUND_HALF_EVEN))) if product.adjusted() < 40 else None


def scale_months(duration: YearsMonths, factor: int | Decimal) -> YearsMonths | None:
    """Multiply a years and months duration; a part of a month is cut off."""
    product = WIDE.multiply(duration.months, factor)
    return make_months(int(product.to_integral_value(ROUND_DOWN))) if product.adjusted() < 40 else None


def divide_span(duration: AnyDuration, divisor: int | Decimal) -> timedelta | None:
    """Divide a days and time duration by a number; None by zero."""
    if not divisor:
        return None
    quotient = WIDE.divide(Decimal(span(duration)), divisor)
    return make_duration(int(quotient.to_integral_value(ROUND_HALF_EVEN))) if quotient.adjusted() < 40 else None


def divide_months(duration: YearsMonths, divisor: int | Decimal) -> YearsMonths | None:
    """Divide a years and months duration by a number; a part of a month is cut off. None by zero."""
    if not divisor:
        return None
    quotient = WIDE.divide(Decimal(duration.months), divisor)
    return make_months(int(quotient.to_integral_value(ROUND_DOWN))) if quotient.adjusted() < 40 else None
