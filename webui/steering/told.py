"""What an order brings about, in sentences: what ends, what begins, where it stops, whether the case ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from engine.services.moves import Effect
from webui.i18n import gettext


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happens: what, and at which steps."""

    text: str
    steps: tuple[str, ...] = ()


def lines(effects: Iterable[Effect], name: Callable[[str], str]) -> list[Told]:
    """Sum effects up for a reader, the most important first.

    Args:
        name: gives what people call an element.
    """
    by_kind: dict[str, dict[str, None]] = {}
    for kind, element_id in effects:
        by_kind.setdefault(kind, {})[element_id] = None
    found = []
    for kind, text in _texts():
        if kind in by_kind:
            steps = tuple(dict.fromkeys(name(id) for id in by_kind[kind] if id))
            found.append(Told(text, steps))
    return found or [Told(gettext("Nothing else moves."))]


def _texts() -> list[tuple[str, str]]:
    return [
        ("instance_canceled", gettext("The case ends early")),
        ("instance_completed", gettext("The case reaches its end")),
        ("instance_error", gettext("The case ends with an error that its caller handles")),
        ("instance_suspended", gettext("The case is paused")),
        ("instance_resumed", gettext("The case goes on")),
        ("instance_migrated", gettext("The case goes on by the other version")),
        ("incident_raised", gettext("Stops at")),
        ("element_terminated", gettext("Ends")),
        ("element_completed", gettext("Passes")),
        ("element_activated", gettext("Begins")),
        ("job_retried", gettext("Is tried again")),
        ("variables_set", gettext("Values change at")),
        ("message_sent", gettext("Sends a message at")),
        ("signal_sent", gettext("Sends a signal at")),
        ("error_thrown", gettext("Throws an error at")),
        ("escalation_thrown", gettext("Escalates at")),
    ]
