"""Temporal values that the standard types cannot hold. Each has the attributes that the standard type has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from engine.feel.temporal.calendar import DAY, HOUR, MINUTE, SECOND, civil
from engine.feel.temporal.zones import offset_of_local

_LEAST = timedelta.min // timedelta(microseconds=1)
_MOST = timedelta.max // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Date:
    """A date of a year outside 1 to 9999."""

    year: int
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day with nanoseconds.

    Attributes:
        clock: nanoseconds since midnight.
        tzinfo: its offset or named zone; None for a local time.
    """

    clock: int
    tzinfo: tzinfo | None = None

    @property
    def hour(self) -> int:
        """0 to 23."""
        return self.clock // HOUR

    @property
    def minute(self) -> int:
        """0 to 59."""
        return self.clock // MINUTE % 60

    @property
    def second(self) -> int:
        """0 to 59."""
        return self.clock // SECOND % 60

    @property
    def microsecond(self) -> int:
        """Whole microseconds of the second."""
        return self.nanosecond // 1000

    @property
    def nanosecond(self) -> int:
        """0 to 999,999,999."""
        return self.clock % SECOND

    def utcoffset(self) -> timedelta | None:
        """Give the offset from UTC; None for a local time and for a named zone, whose offset depends on the date."""
        return None if self.tzinfo is None else self.tzinfo.utcoffset(None)


@dataclass(frozen=True, slots=True)
class DateTime:
    """A date and time of a year outside 1 to 9999, or with nanoseconds.

    Attributes:
        local: nanoseconds of its wall clock since 1970-01-01T00:00:00.
        tzinfo: its offset or named zone; None for a local date and time.
    """

    local: int
    tzinfo: tzinfo | None = None

    @property
    def year(self) -> int:
        """The year; year 0 is 1 BC."""
        return civil(self.local // DAY)[0]

    @property
    def month(self) -> int:
        """1 to 12."""
        return civil(self.local // DAY)[1]

    @property
    def day(self) -> int:
        """1 to 31."""
        return civil(self.local // DAY)[2]

    @property
    def hour(self) -> int:
        """0 to 23."""
        return self.local % DAY // HOUR

    @property
    def minute(self) -> int:
        """0 to 59."""
        return self.local // MINUTE % 60

    @property
    def second(self) -> int:
        """0 to 59."""
        return self.local // SECOND % 60

    @property
    def microsecond(self) -> int:
        """Whole microseconds of the second."""
        return self.nanosecond // 1000

    @property
    def nanosecond(self) -> int:
        """0 to 999,999,999."""
        return self.local % SECOND

    def utcoffset(self) -> timedelta | None:
        """Give the offset from UTC that its zone has then; None for a local date and time."""
        return None if self.tzinfo is None else timedelta(seconds=offset_of_local(self.tzinfo, self.local))


class DaysTime(timedelta):
    """A days and time duration with nanoseconds, or longer than ``timedelta`` holds; as a ``timedelta`` it is the nearest one.

    Attributes:
        nanoseconds: its exact length.
    """

    __slots__ = ("nanoseconds",)
    nanoseconds: int

    def __new__(cls, nanoseconds: int) -> DaysTime:
        """Make one of its exact length."""
        nearest = max(_LEAST, min(_MOST, nanoseconds // 1000))
        made = super().__new__(cls, microseconds=nearest)
        made.nanoseconds = nanoseconds
        return made

    def __reduce__(self) -> tuple[type[DaysTime], tuple[int]]:
        return DaysTime, (self.nanoseconds,)


@dataclass(frozen=True, slots=True)
class YearsMonths:
    """A years and months duration, in months."""

    months: int

    @property
    def years(self) -> int:
        """Whole years, towards zero."""
        return abs(self.months) // 12 * (1 if self.months >= 0 else -1)


AnyDate = date | Date
AnyTime = time | Time
AnyDateTime = datetime | DateTime
