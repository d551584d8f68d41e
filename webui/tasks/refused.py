"""What to say when somebody was faster, or a task is over: who, when, and what one can do now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.errors import ConcurrentUpdate, NotFound, PropflowError
from engine.model.values import Actor
from engine.services import tasks
from engine.store.tasks import Task
from webui.context import engine
from webui.i18n import gettext
from webui.i18n.say import capital, say_error
from webui.tasks import detail


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an action came too late. ``instance`` is None where the reader may not see the case any more."""

    title: str
    message: str
    actor: str
    at: datetime | None
    instance: int | None


def refused(key: str, error: PropflowError, *, actor: Actor) -> Refused:
    """Explain an error to who wanted to act on a task."""
    row = _row(key, actor)
    instance = row.instance if row else None
    if isinstance(error, ConcurrentUpdate) and error.actor:
        title = gettext("%(name)s was first", name=error.actor)
        return Refused(title, capital(say_error(error)), error.actor, error.at, instance)
    over = detail.over(row) if row else None
    if over:
        return Refused(over.title, over.text, "", None, instance)
    return Refused(gettext("This task has moved on"), capital(say_error(error)), "", None, instance)


def _row(key: str, actor: Actor) -> Task | None:
    try:
        return tasks.task(engine(), key, actor=actor)
    except NotFound:
        return None
