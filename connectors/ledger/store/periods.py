"""The months of a company's books: whether they take vouchers, and the next number in each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from engine.store.database import UnitOfWork
from engine.store.rows import many
from engine.store.types import Choice, Instant, Key, columns, metadata, one_of
from engine.store.upsert import insert_new


class PeriodState(StrEnum):
    """Whether a period takes vouchers."""

    OPEN = "open"  #: takes vouchers
    LOCKED = "locked"  #: closed by an accountant; later entries go into a later period


period = sa.Table(
    "ledger_period",
    metadata,
    sa.Column("company", Key, primary_key=True, autoincrement=False),
    sa.Column("period", sa.String(7), primary_key=True),
    sa.Column("state", Choice(PeriodState), nullable=False),
    sa.Column("vouchers", sa.Integer, nullable=False, comment="how many it has; numbers the next one"),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("changed_by", sa.Text, nullable=False, comment="id of the actor"),
    one_of("state", PeriodState),
    comment="A month of a company's books.",
)


@dataclass(frozen=True, slots=True)
class Period:
    """A month of a company's books; ``vouchers``: how many it has."""

    company: int
    period: str
    state: PeriodState
    vouchers: int
    changed_at: datetime
    changed_by: str


def of_company(uow: UnitOfWork, company: int) -> list[Period]:
    """List the months of a company's books, the newest first."""
    query = sa.select(*columns(period, Period)).where(period.c.company == company).order_by(period.c.period.desc())
    return many(Period, uow.execute(query))


def next_number(uow: UnitOfWork, company: int, month: str, actor: str) -> int | None:
    """Take the next number of a period, which also holds off whoever wants to lock it; None when it is locked."""
    first = {"company": company, "period": month, "state": PeriodState.OPEN, "vouchers": 0}
    uow.execute(insert_new(uow, period), [{**first, "changed_at": uow.now, "changed_by": actor}])
    taken = uow.execute(
        sa.update(period)
        .where(period.c.company == company, period.c.period == month, period.c.state == PeriodState.OPEN)
        .values(vouchers=period.c.vouchers + 1)
        .returning(period.c.vouchers)
    )
    return taken.scalar_one_or_none()


def state_of(uow: UnitOfWork, company: int, month: str) -> PeriodState:
    """Say whether a period takes vouchers; one that nobody has spoken of does."""
    query = sa.select(period.c.state).where(period.c.company == company, period.c.period == month)
    return uow.execute(query).scalar_one_or_none() or PeriodState.OPEN


def set_state(uow: UnitOfWork, company: int, month: str, state: PeriodState, actor: str) -> None:
    """Lock or unlock a period."""
    row = {
        "company": company,
        "period": month,
        "state": state,
        "vouchers": 0,
        "changed_at": uow.now,
        "changed_by": actor,
    }
    uow.execute(insert_new(uow, period), [row])
    uow.execute(
        sa.update(period)
        .where(period.c.company == company, period.c.period == month)
        .values(state=state, changed_at=uow.now, changed_by=actor)
    )
