"""Numeric functions.

Source: DMN 1.5, table 78.
"""

from __future__ import annotations

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from typing import Any

from engine.feel import numbers as decimals
from engine.feel.arithmetic import negate
from engine.feel.builtins.signature import NoResult, builtin
from engine.feel.numbers import EXACT, brief, finite
from engine.feel.run import Run
from engine.feel.temporal.parts import span
from engine.feel.values import NUMBER, YEARS_MONTHS, kind

Number = int | Decimal


def whole(number: Number) -> int:
    """Cut the fraction off a number that says a position, a length or a scale."""
    if not -1_000_000_000 < number < 1_000_000_000:
        raise NoResult("{number} is too large", number=brief(number))
    return int(number)


def _rounded(number: Number, scale: Number, mode: str) -> Number:
    result = decimals.round_to(number, whole(scale), mode)
    if result is None:
        raise NoResult("the scale {scale} is out of range", scale=brief(scale))
    return result


@builtin("decimal", "n: number", "scale: number")
def decimal(run: Run, n: Number, scale: Number) -> Number:
    """Round half even."""
    return _rounded(n, scale, ROUND_HALF_EVEN)


@builtin("floor", "n: number", "scale?: number")
def floor(run: Run, n: Number, scale: Number = 0) -> Number:
    """Round towards minus infinity."""
    return _rounded(n, scale, ROUND_FLOOR)


@builtin("ceiling", "n: number", "scale?: number")
def ceiling(run: Run, n: Number, scale: Number = 0) -> Number:
    """Round towards plus infinity."""
    return _rounded(n, scale, ROUND_CEILING)


@builtin("round up", "n: number", "scale: number")
def round_up(run: Run, n: Number, scale: Number) -> Number:
    """Round away from zero."""
    return _rounded(n, scale, ROUND_UP)


@builtin("round down", "n: number", "scale: number")
def round_down(run: Run, n: Number, scale: Number) -> Number:
    """Round towards zero."""
    return _rounded(n, scale, ROUND_DOWN)


@builtin("round half up", "n: number", "scale: number")
def round_half_up(run: Run, n: Number, scale: Number) -> Number:
    """Round to nearest, a half away from zero."""
    return _rounded(n, scale, ROUND_HALF_UP)


@builtin("round half down", "n: number", "scale: number")
def round_half_down(run: Run, n: Number, scale: Number) -> Number:
    """Round to nearest, a half towards zero."""
    return _rounded(n, scale, ROUND_HALF_DOWN)


@builtin("abs", "n: number|duration")
def absolute(run: Run, n: Any) -> Any:
    """Give the size of a number or duration without its sign."""
    if kind(n) == NUMBER:
        return abs(n) if isinstance(n, int) else EXACT.abs(n)
    size = n.months if kind(n) == YEARS_MONTHS else span(n)
    return negate(n) if size < 0 else n


@builtin("modulo", "dividend: number", "divisor: number")
def modulo(run: Run, dividend: Number, divisor: Number) -> Number:
    """Give the rest of a division, with the sign of the divisor."""
    result = decimals.modulo(dividend, divisor)
    if result is None:
        raise NoResult("there is no rest of {dividend} by {divisor}", dividend=brief(dividend), divisor=brief(divisor))
    return result


def _real(result: Decimal, number: Number) -> Decimal:
    if finite(result) is None:
        raise NoResult("{number} has no result", number=brief(number))
    return result


@builtin("sqrt", "number: number")
def sqrt(run: Run, number: Number) -> Decimal:
    """Give the square root."""
    return _real(EXACT.sqrt(Decimal(number)), number)


@builtin("log", "number: number")
def log(run: Run, number: Number) -> Decimal:
    """Give the natural logarithm."""
    run.spend(100)
    return _real(EXACT.ln(Decimal(number)), number)


@builtin("exp", "number: number")
def exp(run: Run, number: Number) -> Decimal:
    """Give e to the power of a number."""
    run.spend(100)
    return _real(EXACT.exp(Decimal(number)), number)


@builtin("odd", "number: number")
def odd(run: Run, number: Number) -> bool:
    """Tell whether a number is odd."""
    return decimals.modulo(number, 2) == 1


@builtin("even", "number: number")
def even(run: Run, number: Number) -> bool:
    """Tell whether a number is even."""
    return decimals.modulo(number, 2) == 0
