"""Money: ``"252.00"`` at the border, whole fen inside. Nothing is rounded on the way in."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from engine.errors import Invalid, Problem, Text

MOST_FEN = 10**15
"""Ten million million yuan: above it is a mistake, and far below what a BIGINT holds."""


def to_fen(amount: Any, where: str = "amount") -> int:
    """Read decimal yuan, a text or a number, as whole fen.

    Raises:
        Invalid: it is not an amount, has more than two decimals or is beyond any sum.
    """
    if isinstance(amount, bool) or not isinstance(amount, str | int | Decimal):
        raise Invalid(
            Problem(where, Text("an amount is a text such as 252.00"), Text("write yuan with at most two decimals"))
        )
    try:
        yuan = Decimal(amount)
    except InvalidOperation as error:
        raise Invalid(Problem(where, Text("{amount} is not an amount", amount=str(amount)[:40]))) from error
    if not yuan.is_finite() or abs(yuan) * 100 > MOST_FEN:
        raise Invalid(Problem(where, Text("{amount} is beyond any sum", amount=str(amount)[:40])))
    fen = yuan * 100
    if fen != fen.to_integral_value():
        raise Invalid(Problem(where, Text("{amount} has more than two decimals", amount=str(amount)[:40])))
    return int(fen)


def to_yuan(fen: int) -> str:
    """Write fen as yuan: ``25200`` -> ``"252.00"``."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{fen // 100}.{fen % 100:02d}"


def rounded(fen: int | Decimal) -> int:
    """Round fen to whole ones, half up."""
    return int(Decimal(fen).quantize(Decimal(1), ROUND_HALF_UP))


def net_of(gross_fen: int, rate: Decimal) -> tuple[int, int]:
    """Split a price that includes VAT into (net, tax); the net is rounded half up, the tax is the rest, so that nothing is lost."""
    net = rounded(Decimal(gross_fen) / (1 + rate))
    return net, gross_fen - net
