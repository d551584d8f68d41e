"""Accounts of people. Holds no rule about passwords or lockout: ``engine.services.sessions`` does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from engine.errors import NotFound
from engine.model.keys import UnitKey, UserKey
from engine.store.database import UnitOfWork
from engine.store.rows import many, one, unique
from engine.store.types import Choice, Instant, Key, columns, metadata, one_of
from engine.store.units import Scope, within


class AccountState(StrEnum):
    """Whether an account may be used."""

    ACTIVE = "active"  #: may sign in
    DISABLED = "disabled"  #: may not sign in; its sessions and tokens have ended; its name stays in history


account = sa.Table(
    "account",
    metadata,
    sa.Column("key", Key, primary_key=True, autoincrement=False),
    sa.Column("login", sa.String(64), nullable=False, unique=True),
    sa.Column("unit", Key, sa.ForeignKey("unit.key"), nullable=False, index=True, comment="of employment"),
    sa.Column("name_zh", sa.String(100), nullable=False),
    sa.Column("name_en", sa.String(100), nullable=False),
    sa.Column("phone", sa.String(32), nullable=False, server_default=""),
    sa.Column("email", sa.String(254), nullable=False, server_default=""),
    sa.Column("locale", sa.String(16), nullable=False, server_default=""),
    sa.Column("state", Choice(AccountState), nullable=False),
    sa.Column("password_hash", sa.String(200), nullable=False, server_default=""),
    sa.Column("must_change_password", sa.Boolean, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0", comment="wrong passwords in a row"),
    sa.Column("locked_until", Instant),
    sa.Column(
        "session_epoch",
        sa.Integer,
        nullable=False,
        server_default="1",
        comment="earlier sessions have ended",
    ),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("signed_in_at", Instant),
    one_of("state", AccountState),
    comment="A person who may sign in.",
)


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may sign in. What concerns the password is in ``Credentials``."""

    key: UserKey
    login: str
    unit: UnitKey
    name_zh: str
    name_en: str
    phone: str
    email: str
    locale: str
    state: AccountState
    must_change_password: bool
    created_at: datetime
    signed_in_at: datetime | None

    def name(self, locale: str) -> str:
        """The person's name as a reader of ``locale`` writes it."""
        return self.name_zh if locale.startswith("zh") else self.name_en


@dataclass(frozen=True, slots=True)
class Credentials:
    """What signing in looks at."""

    key: UserKey
    state: AccountState
    password_hash: str
    failures: int
    locked_until: datetime | None
    session_epoch: int


ACCOUNT = columns(account, Account)
_CREDENTIALS = columns(account, Credentials)


def add(uow: UnitOfWork, **values: Any) -> UserKey:
    """Store an account.

    Raises:
        Conflict: the login is taken.
    """
    key = UserKey(uow.new_key())
    with unique("the login {login} is taken; choose another", login=values["login"]):
        uow.execute(sa.insert(account).values(key=key, created_at=uow.now, **values))
    return key


def get(uow: UnitOfWork, key: int) -> Account:
    """Give an account.

    Raises:
        NotFound: there is none with this key.
    """
    found = one(Account, uow.execute(sa.select(*ACCOUNT).where(account.c.key == key)))
    if found is None:
        raise NotFound("there is no account {key}", key=key)
    return found


def keys(uow: UnitOfWork, logins: Iterable[str]) -> dict[str, UserKey]:
    """Give {login: account} of those that exist."""
    rows = uow.execute(sa.select(account.c.login, account.c.key).where(account.c.login.in_(sorted(logins))))
    return {row.login: row.key for row in rows}


def by_login(uow: UnitOfWork, login: str) -> Account:
    """Give the account with this login.

    Raises:
        NotFound: there is none.
    """
    found = one(Account, uow.execute(sa.select(*ACCOUNT).where(account.c.login == login)))
    if found is None:
        raise NotFound("there is no account {login}", login=login)
    return found


def some(uow: UnitOfWork, keys: Iterable[int]) -> list[Account]:
    """List accounts by their keys, ordered by login; unknown ones are left out."""
    query = sa.select(*ACCOUNT).where(account.c.key.in_(sorted(keys)))
    return many(Account, uow.execute(query.order_by(account.c.login)))


def credentials(uow: UnitOfWork, *, login: str = "", key: int = 0) -> Credentials | None:
    """Give what signing in looks at, by login or by key, if there is such an account; others wait to change it."""
    which = account.c.login == login if login else account.c.key == key
    return one(Credentials, uow.execute(sa.select(*_CREDENTIALS).where(which).with_for_update()))


def select(
    uow: UnitOfWork, scope: Scope, *, text: str = "", disabled: bool = False, after: str = "", limit: int = 100
) -> list[Account]:
    """List the accounts in a scope by login, from the one after ``after``; ``text`` is in a name, login or phone."""
    query = sa.select(*ACCOUNT).where(within(account.c.unit, scope), account.c.login > after)
    if not disabled:
        query = query.where(account.c.state == AccountState.ACTIVE)
    if text:
        searched = (account.c.login, account.c.name_zh, account.c.name_en, account.c.phone)
        query = query.where(sa.or_(*(column.icontains(text, autoescape=True) for column in searched)))
    return many(Account, uow.execute(query.order_by(account.c.login).limit(limit)))


def change(uow: UnitOfWork, key: int, **values: Any) -> None:
    """Store new values of one account."""
    uow.execute(sa.update(account).where(account.c.key == key).values(**values))


def count_attempt(uow: UnitOfWork, key: int, *, locked_until: datetime | None) -> None:
    """Count one attempt to sign in before the password is looked at, so that parallel guesses count too."""
    uow.execute(
        sa.update(account)
        .where(account.c.key == key)
        .values(failures=account.c.failures + 1, locked_until=locked_until)
    )


def end_sessions(uow: UnitOfWork, key: int) -> None:
    """Begin a new epoch: every session that is open now has ended."""
    uow.execute(sa.update(account).where(account.c.key == key).values(session_epoch=account.c.session_epoch + 1))
