"""Names of roles, units and people, and what roles permit, for showing: every page needs them, they hardly ever change, they are kept.

What a page shows by them, the services check again.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from engine.errors import NotFound
from engine.model.values import Actor
from engine.services import assignees, roles
from engine.store import accounts, units
from engine.store.accounts import Account
from engine.store.roles import ANY, Role
from engine.store.units import Unit
from webui.i18n import gettext
from webui.i18n.formats import listed

if TYPE_CHECKING:
    from engine.services.engine import Engine

VENDOR = "vendor"
"""The candidate group of tasks that somebody from outside does by a link; a role of nobody."""

KEEP_S = 60.0


class Directory:
    """The roles, units and people of one installation, as they were at most a minute ago."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._roles: Mapping[str, Role] = {}
        self._units: dict[int, tuple[float, Unit | None]] = {}
        self._people: dict[int, tuple[float, Account]] = {}
        self._until = 0.0
        self._colleagues: dict[str, tuple[float, list[Account]]] = {}

    def roles(self) -> Mapping[str, Role]:
        """Give every role by its code."""
        if time.monotonic() >= self._until:
            self._roles = {role.code: role for role in roles.select(self._engine)}
            self._until = time.monotonic() + KEEP_S
        return self._roles

    def role_name(self, code: str, locale: str) -> str:
        """Give a role's name; the code itself when there is no such role, but for those who work by a link."""
        role = self.roles().get(code)
        if role is None and code == VENDOR:
            return gettext("Vendor")
        return role.name(locale) if role else code

    def group_names(self, groups: Iterable[str], locale: str) -> str:
        """Give the names of candidate groups, ``role`` or ``role@unit``, in one line."""
        return listed((self.role_name(group.partition("@")[0], locale) for group in groups), locale)

    def permits(self, actor: Actor, kind: str, verb: str) -> bool:
        """Say whether some role of the actor permits this somewhere."""
        if actor.everything:
            return True
        wanted = {(kind, verb), (kind, ANY), (ANY, verb), (ANY, ANY)}
        held = (self.roles().get(code) for code in actor.roles)
        return actor.may(kind, verb) and any(role and not role.permissions.isdisjoint(wanted) for role in held)

    def unit(self, key: int | None) -> Unit | None:
        """Give a unit, if there is one with this key."""
        if key is None:
            return None
        until, found = self._units.get(key, (0.0, None))
        if time.monotonic() >= until:
            with self._engine.store.read() as uow:
                try:
                    found = units.get(uow, key)
                except NotFound:
                    found = None
            self._units[key] = (time.monotonic() + KEEP_S, found)
        return found

    def above(self, key: int | None, code: str) -> Unit | None:
        """Give the unit with this code among a unit and those above it."""
        found = self.unit(key)
        while found is not None and found.code != code:
            found = self.unit(found.parent)
        return found

    def unit_name(self, key: int | None, locale: str) -> str:
        """Give a unit's name; nothing when there is no such unit."""
        found = self.unit(key)
        return found.name(locale) if found else ""

    def colleagues(self, actor: Actor) -> Sequence[Account]:
        """List the people who hold a role where an actor may assign tasks."""
        until, found = self._colleagues.get(actor.id, (0.0, []))
        if time.monotonic() >= until:
            found = assignees.colleagues(self._engine, actor=actor)
            self._colleagues[actor.id] = (time.monotonic() + KEEP_S, found)
        return found

    def meet(self, keys: Iterable[int | None]) -> None:
        """Read the names of several people in one statement, so that asking for each costs none."""
        now = time.monotonic()
        new = {key for key in keys if key is not None and now >= self._people.get(key, (0.0, None))[0]}
        if not new:
            return
        with self._engine.store.read() as uow:
            found = accounts.some(uow, new)
        self._people |= {int(one.key): (now + KEEP_S, one) for one in found}

    def person_name(self, key: int | None, locale: str) -> str:
        """Give a person's name; nothing when there is no such account."""
        self.meet([key])
        _, found = self._people.get(key or 0, (0.0, None))
        return (found.name(locale) or found.name_zh) if found else ""
