"""Numbers: decimal128 arithmetic (34 digits, half even), with exact integers as a fast path.

An ``int`` is a number like any other; sums and products of two stay ``int`` as long as decimal128 holds them exactly.
Results that are not finite are null.

Source: DMN 1.5, 10.3.2.3.1 (number); IEEE 754-2008 decimal128.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal

DIGITS = 34
LIMIT: int = 10**DIGITS
"""Integers below this are exact in decimal128."""

EXACT = Context(prec=DIGITS, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, capitals=1, clamp=0, flags=[], traps=[])
"""decimal128. Nothing traps: what cannot be answered comes as NaN or infinity and becomes null."""

WIDE = Context(prec=60, rounding=ROUND_HALF_EVEN, Emin=-9999, Emax=9999, capitals=1, clamp=0, flags=[], traps=[])
"""For durations, so that nanoseconds survive a division."""


def fit(value: int) -> int | Decimal:
    """Round an integer that decimal128 does not hold exactly."""
    return value if -LIMIT < value < LIMIT else EXACT.create_decimal(value)


def finite(value: Decimal) -> Decimal | None:
    """Give the number, or None when it is infinite or undefined."""
    return value if value.is_finite() else None


def power(base: int | Decimal, exponent: int | Decimal) -> int | Decimal | None:
    """Raise to a power; ``0 ** 0`` is 1. None when the result is no real number or too large."""
    if not exponent:
        return 1
    return finite(EXACT.power(EXACT.plus(Decimal(base)), EXACT.plus(Decimal(exponent))))


def modulo(dividend: int | Decimal, divisor: int | Decimal) -> int | Decimal | None:
    """Give ``dividend - divisor * floor(dividend / divisor)``, which has the sign of the divisor; None by zero."""
    if not divisor:
        return None
    if isinstance(dividend, int) and isinstance(divisor, int):
        return fit(dividend % divisor)
    rest = EXACT.remainder(Decimal(dividend), Decimal(divisor))
    if not rest.is_finite():  # the whole quotient has more than 34 digits
        return None
    return EXACT.add(rest, divisor) if rest and (rest < 0) != (divisor < 0) else rest


def round_to(value: int | Decimal, scale: int, rounding: str) -> int | Decimal | None:
    """Round to ``scale`` digits after the point (before it when negative), by a rounding mode of ``decimal``.

    None when the scale is outside -6111 to 6176 or the result has too many digits.
    """
    if not -6111 <= scale <= 6176:
        return None
    if isinstance(value, int) and scale == 0:
        return value
    number = Decimal(value)
    if -number.as_tuple().exponent <= scale and number.adjusted() + scale >= DIGITS:  # type: ignore[operator]  # finite
        return value  # it has no digit to lose, and padding it with zeros would not fit
    context = Context(prec=DIGITS * 2, rounding=rounding, Emin=-9999, Emax=9999, traps=[])
    return finite(number.quantize(Decimal((0, (1,), -scale)), context=context))


def text_of(value: int | Decimal) -> str:
    """Write a number in full, without exponent."""
    if isinstance(value, int) and -LIMIT < value < LIMIT:
        return str(value)
    number = Decimal(value)  # Python writes no int of more than 4300 digits
    return format(number if number else number.copy_abs(), "f")


def brief(value: int | Decimal) -> str:
    """Write a number for a message."""
    text = text_of(value)
    return text if len(text) <= 40 else text[:40] + "..."
