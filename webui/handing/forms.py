"""What is asked of whoever changes how urgent a task is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from engine.errors import Invalid, Problem, Text
from engine.store.tasks import Task
from webui.forms import PlainField
from webui.i18n import gettext
from webui.i18n.formats import local
from webui.upkeep.forms import Ask, Given, read_moments

REASON = 500


def levels() -> Mapping[int, str]:
    """Give what a task's priority can be set to, the most urgent first. Processes number theirs between these."""
    return {
        100: gettext("Before everything else"),
        80: gettext("Urgent"),
        50: gettext("Normal"),
        20: gettext("Can wait"),
    }


def urgency(row: Task, action: str, given: Given) -> Ask:
    """Ask where a task stands among others, by when it is to be done, and why."""
    chosen = given.values.get("priority", "")
    known = levels()
    now_is = known.get(row.priority) or gettext("as the process set it (%(number)s)", number=row.priority)
    due = local(row.due_at).isoformat(timespec="minutes")[:16] if row.due_at else ""
    return Ask(
        title=gettext("Change the urgency"),
        about=gettext("Now: %(state)s", state=now_is),
        action=action,
        verb=gettext("Save"),
        hint=gettext(
            "It moves up or down in the inboxes of all to whom it is offered. What is left empty stays as it is."
        ),
        fields=(
            PlainField(
                "priority",
                "select",
                gettext("Urgency"),
                options=tuple({"value": str(number), "label": words} for number, words in known.items()),
                chosen=(chosen,),
                errors=given.errors("priority"),
            ),
            PlainField(
                "due_at",
                "datetime-local",
                gettext("Due"),
                value=given.values.get("due_at", due),
                errors=given.errors("due_at"),
            ),
            PlainField("reason", "textarea", gettext("Reason"), value=given.values.get("reason", "")),
        ),
    )


def read_urgency(row: Task, given: Mapping[str, str]) -> dict[str, Any]:
    """Read what is to change, by the names that the service knows.

    Raises:
        Invalid: nothing is to change, or the date cannot be read.
    """
    found: dict[str, Any] = {}
    number = given.get("priority", "")
    if number.isdigit() and int(number) in levels() and int(number) != row.priority:
        found["priority"] = int(number)
    if given.get("due_at"):
        due: datetime = read_moments(given, ("due_at",))["due_at"]
        shown = row.due_at and local(row.due_at).replace(second=0, microsecond=0)
        if due != shown:
            found["due_at"] = due.astimezone(UTC)
    if not found:
        raise Invalid(Problem("priority", Text("choose another urgency or another date")))
    return found
