"""Turn a value into a process variable."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engine.errors import Invalid, LimitExceeded
from engine.feel.bounds import VALUE_DEPTH
from engine.feel.run import Run
from engine.feel.temporal.write import write_iso
from engine.feel.values import (
    BOOLEAN,
    CONTEXT,
    DATE,
    DATE_TIME,
    DAYS_TIME,
    LIST,
    NULL,
    NUMBER,
    STRING,
    TIME,
    YEARS_MONTHS,
    kind,
)
from engine.model.json import Json, exact

_TEMPORAL = frozenset({DATE, TIME, DATE_TIME, DAYS_TIME, YEARS_MONTHS})


def to_json(value: Any, run: Run | None = None) -> Json:
    """Turn a value into JSON: numbers ``int`` where integral, else ``Decimal``; dates, times and durations as ISO 8601 text.

    Args:
        value: any value of FEEL.
        run: the evaluation whose budget pays for it; None gives it one of its own.

    Raises:
        Invalid: there is a range, a function or a stranger in it.
        LimitExceeded: it is too large, or nested too deeply.
    """
    return _convert(value, run or Run({}), 0)


def _convert(value: Any, run: Run, depth: int) -> Json:
    kept = type(value)
    if kept is str or kept is int or kept is bool or value is None:
        return value  # type: ignore[no-any-return]  # one of the types just named
    of = kind(value)
    if of == NUMBER:
        return exact(value) if isinstance(value, Decimal) else int(value)
    if of in (STRING, BOOLEAN, NULL):
        return value  # type: ignore[no-any-return]  # a subclass of str or bool
    if of in _TEMPORAL:
        return write_iso(value)
    if of not in (LIST, CONTEXT):
        raise Invalid("a {kind} cannot be the value of a variable", kind=of)
    if depth > VALUE_DEPTH:
        raise LimitExceeded("a value is nested deeper than {limit} levels", limit=VALUE_DEPTH)
    run.spend(len(value) + 1)
    if isinstance(value, Mapping):
        return {str(name): _convert(item, run, depth + 1) for name, item in value.items()}
    return [_convert(item, run, depth + 1) for item in value]
