"""Who holds which role where, from when to when; and who stands in for whom during an absence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from engine.errors import IllegalTransition, Invalid, NotAllowed, NotFound, Problem, Text
from engine.model.keys import UserKey
from engine.model.values import Actor
from engine.services import audit, command, identity
from engine.services.engine import Engine
from engine.services.reasons import unsaid
from engine.store import accounts, grants, roles
from engine.store.accounts import Account
from engine.store.database import UnitOfWork
from engine.store.grants import RoleGrant, Substitution


def grant(
    engine: Engine,
    *,
    account: int,
    role: str,
    unit: int,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
    actor: Actor,
) -> RoleGrant:
    """Let an account hold a role at a unit and beneath it, from now on and for good where nothing else is said.

    Raises:
        NotFound: there is no such account, role or unit.
        NotAllowed: the actor may not grant roles there, or would lend a permission that it does not hold.
        Invalid: the end lies before the beginning.
    """

    def body(uow: UnitOfWork) -> RoleGrant:
        return add(uow, account=account, role=role, unit=unit, valid_from=valid_from, valid_to=valid_to, actor=actor)

    return command.run(engine, f"grant {role} to {account}", body, actor=actor)


def add(
    uow: UnitOfWork,
    *,
    account: int,
    role: str,
    unit: int,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
    actor: Actor,
) -> RoleGrant:
    """Grant a role in the caller's transaction; see ``grant``."""
    accounts.get(uow, account)
    found = roles.select(uow, [role]).get(role)
    if found is None:
        raise NotFound("there is no role {role}", role=role)
    identity.require(uow, actor, "grant", "role", unit)
    if not identity.covers(uow, actor, found.permissions, unit):
        raise NotAllowed("you may not lend permissions that you do not hold yourself")
    begins = valid_from or uow.now
    if valid_to is not None and valid_to <= begins:
        raise Invalid(Problem("valid_to", Text("the end lies before the beginning")))
    key = grants.add(uow, account=account, role=role, unit=unit, valid_from=begins, valid_to=valid_to)
    data = {"role": role, "account": str(account), "from": begins.isoformat(), "to": valid_to and valid_to.isoformat()}
    audit.append(uow, audit.ORGANISATION, "grant.create", key, actor=actor, unit=unit, data=data)
    return grants.get(uow, key)


def revoke(engine: Engine, grant: int, *, at: datetime | None = None, actor: Actor) -> None:
    """Let a grant end, now or at a later instant.

    Raises:
        NotFound: there is no such grant, or it has ended.
        NotAllowed: the actor may not grant roles there.
        IllegalTransition: nobody could administer the organisation any more.
    """

    def body(uow: UnitOfWork) -> None:
        row = grants.get(uow, grant)
        identity.require(uow, actor, "grant", "role", row.unit)
        if row.valid_to is not None and row.valid_to <= uow.now:
            raise NotFound("the grant {key} has ended", key=grant)
        end = max(at, uow.now) if at else uow.now
        administrators = grants.administrators(uow, end)
        grants.end(uow, grant, end)
        keep_an_administrator(uow, administrators, at=end)
        data = {"role": row.role, "account": str(row.account), "to": end.isoformat()}
        audit.append(uow, audit.ORGANISATION, "grant.end", grant, actor=actor, unit=row.unit, data=data)

    command.run(engine, f"revoke {grant}", body, actor=actor)


def keep_an_administrator(uow: UnitOfWork, before: set[UserKey], *, at: datetime | None = None) -> None:
    """Refuse a change after which nobody could administer the organisation, where somebody could ``before``.

    Raises:
        IllegalTransition: the last administrator would be gone.
    """
    if before and not grants.administrators(uow, at or uow.now):
        raise IllegalTransition("this is the last administrator; make somebody else one first")


def of_account(engine: Engine, account: int, *, actor: Actor) -> list[RoleGrant]:
    """List the grants of an account, past and future ones too, the newest first.

    Raises:
        NotFound: there is no such account in the actor's part of the organisation.
    """
    with engine.store.read() as uow:
        _seen(uow, account, actor)
        return grants.of_account(uow, account)


