"""Where the money of a payment goes.

To the claim that it names, else to the payer's open ones, the longest due first; what is left over is the payer's prepayment; money
that nobody can be named for waits on the account of receipts to be identified. A claim that is short by no more than the tolerance is
settled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.ledger.payment import Payment
from connectors.ledger.store import claims as claim_rows
from connectors.ledger.store.claims import Receivable
from engine.store.database import UnitOfWork


@dataclass(frozen=True, slots=True)
class Allocation:
    """Where the money of a payment goes.

    Attributes:
        claims: {claim: fen that it is reduced by}.
        rounding_fen: how much of that did not come and is forgiven.
        prepaid_fen: what is left over, to the payer's credit.
        unclaimed_fen: what nobody can be named for.
    """

    claims: Mapping[int, int]
    rounding_fen: int
    prepaid_fen: int
    unclaimed_fen: int


def allocate(payment: Payment, owed: Sequence[Receivable], tolerance_fen: int) -> Allocation:
    """Say where the money goes. ``owed``: what is open, in the order in which it is paid off."""
    left, by, rounding = payment.amount_fen, {}, 0
    for item in owed:
        part = min(left, item.open_fen)
        if not part:
            continue
        left -= part
        short = item.open_fen - part
        if short <= tolerance_fen:  # then nothing is left either
            rounding, part = short, item.open_fen
        by[item.key] = part
    named = bool(payment.payer or owed)
    return Allocation(by, rounding, left if named else 0, 0 if named else left)


def owed_by(uow: UnitOfWork, payment: Payment, *, lock: bool) -> list[Receivable]:
    """List what a payment can settle: the claim that it names if there is one, else the payer's open ones, the longest due first."""
    if payment.receivable is not None:
        named = claim_rows.receivables(uow, [payment.receivable], lock=lock)
        if payment.receivable in named:
            return [named[payment.receivable]]
    if not payment.payer:
        return []
    found = claim_rows.open_items(uow, payment.payer)
    if not lock:
        return found
    locked = claim_rows.receivables(uow, [item.key for item in found], lock=True)
    return [locked[item.key] for item in found]
