"""The proleptic Gregorian calendar over all years, as whole days since 1970-01-01. Year 0 exists, as in ISO 8601."""

from __future__ import annotations

MAX_YEAR = 999_999_999
SECOND = 1_000_000_000
"""Nanoseconds of a second."""
MINUTE = 60 * SECOND
HOUR = 3600 * SECOND
DAY = 86_400 * SECOND

_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_CYCLE_DAYS = 146_097  # of 400 years
_EPOCH = 719_468  # days from 0000-03-01 to 1970-01-01


def month_length(year: int, month: int) -> int:
    """Give the number of days of a month (1 to 12)."""
    if month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0):
        return 29
    return _LENGTHS[month - 1]


def days_of(year: int, month: int, day: int) -> int:
    """Count the days from 1970-01-01 to a date of any year."""
    year -= month <= 2
    cycle, year_of_cycle = divmod(year, 400)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1  # from 1 March, so that the leap day comes last
    return cycle * _CYCLE_DAYS + year_of_cycle * 365 + year_of_cycle // 4 - year_of_cycle // 100 + day_of_year - _EPOCH


def civil(days: int) -> tuple[int, int, int]:
    """Give (year, month, day) of a number of days since 1970-01-01."""
    cycle, day = divmod(days + _EPOCH, _CYCLE_DAYS)
    year_of_cycle = (day - day // 1460 + day // 36524 - day // 146096) // 365
    day_of_year = day - (365 * year_of_cycle + year_of_cycle // 4 - year_of_cycle // 100)
    shifted = (5 * day_of_year + 2) // 153
    month = (shifted + 2) % 12 + 1
    return cycle * 400 + year_of_cycle + (month <= 2), month, day_of_year - (153 * shifted + 2) // 5 + 1


def add_months(year: int, month: int, day: int, months: int) -> tuple[int, int, int]:
    """Move a date by months; a day that the new month does not have becomes its last day."""
    years, month = divmod(month - 1 + months, 12)
    year, month = year + years, month + 1
    return year, month, min(day, month_length(year, month))
