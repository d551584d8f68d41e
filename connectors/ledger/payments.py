"""Money that comes in: from a gateway's webhook or over the counter. Once per payment, allocated, posted, and told to who waits for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.announcements import store as announcements
from connectors.announcements.relay import publish_waiting
from connectors.announcements.store import Announcement
from connectors.ledger import books, claims, entries
from connectors.ledger.allocation import Allocation, allocate, owed_by
from connectors.ledger.chart import Chart
from connectors.ledger.money import to_yuan
from connectors.ledger.payment import Payment
from connectors.ledger.store import claims as claim_rows
from connectors.ledger.store.claims import Receipt, Receivable
from connectors.ledger.voucher import Draft
from connectors.webhooks import signature
from engine.errors import ConcurrentUpdate, Conflict, Invalid, NotFound, Problem, Text
from engine.model.json import exact
from engine.model.values import Actor
from engine.services import command
from engine.store import units
from engine.store.database import UnitOfWork

if TYPE_CHECKING:
    from engine.services.engine import Engine

RECEIVED = "payment.received"
REVERSED = "payment.reversed"
UNIDENTIFIED = "payment.unidentified"
WAIT_S = 30 * 24 * 3600
"""How long word of a payment waits for a process that has not come to wait for it yet."""
ACTOR = Actor(id="connector:ledger", name="ledger", everything=True)


# ---- taking a payment in ----------------------------------------------------------------------------------------------


def take(
    engine: Engine, chart: Chart, payment: Payment, *, tolerance_fen: int, actor: Actor = ACTOR, nonce: str = ""
) -> Mapping[str, Any]:
    """Take a payment in; give where it went. Told again, it is answered as it was.

    One transaction: the receipt, its voucher, what is owed, and what processes are told.

    Raises:
        Conflict: the same payment was told before with other content.
        Replayed: the nonce was used before.
    """

    def body(uow: UnitOfWork) -> Mapping[str, Any]:
        known = known_receipt(uow, payment)
        if known is not None:
            return known.outcome
        if nonce:
            signature.spend(uow, f"ledger:{payment.source}", nonce)
        owed = owed_by(uow, payment, lock=True)
        allocation = allocate(payment, owed, tolerance_fen)
        receipt = _receipt(uow, payment, owed, allocation, uow.new_key())
        book(uow, chart, receipt, owed, allocation, actor=actor)
        announcements.add(uow, _told(uow, RECEIVED, receipt, owed, allocation))
        return receipt.outcome

    outcome = command.run(engine, "ledger.take", body, actor=actor)
    publish_waiting(engine)
    return outcome


def reverse(engine: Engine, chart: Chart, *, source: str, payment: str, reason: str, actor: Actor = ACTOR) -> None:
    """Take a payment back (a bounced cheque, a chargeback): its voucher in red, what was owed is owed again, processes are told.

    Raises:
        NotFound: no such payment was received.
    """

    def body(uow: UnitOfWork) -> None:
        receipt = claim_rows.receipt_of(uow, source, payment)
        if receipt is None:
            raise NotFound("no payment {id} was received from {source}", id=payment, source=source)
        day = books.today(uow, receipt.unit)
        key = f"reversal:{source}:{payment}"
        posted = books.reverse(uow, receipt.voucher, chart, key=key, day=day, reason=reason, actor=actor.id)
        if posted.duplicate:
            return
        by = {int(key): fen for key, fen in receipt.outcome["claims_fen"].items()}
        claims.restore(uow, by)
        owed = list(claim_rows.receivables(uow, by).values())
        allocation = Allocation(dict.fromkeys(by, 0), 0, 0, 0)
        announcements.add(uow, _told(uow, REVERSED, receipt, owed, allocation))

    command.run(engine, "ledger.reverse", body, actor=actor)
    publish_waiting(engine)


def known_receipt(uow: UnitOfWork, payment: Payment) -> Receipt | None:
    """Give the receipt of a payment that was taken in before.

    Raises:
        Conflict: it was told with other content then.
    """
    known = claim_rows.receipt_of(uow, payment.source, payment.id)
    if known is not None and known.fingerprint != payment.fingerprint():
        raise Conflict(
            "the payment {id} was told before with other content; ask who sent it which is right", id=payment.id
        )
    return known


# ---- over the counter ---------------------------------------------------------------------------------------------------


def plan(
    uow: UnitOfWork, payment: Payment, tolerance_fen: int, voucher: int
) -> tuple[Receipt, list[Receivable], Allocation]:
    """Say what a payment would settle and what its receipt would be, without booking it."""
    owed = owed_by(uow, payment, lock=False)
    allocation = allocate(payment, owed, tolerance_fen)
    return _receipt(uow, payment, owed, allocation, voucher), owed, allocation


def book(
    uow: UnitOfWork, chart: Chart, receipt: Receipt, owed: Sequence[Receivable], allocation: Allocation, *, actor: Actor
) -> None:
    """Book a receipt.

    Raises:
        ConcurrentUpdate: what is owed is no longer what the plan was made on.
    """
    now = claim_rows.receivables(uow, [item.key for item in owed], lock=True)
    if any(now[item.key].open_fen != item.open_fen for item in owed):
        raise ConcurrentUpdate("somebody else changed what is owed; look again")
    about = {
        "project": units.get(uow, receipt.unit).code,
        "payer": receipt.payer,
        "ticket": owed[0].ticket if len(owed) == 1 else "",
    }
    lines = entries.receipt(
        chart,
        method=receipt.method,
        allocated={str(key): fen for key, fen in allocation.claims.items()},
        prepaid_fen=allocation.prepaid_fen,
        unclaimed_fen=allocation.unclaimed_fen,
        rounding_fen=allocation.rounding_fen,
        about={name: value for name, value in about.items() if value},
    )
    draft = Draft(
        key=f"receipt:{receipt.source}:{receipt.payment}",
        day=books.day_at(uow, receipt.unit, receipt.paid_at),
        memo=f"收款 {receipt.method} {receipt.payment}",
        source="receipt",
        lines=lines,
    )
    books.post(uow, draft, chart, unit=receipt.unit, actor=actor.id, move_if_locked=True, key=receipt.voucher)
    claims.reduce(uow, allocation.claims)
    claim_rows.add_receipt(uow, receipt)


def _receipt(
    uow: UnitOfWork, payment: Payment, owed: Sequence[Receivable], allocation: Allocation, voucher: int
) -> Receipt:
    open_fen = sum(item.open_fen for item in owed) - sum(allocation.claims.values())
    payer = payment.payer or (owed[0].payer if owed else "")
    outcome = {
        "id": payment.id,
        "source": payment.source,
        "amount": to_yuan(payment.amount_fen),
        "method": payment.method,
        "paid_at": payment.paid_at.isoformat(),
        "payer": payer,
        "voucher": str(voucher),
        "claims_fen": {str(key): fen for key, fen in allocation.claims.items()},
        "prepaid": to_yuan(allocation.prepaid_fen),
        "unclaimed": to_yuan(allocation.unclaimed_fen),
        "open": to_yuan(open_fen),
        "settled": bool(owed) and open_fen == 0,
    }
    return Receipt(
        source=payment.source,
        payment=payment.id,
        fingerprint=payment.fingerprint(),
        unit=_unit(uow, payment, owed),
        payer=payer,
        amount_fen=payment.amount_fen,
        method=payment.method,
        paid_at=payment.paid_at,
        voucher=voucher,
        outcome=outcome,
        received_at=uow.now,
    )


def _unit(uow: UnitOfWork, payment: Payment, owed: Sequence[Receivable]) -> int:
    if owed:
        return owed[0].unit
    if payment.unit is not None:
        return units.get(uow, payment.unit).key
    root = units.root(uow)
    if root is None:
        raise Invalid(Problem("unit", Text("there is no organisation yet")))
    return root.key


def _told(
    uow: UnitOfWork, message: str, receipt: Receipt, owed: Sequence[Receivable], allocation: Allocation
) -> list[Announcement]:
    """Tell each process that waits for a claim what became of it, or whoever identifies receipts that there is one more."""
    known = _public(receipt)
    source, number = f"ledger:{receipt.source}", f"{message}:{receipt.payment}"

    def announcement(
        message: str, message_id: str, correlation_key: str, payment: Mapping[str, Any], unit: int
    ) -> Announcement:
        variables = _as_variables(payment)
        return Announcement(
            uow.new_key(), source, message_id, message, correlation_key, unit, variables, WAIT_S, uow.now
        )

    if not owed:
        message = UNIDENTIFIED if allocation.unclaimed_fen else message
        key = f"{receipt.source}:{receipt.payment}" if allocation.unclaimed_fen else receipt.payer
        return [announcement(message, number, key, known, receipt.unit)]
    touched = [item for item in owed if item.key in allocation.claims] or list(owed[:1])
    return [
        announcement(message, f"{number}:{item.key}", str(item.key), known | _claim(item, allocation), item.unit)
        for item in touched
    ]


def told(receipt: Receipt) -> dict[str, Any]:
    """Give what a process hears of a receipt that it took itself."""
    return _as_variables(_public(receipt))


def _public(receipt: Receipt) -> dict[str, Any]:
    return {name: value for name, value in receipt.outcome.items() if name != "claims_fen"}


def _as_variables(payment: Mapping[str, Any]) -> dict[str, Any]:
    """Give the variables of a message about a payment: what came and what is left as numbers, the rest as it was told."""
    return {
        "paid_amount": exact(Decimal(payment["amount"])),
        "balance": exact(Decimal(payment["open"])),
        "payment": payment,
    }


def _claim(item: Receivable, allocation: Allocation) -> dict[str, Any]:
    part = allocation.claims.get(item.key, 0)
    left = item.open_fen - part
    return {
        "receivable": str(item.key),
        "ticket": item.ticket,
        "allocated": to_yuan(part),
        "open": to_yuan(left),
        "settled": left == 0,
    }
