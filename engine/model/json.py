"""The one JSON codec: numbers stay exact (``int`` where integral, else ``Decimal``), nothing is a binary float."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from engine.errors import LimitExceeded

Json: TypeAlias = "None | bool | int | Decimal | str | list[Json] | dict[str, Json]"
Variables: TypeAlias = Mapping[str, Any]
"""{name: JSON value}"""

MAX_DEPTH = 50
MAX_DIGITS = 6200  # an integral decimal is written out in full only up to here; the exponent of decimal128 ends at 6144


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
    return value.normalize()


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
    parts: list[str] = []
    _write(value, parts.append, canonical, 0)
    return "".join(parts)


def _write(value: Any, out: Any, canonical: bool, depth: int) -> None:
    if value is None:
        out("null")
    elif value is True:
        out("true")
    elif value is False:
        out("false")
    elif isinstance(value, str):
        out(_encode_string(value))
    elif isinstance(value, int):
        out(int.__repr__(value))
    elif isinstance(value, Decimal):
        if not value.is_finite():
            raise TypeError(f"{value} is not a JSON number")
        out(str(exact(value)))
    elif depth >= MAX_DEPTH:
        raise LimitExceeded("a value is nested deeper than {limit} levels", limit=MAX_DEPTH)
    elif isinstance(value, Mapping):
        out("{")
        first = True
        for key, item in sorted(value.items()) if canonical else value.items():
            if not isinstance(key, str):
                raise TypeError(f"{key!r} is not a JSON key")
            out(("" if first else ",") + _encode_string(key) + ":")
            first = False
            _write(item, out, canonical, depth + 1)
        out("}")
    elif isinstance(value, list | tuple):
        out("[")
        first = True
        for item in value:
            if not first:
                out(",")
            first = False
            _write(item, out, canonical, depth + 1)
        out("]")
    else:
        raise TypeError(f"{type(value).__name__} is not a JSON value")