def stand_in(
    engine: Engine,
    *,
    absent: int,
    deputy: int,
    valid_from: datetime | None = None,
    valid_to: datetime,
    role: str | None = None,
    reason: str,
    actor: Actor,
) -> Substitution:
    """Let a colleague do the work of an absent person meanwhile, in one role or all of them.

    The deputy does not become the absent person: history names both, and four-eyes rules see through it. What was lent is not
    lent on. People arrange it for themselves; for others it takes ``substitute`` on ``user`` at the unit of both.

    Raises:
        NotFound: there is no such account or role.
        NotAllowed: the actor is neither the absent person nor somebody who may arrange it.
        Invalid: it would end before it begins, both are the same person, or there is no reason.
    """

    def body(uow: UnitOfWork) -> Substitution:
        people = [accounts.get(uow, absent), accounts.get(uow, deputy)]
        if actor.user != absent or actor.only is not None:
            for person in people:
                identity.require(uow, actor, "substitute", "user", person.unit)
        if role is not None and not roles.select(uow, [role]):
            raise NotFound("there is no role {role}", role=role)
        begins = valid_from or uow.now
        if problems := list(_problems(absent, deputy, begins, valid_to, reason)):
            raise Invalid(problems)
        key = grants.add_substitute(
            uow, absent=absent, deputy=deputy, role=role, valid_from=begins, valid_to=valid_to, reason=reason.strip()
        )
        data = {"absent": str(absent), "deputy": str(deputy), "role": role, "reason": reason.strip()}
        data |= {"from": begins.isoformat(), "to": valid_to.isoformat()}
        audit.append(uow, audit.ORGANISATION, "substitute.create", key, actor=actor, unit=people[0].unit, data=data)
        return grants.get_substitute(uow, key)

    return command.run(engine, f"stand in for {absent}", body, actor=actor)


def _problems(absent: int, deputy: int, begins: datetime, ends: datetime, reason: str) -> Iterable[Problem]:
    if absent == deputy:
        yield Problem("deputy", Text("nobody stands in for themselves"))
    if ends <= begins:
        yield Problem("valid_to", Text("the end lies before the beginning"))
    yield from unsaid(reason)


def end_stand_in(engine: Engine, substitution: int, *, actor: Actor) -> None:
    """End a substitution now: the person is back.

    Raises:
        NotFound: there is no such substitution.
        NotAllowed: the actor is none of the two, nor somebody who may arrange it.
    """

    def body(uow: UnitOfWork) -> None:
        row = grants.get_substitute(uow, substitution)
        absent = accounts.get(uow, row.absent)
        if actor.user not in (row.absent, row.deputy) or actor.only is not None:
            identity.require(uow, actor, "substitute", "user", absent.unit)
        grants.end_substitute(uow, substitution, uow.now)
        audit.append(uow, audit.ORGANISATION, "substitute.end", substitution, actor=actor, unit=absent.unit)

    command.run(engine, f"end stand-in {substitution}", body, actor=actor)


def substitutions(engine: Engine, account: int, *, actor: Actor) -> list[Substitution]:
    """List the substitutions in which an account is the absent person or the deputy, the newest first.

    Raises:
        NotFound: there is no such account in the actor's part of the organisation.
    """
    with engine.store.read() as uow:
        _seen(uow, account, actor)
        return grants.substitutes(uow, account)


def absences(engine: Engine, *, actor: Actor) -> list[Substitution]:
    """List the substitutions that have not ended and that the actor may end: its own, and those where it arranges them."""
    with engine.store.read() as uow:
        scope = identity.scope(uow, actor, "substitute", "user")
        return grants.lasting_substitutes(uow, scope, actor.user or 0, uow.now)


def _seen(uow: UnitOfWork, key: int, actor: Actor) -> Account:
    account = accounts.get(uow, key)
    if actor.user != key:
        identity.require_sight(uow, actor, "user", account.unit)
    return account
