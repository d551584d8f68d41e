"""Properties of values: entries of contexts, parts of dates, times, durations and ranges.

Source: DMN 1.5, 10.3.2.5 (paths) and table 65 (properties).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.feel.bounds import check_items
from engine.feel.run import Run, Where
from engine.feel.temporal.calendar import DAY, HOUR, MINUTE, SECOND
from engine.feel.temporal.parts import days, local, make_duration, span
from engine.feel.temporal.zones import offset_of_local, zone_name
from engine.feel.values import (
    CONTEXT,
    DATE,
    DATE_TIME,
    DAYS_TIME,
    LIST,
    RANGE,
    TIME,
    YEARS_MONTHS,
    kind,
)

Property = Callable[[Any], Any]


def weekday(value: Any) -> int:
    """Give the day of the week of a date, or of a date and time: 1 is Monday, 7 is Sunday."""
    count = local(value) // DAY if kind(value) == DATE_TIME else days(value)
    return (count + 3) % 7 + 1


def _offset(value: Any) -> Any:
    if value.tzinfo is None:
        return None
    if kind(value) == DATE_TIME:
        return make_duration(offset_of_local(value.tzinfo, local(value)) * SECOND)
    offset = value.utcoffset()
    return None if offset is None else make_duration(span(offset))


def _zone(value: Any) -> str | None:
    return None if value.tzinfo is None else zone_name(value.tzinfo)


def _towards_zero(value: int, unit: int) -> int:
    return value // unit if value >= 0 else -(-value // unit)


def _part(unit: int, whole: int) -> Property:
    def part(value: Any) -> int:
        size = _towards_zero(abs(span(value)) % whole, unit)
        return size if span(value) >= 0 else -size

    return part


def _seconds(value: Any) -> int | Decimal:
    size = abs(span(value)) % MINUTE
    seconds = Decimal(size).scaleb(-9).normalize() if size % SECOND else size // SECOND
    return seconds if span(value) >= 0 else -seconds


_DAY_PARTS: dict[str, Property] = {
    "year": lambda value: value.year,
    "month": lambda value: value.month,
    "day": lambda value: value.day,
    "weekday": weekday,
}
_CLOCK_PARTS: dict[str, Property] = {
    "hour": lambda value: value.hour,
    "minute": lambda value: value.minute,
    "second": lambda value: value.second,
    "time offset": _offset,
    "timezone": _zone,
}
PROPERTIES: dict[str, dict[str, Property]] = {
    DATE: _DAY_PARTS,
    TIME: _CLOCK_PARTS,
    DATE_TIME: _DAY_PARTS | _CLOCK_PARTS,
    DAYS_TIME: {
        "days": lambda value: _towards_zero(span(value), DAY),
        "hours": _part(HOUR, DAY),
        "minutes": _part(MINUTE, HOUR),
        "seconds": _seconds,
    },
    YEARS_MONTHS: {
        "years": lambda value: _towards_zero(value.months, 12),
        "months": lambda value: value.months - 12 * _towards_zero(value.months, 12),
    },
    RANGE: {
        "start": lambda value: value.start,
        "end": lambda value: value.end,
        "start included": lambda value: value.start_included,
        "end included": lambda value: value.end_included,
    },
}
"""{kind: {name of a property: how it is got}}."""


def get_property(value: Any, name: str, run: Run, where: Where) -> Any:
    """Give a property of a value; of a list, that of every item. Null when there is none of this name."""
    of = kind(value)
    if of == CONTEXT:
        try:
            return value[name]
        except KeyError:
            return run.null(where, "the context has no entry {name}", name=name)
    if of == LIST:
        check_items(len(value))
        run.spend(len(value) + 1)
        return [item.get(name) if kind(item) == CONTEXT else get_property(item, name, run, where) for item in value]
    read = PROPERTIES.get(of, {}).get(name)
    return run.null(where, "{kind} has no property {name}", kind=of, name=name) if read is None else read(value)
