"""Number fields: exact decimals, as numbers or as text, with digits, steps and limits."""

from __future__ import annotations

import re
from decimal import Context, Decimal
from typing import Any

from engine.errors import Text
from engine.forms.field import Check, Refused, Rule, Scene
from engine.model.json import exact

MAX_DIGITS = 34  # of decimal128, which is what FEEL computes with
_WIDE = Context(
    prec=4 * MAX_DIGITS, Emin=-9999, Emax=9999
)  # in which numbers of the form are computed without rounding
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?")


def read_number(value: Any) -> Decimal | None:
    """Read a number or the text of one; ``None`` when it is neither, or is not exact."""
    if isinstance(value, str):
        text = value.strip()
        return Decimal(text) if len(text) <= 100 and _NUMBER.fullmatch(text) else None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return Decimal(value) if isinstance(value, int) else value


def number(decimals: int | None, *, as_text: bool) -> Check:
    """Give the check of a number field.

    Args:
        decimals: the most digits after the point; ``None`` for any.
        as_text: the value is a decimal text, with the digits that were typed, such as ``252.00``.
    """

    def check(value: Any, _scene: Scene) -> int | Decimal | str:
        found = (
            read_number(value) if not (isinstance(value, int) and abs(value) >= 10**MAX_DIGITS) else Decimal("Infinity")
        )
        if found is None or found.is_nan():
            raise Refused(Text("Enter a number"))
        if not found.is_finite() or found.adjusted() >= MAX_DIGITS or len(found.as_tuple().digits) > MAX_DIGITS:
            raise Refused(Text("Enter a number with at most {count} digits", count=MAX_DIGITS))
        exponent = found.normalize(_WIDE).as_tuple().exponent
        if isinstance(exponent, int) and exponent < -MAX_DIGITS:
            raise Refused(Text("Enter a number with at most {count} digits", count=MAX_DIGITS))
        if decimals == 0 and found != found.to_integral_value():
            raise Refused(Text("Enter a whole number"))
        if decimals is not None and isinstance(exponent, int) and -exponent > decimals:
            raise Refused(
                Text("Enter at most one digit after the point")
                if decimals == 1
                else Text("Enter at most {count} digits after the point", count=decimals)
            )
        return format(found, "f") if as_text else exact(found)

    return check


def _limit(given: Any, scene: Scene) -> Decimal | None:
    return read_number(scene.value(given))


def at_least(limit: Any) -> Rule:
    """Give the rule of a least value; ``limit`` is a number, its text or an expression."""

    def rule(value: Any, scene: Scene) -> None:
        least = _limit(limit, scene)
        if least is not None and Decimal(value) < least:
            raise Refused(Text("Enter {limit} or more", limit=format(least, "f")))

    return rule


def at_most(limit: Any) -> Rule:
    """Give the rule of a greatest value; ``limit`` is a number, its text or an expression."""

    def rule(value: Any, scene: Scene) -> None:
        most = _limit(limit, scene)
        if most is not None and Decimal(value) > most:
            raise Refused(Text("Enter {limit} or less", limit=format(most, "f")))

    return rule


def in_steps(step: Decimal) -> Rule:
    """Give the rule that a value is a multiple of a step."""

    def rule(value: Any, _scene: Scene) -> None:
        number = Decimal(value)
        offset = _WIDE.remainder(number, step)
        if offset:
            lower = _WIDE.subtract(number, offset)
            raise Refused(
                Text("Enter a multiple of {step}", step=format(step, "f")),
                Text(
                    "The nearest are {lower} and {upper}",
                    lower=format(lower, "f"),
                    upper=format(_WIDE.add(lower, step), "f"),
                ),
            )

    return rule
