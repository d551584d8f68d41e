"""What somebody owes: opened for the voucher that charges it, reduced by receipts. Every function works in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from connectors.ledger.chart import Chart, Rates
from connectors.ledger.entries import Supply, charge
from connectors.ledger.store import claims as claim_rows
from connectors.ledger.store.claims import Receivable, ReceivableState
from connectors.ledger.store.vouchers import Voucher
from connectors.ledger.voucher import Draft
from engine.errors import Conflict
from engine.store.database import UnitOfWork


@dataclass(frozen=True, slots=True)
class Charge:
    """What is charged to whom.

    Attributes:
        key: the caller's idempotency key.
        supplies: what is charged for; their sum, VAT included, is owed.
        day: of the charge; ``due_on``: when it should be paid.
        unit: where it belongs; ``project`` is its code, for the lines.
        payer: whose debt it is, as the register knows them; ``payer_name`` for people who read a list.
    """

    key: str
    supplies: tuple[Supply, ...]
    day: date
    due_on: date
    unit: int
    project: str
    payer: str
    payer_name: str
    room: str
    fee_item: str
    ticket: str
    instance: str
    memo: str

    @property
    def total_fen(self) -> int:
        """What is owed."""
        return sum(supply.gross_fen for supply in self.supplies)

    def about(self) -> dict[str, str]:
        """Give the dimensions of its lines."""
        named = {
            "project": self.project,
            "period": f"{self.day:%Y-%m}",
            "room": self.room,
            "payer": self.payer,
            "fee_item": self.fee_item,
            "ticket": self.ticket,
            "instance": self.instance,
        }
        return {name: value for name, value in named.items() if value}


def draft(charged: Charge, chart: Chart, rates: Rates) -> Draft:
    """Give the voucher of a charge."""
    lines = charge(charged.supplies, chart, rates, charged.day, charged.about())
    return Draft(key=charged.key, day=charged.day, memo=charged.memo, source=charged.fee_item, lines=lines)


def open_claim(uow: UnitOfWork, charged: Charge, *, key: int, voucher: Voucher) -> None:
    """Open what is owed for a voucher, under a key that the caller has named already.

    Raises:
        Conflict: the claim is higher than what the voucher charged.
    """
    if charged.total_fen > voucher.total_fen:
        raise Conflict("the claim is higher than voucher {ref}", ref=voucher.ref)
    claim_rows.add_receivable(
        uow,
        Receivable(
            key=key,
            company=voucher.company,
            unit=charged.unit,
            payer=charged.payer,
            payer_name=charged.payer_name,
            room=charged.room,
            fee_item=charged.fee_item,
            ticket=charged.ticket,
            instance=charged.instance,
            due_on=charged.due_on,
            total_fen=charged.total_fen,
            open_fen=charged.total_fen,
            state=ReceivableState.OPEN,
            voucher=voucher.key,
            origin=charged.key,
            created_at=uow.now,
            settled_at=None,
        ),
    )


def reduce(uow: UnitOfWork, by: Mapping[int, int]) -> None:
    """Reduce claims by what was paid on them. ``by``: {claim: fen}."""
    known = claim_rows.receivables(uow, by.keys(), lock=True)
    for key, fen in by.items():
        left = known[key].open_fen - fen
        claim_rows.set_open(uow, key, left, ReceivableState.OPEN if left else ReceivableState.SETTLED)


def restore(uow: UnitOfWork, by: Mapping[int, int]) -> None:
    """Reopen claims when a payment is taken back; one that is void stays so. ``by``: {claim: fen}."""
    known = claim_rows.receivables(uow, by.keys(), lock=True)
    for key, fen in by.items():
        if known[key].state is not ReceivableState.VOID:
            claim_rows.set_open(uow, key, known[key].open_fen + fen, ReceivableState.OPEN)


def withdraw(uow: UnitOfWork, voucher: int) -> None:
    """Let nothing be owed any more for a voucher that was taken back. What was paid on it is the payer's credit in the books."""
    for key in claim_rows.receivables(uow, claim_rows.receivables_of(uow, voucher), lock=True):
        claim_rows.set_open(uow, key, 0, ReceivableState.VOID)
