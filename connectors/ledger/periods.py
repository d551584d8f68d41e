"""The months of a company's books: listed, locked by an accountant, and opened again with a reason."""

from __future__ import annotations

import re

from connectors.ledger import books
from connectors.ledger.store import periods as rows
from connectors.ledger.store.periods import Period, PeriodState
from engine.errors import Invalid, Problem, Text
from engine.model.values import Actor
from engine.services import audit, command, identity, reasons
from engine.services.engine import Engine
from engine.store.database import UnitOfWork

STREAM = "ledger"
KIND = "ledger"

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def month(text: str, where: str = "period") -> str:
    """Take a month such as ``2026-01``. Raises Invalid."""
    if not _MONTH.fullmatch(text):
        remedy = Text("write year and month, such as 2026-01")
        raise Invalid(Problem(where, Text("{text} is not a month", text=text[:40]), remedy))
    return text


def select(engine: Engine, unit: int, *, actor: Actor) -> list[Period]:
    """List the months of the books that a unit's business goes into, the newest first: those that have vouchers or were locked.

    Raises:
        NotFound: there is no such unit, or its books are not the actor's to see.
    """
    with engine.store.read() as uow:
        company = books.company_of(uow, unit)
        identity.require_sight(uow, actor, KIND, company)
        return rows.of_company(uow, company)


def lock(engine: Engine, unit: int, period: str, *, actor: Actor) -> None:
    """Lock a month: nothing is booked into it any more. Locking it once more changes nothing.

    Raises:
        Invalid: it is not a month.
        NotFound: there is no such unit.
        NotAllowed: the actor may not close these books.
    """
    _set(engine, unit, period, PeriodState.LOCKED, "", actor)


def unlock(engine: Engine, unit: int, period: str, *, reason: str, actor: Actor) -> None:
    """Open a locked month again; the audit keeps why.

    Raises:
        Invalid: it is not a month, or there is no reason.
        NotFound: there is no such unit.
        NotAllowed: the actor may not close these books.
    """
    _set(engine, unit, period, PeriodState.OPEN, reasons.given(reason), actor)


def _set(engine: Engine, unit: int, period: str, state: PeriodState, reason: str, actor: Actor) -> None:
    month(period)

    def body(uow: UnitOfWork) -> None:
        company = books.company_of(uow, unit)
        identity.require(uow, actor, "close", KIND, company)
        if rows.state_of(uow, company, period) is state:
            return
        rows.set_state(uow, company, period, state, actor.id)
        action = "period.lock" if state is PeriodState.LOCKED else "period.unlock"
        data = {"reason": reason} if reason else {}
        audit.append(uow, STREAM, action, period, actor=actor, unit=company, data=data)

    command.run(engine, f"{state.value} period {period}", body, actor=actor)
