"""The way a case came, as sentences: what people did, what was decided, what went wrong. Gateways and plumbing are left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from engine.bpmn.definition import ACTIVITIES, EVENTS, Definition, Element, Kind
from engine.services.history import Event
from webui.case import people
from webui.i18n import formats, gettext

KINDS = (
    "instance_started",
    "instance_ended",
    "instance_canceled",
    "instance_suspended",
    "instance_resumed",
    "instance_modified",
    "instance_migrated",
    "variables_corrected",
    "element_completed",
    "task_claimed",
    "task_released",
    "task_assigned",
    "task_changed",
    "task_completed",
    "incident_raised",
    "incident_retried",
    "incident_skipped",
    "effect_settled",
    "incident_resolved",
)
"""Events that become a line; the rest is for those who administer processes."""

PEOPLE = ("user:", "link:", "public")
"""How the ids of actors begin who are people: the others are named by what was done, not by who did it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened.

    Attributes:
        css: ``done`` for what a person or the process finished, ``wrong-turn`` for what went wrong, else nothing.
        who: empty when nobody did it.
    """

    css: str
    text: str
    at: datetime
    who: str
    element_id: str
    note: str = ""


def lines(events: Iterable[Event], definition: Definition, translate: Callable[[str], str]) -> list[Line]:
    """Tell what happened, the newest first."""
    told = list(_tell(events, definition, translate))
    told.reverse()
    return told


def _tell(events: Iterable[Event], definition: Definition, translate: Callable[[str], str]) -> Iterator[Line]:
    completed_by_people: set[int] = set()
    for event in events:
        element = definition.elements.get(event.element_id)
        name = translate(element.name) if element and element.name else ""
        who = people.name_of(event.actor, event.actor_name) if event.actor.startswith(PEOPLE) else ""
        if event.kind == "task_completed":
            completed_by_people.add(event.ref)
        elif event.kind == "element_completed" and (event.ref in completed_by_people or not _shows(element)):
            continue
        text, css = _sentence(event, name, element)
        if text:
            note = " · ".join(each for each in (_changed(event), _reason(event)) if each)
            yield Line(css, text, event.at, who, event.element_id, note)


def _reason(event: Event) -> str:
    return str(event.data.get("reason") or event.data.get("message") or "") if event.data else ""


def _given_to(event: Event) -> str:
    return people.name_of(str(event.data.get("to_id", "")), str(event.data.get("to_name") or event.data["to"]))


def _changed(event: Event) -> str:
    """Say what became of a task's urgency."""
    if event.kind != "task_changed":
        return ""
    changed = event.data.get("changed", ())
    told = [gettext("priority %(number)s", number=event.data["priority"])] if "priority" in changed else []
    if "due_at" in changed:
        told.append(gettext("due %(moment)s", moment=formats.moment(datetime.fromisoformat(event.data["due_at"]))))
    return " · ".join(told)


def _shows(element: Element | None) -> bool:
    if element is None or not element.name or element.kind is Kind.SCRIPT_TASK:
        return False
    return element.kind in ACTIVITIES or (element.kind in EVENTS and bool(element.events))


def _sentence(event: Event, name: str, element: Element | None) -> tuple[str, str]:
    match event.kind:
        case "instance_started":
            return gettext("Started"), "done"
        case "instance_ended":
            return gettext("Ended"), "done"
        case "instance_canceled":
            return gettext("Canceled"), "wrong-turn"
        case "instance_suspended":
            return gettext("Paused"), ""
        case "instance_resumed":
            return gettext("Resumed"), ""
        case "instance_modified":
            return gettext("Moved by an administrator"), ""
        case "instance_migrated":
            return gettext("Moved to another version"), ""
        case "variables_corrected":
            return gettext("Data corrected"), ""
        case "task_claimed":
            return gettext("Claimed: %(step)s", step=name), ""
        case "task_released":
            return gettext("Released: %(step)s", step=name), ""
        case "task_assigned":
            return gettext("%(step)s: given to %(name)s", step=name, name=_given_to(event)), ""
        case "task_changed":
            return gettext("Urgency changed: %(step)s", step=name), ""
        case "task_completed":
            return name, "done"
        case "element_completed":
            return name, ""
        case "incident_raised":
            return gettext("Stopped at: %(step)s", step=name or event.element_id), "wrong-turn"
        case "incident_retried":
            return gettext("Tried again: %(step)s", step=name or event.element_id), ""
        case "effect_settled" if event.data["took_effect"]:
            return gettext("Found to have taken effect: %(step)s", step=name or event.element_id), ""
        case "effect_settled":
            return gettext("Found not to have taken effect, sent again: %(step)s", step=name or event.element_id), ""
        case "incident_skipped":
            return gettext("Skipped by an administrator: %(step)s", step=name or event.element_id), ""
        case "incident_resolved":
            return gettext("Goes on: %(step)s", step=name or event.element_id), ""
    return "", ""
