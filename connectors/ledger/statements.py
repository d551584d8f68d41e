"""What an accountant takes out of the books: vouchers with their lines, balances, receipts. Changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from connectors.ledger import books
from connectors.ledger.export import Entry
from connectors.ledger.periods import KIND, month
from connectors.ledger.store import claims, vouchers
from connectors.ledger.store.claims import Receipt
from engine.model.values import Actor
from engine.services import identity
from engine.services.engine import Engine


def entries(engine: Engine, unit: int, *, first: str = "", last: str = "", actor: Actor) -> list[Entry]:
    """List the vouchers of the books that a unit's business goes into, in the order of their numbers.

    Args:
        first, last: the months to begin and end with, such as ``2026-01``; all when left out.

    Raises:
        Invalid: it is not a month.
        NotFound: there is no such unit, or its books are not the actor's to see.
    """
    for where, text in (("first", first), ("last", last)):
        if text:
            month(text, where)
    with engine.store.read() as uow:
        company = books.company_of(uow, unit)
        identity.require_sight(uow, actor, KIND, company)
        found = vouchers.of_company(uow, company, first=first, last=last)
        lines = vouchers.lines_of_company(uow, company, first=first, last=last)
    return [Entry(voucher, lines[voucher.key]) for voucher in found]


def balances(engine: Engine, unit: int, *, until: date | None = None, actor: Actor) -> Mapping[str, int]:
    """Give {account: fen}, debits positive, of the books that a unit's business goes into, up to a day (inclusive).

    Raises:
        NotFound: there is no such unit, or its books are not the actor's to see.
    """
    with engine.store.read() as uow:
        company = books.company_of(uow, unit)
        identity.require_sight(uow, actor, KIND, company)
        return vouchers.balances(uow, company, until=until)


def receipts(engine: Engine, *, limit: int = 50, actor: Actor) -> Sequence[Receipt]:
    """List the money that came in where the actor may see the books, the newest first."""
    with engine.store.read() as uow:
        return claims.receipts(uow, identity.scope(uow, actor, "read", KIND), limit=min(limit, 1000))
