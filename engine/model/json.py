"""The one JSON codec: numbers stay exact (``int`` where integral, else ``Decimal``), nothing is a binary float."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from typing import Any, TypeAlias

from engine.errors import LimitExceeded

Json: TypeAlias = "None | bool | int | Decimal | str | list[Json] | dict[str, Json]"
Variables: TypeAlias = Mapping[str, Any]
"""{name: JSON value}"""

MAX_DEPTH = 100  # of what is written, wrappings of our own included; what a variable may be is less: see `Limits`
MAX_DIGITS = 4300  # an integral decimal becomes an int only up to here: Python writes no longer int as text
_UNROUNDED = Context(prec=MAX_PREC, Emin=MIN_EMIN, Emax=MAX_EMAX)  # the current context would cut a number to 28 digits


def number(text: str) -> int | Decimal:
    """Read a JSON number exactly."""
    try:
        return exact(Decimal(text))
    except ArithmeticError:
        raise ValueError(f"{text[:40]} is beyond every bound of numbers") from None


def exact(value: Decimal) -> int | Decimal:
    """Give ``int`` where the number is integral, else the number without trailing zeros."""
    if value == value.to_integral_value() and value.adjusted() < MAX_DIGITS:
        return int(value)
    return value.normalize(_UNROUNDED)


def _refuse(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


_decoder = json.JSONDecoder(parse_float=number, parse_constant=_refuse)


def loads(text: str | bytes) -> Any:
    """Read JSON; numbers come as ``int`` or ``Decimal``.

    Raises:
        ValueError: it is not JSON (``NaN`` and ``Infinity`` are not).
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8")
    try:
        return _decoder.decode(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


_encode_string = json.encoder.encode_basestring


def dumps(value: Any, *, canonical: bool = False) -> str:
    """Write JSON, exactly; ``canonical`` sorts keys (for hashes).

    Raises:
        TypeError: a value is not JSON (a float is not, since it is not exact).
        LimitExceeded: it is nested deeper than ``MAX_DEPTH``.
    """
    return _text(value, canonical, 0)


def _text(value: Any, canonical: bool, depth: int) -> str:
    type_ = type(value)  # the exact types first: this is on the path of every step
    if type_ is str:
        return _encode_string(value)
    if value is None:
        return "null"
    if type_ is bool:
        return "true" if value else "false"
    if type_ is int:
        return int.__repr__(value)
    if depth >= MAX_DEPTH and isinstance(value, Mapping | list | tuple):
        raise LimitExceeded("a value is nested deeper than {limit} levels", limit=MAX_DEPTH)
    if isinstance(value, Mapping):
        items = sorted(value.items()) if canonical else value.items()
        return "{" + ",".join([f"{_key(key)}:{_text(item, canonical, depth + 1)}" for key, item in items]) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join([_text(item, canonical, depth + 1) for item in value]) + "]"
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise TypeError(f"{value} is not a JSON number")
        return str(exact(value))
    if isinstance(value, str):
        return _encode_string(value)
    if isinstance(value, int):
        return int.__repr__(value)
    raise TypeError(f"{type_.__name__} is not a JSON value")


def deeper_than(value: Any, limit: int) -> bool:
    """Say whether lists and objects are nested in one another deeper than so many levels."""
    level = [value]
    for _ in range(limit):
        level = [
            item
            for each in level
            if isinstance(each, Mapping | list | tuple)
            for item in (each.values() if isinstance(each, Mapping) else each)
        ]
        if not level:
            return False
    return any(isinstance(each, Mapping | list | tuple) for each in level)


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"{key!r} is not a JSON key")
    return _encode_string(key)
