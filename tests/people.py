"""The cast of every story: a small company, and Alice, Bob, Carol and Mallory in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from argon2 import PasswordHasher

from engine.model.values import SYSTEM, Actor
from engine.services import accounts, grants, identity, passwords, roles, units
from engine.store.accounts import Account
from engine.store.units import Unit

PASSWORD = "four plain words here"
# weak parameters, as of a system long ago: signing in takes a millisecond and renews the hash
HASH = passwords.PasswordHash(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD))

CATALOGUE = {
    "everyone": [
        "process_instance:read",
        "user_task:read",
        "file:read,create",
        "unit:read",
        "user:read",
        "link:create",
    ],
    "technician": {"zh": "维修工", "en": "Technician", "permissions": ["process_instance:start"]},
    "supervisor": {
        "zh": "主管",
        "en": "Supervisor",
        "permissions": ["user_task:assign", "user:update,create,substitute", "report:read"],
    },
    "admin": {"zh": "管理员", "en": "Administrator", "permissions": ["*:*"]},
}


@dataclass
class Office:
    """Jinhe group > Chengdu > two projects, one of them with a building.

    Alice and Bob are technicians of the project Yunting, Carol supervises it, Mallory has an account and no role,
    Dan is a technician of the other project, Root administers everything.
    """

    engine: Any
    units: dict[str, Unit]
    accounts: dict[str, Account]

    def actor(self, name: str) -> Actor:
        """Somebody with the roles held now."""
        with self.engine.store.read() as uow:
            return identity.actor(uow, self.accounts[name].key)

    def unit(self, code: str) -> int:
        """The key of a unit."""
        return self.units[code].key

    def key(self, name: str) -> int:
        """The key of an account."""
        return self.accounts[name].key


def found(engine: Any) -> Office:
    """Make the company in an empty database."""
    tree = {}
    for kind, code, parent in (
        ("group", "jinhe", None),
        ("company", "chengdu", "jinhe"),
        ("project", "yunting", "chengdu"),
        ("building", "yunting-1", "yunting"),
        ("project", "jinheli", "chengdu"),
    ):
        above = tree[parent].key if parent else None
        tree[code] = units.create(engine, kind=kind, code=code, name_zh=code, name_en=code, parent=above, actor=SYSTEM)
    roles.install(engine, CATALOGUE, actor=SYSTEM)
    people = {}
    for name, role, unit in (
        ("alice", "technician", "yunting"),
        ("bob", "technician", "yunting"),
        ("carol", "supervisor", "yunting"),
        ("mallory", "", "yunting"),
        ("dan", "technician", "jinheli"),
        ("root", "admin", "jinhe"),
    ):
        people[name] = accounts.create(
            engine,
            login=name,
            unit=tree[unit].key,
            name_zh=name.title(),
            password=HASH,
            must_change_password=False,
            actor=SYSTEM,
        )
        if role:
            grants.grant(engine, account=people[name].key, role=role, unit=tree[unit].key, actor=SYSTEM)
    return Office(engine, tree, people)
