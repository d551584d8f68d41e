"""The roles of a property company, as they come with the product; administrators change them afterwards."""

from __future__ import annotations

import tomllib
from pathlib import Path

from engine.model.values import Actor
from engine.services import roles
from engine.services.engine import Engine

CATALOGUE = Path(__file__).with_name("roles.toml")


def install(engine: Engine, *, actor: Actor) -> list[str]:
    """Add the roles that do not exist yet; give their codes.

    Raises:
        NotAllowed: the actor may not change roles.
    """
    return roles.install(engine, tomllib.loads(CATALOGUE.read_text(encoding="utf-8")), actor=actor)
