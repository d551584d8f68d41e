"""Cron expressions as Quartz writes them, which Camunda 7, Operaton, Flowable and Activiti use, in ours.

Theirs begin with seconds, may end with a year, count the days of the week from Sunday as 1 and write ``?`` for any day. Ours have
minutes first, or seconds where there are six fields, and count Sunday as 0.
Source: the Quartz scheduler's description of its cron triggers.
"""

from __future__ import annotations

import re

from engine.bpmn.importers.words import Untranslatable
from engine.errors import Text

_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_CRON = re.compile(r"[\d*/,?#LW\-A-Za-z]+")


def is_cron(value: str) -> bool:
    """Tell whether a text has the six or seven fields of such an expression."""
    fields = value.split()
    return len(fields) in (6, 7) and all(_CRON.fullmatch(each) for each in fields)


def to_cron(value: str) -> str:
    """Translate an expression of six or seven fields.

    Raises:
        Untranslatable: it is bound to years, or to the last of a weekday in a way that ours cannot say.
    """
    second, minute, hour, day, month, weekday, *year = value.split()
    if year and year[0] not in ("*", "?"):
        raise Untranslatable(Text("it is bound to the years {years}", years=year[0]))
    if day == "LW" or day.startswith("L-"):
        raise Untranslatable(Text("{field} cannot be said here", field=day))
    fields = [minute, hour, "*" if day == "?" else day, month, _weekday(weekday)]
    return " ".join(fields if second == "0" else [second, *fields])


def _weekday(field: str) -> str:
    if field in ("?", "*"):
        return "*"
    if last := re.fullmatch(r"([1-7]|[A-Za-z]{3})L", field):
        day = last[1] if last[1].isdigit() else str(_DAYS.index(last[1].upper()) + 1 if last[1].upper() in _DAYS else 0)
        return f"L{int(day) - 1}"
    if "/" in field or field == "L":
        raise Untranslatable(Text("{field} cannot be said here", field=field))
    return re.sub(r"(?<![\d#])[1-7](?!\d)", lambda found: _DAYS[int(found[0]) - 1], field)
