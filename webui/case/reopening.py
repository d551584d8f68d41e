"""Reopening a case that was closed lately: its process offers it as a start event by message, whose form asks why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from engine.bpmn.definition import Element, EventKind, FormRef
from engine.errors import IllegalTransition
from engine.forms import Form
from engine.model.values import SYSTEM, Actor
from engine.services import messages, runtime, versions
from engine.store.instances import Filter
from webui.case.view import Case
from webui.context import engine

WITHIN = timedelta(days=7)
FORM = "form"
REOPEN = "reopen"
"""Begins the id of the form of the start event by which a case is reopened."""


def offers(case: Case) -> bool:
    """Say whether a case can be reopened now."""
    try:
        start_event(case)
    except IllegalTransition:
        return False
    return True


def start_event(case: Case) -> Element:
    """Give the start event by which a case is reopened.

    Raises:
        IllegalTransition: it has none, the case lives, was closed too long ago, or has been reopened.
    """
    row = case.row
    if row.ended_at is None:
        raise IllegalTransition("the case is open; there is nothing to reopen")
    found = [each for each in case.definition.start_events(EventKind.MESSAGE) if _reopens(each)]
    if not found:
        raise IllegalTransition("cases of this process are not reopened; start another one")
    if engine().clock.now() - row.ended_at > WITHIN:
        raise IllegalTransition(
            "a case is reopened within {days} days after it was closed; start another one", days=WITHIN.days
        )
    later = runtime.instances(engine(), Filter(process_id=row.process_id, business_key=row.business_key), actor=SYSTEM)
    if any(each.key > row.key and each.business_key == row.business_key for each in later):
        raise IllegalTransition("the case has been reopened already")
    return found[0]


def _reopens(element: Element) -> bool:
    event = element.event(EventKind.MESSAGE)
    return element.properties.get(FORM, "").startswith(REOPEN) and event is not None and event.name is not None


def form(case: Case, element: Element) -> Form:
    """Give the form that asks why, as it was deployed with the process."""
    with engine().store.read() as uow:
        return versions.form(engine(), uow, FormRef(element.properties[FORM]), caller=case.version)


def send(case: Case, values: dict[str, Any], *, actor: Actor, command_id: str | None) -> int | None:
    """Start a case again, under its number and with what was known of it; give the key of the new instance.

    Args:
        values: what the form asked for, checked.

    Returns:
        None when nobody took the message.

    Raises:
        IllegalTransition: it cannot be reopened (any more).
    """
    event = start_event(case).event(EventKind.MESSAGE)
    ended = case.row.ended_at
    assert event is not None and event.name is not None and ended is not None
    told = messages.publish(
        engine(),
        str(event.name.evaluate({}, now=engine().clock.now(), zone=engine().zone)),
        actor=Actor(id=actor.id, name=actor.name, user=actor.user, everything=True),
        correlation_key=case.row.business_key,
        variables={**case.data, **values, "closed_at": ended.isoformat()},
        # whoever asks, a case is reopened once: two at a time send one message
        source=REOPEN,
        message_id=str(case.row.key),
        unit=case.row.unit,
        command_id=command_id,
    )
    return told.instances[0] if told.instances else None
