"""Instants as whole milliseconds since 1970, inside JSON columns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_millis(at: datetime) -> int:
    """Give the milliseconds since 1970 began."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def from_millis(millis: int) -> datetime:
    """Give the instant that is so many milliseconds after 1970 began."""
    return _EPOCH + timedelta(milliseconds=millis)
