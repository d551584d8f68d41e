"""Date, time and date-time fields: ISO text, real dates, not too soon, not too late, in an order, within the hours of a day."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from engine.errors import Text
from engine.feel import Expression
from engine.forms.field import Check, Refused, Rule, Scene
from engine.forms.text import check_text
from engine.forms.tree import At, get

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:\d{2})?")
_HOURS = re.compile(r"((?:[01]\d|2[0-3]):[0-5]\d)/((?:[01]\d|2[0-3]):[0-5]\d)")
_DURATION = re.compile(r"([+-])?P(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9})S)?)?")


def read_duration(text: str) -> timedelta | None:
    """Read an ISO 8601 duration of days, hours, minutes and seconds; ``None`` when it is none."""
    found = _DURATION.fullmatch(text)
    if not found or text[-1] in "PT":
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -span if found[1] == "-" else span


def moment(subtype: str) -> Check:
    """Give the check of a date (``date``), a time (``time``) or both (``datetime``); the text stays as it was written."""

    def check(value: Any, _scene: Scene) -> str:
        text = check_text(value, 40)
        try:
            _read(subtype, text)
        except ValueError:
            raise Refused(_ASK[subtype]) from None
        return text

    return check


_ASK = {
    "date": Text("Enter a date, such as 2026-01-31"),
    "time": Text("Enter a time, such as 09:30"),
    "datetime": Text("Enter a date and a time"),
}


def _read(subtype: str, text: str) -> date | time | datetime:
    """Read the value of a field. Raises ValueError."""
    day, _, clock = text.partition("T") if subtype == "datetime" else (text, "", text)
    if subtype != "time" and not _DATE.fullmatch(day):
        raise ValueError(text)
    if subtype != "date" and not _TIME.fullmatch(clock):
        raise ValueError(text)
    match subtype:
        case "date":
            return date.fromisoformat(text)
        case "time":
            return time.fromisoformat(text)
        case _:
            return datetime.fromisoformat(text)


def _instant(value: datetime, scene: Scene) -> datetime:
    """Give a date-time in the zone of the form; one without an offset is meant there."""
    return value.replace(tzinfo=scene.run.zone) if value.tzinfo is None else value.astimezone(scene.run.zone)


def not_past(subtype: str) -> Rule:
    """Give the rule that a day is not before today."""

    def rule(text: str, scene: Scene) -> None:
        value = _read(subtype, text)
        try:
            day = _instant(value, scene).date() if isinstance(value, datetime) else value
        except OverflowError:
            raise Refused(_ASK[subtype]) from None
        today = scene.run.now.date()
        if isinstance(day, date) and day < today:
            raise Refused(Text("Choose {date} or later", date=today.isoformat()))

    return rule


def from_now(subtype: str, offset: timedelta, *, latest: bool) -> Rule:
    """Give the rule that a moment is not earlier (or, if ``latest``, not later) than now and an offset."""

    def rule(text: str, scene: Scene) -> None:
        value = _read(subtype, text)
        limit = scene.run.now + offset
        try:
            within = _is_within(value, limit, scene, latest=latest)
        except OverflowError:
            within = False
        if not within:
            shown = limit.date().isoformat() if subtype == "date" else limit.strftime("%Y-%m-%d %H:%M")
            if latest:
                raise Refused(Text("Choose {time} or earlier", time=shown))
            raise Refused(Text("Choose {time} or later", time=shown))

    return rule


def _is_within(value: date | time | datetime, limit: datetime, scene: Scene, *, latest: bool) -> bool:
    if isinstance(value, datetime):
        # forms ask for minutes: a limit of 10:00:30 lets 10:00 through
        minute = limit.replace(second=0, microsecond=0)
        instant = _instant(value, scene)
        return instant <= limit if latest else instant >= minute
    if isinstance(value, date):
        return value <= limit.date() if latest else value >= limit.date()
    return True


def after(subtype: str, other: At) -> Rule:
    """Give the rule that a moment is later than that of another field; while that is empty or no moment, nothing is asked."""

    def rule(text: str, scene: Scene) -> None:
        given = get(scene.names, other)
        try:
            earlier = _comparable(_read(subtype, given), scene) if isinstance(given, str) else None
        except (ValueError, OverflowError):
            return
        if earlier is not None and _comparable(_read(subtype, text), scene) <= earlier:
            raise Refused(Text("Choose a moment after {time}", time=_shown(earlier)))

    return rule


def _comparable(value: date | time | datetime, scene: Scene) -> Any:
    """Give a moment that can be compared with others of its subtype."""
    if isinstance(value, datetime):
        return _instant(value, scene)
    return value.replace(tzinfo=None) if isinstance(value, time) else value


def _shown(value: date | time | datetime) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return value.strftime("%H:%M") if isinstance(value, time) else value.isoformat()


def read_hours(text: str) -> tuple[time, time] | None:
    """Read the hours of a day, such as ``07:30/21:30``; ``None`` when they are none, or end before they begin."""
    found = _HOURS.fullmatch(text)
    if not found:
        return None
    begin, end = time.fromisoformat(found[1]), time.fromisoformat(found[2])
    return (begin, end) if begin < end else None


def within(hours: tuple[time, time], when: Expression | None) -> Rule:
    """Give the rule that a date-time lies within the hours of a day in the form's zone, both ends included.

    Args:
        when: asks for it only where this is true; None for always.
    """
    begin, end = hours

    def rule(text: str, scene: Scene) -> None:
        value = _read("datetime", text)
        if not isinstance(value, datetime) or (when is not None and scene.ask(when) is not True):
            return
        if not begin <= _instant(value, scene).time().replace(second=0, microsecond=0) <= end:
            raise Refused(Text("Choose a time from {begin} to {end}", begin=_shown(begin), end=_shown(end)))

    return rule
