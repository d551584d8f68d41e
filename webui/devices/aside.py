"""What telemetry did not understand, as people read it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from connectors.telemetry.store.arrivals import Aside
from webui import states
from webui.i18n import lazy_gettext
from webui.i18n.say import say
from webui.states import State

UNKNOWN = replace(states.AT_RISK, icon="map-question", word=lazy_gettext("Unknown device"))
UNREADABLE = replace(states.FAILED, icon="file-alert", word=lazy_gettext("Unreadable"))


@dataclass(frozen=True, slots=True)
class AsideRow:
    """One kind of trouble: what it is about, why, and what was said last."""

    entry: Aside
    name: str
    state: State
    reason: str


def aside_row(entry: Aside) -> AsideRow:
    """Show one entry."""
    state = UNKNOWN if entry.device else UNREADABLE
    return AsideRow(entry, entry.device or entry.topic, state, say(entry.reason))
