"""Time zones: by name, by offset, and their offsets at any point of time, also where ``datetime`` does not reach."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.feel.temporal.calendar import DAY, SECOND

MAX_OFFSET_S = 18 * 3600
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*")
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - counts wall clock time
_FIRST = -719_162 * DAY + 3 * DAY  # 0001-01-04: a zone's first offset holds before
_LAST = 2_932_890 * DAY  # 9999-12-26: later years follow the rules of the same year of the 400-year cycle
_CYCLE = 146_097 * DAY


@lru_cache(maxsize=512)
def named(name: str) -> tzinfo | None:
    """Give a zone of the IANA data base; None when there is none of this name."""
    if not _NAME.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder of the data base
        return None


@lru_cache(maxsize=512)
def fixed(seconds: int) -> tzinfo:
    """Give the zone of an offset in seconds east of UTC."""
    return timezone(timedelta(seconds=seconds)) if seconds else UTC


def zone_name(zone: tzinfo) -> str | None:
    """Give the name of a named zone; None for a fixed offset."""
    return getattr(zone, "key", None)


def _reachable(nanoseconds: int) -> datetime:
    if nanoseconds < _FIRST:
        nanoseconds = _FIRST
    elif nanoseconds > _LAST:
        nanoseconds -= -(-(nanoseconds - _LAST) // _CYCLE) * _CYCLE
    return _EPOCH + timedelta(microseconds=nanoseconds // 1000)


def offset_of_local(zone: tzinfo, local: int) -> int:
    """Give the offset in seconds that holds at a wall clock time (nanoseconds since 1970); of two, the earlier."""
    offset = zone.utcoffset(_reachable(local))
    return 0 if offset is None else offset.days * 86_400 + offset.seconds


def offset_at(zone: tzinfo, instant: int) -> int:
    """Give the offset in seconds that holds at an instant (nanoseconds since 1970 in UTC)."""
    if isinstance(zone, timezone):
        return offset_of_local(zone, instant)
    offset = _reachable(instant).replace(tzinfo=UTC).astimezone(zone).utcoffset()
    return 0 if offset is None else offset.days * 86_400 + offset.seconds


def instant_of(local: int, zone: tzinfo) -> int:
    """Turn wall clock nanoseconds into nanoseconds since 1970 in UTC."""
    return local - offset_of_local(zone, local) * SECOND


def local_of(instant: int, zone: tzinfo) -> int:
    """Turn nanoseconds since 1970 in UTC into wall clock nanoseconds."""
    return instant + offset_at(zone, instant) * SECOND
