"""Who holds which role where, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.errors import NotFound
from engine.model.keys import UnitKey, UserKey
from engine.model.values import Grant
from engine.store.accounts import ACCOUNT, Account, AccountState, account
from engine.store.database import UnitOfWork
from engine.store.prepared import Prepared
from engine.store.roles import ANY, permission
from engine.store.rows import many, one, unique
from engine.store.types import Instant, Key, columns, metadata
from engine.store.units import Scope, unit, within

role_grant = sa.Table(
    "role_grant",
    metadata,
    sa.Column("key", Key, primary_key=True, autoincrement=False),
    sa.Column("account", Key, sa.ForeignKey("account.key"), nullable=False),
    sa.Column("role", sa.String(64), sa.ForeignKey("role.code"), nullable=False),
    sa.Column("unit", Key, sa.ForeignKey("unit.key"), nullable=False),
    sa.Column("valid_from", Instant, nullable=False),
    sa.Column("valid_to", Instant, comment="exclusive; null: open"),
    sa.Index("ix_role_grant_account", "account"),
    sa.Index("ix_role_grant_unit_role", "unit", "role"),
    sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="order"),
    comment="A role held by a person at a unit.",
)

substitute = sa.Table(
    "substitute",
    metadata,
    sa.Column("key", Key, primary_key=True, autoincrement=False),
    sa.Column("absent", Key, sa.ForeignKey("account.key"), nullable=False, index=True),
    sa.Column("deputy", Key, sa.ForeignKey("account.key"), nullable=False, index=True),
    sa.Column("role", sa.String(64), sa.ForeignKey("role.code"), comment="null: every role of the absent person"),
    sa.Column("valid_from", Instant, nullable=False),
    sa.Column("valid_to", Instant, nullable=False, comment="exclusive"),
    sa.Column("reason", sa.String(500), nullable=False),
    sa.CheckConstraint("absent <> deputy", name="two_people"),
    sa.CheckConstraint("valid_to >= valid_from", name="order"),
    comment="Who does whose work during an absence.",
)


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """A role held by a person at a unit, from an instant up to another one, or for good."""

    key: int
    account: UserKey
    role: str
    unit: UnitKey
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class Substitution:
    """Who does whose work during an absence; with a role, only that part of it."""

    key: int
    absent: UserKey
    deputy: UserKey
    role: str | None
    valid_from: datetime
    valid_to: datetime
    reason: str


_GRANT = columns(role_grant, RoleGrant)
_SUBSTITUTION = columns(substitute, Substitution)


def _now(table: sa.Table, now: datetime | sa.BindParameter[Any]) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.valid_from <= now, sa.or_(table.c.valid_to.is_(None), table.c.valid_to > now))


def add(uow: UnitOfWork, **values: Any) -> int:
    """Store a grant.

    Raises:
        Conflict: the account, the role or the unit does not exist.
    """
    key = uow.new_key()
    with unique("there is no such account, role {role} or unit", role=values["role"]):
        uow.execute(sa.insert(role_grant).values(key=key, **values))
    return key


def get(uow: UnitOfWork, key: int) -> RoleGrant:
    """Give a grant.

    Raises:
        NotFound: there is none with this key.
    """
    found = one(RoleGrant, uow.execute(sa.select(*_GRANT).where(role_grant.c.key == key)))
    if found is None:
        raise NotFound("there is no grant {key}", key=key)
    return found


def end(uow: UnitOfWork, key: int, at: datetime) -> None:
    """Let a grant hold up to an instant; one that has not begun yet never does."""
    begins = sa.case((role_grant.c.valid_from > at, at), else_=role_grant.c.valid_from)
    uow.execute(sa.update(role_grant).where(role_grant.c.key == key).values(valid_from=begins, valid_to=at))


def of_account(uow: UnitOfWork, key: int) -> list[RoleGrant]:
    """List every grant of an account, past and future ones too, the newest first."""
    query = sa.select(*_GRANT).where(role_grant.c.account == key).order_by(role_grant.c.key.desc())
    return many(RoleGrant, uow.execute(query))


def _held() -> sa.Select[Any]:
    columns = (role_grant.c.role, role_grant.c.unit)
    who, now = sa.bindparam("who", type_=Key), sa.bindparam("now", type_=Instant)
    own = sa.select(*columns, sa.literal(0).label("of")).where(role_grant.c.account == who, _now(role_grant, now))
    lent = (
        sa.select(*columns, substitute.c.absent.label("of"))
        .join(substitute, substitute.c.absent == role_grant.c.account)
        .where(
            substitute.c.deputy == who,
            sa.or_(substitute.c.role.is_(None), substitute.c.role == role_grant.c.role),
            _now(substitute, now),
            _now(role_grant, now),
        )
    )
    grants = sa.union_all(own, lent).subquery()
    query = sa.select(*ACCOUNT, account.c.session_epoch, grants).join_from(account, grants, sa.true(), isouter=True)
    return query.where(account.c.key == who)


_HELD = Prepared(_held())  # built once: every request runs it


def held(uow: UnitOfWork, key: int, now: datetime) -> tuple[Account, int, tuple[Grant, ...]] | None:
    """Give (account, session epoch, grants that it holds now) in one statement, if there is such an account.

    Its own grants come first, then those that absent colleagues lend it.
    """
    rows: list[Any] = uow.fetch(_HELD, {"who": key, "now": now})
    if not rows:
        return None
    *fields, epoch, _, _, _ = rows[0]
    found = sorted({(of, code, at) for *_, code, at, of in rows if code is not None})
    held_now = tuple(Grant(code, UnitKey(at), UserKey(of) if of else None) for of, code, at in found)
    return Account(*fields), epoch, held_now


def reached(uow: UnitOfWork, places: Iterable[tuple[str, int]], now: datetime) -> set[UserKey]:
    """Give the active people who hold one of these roles at its unit now: [(role, unit)]."""
    chosen = sa.tuple_(role_grant.c.role, role_grant.c.unit).in_(sorted(places))
    return _active(uow, chosen, now)


def members(uow: UnitOfWork, units: Iterable[int], now: datetime) -> set[UserKey]:
    """Give the active people who hold any role at one of these units now."""
    return _active(uow, role_grant.c.unit.in_(sorted(units)), now)


def members_in(uow: UnitOfWork, scope: Scope, now: datetime) -> set[UserKey]:
    """Give the active people who hold any role in a part of the organisation now."""
    return _active(uow, within(role_grant.c.unit, scope), now)


def _active(uow: UnitOfWork, chosen: sa.ColumnElement[bool], now: datetime) -> set[UserKey]:
    query = (
        sa.select(role_grant.c.account)
        .join(account, account.c.key == role_grant.c.account)
        .where(chosen, _now(role_grant, now), account.c.state == AccountState.ACTIVE)
    )
    return {UserKey(key) for (key,) in uow.execute(query.distinct())}


def administrators(uow: UnitOfWork, now: datetime) -> set[UserKey]:
    """Give the active people who may do everything at the root."""
    query = (
        sa.select(role_grant.c.account)
        .join(permission, permission.c.role == role_grant.c.role)
        .join(account, account.c.key == role_grant.c.account)
        .join(unit, unit.c.key == role_grant.c.unit)
        .where(
            permission.c.kind == ANY,
            permission.c.verb == ANY,
            account.c.state == AccountState.ACTIVE,
            unit.c.parent.is_(None),
            _now(role_grant, now),
        )
    )
    return {UserKey(key) for (key,) in uow.execute(query)}


def add_substitute(uow: UnitOfWork, **values: Any) -> int:
    """Store who stands in for whom.

    Raises:
        Conflict: one of the two people, or the role, does not exist.
    """
    key = uow.new_key()
    with unique("there is no such account or role"):
        uow.execute(sa.insert(substitute).values(key=key, **values))
    return key


def get_substitute(uow: UnitOfWork, key: int) -> Substitution:
    """Give a substitution.

    Raises:
        NotFound: there is none with this key.
    """
    found = one(Substitution, uow.execute(sa.select(*_SUBSTITUTION).where(substitute.c.key == key)))
    if found is None:
        raise NotFound("there is no substitution {key}", key=key)
    return found


def end_substitute(uow: UnitOfWork, key: int, at: datetime) -> None:
    """Let a substitution hold up to an instant; one that has not begun yet never does."""
    begins = sa.case((substitute.c.valid_from > at, at), else_=substitute.c.valid_from)
    uow.execute(sa.update(substitute).where(substitute.c.key == key).values(valid_from=begins, valid_to=at))


def substitutes(uow: UnitOfWork, key: int) -> list[Substitution]:
    """List the substitutions in which an account is the absent person or the deputy, the newest first."""
    query = sa.select(*_SUBSTITUTION).where(sa.or_(substitute.c.absent == key, substitute.c.deputy == key))
    return many(Substitution, uow.execute(query.order_by(substitute.c.key.desc())))


def absent_now(uow: UnitOfWork, people: Iterable[int], now: datetime) -> list[Substitution]:
    """List the substitutions in force in which one of some people is absent, those that last longest first."""
    query = sa.select(*_SUBSTITUTION).where(substitute.c.absent.in_(sorted(people)), _now(substitute, now))
    return many(Substitution, uow.execute(query.order_by(substitute.c.valid_to.desc(), substitute.c.key)))


def lasting_substitutes(uow: UnitOfWork, scope: Scope, key: int, now: datetime) -> list[Substitution]:
    """List the substitutions that have not ended, by their end: those of absent people in a scope, and those of one account."""
    absent_in_scope = sa.and_(substitute.c.absent == account.c.key, within(account.c.unit, scope))
    query = (
        sa.select(*_SUBSTITUTION)
        .where(
            substitute.c.valid_to > now,
            sa.or_(
                substitute.c.absent == key, substitute.c.deputy == key, sa.exists(sa.select(1).where(absent_in_scope))
            ),
        )
        .order_by(substitute.c.valid_to, substitute.c.key)
    )
    return many(Substitution, uow.execute(query))
