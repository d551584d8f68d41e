"""What somebody owes: opened with the voucher that charges it, reduced by receipts. Every function works in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from connectors.ledger import books, store
from connectors.ledger.books import Posted
from connectors.ledger.chart import Chart, Rates
from connectors.ledger.entries import Supply, charge
from connectors.ledger.store import Receivable, ReceivableState
from connectors.ledger.voucher import Draft
from engine.store.database import UnitOfWork


@dataclass(frozen=True, slots=True)
class Charge:
    """What is charged to whom.

    Attributes:
        key: the caller's idempotency key.
        supplies: what is charged for; their sum, VAT included, is owed.
        day: of the charge; ``due_on``: when it should be paid.
        payer: whose debt it is, as the register knows them; ``payer_name`` for people who read a list.
    """

    key: str
    supplies: tuple[Supply, ...]
    day: date
    due_on: date
    unit: int
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
            "room": self.room,
            "payer": self.payer,
            "fee_item": self.fee_item,
            "ticket": self.ticket,
            "instance": self.instance,
        }
        return {
            "project": str(self.unit),
            "period": f"{self.day:%Y-%m}",
            **{name: value for name, value in named.items() if value},
        }


def draft(charged: Charge, receivable: int, chart: Chart, rates: Rates) -> Draft:
    """Give the voucher of a charge."""
    about = charged.about() | {"receivable": str(receivable)}
    lines = charge(charged.supplies, chart, rates, charged.day, about)
    return Draft(key=charged.key, day=charged.day, memo=charged.memo, source=charged.fee_item, lines=lines)


def open_claim(
    uow: UnitOfWork, charged: Charge, chart: Chart, rates: Rates, *, receivable: int, voucher: int, actor: str
) -> Posted:
    """Post a charge and open what is owed, under keys that the caller has named already.

    Raises:
        PeriodLocked: the period of its day is locked.
        Conflict: the key was used for something else.
    """
    posted = books.post(
        uow, draft(charged, receivable, chart, rates), chart, unit=charged.unit, actor=actor, key=voucher
    )
    if not posted.duplicate:
        store.add_receivable(
            uow,
            Receivable(
                key=receivable,
                company=posted.voucher.company,
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
                voucher=posted.voucher.key,
                created_at=uow.now,
                settled_at=None,
            ),
        )
    return posted


def reduce(uow: UnitOfWork, by: Mapping[int, int]) -> None:
    """Reduce claims by what was paid on them. ``by``: {claim: fen}, locked before."""
    known = store.receivables(uow, by.keys(), lock=True)
    for key, fen in by.items():
        left = known[key].open_fen - fen
        store.set_open(uow, key, left, ReceivableState.OPEN if left else ReceivableState.SETTLED)


def restore(uow: UnitOfWork, by: Mapping[int, int]) -> None:
    """Reopen claims when a payment is taken back. ``by``: {claim: fen}."""
    known = store.receivables(uow, by.keys(), lock=True)
    for key, fen in by.items():
        store.set_open(uow, key, known[key].open_fen + fen, ReceivableState.OPEN)
