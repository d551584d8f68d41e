"""What every format of telemetry is made of: JSON objects, names, readings, instants. Each is taken or refused with its reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from engine.errors import Invalid

MAX_SIGNALS = 200  # per reading
MAX_NAME = 120
_BROKEN = re.compile("[\x00\ud800-\udfff]")  # no database takes these


def table(body: Any, what: str) -> Mapping[str, Any]:
    """Take a JSON object. Raises Invalid."""
    if not isinstance(body, dict):
        raise Invalid("the {what} must be a JSON object", what=what)
    return body


def name(value: Any, what: str) -> str:
    """Take a name of 1 to ``MAX_NAME`` printable characters. Raises Invalid."""
    if not isinstance(value, str) or not 0 < len(value) <= MAX_NAME or not value.isprintable():
        raise Invalid("{what} must be named by 1 to {limit} printable characters", what=what, limit=MAX_NAME)
    return value


def values(given: Mapping[str, Any]) -> dict[str, Any]:
    """Take readings: each is a number, a text or a truth value; anything nested is refused. Raises Invalid."""
    if len(given) > MAX_SIGNALS:
        raise Invalid("{count} readings came at once; {limit} are allowed", count=len(given), limit=MAX_SIGNALS)
    for signal, value in given.items():
        name(signal, "a reading")
        if isinstance(value, dict | list):
            raise Invalid("the reading {name} is not a number, a text or true or false", name=signal)
        if isinstance(value, str) and (len(value) > 1000 or _BROKEN.search(value)):
            raise Invalid(
                "the reading {name} is longer than {limit} characters, or none of any language", name=signal, limit=1000
            )
        if isinstance(value, int | Decimal) and not -(10**15) <= value <= 10**15:
            raise Invalid("the reading {name} is out of any range", name=signal)
    return dict(given)


def instant(at: Any) -> datetime:
    """Read milliseconds since 1970, or an ISO text with an offset. Raises Invalid."""
    try:
        if isinstance(at, str):
            moment = datetime.fromisoformat(at)
            if moment.tzinfo is None:
                raise Invalid("the time {at} has no offset", at=at[:40])
            return moment.astimezone(UTC)
        if isinstance(at, bool) or not isinstance(at, int | Decimal):
            raise Invalid("a time is milliseconds since 1970 or an ISO text")
        # whole milliseconds: a binary float of the quotient would lose some
        return datetime.fromtimestamp(int(at) // 1000, UTC).replace(microsecond=int(at) % 1000 * 1000)
    except (ValueError, OverflowError, OSError) as error:
        raise Invalid("the time {at} cannot be", at=str(at)[:40]) from error
