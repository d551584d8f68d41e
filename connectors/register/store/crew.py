"""Technicians: what they can do, which certificates they hold, when they are on shift, and whose turn it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from engine.model.states import TaskState
from engine.store.accounts import Account, AccountState, account
from engine.store.database import UnitOfWork
from engine.store.instances import instance
from engine.store.rows import many
from engine.store.tasks import task
from engine.store.types import Instant, JsonText, Key, columns, metadata
from engine.store.units import Scope, within
from engine.store.upsert import upsert

technician = sa.Table(
    "register_technician",
    metadata,
    sa.Column("account", Key, sa.ForeignKey("account.key"), primary_key=True, autoincrement=False),
    sa.Column("project", Key, sa.ForeignKey("unit.key"), nullable=False, index=True),
    sa.Column("skills", JsonText, nullable=False, comment="[skill], the best first"),
    sa.Column("open_limit", sa.Integer, comment="open tickets at a time; null: the project's limit"),
    comment="A person who repairs things, and where.",
)

certificate = sa.Table(
    "register_certificate",
    metadata,
    sa.Column("account", Key, sa.ForeignKey("account.key"), primary_key=True),
    sa.Column("type", sa.String(64), primary_key=True, comment="such as low_voltage_electrician"),
    sa.Column("number", sa.String(64), primary_key=True),
    sa.Column("issuer", sa.String(200), nullable=False),
    sa.Column("valid_to", sa.Date, nullable=False, index=True, comment="last day"),
    sa.Column("review_on", sa.Date, comment="when the authority looks at it again"),
    comment="A certificate that a member of staff holds.",
)

shift = sa.Table(
    "register_shift",
    metadata,
    sa.Column("account", Key, sa.ForeignKey("account.key"), primary_key=True),
    sa.Column("starts_at", Instant, primary_key=True),
    sa.Column("ends_at", Instant, nullable=False),
    sa.Column("project", Key, sa.ForeignKey("unit.key"), nullable=False),
    sa.Index("ix_register_shift_project", "project", "ends_at"),
    sa.CheckConstraint("ends_at > starts_at", name="order"),
    comment="When a member of staff works.",
)

turn = sa.Table(
    "register_turn",
    metadata,
    sa.Column("project", Key, sa.ForeignKey("unit.key"), primary_key=True, autoincrement=False),
    sa.Column("category", sa.String(64), primary_key=True),
    sa.Column("account", Key, nullable=False, comment="who had the last turn"),
    comment="Where the rotation of a project stands, for each category of work.",
)


@dataclass(frozen=True, slots=True)
class Technician:
    """A person who repairs things. ``open_limit`` None: the project's limit holds."""

    account: int
    project: int
    skills: Sequence[str]
    open_limit: int | None
    login: str
    name_zh: str
    name_en: str
    phone: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that a member of staff holds; ``valid_to`` is its last day."""

    account: int
    type: str
    number: str
    issuer: str
    valid_to: date
    review_on: date | None


@dataclass(frozen=True, slots=True)
class Shift:
    """When a member of staff works at a project; up to ``ends_at``, exclusive."""

    account: int
    starts_at: datetime
    ends_at: datetime
    project: int


_TECHNICIAN = [*(technician.c[name] for name in ("account", "project", "skills", "open_limit"))] + [
    account.c[name] for name in ("login", "name_zh", "name_en", "phone")
]
_CERTIFICATE, _SHIFT = columns(certificate, Certificate), columns(shift, Shift)


def put_technicians(uow: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert or replace what technicians can do."""
    if rows:
        uow.execute(upsert(uow, technician, ["project", "skills", "open_limit"]), list(rows))


def of_project(uow: UnitOfWork, project_unit: int) -> list[Technician]:
    """List the technicians of a project whose accounts are active, by login."""
    return _technicians(uow, technician.c.project == project_unit)


def _technicians(uow: UnitOfWork, where: sa.ColumnElement[bool]) -> list[Technician]:
    query = (
        sa.select(*_TECHNICIAN)
        .join_from(technician, account)
        .where(where, account.c.state == AccountState.ACTIVE)
        .order_by(account.c.login)
    )
    return many(Technician, uow.execute(query))


def put_certificates(uow: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert or replace certificates."""
    if rows:
        uow.execute(upsert(uow, certificate, ["issuer", "valid_to", "review_on"]), list(rows))


def certificates(uow: UnitOfWork, keys: Collection[int]) -> list[Certificate]:
    """List the certificates of these people, also those that have run out."""
    query = sa.select(*_CERTIFICATE).where(certificate.c.account.in_(list(keys)))
    return many(Certificate, uow.execute(query.order_by(certificate.c.account, certificate.c.type)))


def expiring(uow: UnitOfWork, scope: Scope, before: date) -> list[tuple[Certificate, Account]]:
    """List (certificate, person) of those that run out before a day, among active staff of units in a scope."""
    people = columns(account, Account)
    query = (
        sa.select(*_CERTIFICATE, *people)
        .join_from(certificate, account)
        .where(certificate.c.valid_to < before, account.c.state == AccountState.ACTIVE, within(account.c.unit, scope))
        .order_by(certificate.c.valid_to)
    )
    width = len(_CERTIFICATE)
    rows = [tuple(row) for row in uow.execute(query)]
    return [(Certificate(*row[:width]), Account(*row[width:])) for row in rows]


def put_shifts(uow: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert or replace shifts by person and beginning."""
    if rows:
        uow.execute(upsert(uow, shift, ["ends_at", "project"]), list(rows))


def shifts(uow: UnitOfWork, project_unit: int, begin: datetime, end: datetime) -> list[Shift]:
    """List the shifts of a project that touch a span of time, in order."""
    query = sa.select(*_SHIFT).where(shift.c.project == project_unit, shift.c.starts_at < end, shift.c.ends_at > begin)
    return many(Shift, uow.execute(query.order_by(shift.c.starts_at, shift.c.account)))


def open_tickets(uow: UnitOfWork, keys: Collection[int]) -> dict[int, int]:
    """Give {account: in how many tickets the person holds a task}: steps and calls of one ticket count once."""
    query = (
        sa.select(task.c.holder, sa.func.count(sa.distinct(instance.c.root)))
        .join_from(task, instance, instance.c.key == task.c.instance)
        .where(task.c.state == TaskState.CLAIMED, task.c.holder.in_(list(keys)))
        .group_by(task.c.holder)
    )
    return {row[0]: row[1] for row in map(tuple, uow.execute(query))}


def last_turn(uow: UnitOfWork, project_unit: int, category: str) -> int | None:
    """Give who had the last turn, if anybody had. The project's row must be locked: turns are given one at a time."""
    query = sa.select(turn.c.account).where(turn.c.project == project_unit, turn.c.category == category)
    found: int | None = uow.execute(query).scalar_one_or_none()
    return found


def give_turn(uow: UnitOfWork, project_unit: int, category: str, key: int) -> None:
    """Write down who had the last turn."""
    uow.execute(upsert(uow, turn, ["account"]), {"project": project_unit, "category": category, "account": key})
