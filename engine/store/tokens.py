"""API tokens: the keys with which programs act as an account. Only hashes are stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.errors import NotFound
from engine.model.keys import TokenKey, UserKey
from engine.store.database import UnitOfWork
from engine.store.rows import many, one
from engine.store.types import Instant, JsonText, Key, columns, metadata

api_token = sa.Table(
    "api_token",
    metadata,
    sa.Column("key", Key, primary_key=True, autoincrement=False),
    sa.Column("account", Key, sa.ForeignKey("account.key"), nullable=False, index=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True, comment="SHA-256; the token itself is nowhere"),
    sa.Column("scopes", JsonText, comment='["kind:verb"]; null: all that the account may'),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("expires_at", Instant),
    sa.Column("used_at", Instant, comment="to the minute"),
    sa.Column("revoked_at", Instant),
    comment="A key with which a program acts as an account.",
)


@dataclass(frozen=True, slots=True)
class Token:
    """A key with which a program acts as an account; ``scopes`` narrow it, None does not."""

    key: TokenKey
    account: UserKey
    name: str
    scopes: Sequence[str] | None
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None


_COLUMNS = columns(api_token, Token)


def add(uow: UnitOfWork, **values: Any) -> TokenKey:
    """Store a token's hash and its bounds."""
    key = TokenKey(uow.new_key())
    uow.execute(sa.insert(api_token).values(key=key, created_at=uow.now, **values))
    return key


def get(uow: UnitOfWork, key: int) -> Token:
    """Give a token.

    Raises:
        NotFound: there is none with this key.
    """
    found = one(Token, uow.execute(sa.select(*_COLUMNS).where(api_token.c.key == key)))
    if found is None:
        raise NotFound("there is no token {key}", key=key)
    return found


def by_hash(uow: UnitOfWork, token_hash: str) -> Token | None:
    """Give the token with this hash, if there is one."""
    return one(Token, uow.execute(sa.select(*_COLUMNS).where(api_token.c.token_hash == token_hash)))


def of(uow: UnitOfWork, account: int) -> list[Token]:
    """List an account's tokens, the newest first."""
    query = sa.select(*_COLUMNS).where(api_token.c.account == account).order_by(api_token.c.key.desc())
    return many(Token, uow.execute(query))


def change(uow: UnitOfWork, key: int, **values: Any) -> None:
    """Store new values of one token."""
    uow.execute(sa.update(api_token).where(api_token.c.key == key).values(**values))
