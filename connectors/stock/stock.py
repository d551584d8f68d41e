"""Issuing and taking back parts: from the technician's own store first, then from the project's; what is not there is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from connectors.stock import store
from engine.errors import ConnectorError
from engine.model.json import exact
from engine.store.database import Store

MILLI = 1000


def issue(database: Store, *, reference: str, ticket: str, stores: Sequence[str], parts: Any) -> Mapping[str, Any]:
    """Issue what is there.

    Args:
        reference: the idempotency key; a repeat gets the first answer and moves nothing.
        stores: where to look, in this order.
        parts: [{``item``, ``qty``}].

    Returns:
        ``parts_issued`` [{item, name, qty, unit_price, unit_cost}] (money in decimal yuan) and ``parts_missing`` [{item, qty}].

    Raises:
        ConnectorError: an item is unknown or a quantity is malformed; trying again cannot help.
    """
    wanted = _wanted(parts)
    with database.begin() as uow:
        if (before := store.answered(uow, reference)) is not None:
            return before
        known = store.items(uow, list(wanted))
        unknown = [code for code in wanted if code not in known]
        if unknown:
            raise ConnectorError(
                "there is no part {code} in stock's list; add it first", permanent=True, code=unknown[0]
            )
        there = store.levels(uow, stores, list(wanted))
        moves: list[tuple[str, str, int]] = []
        issued: list[dict[str, Any]] = []
        missing: list[dict[str, Any]] = []
        for code, qty in wanted.items():
            left = qty
            for place in stores:
                take = min(left, there.get((place, code), 0))
                if take:
                    moves.append((place, code, -take))
                    left -= take
            part = known[code]
            if left < qty:
                issued.append(
                    {
                        "item": code,
                        "name": part.name_zh,
                        "qty": _qty(qty - left),
                        "unit_price": exact(Decimal(part.price_fen) / 100),
                        "unit_cost": exact(Decimal(part.cost_fen) / 100),
                    }
                )
            if left:
                missing.append({"item": code, "qty": _qty(left)})
        answer = {"parts_issued": issued, "parts_missing": missing}
        store.book(uow, reference, ticket, moves, answer)
        uow.commit()
    return answer


def take_back(database: Store, *, reference: str, ticket: str, place: str, parts: Any) -> Mapping[str, Any]:
    """Put parts back into a store; a repeat moves nothing."""
    wanted = _wanted(parts)
    with database.begin() as uow:
        if (before := store.answered(uow, reference)) is not None:
            return before
        store.book(uow, reference, ticket, [(place, code, qty) for code, qty in wanted.items()], {})
        uow.commit()
    return {}


def receive(database: Store, *, reference: str, place: str, parts: Any) -> None:
    """Take newly bought parts into a store."""
    take_back(database, reference=reference, ticket="", place=place, parts=parts)


def _wanted(parts: Any) -> dict[str, int]:
    """Read [{item, qty}] into {item: thousandths}, sums of what is named twice."""
    wanted: dict[str, int] = {}
    try:
        for part in parts or ():
            milli = Decimal(part["qty"]) * MILLI
            if milli <= 0 or milli != milli.to_integral_value() or milli > 10**12:
                raise ValueError(part["qty"])
            code = str(part["item"])
            wanted[code] = wanted.get(code, 0) + int(milli)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise ConnectorError("a part needs an item and a quantity above zero", permanent=True) from error
    return wanted


def _qty(milli: int) -> int | Decimal:
    return exact(Decimal(milli) / MILLI)
