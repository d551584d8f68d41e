"""Who did something, as people read it: a person by name, anything else by what it is."""

from __future__ import annotations

from webui.context import parts
from webui.i18n import gettext
from webui.i18n.languages import language

PERSON = "user:"
"""How the id of somebody with an account begins; the key of the account follows."""

CONNECTOR = "connector:"
"""How the id of a connector begins; what it is called inside tells readers nothing."""


def name_of(actor: str, name: str) -> str:
    """Give who an actor is in the reader's language, from its id and the name stored with what it did."""
    others = {
        "public": gettext("The public"),
        "connector:telemetry": gettext("A device"),
        "system": gettext("The system"),
    }
    if actor.startswith(PERSON):
        return parts().directory.person_name(int(actor.removeprefix(PERSON)), language()) or name
    if actor.startswith(CONNECTOR):
        name = gettext("The system")
    return others.get(actor, name)
