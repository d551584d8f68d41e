"""API tokens: a program acts as an account, as far as the token reaches. The token is shown once and stored as a hash."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from engine.errors import Invalid, NotAllowed, Problem, Text
from engine.model.values import Actor
from engine.services import audit, command, identity
from engine.services.engine import Engine
from engine.services.roles import parse_permissions
from engine.store import accounts, tokens
from engine.store.database import UnitOfWork
from engine.store.tokens import Token

PREFIX = "pf_"
"""Every token begins with it, so that scanners for leaked secrets find them."""

_USED_EVERY = timedelta(minutes=1)  # last use is kept to the minute: a busy program does not write on every request


def create(
    engine: Engine,
    *,
    account: int,
    name: str,
    scopes: Iterable[str] | None = None,
    expires_at: datetime | None = None,
    actor: Actor,
) -> tuple[Token, str]:
    """Make a token; give it and its secret text, which cannot be seen again.

    Args:
        scopes: what it is narrowed to, such as ``message:publish``; None: all that the account may.

    Raises:
        NotFound: there is no such account.
        NotAllowed: it is not the actor's own account, and the actor does not hold all that it may.
        Invalid: the name is missing, a scope cannot be read, or it would have expired already.
    """
    pairs = None if scopes is None else parse_permissions(scopes, where="scopes")
    secret = PREFIX + secrets.token_urlsafe(32)
    texts = None if pairs is None else [f"{kind}:{verb}" for kind, verb in sorted(pairs)]

    def body(uow: UnitOfWork) -> Token:
        owner = accounts.get(uow, account)
        if actor.user != account or actor.only is not None:
            identity.require(uow, actor, "reset", "user", owner.unit)
            identity.require_rank(uow, actor, account)
        if not 0 < len(name.strip()) <= 100:
            raise Invalid(Problem("name", Text("a name has 1 to 100 characters")))
        if expires_at is not None and expires_at <= uow.now:
            raise Invalid(Problem("expires_at", Text("this moment has passed")))
        values = {"account": account, "name": name.strip(), "scopes": texts, "expires_at": expires_at}
        key = tokens.add(uow, token_hash=_hash(secret), **values)
        data = {"account": str(account), "name": name.strip(), "scopes": texts}
        audit.append(uow, audit.ORGANISATION, "token.create", key, actor=actor, unit=owner.unit, data=data)
        return tokens.get(uow, key)

    return command.run(engine, f"create token for {account}", body, actor=actor), secret


def authenticate(engine: Engine, secret: str) -> Actor:
    """Give the actor that a token stands for.

    Raises:
        NotAllowed: the token is unknown, revoked or expired, or its account is disabled.
    """
    with engine.store.read() as uow:
        row = tokens.by_hash(uow, _hash(secret))
        if row is None or row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= uow.now):
            raise NotAllowed("this token is not valid; ask for a new one")
        actor = identity.actor(uow, row.account)
        is_stale = row.used_at is None or uow.now - row.used_at > _USED_EVERY
    if is_stale:
        command.run(engine, "use token", lambda uow: tokens.change(uow, row.key, used_at=uow.now), actor=actor)
    return actor if row.scopes is None else replace(actor, only=parse_permissions(row.scopes))


def revoke(engine: Engine, token: int, *, actor: Actor) -> None:
    """End a token for good.

    Raises:
        NotFound: there is no such token.
        NotAllowed: it is not the actor's own account, and the actor may not reset the account.
    """

    def body(uow: UnitOfWork) -> None:
        row = tokens.get(uow, token)
        owner = accounts.get(uow, row.account)
        if actor.user != row.account or actor.only is not None:
            identity.require(uow, actor, "reset", "user", owner.unit)
        if row.revoked_at is None:
            tokens.change(uow, token, revoked_at=uow.now)
            audit.append(uow, audit.ORGANISATION, "token.revoke", token, actor=actor, unit=owner.unit)

    command.run(engine, f"revoke token {token}", body, actor=actor)


def of_account(engine: Engine, account: int, *, actor: Actor) -> list[Token]:
    """List an account's tokens, the newest first.

    Raises:
        NotFound: there is no such account.
        NotAllowed: it is not the actor's own account, and the actor may not reset the account.
    """
    with engine.store.read() as uow:
        owner = accounts.get(uow, account)
        if actor.user != account:
            identity.require(uow, actor, "reset", "user", owner.unit)
        return tokens.of(uow, account)


def _hash(secret: str) -> str:
    # a random token of 256 bits needs no slow hash: it cannot be guessed
    return hashlib.sha256(secret.encode()).hexdigest()
