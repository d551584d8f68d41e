"""The job types of the ledger. What they book is stored in the transaction of the step that they complete."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from connectors.calls import Answer, BpmnError, JobCall
from connectors.ledger import books, claims, entries, payments, store
from connectors.ledger.books import PeriodLocked
from connectors.ledger.chart import shipped_chart, shipped_rates
from connectors.ledger.claims import Charge
from connectors.ledger.entries import Supply
from connectors.ledger.money import to_fen, to_yuan
from connectors.ledger.payment import Payment
from connectors.ledger.store import PeriodState
from connectors.ledger.voucher import Draft
from engine.errors import Invalid, Problem, Text
from engine.model.keys import parse_key
from engine.model.values import Actor
from engine.store.database import UnitOfWork

SUPPLIES: Mapping[str, tuple[str, str]] = {
    "repair": ("repair_labour", "repair_income"),
    "property_fee": ("property_service", "property_fees"),
    "parking": ("parking", "parking_income"),
    "lease": ("lease", "lease_income"),
}
"""{fee item: (kind of supply for VAT, part of the income account)}"""


def open_receivable(call: JobCall) -> Answer:
    """Charge somebody and open what is owed.

    Takes ``amount`` with VAT, or ``labour`` and ``material`` apart, since their VAT differs; ``fee_item`` (default repair), ``payer``,
    ``payer_name``, ``room``, ``ticket``, ``due_days``. Gives ``receivable``, ``voucher``, ``amount``, ``due_on``.
    """
    return _open(call, _charge(call), cost_fen=0)


def post_repair(call: JobCall) -> Answer:
    """Charge paid work as ``open_receivable`` does, and book the materials that it used (``material_cost``, what they cost us)."""
    return _open(call, _charge(call), cost_fen=_fen(call, "material_cost", default="0"))


def write_cost(call: JobCall) -> Answer:
    """Book materials that a repair used: ``amount``, and ``public`` (default true) for common parts. Gives ``voucher``."""
    fen = _fen(call, "amount")
    with call.engine.store.read() as uow:
        known = store.by_idempotency_key(uow, call.key)
        draft = _cost(call, uow, fen, key=call.key, public=call.variables.get("public") is not False)
        _refuse_locked(call, uow, draft)
    if known is not None or not fen:
        return Answer({"voucher": str(known.key) if known else ""})
    voucher = call.engine.store.new_key()

    def book(uow: UnitOfWork) -> None:
        books.post(uow, draft, shipped_chart(), unit=call.home, actor=_actor(call).id, key=voucher)

    return Answer({"voucher": str(voucher)}, also=book)


def receive(call: JobCall) -> Answer:
    """Take a payment over the counter: ``receivable`` (or ``payer``), ``amount``, ``method``, ``ref_no``.

    Gives ``payment`` with ``settled``, ``open``, ``prepaid`` and ``voucher``. The step goes on by itself: no message is published.
    """
    variables = call.variables
    method = _text(call, "method", default="cash")
    if method not in entries.METHODS:
        raise Invalid(Problem("method", Text("is one of: {methods}", methods=", ".join(entries.METHODS))))
    receivable = _text(call, "receivable")
    payment = Payment(
        source="counter",
        id=_text(call, "ref_no") or call.key,
        amount_fen=_fen(call, "amount"),
        method=method,
        paid_at=call.engine.clock.now(),
        receivable=parse_key(receivable) if receivable else None,
        payer=str(variables.get("payer") or ""),
        unit=call.home,
    )
    chart, tolerance = shipped_chart(), to_fen(call.settings["tolerance"])
    with call.engine.store.read() as uow:
        known = payments.known_receipt(uow, payment)
        if known is not None:
            return Answer({"payment": _told(known.outcome)})
        receipt, owed, allocation = payments.plan(uow, payment, tolerance, call.engine.store.new_key())

    def book(uow: UnitOfWork) -> None:
        payments.book(uow, chart, receipt, owed, allocation, actor=_actor(call))

    return Answer({"payment": _told(receipt.outcome)}, also=book)


def receivable_state(call: JobCall) -> Answer:
    """Read what is still owed on ``receivable``: for a step that is about to wait for a payment. Gives ``open`` and ``settled``."""
    key = parse_key(_text(call, "receivable"))
    with call.engine.store.read() as uow:
        found = store.receivables(uow, [key]).get(key)
    if found is None:
        raise BpmnError("UNKNOWN_RECEIVABLE", f"there is no claim {key}")
    return Answer({"open": to_yuan(found.open_fen), "settled": found.open_fen == 0})


def reverse(call: JobCall) -> Answer:
    """Take a voucher back: ``voucher``, ``reason``. Gives the red ``voucher``."""
    voucher, reason = parse_key(_text(call, "voucher")), _text(call, "reason")
    with call.engine.store.read() as uow:
        known = store.by_idempotency_key(uow, call.key)
        store.get(uow, voucher)
    if known is not None:
        return Answer({"voucher": str(known.key)})
    red = call.engine.store.new_key()

    def book(uow: UnitOfWork) -> None:
        day = books.today(uow, call.home)
        books.reverse(
            uow, voucher, shipped_chart(), key=call.key, day=day, reason=reason, actor=_actor(call).id, red=red
        )

    return Answer({"voucher": str(red)}, also=book)


# ---- parts ----------------------------------------------------------------------------------------------------------


def _open(call: JobCall, charged: Charge, *, cost_fen: int) -> Answer:
    chart, rates = shipped_chart(), shipped_rates()
    with call.engine.store.read() as uow:
        known = store.by_idempotency_key(uow, charged.key)
        if known is not None:
            receivable = store.receivable_of(uow, known.key)
            return Answer(_opened(charged, receivable, known.key))
        _refuse_locked(call, uow, claims.draft(charged, 1, chart, rates))
        spent = _cost(call, uow, cost_fen, key=f"{call.key}:cost", public=False)
    receivable, voucher = call.engine.store.new_key(), call.engine.store.new_key()
    actor = _actor(call).id

    def book(uow: UnitOfWork) -> None:
        if charged.total_fen:
            claims.open_claim(uow, charged, chart, rates, receivable=receivable, voucher=voucher, actor=actor)
        if cost_fen:
            books.post(uow, spent, chart, unit=call.home, actor=actor)

    if not charged.total_fen:
        return Answer(_opened(charged, None, None), also=book)
    return Answer(_opened(charged, receivable, voucher), also=book)


def _opened(charged: Charge, receivable: int | None, voucher: int | None) -> dict[str, Any]:
    return {
        "receivable": "" if receivable is None else str(receivable),
        "voucher": "" if voucher is None else str(voucher),
        "amount": to_yuan(charged.total_fen),
        "due_on": charged.due_on.isoformat(),
    }


def _charge(call: JobCall) -> Charge:
    fee_item = _text(call, "fee_item", default="repair")
    if fee_item not in SUPPLIES:
        raise Invalid(Problem("fee_item", Text("is one of: {items}", items=", ".join(SUPPLIES))))
    kind, income = SUPPLIES[fee_item]
    if "labour" in call.variables or "material" in call.variables:
        labour, material = _fen(call, "labour", default="0"), _fen(call, "material", default="0")
    else:
        labour, material = _fen(call, "amount"), 0
    if labour < 0 or material < 0:
        raise Invalid(Problem("amount", Text("nothing below 0.00 can be charged; reverse the voucher instead")))
    supplies = (Supply(kind, labour, income), Supply("repair_material", material, income))
    with call.engine.store.read() as uow:
        day = books.today(uow, call.home)
    ticket = _text(call, "ticket", default=call.business_key)
    return Charge(
        key=call.key,
        supplies=tuple(supply for supply in supplies if supply.gross_fen),
        day=day,
        due_on=day + timedelta(days=int(call.variables.get("due_days") or call.settings["due_days"])),
        unit=call.home,
        payer=_text(call, "payer"),
        payer_name=_text(call, "payer_name"),
        room=_text(call, "room"),
        fee_item=fee_item,
        ticket=ticket,
        instance=str(call.instance),
        memo=_text(call, "memo") or f"应收 {fee_item} {ticket}".strip(),
    )


def _cost(call: JobCall, uow: UnitOfWork, fen: int, *, key: str, public: bool) -> Draft:
    about = {"project": str(call.home), "instance": str(call.instance)}
    about |= {name: text for name in ("room", "ticket") if (text := _text(call, name))}
    return Draft(
        key=key,
        day=books.today(uow, call.home),
        memo=f"维修领料 {about.get('ticket', '')}".strip(),
        source="repair_cost",
        lines=entries.cost(fen, shipped_chart(), about, public=public),
    )


def _refuse_locked(call: JobCall, uow: UnitOfWork, draft: Draft) -> None:
    """End the step with PERIOD_LOCKED: which period it goes into instead is for an accountant to say."""
    if store.period_state(uow, books.company_of(uow, call.home), draft.period) is PeriodState.LOCKED:
        raise BpmnError("PERIOD_LOCKED", str(PeriodLocked("the period {period} is locked", period=draft.period)))


def _told(outcome: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in outcome.items() if name != "claims_fen"}


def _actor(call: JobCall) -> Actor:
    return Actor(f"instance:{call.instance}", f"{call.element_id} of {call.instance}", everything=True)


def _fen(call: JobCall, name: str, default: str | None = None) -> int:
    value = call.variables.get(name)
    return to_fen(default if value is None or value == "" else value, name)


def _text(call: JobCall, name: str, default: str = "") -> str:
    value = call.variables.get(name)
    if value is None or value == "":
        return default
    return str(value)[:200]
