"""Who somebody is and what they may do where: the questions that every other service asks. Changes are in the modules of each noun.

Permissions are verbs on resource kinds, bundled in roles; a role holds at the unit where it was granted and beneath it.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import NotAllowed, NotFound
from engine.model.keys import UnitKey
from engine.model.values import Actor, Grant, actor_id
from engine.services.engine import Engine
from engine.store import accounts, grants, roles, units
from engine.store.accounts import Account, AccountState
from engine.store.database import UnitOfWork
from engine.store.units import Scope, Unit

NOWHERE = Scope()
EVERYWHERE = Scope(everything=True)


def actor(uow: UnitOfWork, user: int) -> Actor:
    """Give an account as an actor with the roles that it holds now, those lent by absent colleagues included.

    Raises:
        NotFound: there is no such account.
        NotAllowed: the account is disabled.
    """
    held = grants.held(uow, user, uow.now)
    if held is None:
        raise NotFound("there is no account {key}", key=user)
    account, _, now = held
    if account.state is not AccountState.ACTIVE:
        raise NotAllowed("the account {login} is disabled", login=account.login)
    return as_actor(account, now)


def as_actor(account: Account, grants: tuple[Grant, ...]) -> Actor:
    """Make the actor that an account is while it holds these grants."""
    return Actor(actor_id(account.key), display_name(account), user=account.key, grants=grants)


def display_name(account: Account) -> str:
    """Give the name under which a person stands in history."""
    return account.name_zh or account.name_en or account.login


def allowed(uow: UnitOfWork, actor: Actor, verb: str, kind: str, unit: int | None) -> bool:
    """Say whether the actor may do ``verb`` to things of ``kind`` that belong to ``unit``, in at most one statement.

    What belongs to no unit is only for those who may do everything.
    """
    if actor.everything:
        return True
    if unit is None or not actor.grants or not actor.may(kind, verb):
        return False
    path, permitting = roles.permitting_at(uow, actor.roles, kind, verb, unit)
    above = set(units.lineage(path))
    return any(grant.role in permitting and grant.unit in above for grant in actor.grants)


def require(uow: UnitOfWork, actor: Actor, verb: str, kind: str, unit: int | None) -> None:
    """Refuse what ``allowed`` denies.

    Raises:
        NotAllowed: no role of the actor permits it at this unit.
    """
    if not allowed(uow, actor, verb, kind, unit):
        template = "you may not {verb} a {kind} here; ask an administrator for a role that permits it"
        raise NotAllowed(template, verb=verb, kind=kind)


def require_sight(uow: UnitOfWork, actor: Actor, kind: str, unit: int | None) -> None:
    """Answer as if a thing did not exist where the actor may not read things of its kind.

    Raises:
        NotFound: no role of the actor permits reading it.
    """
    if not allowed(uow, actor, "read", kind, unit):
        raise NotFound("there is no such {kind}, or it is not yours to see", kind=kind)


def scope(uow: UnitOfWork, actor: Actor, verb: str, kind: str) -> Scope:
    """Give the part of the organisation where the actor may do ``verb`` to things of ``kind``; queries are narrowed to it.

    Two statements at most. Nowhere is an answer too: the query then finds nothing.
    """
    if actor.everything:
        return EVERYWHERE
    if not actor.grants or not actor.may(kind, verb):
        return NOWHERE
    permitting = roles.permitting(uow, actor.roles, kind, verb)
    places = {grant.unit for grant in actor.grants if grant.role in permitting}
    return Scope.of(units.paths(uow, places).values()) if places else NOWHERE


def units_where(uow: UnitOfWork, actor: Actor, verb: str, kind: str, *, kinds: Sequence[str] = ()) -> list[Unit]:
    """List the valid units where the actor may do ``verb`` to things of ``kind``, parents first; ``kinds`` of units: all when left out."""
    where = scope(uow, actor, verb, kind)
    return [] if where.is_empty else units.select(uow, where, kinds=kinds)


def ancestors(uow: UnitOfWork, unit: int) -> tuple[UnitKey, ...]:
    """Give a unit, its parent, and so on up to the root.

    Raises:
        NotFound: there is no such unit.
    """
    return units.get(uow, unit).lineage


def holders(engine: Engine, role: str, unit: int) -> Sequence[Account]:
    """List the active people who hold a role at a unit or above it now: whom a task for this role and unit can reach."""
    with engine.store.read() as uow:
        places = {(role, above) for above in units.get(uow, unit).lineage}
        return accounts.some(uow, grants.reached(uow, places, uow.now))


def covers(uow: UnitOfWork, actor: Actor, permissions: frozenset[tuple[str, str]], unit: int) -> bool:
    """Say whether the actor holds each of these permissions at a unit: nobody hands out, or takes over, more than they hold."""
    if actor.everything:
        return True
    above = set(ancestors(uow, unit))
    mine: set[tuple[str, str]] = set()
    for row in roles.select(uow, {grant.role for grant in actor.grants if grant.unit in above}).values():
        mine |= row.permissions
    wild = {(kind, verb) for kind, verb in mine if roles.ANY in (kind, verb)}
    return actor.only is None and all(
        pair in mine or any(kind in (pair[0], roles.ANY) and verb in (pair[1], roles.ANY) for kind, verb in wild)
        for pair in permissions
    )


def require_rank(uow: UnitOfWork, actor: Actor, account: int) -> None:
    """Refuse power over an account that may do more than the actor: to take an account over is to hold what it holds.

    Raises:
        NotAllowed: the account holds, or will hold, a permission somewhere that the actor does not.
    """
    if actor.everything:
        return
    held = [row for row in grants.of_account(uow, account) if row.valid_to is None or row.valid_to > uow.now]
    known = roles.select(uow, {row.role for row in held})
    if not all(covers(uow, actor, known[row.role].permissions, row.unit) for row in held):
        raise NotAllowed("this account may do more than you; ask an administrator above both")
