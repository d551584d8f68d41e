"""What to say when somebody was faster, or a task is over: who, when, and what one can do now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.errors import ConcurrentUpdate, NotFound, PropflowError
from engine.model.values import Actor
from engine.services import tasks
from webui.context import engine
from webui.i18n import gettext
from webui.i18n.say import say_error


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
    who, at = (error.actor, error.at) if isinstance(error, ConcurrentUpdate) else ("", None)
    title = gettext("%(name)s was first", name=who) if who else gettext("This task has moved on")
    return Refused(title, say_error(error), who, at, _instance(key, actor))


def _instance(key: str, actor: Actor) -> int | None:
    try:
        return tasks.task(engine(), key, actor=actor).instance
    except NotFound:
        return None
