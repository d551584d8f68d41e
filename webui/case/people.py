"""Who did something, as people read it: a person by name, anything else by what it is."""

from __future__ import annotations

from webui.i18n import gettext


def name_of(actor: str, name: str) -> str:
    """Give who an actor is, from its id and the name stored with what it did."""
    others = {
        "public": gettext("The public"),
        "connector:telemetry": gettext("A device"),
        "system": gettext("The system"),
    }
    return others.get(actor, name)
