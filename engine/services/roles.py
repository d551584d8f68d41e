"""Roles: kinds of work with the permissions that go with them, installed from a catalogue and changed by administrators."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from engine.errors import Invalid, NotAllowed, Problem, Text
from engine.model.values import Actor
from engine.services import audit, command, identity
from engine.services.engine import Engine
from engine.store import roles, units
from engine.store.database import UnitOfWork
from engine.store.roles import ANY, Role

CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_WORD = re.compile(r"\*|[a-z][a-z0-9_]{0,63}")


def parse_permissions(texts: Iterable[str], *, where: str = "permissions") -> frozenset[tuple[str, str]]:
    """Read permissions such as ``process_instance:start,cancel`` or ``*:*``; give (resource kind, verb) pairs.

    Raises:
        Invalid: one cannot be read; one problem each.
    """
    found: set[tuple[str, str]] = set()
    problems = []
    for text in texts:
        kind, _, verbs = text.partition(":")
        words = [kind.strip(), *(verb.strip() for verb in verbs.split(","))]
        if all(_WORD.fullmatch(word) for word in words):
            found.update((words[0], verb) for verb in words[1:])
        else:
            remedy = Text("such as process_instance:start,cancel")
            problems.append(Problem(where, Text("{text} is not a permission", text=text[:80]), remedy))
    if problems:
        raise Invalid(problems)
    return frozenset(found)


def define(engine: Engine, code: str, *, name_zh: str, name_en: str, permissions: Iterable[str], actor: Actor) -> Role:
    """Add a role, or give it other names and exactly these permissions.

    Raises:
        Invalid: a field is wrong.
        NotAllowed: the actor may not change roles, or would lend a permission that it does not hold.
    """
    role = Role(code, name_zh.strip(), name_en.strip(), parse_permissions(permissions))
    if problems := _problems(role):
        raise Invalid(problems)

    def body(uow: UnitOfWork) -> Role:
        _require(uow, actor, role)
        before = roles.select(uow, [code]).get(code)
        roles.put(uow, role, new=before is None)
        _record(uow, "role.update" if before else "role.create", role, actor)
        return role

    return command.run(engine, f"define role {code}", body, actor=actor)


def install(engine: Engine, catalogue: Mapping[str, Any], *, actor: Actor) -> list[str]:
    """Add the roles of a catalogue that do not exist yet; give their codes. What exists stays as administrators made it.

    Args:
        catalogue: {code: {"zh", "en", "permissions"}}, and ``everyone``: permissions that each of them gets too.

    Raises:
        Invalid: a role is wrong; every problem of every role together.
        NotAllowed: the actor may not change roles.
    """
    problems: list[Problem] = []
    common = parse_permissions(catalogue.get("everyone", ()), where="everyone")
    wanted = []
    for code, entry in catalogue.items():
        if code == "everyone":
            continue
        try:
            pairs = parse_permissions(entry.get("permissions", ()), where=code)
        except Invalid as error:
            problems.extend(error.problems)
            continue
        role = Role(code, entry.get("zh", ""), entry.get("en", ""), pairs if (ANY, ANY) in pairs else pairs | common)
        problems.extend(_problems(role))
        wanted.append(role)
    if problems:
        raise Invalid(problems)

    def body(uow: UnitOfWork) -> list[str]:
        there = roles.select(uow)
        new = [role for role in wanted if role.code not in there]
        for role in new:
            _require(uow, actor, role)
            roles.put(uow, role, new=True)
            _record(uow, "role.create", role, actor)
        return [role.code for role in new]

    return command.run(engine, "install roles", body, actor=actor)


def select(engine: Engine) -> list[Role]:
    """List every role, by code. Which roles there are is no secret; who holds them is a question of scope."""
    with engine.store.read() as uow:
        return list(roles.select(uow).values())


def _require(uow: UnitOfWork, actor: Actor, role: Role) -> None:
    # a role is the same at every unit, so changing one is an act at the root
    if actor.everything:
        return
    root = units.root(uow)
    if root is None or not identity.allowed(uow, actor, "update", "role", root.key):
        raise NotAllowed("you may not change roles; that takes an administrator of the whole organisation")
    if not identity.covers(uow, actor, role.permissions, root.key):
        raise NotAllowed("you may not lend permissions that you do not hold yourself")


def _record(uow: UnitOfWork, action: str, role: Role, actor: Actor) -> None:
    data = {
        "name_zh": role.name_zh,
        "name_en": role.name_en,
        "permissions": [f"{kind}:{verb}" for kind, verb in sorted(role.permissions)],
    }
    audit.append(uow, audit.ORGANISATION, action, role.code, actor=actor, data=data)


def _problems(role: Role) -> list[Problem]:
    problems = []
    if not CODE.fullmatch(role.code):
        remedy = Text("a small letter, then letters, digits or _, 64 at most")
        problems.append(Problem(role.code[:80], Text("this is not the code of a role"), remedy))
    for language, name in (("zh", role.name_zh), ("en", role.name_en)):
        if not 0 < len(name) <= 100:
            problems.append(Problem(f"{role.code[:80]}.{language}", Text("a name has 1 to 100 characters")))
    return problems
