"""To whom a task can be given: the people that it reaches, who of them is away, and how much each of them holds already."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import Text
from engine.model.keys import UserKey, parse_key
from engine.model.states import TASK_MOVES, move
from engine.model.values import Actor
from engine.services import four_eyes, identity, rights
from engine.services.engine import Engine
from engine.services.offers import PERSON
from engine.store import accounts, grants, tasks, workload
from engine.store import candidates as candidate_rows
from engine.store.accounts import Account, AccountState
from engine.store.database import UnitOfWork
from engine.store.grants import Substitution
from engine.store.tasks import Task
from engine.store.workload import Load

__all__ = ["Candidate", "Load", "candidates", "colleagues", "reaches"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody to whom a task can be given.

    Attributes:
        load: what the person holds now, of every process.
        away: the absence that is going on, with the latest end, if there is one.
        barred: why this person may not do it all the same.
        holds: it is this person's already.
    """

    account: Account
    load: Load
    away: Substitution | None
    barred: Text | None
    holds: bool


def candidates(engine: Engine, key: str | int, *, actor: Actor) -> list[Candidate]:
    """List to whom the actor can give a task: who can do it now and holds least first, who is away or barred last.

    These are the people that it is offered to, by a role or by name, and the deputies of those who are away. A task that is offered to
    no role can be given to whoever holds a role at its unit or above.

    Raises:
        NotFound: there is no such task, or it is not the actor's to see.
        NotAllowed: the actor does not hold it and may not assign tasks.
        IllegalTransition: it is done.
    """
    with engine.store.read() as uow:
        row = tasks.get(uow, parse_key(key))
        rights.refuse_invisible(uow, actor, row)
        move(TASK_MOVES, row.state, "assign")
        if not rights.holds(actor, row):
            rights.require_assign(uow, actor, row)
        return _candidates(uow, row)


def reaches(uow: UnitOfWork, row: Task, person: int) -> bool:
    """Say whether a person is one of those to whom a task can be given."""
    people, _ = _reached(uow, row)
    return person in people


def colleagues(engine: Engine, *, actor: Actor) -> list[Account]:
    """List the active people who hold a role where the actor may assign tasks, by login."""
    with engine.store.read() as uow:
        scope = identity.scope(uow, actor, "assign", rights.KIND)
        return accounts.some(uow, grants.members_in(uow, scope, uow.now))


def _reached(uow: UnitOfWork, row: Task) -> tuple[set[UserKey], list[Substitution]]:
    """Give the people to whom a task can be given, and the absences that are going on among them."""
    places = candidate_rows.places(uow, row.key)
    roles = {(role, unit) for role, unit in places if not role.startswith(PERSON)}
    named = {UserKey(int(role[1:])) for role, _ in places if role.startswith(PERSON) and role[1:].isdigit()}
    if roles:
        people = grants.reached(uow, roles, uow.now)
    else:
        people = grants.members(uow, identity.ancestors(uow, row.unit) if row.unit is not None else (), uow.now)
    people |= named
    absent = grants.absent_now(uow, people, uow.now)
    asked = {role for role, _ in roles}
    return people | {each.deputy for each in absent if each.role is None or each.role in asked}, absent


def _candidates(uow: UnitOfWork, row: Task) -> list[Candidate]:
    people, absent = _reached(uow, row)
    # the latest end comes first; whoever is absent in one role only is not away
    away = {each.absent: each for each in reversed(absent) if each.role is None}
    loads = workload.of(uow, people)
    barred = _barred(uow, row, people)
    found = [
        Candidate(each, loads.get(each.key, Load()), away.get(each.key), barred.get(each.key), each.key == row.holder)
        for each in accounts.some(uow, people)
        if each.state is AccountState.ACTIVE
    ]
    return sorted(found, key=lambda one: (one.barred is not None, one.away is not None, one.holds, one.load.held))


def _barred(uow: UnitOfWork, row: Task, people: set[UserKey]) -> dict[UserKey, Text]:
    if not four_eyes.is_asked(uow, row):
        return {}
    reasons = {person: four_eyes.reason(uow, row.key, identity.actor(uow, person)) for person in people}
    return {person: reason for person, reason in reasons.items() if reason is not None}
