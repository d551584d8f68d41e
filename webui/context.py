"""What a request may reach for: the engine, the connectors, the settings, and who is asking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import current_app
from flask_login import current_user

from engine.errors import NotAllowed
from engine.model.values import Actor
from webui.directory import Directory
from webui.settings import Settings

if TYPE_CHECKING:
    from connectors.registry import Registry
    from engine.services.engine import Engine

KEY = "propflow"


@dataclass(frozen=True, slots=True)
class Parts:
    """What the composition root put together."""

    engine: Engine
    registry: Registry
    settings: Settings
    directory: Directory


def parts() -> Parts:
    """Give the parts of the application that serves this request."""
    found: Parts = current_app.extensions[KEY]
    return found


def engine() -> Engine:
    """Give the engine."""
    return parts().engine


def actor() -> Actor:
    """Give who is signed in.

    Raises:
        NotAllowed: nobody is; routes for the public ask a link instead.
    """
    if not current_user.is_authenticated:
        raise NotAllowed("sign in first")
    found: Actor = current_user.actor
    return found
