"""Parts: what can be picked, issuing it from the technician's own store first, then from the project's, and taking it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from connectors.stock import store
from engine.errors import ConnectorError
from engine.model.json import exact
from engine.store.database import Store

MILLI = 1000
LISTED = 300
"""The most items of one list; what lies in the stores comes first. A longer list would be no choice, and the ticket keeps it."""


def listed(database: Store, *, own: str, project: str) -> list[dict[str, Any]]:
    """List what a technician can pick.

    Args:
        own, project: the stores of the technician (empty: none) and of the project.

    Returns:
        [{code, label, label_en, own, on_hand, price, price_min, price_max}]: quantities in the item's measure, ``on_hand`` those of both
        stores together; money in decimal yuan. Labels say all of it in one line.
    """
    with database.read() as uow:
        found = store.on_hand(uow, [each for each in (own, project) if each], limit=LISTED)
    rows = []
    for item, lying in found:
        mine, all_ = _qty(lying.get(own, 0)), _qty(sum(lying.values()))
        price = _yuan(item.price_fen)
        least, most = (price if fen is None else _yuan(fen) for fen in (item.price_min_fen, item.price_max_fen))
        money = f"¥{price:.2f}" if least == most else f"¥{least:.2f}–{most:.2f}"
        rows.append(
            {
                "code": item.code,
                "label": f"{item.name_zh} · 个人 {mine} · 共 {all_} {item.measure} · {money} · {item.code}",
                "label_en": f"{item.name_en} · own {mine} · {all_} in all · {money} · {item.code}",
                "own": mine,
                "on_hand": all_,
                "price": price,
                "price_min": least,
                "price_max": most,
            }
        )
    return rows


def issue(database: Store, *, reference: str, ticket: str, stores: Sequence[str], parts: Any) -> Mapping[str, Any]:
    """Issue what is there.

    Args:
        reference: the idempotency key; a repeat gets the first answer and moves nothing.
        stores: where to look, in this order.
        parts: [{``item``, ``qty``}].

    Returns:
        ``parts_issued`` [{item, name, qty, unit_price, unit_cost}] (money in decimal yuan), ``parts_missing`` [{item, name, qty}] and
        ``to_hand_out``: whether some come from another store than the first, so that somebody has to hand them over.

    Raises:
        ConnectorError: an item is unknown or a quantity is malformed; trying again cannot help.
    """
    wanted = _wanted(parts)
    with database.begin() as uow:
        if (before := store.answered(uow, reference)) is not None:
            return before
        known = store.items(uow, list(wanted))
        _refuse_unknown(wanted, known)
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
                        "unit_price": _yuan(part.price_fen),
                        "unit_cost": _yuan(part.cost_fen),
                    }
                )
            if left:
                missing.append({"item": code, "name": part.name_zh, "qty": _qty(left)})
        handed = any(place != stores[0] or len(stores) == 1 for place, _, _ in moves)
        answer = {"parts_issued": issued, "parts_missing": missing, "to_hand_out": handed}
        store.book(uow, reference, ticket, moves, answer)
        uow.commit()
    return answer


def take_back(database: Store, *, reference: str, ticket: str, place: str, parts: Any) -> Mapping[str, Any]:
    """Put parts back into a store: those that are named, or, where ``parts`` is None, all that is still out on the ticket."""
    named = None if parts is None else _wanted(parts)
    with database.begin() as uow:
        if (before := store.answered(uow, reference)) is not None:
            return before
        wanted = store.still_out(uow, ticket) if named is None else named
        store.book(uow, reference, ticket, [(place, code, qty) for code, qty in wanted.items()], {})
        uow.commit()
    return {}


def receive(database: Store, *, reference: str, place: str, parts: Any) -> Mapping[str, Any]:
    """Take newly bought parts into a store; entries with a quantity of zero did not come. A repeat moves nothing.

    Raises:
        ConnectorError: an item is unknown or a quantity is malformed; trying again cannot help.
    """
    came = _wanted([part for part in parts or () if part.get("qty") != 0] if isinstance(parts, list) else parts)
    with database.begin() as uow:
        if (before := store.answered(uow, reference)) is not None:
            return before
        _refuse_unknown(came, store.items(uow, list(came)))
        store.book(uow, reference, "", [(place, code, qty) for code, qty in came.items()], {})
        uow.commit()
    return {}


def _refuse_unknown(wanted: Mapping[str, int], known: Mapping[str, store.Item]) -> None:
    unknown = [code for code in wanted if code not in known]
    if unknown:
        raise ConnectorError("there is no part {code} in stock's list; add it first", permanent=True, code=unknown[0])


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


def _yuan(fen: int) -> int | Decimal:
    return exact(Decimal(fen) / 100)
