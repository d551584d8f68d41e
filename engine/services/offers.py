"""Whom a task is offered to: the roles and persons of the diagram, at the units from which the instance's own is reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.model.values import Actor
from engine.store import accounts, units
from engine.store.database import UnitOfWork
from engine.store.inbox import Place
from engine.store.units import lineage

PERSON = "@"
"""Comes before the key of an account where a task is offered to one person, or before a login that nobody has."""
NO_UNIT = 0


def of(actor: Actor) -> frozenset[Place]:
    """Give the places from which an actor may take tasks: the roles that it holds, itself, and whom it stands in for."""
    own = {(grant.role, int(grant.unit)) for grant in actor.grants}
    people = (actor.user, *actor.stands_in_for)
    return frozenset(own | {personal(person) for person in people if person is not None})


def personal(account: int | str) -> Place:
    """Give the place of one person: an account, or a login that nobody has."""
    return f"{PERSON}{account}", NO_UNIT


def places(uow: UnitOfWork, tasks: Sequence[Mapping[str, Any]], unit_path: str) -> dict[int, list[Place]]:
    """Give the (role, unit) places that each new task is offered to: {task key: places}.

    A ``role`` means the instance's own unit and every unit above it; ``role@unit`` means those of the unit with this code. An
    unknown code falls back to the instance's own unit, so that the work stays visible to somebody.
    """
    here = lineage(unit_path) if unit_path else (NO_UNIT,)
    codes = {group.partition("@")[2] for task in tasks for group in task["candidate_groups"] if "@" in group}
    elsewhere = units.lineages(uow, codes) if codes else {}
    logins = {login for task in tasks for login in task["candidate_users"]}
    people = accounts.keys(uow, logins) if logins else {}
    found: dict[int, list[Place]] = {}
    for task in tasks:
        own = [personal(people.get(login, login)) for login in task["candidate_users"]]
        for group in task["candidate_groups"]:
            role, _, code = group.partition("@")
            own += [(role, int(unit)) for unit in elsewhere.get(code, here)]
        found[task["key"]] = own
    return found
