"""Posting and taking back, by company. Every function works in the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from connectors.ledger.chart import Chart
from connectors.ledger.store import periods as period_rows
from connectors.ledger.store import vouchers as voucher_rows
from connectors.ledger.store.vouchers import Voucher
from connectors.ledger.voucher import Draft, Line, check, reversal
from engine.errors import Conflict, IllegalTransition
from engine.store import units
from engine.store.database import UnitOfWork

MONTHS_AHEAD = 24


class PeriodLocked(IllegalTransition):
    """The period is locked; choose a date in an open one, or let it move there."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of a voucher.

    Attributes:
        duplicate: it had been posted before; nothing new happened.
        moved_from: the locked period for which it was meant, if it was put into a later one.
    """

    voucher: Voucher
    duplicate: bool = False
    moved_from: str = ""


def company_of(uow: UnitOfWork, unit: int) -> int:
    """Give the company whose books a unit's business goes into: the nearest company above it, else the root."""
    lineage = units.get(uow, unit).lineage
    for key in lineage:
        if units.get(uow, key).kind == "company":
            return key
    return lineage[-1]


def day_at(uow: UnitOfWork, unit: int, at: datetime) -> date:
    """Give the day of an instant where a unit is."""
    return at.astimezone(ZoneInfo(units.get(uow, unit).zone)).date()


def today(uow: UnitOfWork, unit: int) -> date:
    """Give today where a unit is."""
    return day_at(uow, unit, uow.now)


def post(
    uow: UnitOfWork,
    draft: Draft,
    chart: Chart,
    *,
    unit: int,
    actor: str,
    move_if_locked: bool = False,
    key: int | None = None,
) -> Posted:
    """Post a voucher.

    The same key with the same content gives the voucher that is there: posting again is harmless.

    Args:
        move_if_locked: put it into the next open period, with a note, when its own is locked: for money that has come.
        key: the key that the voucher shall have, where the caller had to name it before.

    Raises:
        Invalid: it does not balance or names what is not there.
        Conflict: the key was used for something else.
        PeriodLocked: its period is locked.
    """
    draft = check(draft, chart)
    known = voucher_rows.by_idempotency_key(uow, draft.key)
    if known is not None:
        if known.fingerprint != draft.fingerprint():
            raise Conflict("the key {key} was used for voucher {ref} with other content", key=draft.key, ref=known.ref)
        return Posted(known, duplicate=True)
    company = company_of(uow, unit)
    wanted = draft.period
    number = period_rows.next_number(uow, company, wanted, actor)
    for _ in range(MONTHS_AHEAD if move_if_locked else 0):
        if number is not None:
            break
        draft = replace(draft, day=_next_month(draft.day))
        number = period_rows.next_number(uow, company, draft.period, actor)
    if number is None:
        raise PeriodLocked("the period {period} is locked", period=wanted)
    moved = wanted if draft.period != wanted else ""
    if moved:
        draft = replace(draft, memo=f"{draft.memo} ({moved} locked / {moved} 已结账)")
    key = key or uow.new_key()
    voucher_rows.add(uow, draft, key=key, company=company, unit=unit, period_=draft.period, number=number, actor=actor)
    return Posted(voucher_rows.get(uow, key), moved_from=moved)


def reverse(
    uow: UnitOfWork,
    voucher: int,
    chart: Chart,
    *,
    key: str,
    day: date,
    reason: str,
    actor: str,
    red: int | None = None,
) -> Posted:
    """Take a voucher back by a red one, in an open period. ``red``: the key that it shall have, where the caller named it before.

    Raises:
        NotFound: there is no such voucher.
        IllegalTransition: it was taken back before, or is itself a reversal.
    """
    original = voucher_rows.get(uow, voucher)
    if original.reverses is not None:
        raise IllegalTransition("{ref} is itself a reversal; post what is right instead", ref=original.ref)
    taken_back = voucher_rows.reversal_of(uow, voucher)
    if taken_back is not None and taken_back.idempotency_key != key:
        raise IllegalTransition("{ref} was taken back by {by} already", ref=original.ref, by=taken_back.ref)
    lines = voucher_rows.lines_of(uow, [voucher])[voucher]
    memo = f"红冲 {original.ref}: {reason}"
    draft = reversal(as_draft(original, lines), voucher=voucher, key=key, day=day, memo=memo)
    return post(uow, draft, chart, unit=original.unit, actor=actor, move_if_locked=True, key=red)


def as_draft(voucher: Voucher, lines: list[Line]) -> Draft:
    """Give a posted voucher as the draft that it was."""
    return Draft(voucher.idempotency_key, voucher.day, voucher.memo, voucher.source, tuple(lines), voucher.reverses)


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
