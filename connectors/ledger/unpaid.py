"""What the ledger tells other parts through the ``receivables`` port: how many bills somebody has not paid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.ledger.store import claims as claim_rows

if TYPE_CHECKING:
    from engine.services.engine import Engine


@dataclass(frozen=True, slots=True)
class UnpaidBills:
    """Knows what people owe."""

    engine: Engine

    def unpaid(self, payer: str, fee_item: str) -> int:
        """Count the unpaid bills of a payer for a fee item."""
        if not payer:
            return 0
        with self.engine.store.read() as uow:
            owed = claim_rows.open_items(uow, payer)
        return sum(item.fee_item == fee_item for item in owed)
