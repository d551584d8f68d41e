"""Read dates, times and durations from their ISO 8601 texts, extended by FEEL: years of up to nine digits, ``@`` and a zone's name.

Source: DMN 1.5, 10.3.4.1 (conversion functions); XML Schema Datatypes.
"""

from __future__ import annotations

import re
from datetime import date, time, timedelta, tzinfo

from engine.feel.temporal.calendar import DAY, HOUR, MINUTE, SECOND
from engine.feel.temporal.classes import AnyDateTime, Date, Time, YearsMonths
from engine.feel.temporal.parts import days, make_date, make_date_time, make_duration, make_months, make_time
from engine.feel.temporal.zones import MAX_OFFSET_S, fixed, named

_DATE = re.compile(r"(-?(?:[0-9]{4}|[1-9][0-9]{4,8}))-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,30}))?"
    r"(?:(Z)|([+-])([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?|@([A-Za-z0-9_+/-]{1,60}))?"
)
_DURATION = re.compile(
    r"(-)?P(?:([0-9]{1,18})Y)?(?:([0-9]{1,18})M)?(?:([0-9]{1,18})D)?"
    r"(?:T(?:([0-9]{1,18})H)?(?:([0-9]{1,18})M)?(?:([0-9]{1,18})(?:\.([0-9]{0,30}))?S)?)?"
)


def read_date(text: str) -> date | Date | None:
    """Read ``2026-01-31``; None when it is not a date."""
    match = _DATE.fullmatch(text)
    return make_date(int(match[1]), int(match[2]), int(match[3])) if match else None


def _read_clock(text: str) -> tuple[int, tzinfo | None] | None:
    match = _TIME.fullmatch(text)
    if not match:
        return None
    hours, minutes, seconds = int(match[1]), int(match[2]), int(match[3])
    nanoseconds = int((match[4] or "0").ljust(9, "0")[:9])
    midnight = hours == 24 and not (minutes or seconds or nanoseconds)
    if not midnight and (hours > 23 or minutes > 59 or seconds > 59):
        return None
    zone: tzinfo | None = None
    if match[5]:
        zone = fixed(0)
    elif match[6]:
        size = int(match[7]) * 3600 + int(match[8]) * 60 + int(match[9] or 0)
        if int(match[8]) > 59 or int(match[9] or 0) > 59 or size > MAX_OFFSET_S:
            return None
        zone = fixed(-size if match[6] == "-" else size)
    elif match[10]:
        zone = named(match[10])
        if zone is None:
            return None
    return hours * HOUR + minutes * MINUTE + seconds * SECOND + nanoseconds, zone


def read_time(text: str) -> time | Time | None:
    """Read ``10:30:00``, with an optional fraction and ``Z``, an offset or ``@`` zone; None when it is not a time."""
    read = _read_clock(text)
    return make_time(*read) if read else None


def read_date_time(text: str) -> AnyDateTime | None:
    """Read a date, ``T`` and a time; a date alone means its midnight. None when it is neither."""
    day_text, separator, clock_text = text.partition("T")
    day = read_date(day_text)
    if day is None:
        return None
    read = _read_clock(clock_text) if separator else (0, None)
    return make_date_time(days(day) * DAY + read[0], read[1]) if read else None


def read_duration(text: str) -> timedelta | YearsMonths | None:
    """Read ``P1Y2M`` or ``P1DT2H3M4.5S``; None when it is neither, or both at once."""
    match = _DURATION.fullmatch(text)
    if not match or text[-1] in "PT":
        return None
    sign = -1 if match[1] else 1
    years, months, day_count, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:7])
    if match[2] or match[3]:
        if any(match.groups()[3:]):
            return None
        return make_months(sign * (years * 12 + months))
    nanoseconds = int((match[8] or "0").ljust(9, "0")[:9])
    return make_duration(sign * (day_count * DAY + hours * HOUR + minutes * MINUTE + seconds * SECOND + nanoseconds))


def read_temporal(text: str) -> date | Date | time | Time | AnyDateTime | timedelta | YearsMonths | None:
    """Read what follows ``@``: a date, a date and time, a time or a duration; None when it is none of them."""
    if "P" in text[:2]:
        return read_duration(text)
    if "T" in text:
        return read_date_time(text) or read_time(text)  # a time may name a zone that has a T in it
    return read_time(text) if ":" in text else read_date(text)
