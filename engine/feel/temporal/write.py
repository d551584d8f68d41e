"""Write temporal values as the texts that are read back into them, and as plain ISO 8601."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

from engine.feel.temporal.calendar import DAY, HOUR, MINUTE, SECOND, civil
from engine.feel.temporal.classes import AnyDateTime, Date, DateTime, Time, YearsMonths
from engine.feel.temporal.parts import clock, local, span
from engine.feel.temporal.zones import offset_of_local, zone_name

Temporal = date | Date | time | Time | AnyDateTime | timedelta | YearsMonths


def _date_text(year: int, month: int, day: int) -> str:
    return f"{'-' if year < 0 else ''}{abs(year):04d}-{month:02d}-{day:02d}"


def _fraction(nanoseconds: int) -> str:
    return f".{nanoseconds:09d}".rstrip("0") if nanoseconds else ""


def _clock_text(nanoseconds: int) -> str:
    seconds = f"{nanoseconds // SECOND % 60:02d}{_fraction(nanoseconds % SECOND)}"
    return f"{nanoseconds // HOUR:02d}:{nanoseconds // MINUTE % 60:02d}:{seconds}"


def _offset_text(seconds: int) -> str:
    if seconds == 0:
        return "Z"
    size = abs(seconds)
    tail = f":{size % 60:02d}" if size % 60 else ""
    return f"{'-' if seconds < 0 else '+'}{size // 3600:02d}:{size // 60 % 60:02d}{tail}"


def _zone_text(zone: tzinfo | None, at: int) -> str:
    if zone is None:
        return ""
    name = zone_name(zone)
    return f"@{name}" if name else _offset_text(offset_of_local(zone, at))


def _days_time_text(nanoseconds: int) -> str:
    days, rest = divmod(abs(nanoseconds), DAY)
    hours, minutes, seconds = rest // HOUR, rest // MINUTE % 60, rest % MINUTE
    text = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    text += f"{seconds // SECOND}{_fraction(seconds % SECOND)}S" if seconds else ""
    text = "P" + (f"{days}D" if days else "") + (f"T{text}" if text else "")
    return ("-" if nanoseconds < 0 else "") + (text if text != "P" else "PT0S")


def _years_months_text(total: int) -> str:
    years, months = divmod(abs(total), 12)
    text = "P" + (f"{years}Y" if years else "") + (f"{months}M" if months else "")
    return ("-" if total < 0 else "") + (text if text != "P" else "P0M")


def write(value: Temporal) -> str:
    """Write a temporal value as FEEL reads it, with its named zone."""
    if isinstance(value, YearsMonths):
        return _years_months_text(value.months)
    if isinstance(value, timedelta):
        return _days_time_text(span(value))
    if isinstance(value, datetime | DateTime):
        at = local(value)
        return f"{_date_text(*civil(at // DAY))}T{_clock_text(at % DAY)}{_zone_text(value.tzinfo, at)}"
    if isinstance(value, time | Time):
        return _clock_text(clock(value)) + _zone_text(value.tzinfo, 0)
    return _date_text(value.year, value.month, value.day)


def write_iso(value: Temporal) -> str:
    """Write a temporal value as plain ISO 8601: a date and time in a named zone shows the offset that it has then."""
    if isinstance(value, datetime | DateTime) and value.tzinfo is not None:
        at = local(value)
        return (
            f"{_date_text(*civil(at // DAY))}T{_clock_text(at % DAY)}{_offset_text(offset_of_local(value.tzinfo, at))}"
        )
    return write(value)
