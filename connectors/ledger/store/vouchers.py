"""Vouchers with their lines. Both and lines can only be added, and only balanced: the database itself refuses everything else.

A voucher's lines are stored before the voucher, whose insertion checks them and closes them for good.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from connectors.ledger.voucher import DIMENSIONS, Draft, Line, Side
from engine.errors import NotFound
from engine.store.database import UnitOfWork
from engine.store.rows import many, one
from engine.store.types import Choice, Instant, Key, columns, metadata, one_of

voucher = sa.Table(
    "ledger_voucher",
    metadata,
    sa.Column("key", Key, primary_key=True, autoincrement=False),
    sa.Column("company", Key, nullable=False),
    sa.Column("unit", Key, nullable=False, comment="where it belongs in the organisation"),
    sa.Column("period", sa.String(7), nullable=False),
    sa.Column("number", sa.Integer, nullable=False, comment="from 1 in each period, without gaps"),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("memo", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("idempotency_key", sa.Text, nullable=False, unique=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column(
        "reverses", Key, sa.ForeignKey("ledger_voucher.key"), unique=True, comment="a voucher is taken back once"
    ),
    sa.Column("total_fen", sa.BigInteger, nullable=False),
    sa.Column("posted_at", Instant, nullable=False),
    sa.Column("posted_by", sa.Text, nullable=False, comment="id of the actor"),
    sa.UniqueConstraint("company", "period", "number"),
    sa.Index("ix_ledger_voucher_unit", "unit", "key"),
    comment="A posted voucher. Append-only.",
)

line = sa.Table(
    "ledger_line",
    metadata,
    sa.Column(
        "voucher",
        Key,
        sa.ForeignKey(voucher.c.key, deferrable=True, initially="DEFERRED"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("company", Key, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("account", sa.String(40), nullable=False),
    sa.Column("side", Choice(Side), nullable=False),
    sa.Column("amount_fen", sa.BigInteger, nullable=False),
    *(sa.Column(name, sa.Text, nullable=False) for name in DIMENSIONS),
    one_of("side", Side),
    sa.CheckConstraint("amount_fen <> 0", name="amount"),
    sa.Index("ix_ledger_line_account", "company", "account", "day"),
    sa.Index("ix_ledger_line_payer", "payer", "account"),
    sa.Index("ix_ledger_line_ticket", "ticket"),
    comment="A line of a voucher. Append-only.",
)

_UNBALANCED = (
    "(SELECT COUNT(*) < 2 OR COALESCE(SUM(CASE side WHEN 'debit' THEN amount_fen ELSE -amount_fen END), 0) <> 0"
    " FROM ledger_line WHERE voucher = NEW.key)"
)
_CLOSED = "EXISTS (SELECT 1 FROM ledger_voucher WHERE key = NEW.voucher)"
_GUARDS = (
    ("balance", "INSERT", "ledger_voucher", _UNBALANCED, "the lines of a voucher do not balance"),
    ("closed", "INSERT", "ledger_line", _CLOSED, "a posted voucher takes no more lines"),
    ("keep", "UPDATE", "ledger_voucher", "", "a posted voucher cannot change; reverse it"),
    ("keep_from_delete", "DELETE", "ledger_voucher", "", "a posted voucher cannot be deleted; reverse it"),
    ("keep", "UPDATE", "ledger_line", "", "a posted line cannot change; reverse its voucher"),
    ("keep_from_delete", "DELETE", "ledger_line", "", "a posted line cannot be deleted; reverse its voucher"),
)


def guards(dialect: str) -> list[str]:
    """Give the statements that make the database itself guard the books; migrations run them too."""
    statements = []
    for name, verb, table, broken, says in _GUARDS:
        full = f"{table}_{name}"
        if dialect == "sqlite":
            when = f" WHEN {broken}" if broken else ""
            statements.append(
                f"CREATE TRIGGER {full} BEFORE {verb} ON {table}{when} BEGIN SELECT RAISE(ABORT, '{says}'); END"
            )
        else:
            body = f"RAISE EXCEPTION '{says}' USING ERRCODE = 'integrity_constraint_violation';"
            if broken:
                body = f"IF {broken} THEN {body} END IF; RETURN NEW;"
            statements.append(f"CREATE FUNCTION {full}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$")
            statements.append(f"CREATE TRIGGER {full} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION {full}()")
    return statements


def _guard(_table: sa.Table, connection: sa.Connection, **_: Any) -> None:
    for statement in guards(connection.dialect.name):
        connection.exec_driver_sql(statement)


sa.event.listen(line, "after_create", _guard)  # of the two tables the later one: it refers to the other


# ---- vouchers -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Voucher:
    """A posted voucher, without its lines."""

    key: int
    company: int
    unit: int
    period: str
    number: int
    day: date
    memo: str
    source: str
    idempotency_key: str
    fingerprint: str
    reverses: int | None
    total_fen: int
    posted_at: datetime
    posted_by: str

    @property
    def ref(self) -> str:
        """How people name it: ``记-2026-01-0001``."""
        return f"记-{self.period}-{self.number:04d}"


_VOUCHER = columns(voucher, Voucher)


def by_idempotency_key(uow: UnitOfWork, key: str) -> Voucher | None:
    """Give the voucher that was posted under a key."""
    return one(Voucher, uow.execute(sa.select(*_VOUCHER).where(voucher.c.idempotency_key == key)))


def get(uow: UnitOfWork, key: int) -> Voucher:
    """Give a voucher. Raises NotFound."""
    found = one(Voucher, uow.execute(sa.select(*_VOUCHER).where(voucher.c.key == key)))
    if found is None:
        raise NotFound("there is no voucher {key}", key=key)
    return found


def reversal_of(uow: UnitOfWork, key: int) -> Voucher | None:
    """Give the voucher that took this one back."""
    return one(Voucher, uow.execute(sa.select(*_VOUCHER).where(voucher.c.reverses == key)))


def of_company(uow: UnitOfWork, company: int, *, first: str = "", last: str = "") -> list[Voucher]:
    """List the vouchers of a company in the order of their numbers, from one month to another, both included."""
    query = sa.select(*_VOUCHER).where(*_months(company, first, last)).order_by(voucher.c.period, voucher.c.number)
    return many(Voucher, uow.execute(query))


def lines_of_company(uow: UnitOfWork, company: int, *, first: str = "", last: str = "") -> dict[int, list[Line]]:
    """Give {voucher: lines in order} of the same vouchers, however many they are."""
    wanted = sa.select(voucher.c.key).where(*_months(company, first, last))
    return _lines(uow, line.c.voucher.in_(wanted))


def lines_of(uow: UnitOfWork, keys: Collection[int]) -> dict[int, list[Line]]:
    """Give {voucher: lines in order}."""
    return _lines(uow, line.c.voucher.in_(keys))


def _months(company: int, first: str, last: str) -> list[sa.ColumnElement[bool]]:
    bounds = [voucher.c.company == company]
    if first:
        bounds.append(voucher.c.period >= first)
    if last:
        bounds.append(voucher.c.period <= last)
    return bounds


def _lines(uow: UnitOfWork, which: sa.ColumnElement[bool]) -> dict[int, list[Line]]:
    found: dict[int, list[Line]] = defaultdict(list)
    for row in uow.execute(sa.select(line).where(which).order_by(line.c.voucher, line.c.number)).mappings():
        dimensions = {name: row[name] for name in DIMENSIONS if row[name]}
        found[row["voucher"]].append(Line(row["account"], row["side"], row["amount_fen"], dimensions))
    return found


def add(
    uow: UnitOfWork, draft: Draft, *, key: int, company: int, unit: int, period_: str, number: int, actor: str
) -> None:
    """Store a voucher: its lines, then itself. The database refuses one that does not balance."""
    rows = [
        {
            "voucher": key,
            "number": place,
            "company": company,
            "day": draft.day,
            "account": each.account,
            "side": each.side,
            "amount_fen": each.amount_fen,
            **{name: each.dimensions.get(name, "") for name in DIMENSIONS},
        }
        for place, each in enumerate(draft.lines, start=1)
    ]
    uow.execute(sa.insert(line), rows)
    uow.execute(
        sa.insert(voucher).values(
            key=key,
            company=company,
            unit=unit,
            period=period_,
            number=number,
            day=draft.day,
            memo=draft.memo,
            source=draft.source,
            idempotency_key=draft.key,
            fingerprint=draft.fingerprint(),
            reverses=draft.reverses,
            total_fen=draft.total_fen,
            posted_at=uow.now,
            posted_by=actor,
        )
    )


def balances(uow: UnitOfWork, company: int, *, until: date | None = None, **dimensions: str) -> dict[str, int]:
    """Give {account: fen}, debits positive, of a company up to a day (inclusive), narrowed by dimensions."""
    signed = sa.case((line.c.side == Side.DEBIT, line.c.amount_fen), else_=-line.c.amount_fen)
    query = sa.select(line.c.account, sa.func.sum(signed).label("fen")).where(line.c.company == company)
    for name, value in dimensions.items():
        query = query.where(line.c[name] == value)
    if until is not None:
        query = query.where(line.c.day <= until)
    rows = uow.execute(query.group_by(line.c.account).order_by(line.c.account)).mappings()
    return {row["account"]: int(row["fen"]) for row in rows}
