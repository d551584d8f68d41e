"""The job types of the ledger. What they book is stored in the transaction of the step that they complete.

Money comes in as a number or text of decimal yuan and goes out to the process as a number.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from connectors.calls import Answer, BpmnError, JobCall
from connectors.ledger import books, claims, entries, payments
from connectors.ledger.chart import shipped_chart, shipped_rates
from connectors.ledger.claims import Charge
from connectors.ledger.entries import Supply
from connectors.ledger.money import rounded, to_fen
from connectors.ledger.payment import Payment
from connectors.ledger.store import claims as claim_rows
from connectors.ledger.store import periods as period_rows
from connectors.ledger.store import vouchers as voucher_rows
from connectors.ledger.store.periods import PeriodState
from connectors.ledger.voucher import Draft
from engine.errors import Invalid, Problem, Text
from engine.model.json import exact
from engine.model.keys import parse_key
from engine.model.values import Actor
from engine.store import units
from engine.store.database import UnitOfWork

SUPPLIES: Mapping[str, tuple[str, str]] = {
    "repair": ("repair_labour", "repair_income"),
    "property_fee": ("property_service", "property_fees"),
    "parking": ("parking", "parking_income"),
    "lease": ("lease", "lease_income"),
}
"""{fee item: (kind of supply for VAT, part of the income account)}"""


def post_repair(call: JobCall) -> Answer:
    """Serve ``ledger:post_repair``: charge paid work, labour and parts at their own VAT rates.

    Takes ``ticket_no``, ``project``, ``room``, ``payer`` {id, name}, ``labour_amount``, ``parts_amount``; gives ``voucher_ref``.
    """
    labour = Supply("repair_labour", _fen(call, "labour_amount", default="0"), "repair_income")
    parts = Supply("repair_material", _fen(call, "parts_amount", default="0"), "repair_income")
    charge = _charge(call, (labour, parts), ticket=_ticket(call), fee_item="repair")
    with call.engine.store.read() as uow:
        known = voucher_rows.by_idempotency_key(uow, call.key)
        draft = claims.draft(charge, shipped_chart(), shipped_rates())
        _refuse_locked(uow, draft, charge.unit)
    if known is not None or not charge.total_fen:
        return Answer({"voucher_ref": None if known is None else str(known.key)})
    voucher = call.engine.store.new_key()

    def book(uow: UnitOfWork) -> None:
        books.post(uow, draft, shipped_chart(), unit=charge.unit, actor=_actor(call).id, key=voucher)

    return Answer({"voucher_ref": str(voucher)}, also=book)


def open_receivable(call: JobCall) -> Answer:
    """Serve ``ledger:open_receivable``: open what is to be collected.

    Takes ``source`` (the ticket's number), ``project``, ``room``, ``payer``, ``fee_item``, ``amount`` with VAT, and ``voucher_ref`` of
    the voucher that charged it; without one it is charged here. Gives ``receivable_id``, the correlation key of
    ``payment.received``, and ``balance``.
    """
    fee_item = _text(call, "fee_item", default="repair")
    if fee_item not in SUPPLIES:
        raise Invalid(Problem("fee_item", Text("is one of: {items}", items=", ".join(SUPPLIES))))
    kind, income = SUPPLIES[fee_item]
    supplies = (Supply(kind, _fen(call, "amount"), income),)
    charge = _charge(call, supplies, ticket=_text(call, "source") or _ticket(call), fee_item=fee_item)
    charged_by = _text(call, "voucher_ref")
    with call.engine.store.read() as uow:
        known = claim_rows.receivable_by_origin(uow, call.key)
        if known is not None:
            return Answer({"receivable_id": str(known.key), "balance": _yuan(known.open_fen)})
        if not charged_by:
            _refuse_locked(uow, claims.draft(charge, shipped_chart(), shipped_rates()), charge.unit)
    if not charge.total_fen:
        return Answer({"receivable_id": "", "balance": 0})
    receivable = call.engine.store.new_key()

    def book(uow: UnitOfWork) -> None:
        if charged_by:
            voucher = voucher_rows.get(uow, parse_key(charged_by))
        else:
            draft = claims.draft(charge, shipped_chart(), shipped_rates())
            voucher = books.post(uow, draft, shipped_chart(), unit=charge.unit, actor=_actor(call).id).voucher
        claims.open_claim(uow, charge, key=receivable, voucher=voucher)

    return Answer({"receivable_id": str(receivable), "balance": _yuan(charge.total_fen)}, also=book)


def write_cost(call: JobCall) -> Answer:
    """Serve ``ledger:write_cost``: book the materials that a repair used, as cost of paid work or of common parts.

    Takes ``ticket_no``, ``project``, ``room``, ``fee_type`` (``paid`` or another), ``parts_issued`` [{item, qty, unit_cost}]; gives
    ``cost_ref`` (null: nothing was used) and ``cost_total``.
    """
    fen = _cost_of_parts(call.variables.get("parts_issued"))
    public = call.variables.get("fee_type") != "paid"
    with call.engine.store.read() as uow:
        known = voucher_rows.by_idempotency_key(uow, call.key)
        unit = _unit(uow, call)
        draft = Draft(
            key=call.key,
            day=books.today(uow, unit.key),
            memo=f"维修领料 {_ticket(call)}".strip(),
            source="repair_cost",
            lines=entries.cost(fen, shipped_chart(), _about(call, unit.code), public=public),
        )
        _refuse_locked(uow, draft, unit.key)
    total = {"cost_total": _yuan(fen)}
    if known is not None or not fen:
        return Answer(total | {"cost_ref": None if known is None else str(known.key)})
    voucher = call.engine.store.new_key()

    def book(uow: UnitOfWork) -> None:
        books.post(uow, draft, shipped_chart(), unit=unit.key, actor=_actor(call).id, key=voucher)

    return Answer(total | {"cost_ref": str(voucher)}, also=book)


def receive(call: JobCall) -> Answer:
    """Serve ``ledger:receive``: take a payment over the counter. The step goes on by itself; no message is published.

    Takes ``receivable_id`` or ``payer``, ``amount``, ``method`` (default cash), ``ref_no``; gives ``paid_amount``, ``balance`` and
    ``payment``.
    """
    method = _text(call, "method", default="cash")
    if method not in entries.METHODS:
        raise Invalid(Problem("method", Text("is one of: {methods}", methods=", ".join(entries.METHODS))))
    receivable = _text(call, "receivable_id")
    payment = Payment(
        source="counter",
        id=_text(call, "ref_no") or call.key,
        amount_fen=_fen(call, "amount"),
        method=method,
        paid_at=call.engine.clock.now(),
        receivable=parse_key(receivable) if receivable else None,
        payer=_payer(call)[0],
        unit=call.home,
    )
    if payment.amount_fen <= 0:
        raise Invalid(Problem("amount", Text("must be above 0.00")))
    chart, tolerance = shipped_chart(), to_fen(call.settings["tolerance"])
    with call.engine.store.read() as uow:
        known = payments.known_receipt(uow, payment)
        if known is not None:
            return Answer(payments.told(known))
        receipt, owed, allocation = payments.plan(uow, payment, tolerance, call.engine.store.new_key())

    def book(uow: UnitOfWork) -> None:
        payments.book(uow, chart, receipt, owed, allocation, actor=_actor(call))

    return Answer(payments.told(receipt), also=book)


def receivable_state(call: JobCall) -> Answer:
    """Serve ``ledger:receivable_state``: what is still owed on ``receivable_id``, for a step that is about to wait for a payment.

    Gives ``balance`` and ``settled``.
    """
    key = parse_key(_text(call, "receivable_id"))
    with call.engine.store.read() as uow:
        found = claim_rows.receivables(uow, [key]).get(key)
    if found is None:
        raise BpmnError("UNKNOWN_RECEIVABLE", f"there is no claim {key}")
    return Answer({"balance": _yuan(found.open_fen), "settled": found.open_fen == 0})


def reverse(call: JobCall) -> Answer:
    """Serve ``ledger:reverse``: take the voucher ``voucher_ref`` back for a ``reason``; give the red one as ``voucher_ref``.

    What was claimed for it is not owed any more.
    """
    voucher, reason = parse_key(_text(call, "voucher_ref")), _text(call, "reason")
    with call.engine.store.read() as uow:
        known = voucher_rows.by_idempotency_key(uow, call.key)
        unit = voucher_rows.get(uow, voucher).unit
    if known is not None:
        return Answer({"voucher_ref": str(known.key)})
    red = call.engine.store.new_key()

    def book(uow: UnitOfWork) -> None:
        day, actor = books.today(uow, unit), _actor(call).id
        books.reverse(uow, voucher, shipped_chart(), key=call.key, day=day, reason=reason, actor=actor, red=red)
        claims.withdraw(uow, voucher)

    return Answer({"voucher_ref": str(red)}, also=book)


# ---- parts ----------------------------------------------------------------------------------------------------------


def _charge(call: JobCall, supplies: tuple[Supply, ...], *, ticket: str, fee_item: str) -> Charge:
    if any(supply.gross_fen < 0 for supply in supplies):
        raise Invalid(Problem("amount", Text("nothing below 0.00 can be charged; reverse the voucher instead")))
    with call.engine.store.read() as uow:
        unit = _unit(uow, call)
        day = books.today(uow, unit.key)
    payer, payer_name = _payer(call)
    return Charge(
        key=call.key,
        supplies=tuple(supply for supply in supplies if supply.gross_fen),
        day=day,
        due_on=day + timedelta(days=call.settings["due_days"]),
        unit=unit.key,
        project=unit.code,
        payer=payer,
        payer_name=payer_name,
        room=_text(call, "room"),
        fee_item=fee_item,
        ticket=ticket,
        instance=str(call.instance),
        memo=f"应收 {fee_item} {ticket}".strip(),
    )


def _unit(uow: UnitOfWork, call: JobCall) -> units.Unit:
    """Give the project that the variables name by code, else the unit of the instance."""
    code = _text(call, "project")
    return units.by_code(uow, code) if code else units.get(uow, call.home)


def _about(call: JobCall, project: str) -> dict[str, str]:
    named = {"room": _text(call, "room"), "ticket": _ticket(call), "instance": str(call.instance)}
    return {"project": project, **{name: text for name, text in named.items() if text}}


def _cost_of_parts(parts: Any) -> int:
    """Add up parts: quantity times what one costs us, each rounded to fen half up."""
    if parts is None:
        return 0
    if not isinstance(parts, list) or not all(isinstance(part, Mapping) for part in parts):
        raise Invalid(Problem("parts_issued", Text("must be a list of {{item, qty, unit_cost}}")))
    total = 0
    for part in parts:
        quantity, cost = part.get("qty") or 0, to_fen(part.get("unit_cost") or 0, "unit_cost")
        if isinstance(quantity, bool) or not isinstance(quantity, int | Decimal):
            raise Invalid(Problem("parts_issued", Text("a quantity must be a number")))
        total += rounded(quantity * cost)
    return total


def _refuse_locked(uow: UnitOfWork, draft: Draft, unit: int) -> None:
    """End the step with PERIOD_LOCKED: which period it goes into instead is for an accountant to say."""
    if period_rows.state_of(uow, books.company_of(uow, unit), draft.period) is PeriodState.LOCKED:
        raise BpmnError("PERIOD_LOCKED", f"the period {draft.period} is locked")


def _actor(call: JobCall) -> Actor:
    return Actor(f"instance:{call.instance}", f"{call.element_id} of {call.instance}", everything=True)


def _payer(call: JobCall) -> tuple[str, str]:
    """Read who pays: ``{id, name}``, a bare id, or nobody."""
    payer = call.variables.get("payer")
    if isinstance(payer, Mapping):
        return str(payer.get("id") or "")[:200], str(payer.get("name") or "")[:200]
    return ("", "") if payer is None else (str(payer)[:200], "")


def _ticket(call: JobCall) -> str:
    return _text(call, "ticket_no", default=call.business_key)


def _fen(call: JobCall, name: str, default: str | None = None) -> int:
    value = call.variables.get(name)
    return to_fen(default if value is None or value == "" else value, name)


def _yuan(fen: int) -> int | Decimal:
    return exact(Decimal(fen) / 100)


def _text(call: JobCall, name: str, default: str = "") -> str:
    value = call.variables.get(name)
    return default if value is None or value == "" else str(value)[:200]
