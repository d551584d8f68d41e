"""Names of roles and what they permit, for showing: read now and then, since every page needs them and they hardly ever change."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.model.values import Actor
from engine.services import roles
from engine.store.roles import ANY, Role

if TYPE_CHECKING:
    from engine.services.engine import Engine

KEEP_S = 30.0


class Roles:
    """The roles of one installation. What a page shows by them, the services check again."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._roles: Mapping[str, Role] = {}
        self._until = 0.0

    def all(self) -> Mapping[str, Role]:
        """Give every role by its code."""
        if time.monotonic() >= self._until:
            self._roles = {role.code: role for role in roles.select(self._engine)}
            self._until = time.monotonic() + KEEP_S
        return self._roles

    def name(self, code: str, locale: str) -> str:
        """Give a role's name; the code itself when there is no such role."""
        role = self.all().get(code)
        return role.name(locale) if role else code

    def permits(self, actor: Actor, kind: str, verb: str) -> bool:
        """Say whether some role of the actor permits this somewhere."""
        if actor.everything:
            return True
        wanted = {(kind, verb), (kind, ANY), (ANY, verb), (ANY, ANY)}
        held = (self.all().get(code) for code in actor.roles)
        return actor.may(kind, verb) and any(role and not role.permissions.isdisjoint(wanted) for role in held)
