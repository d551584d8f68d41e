"""The five meanings, each as colour, icon and word, and nothing else anywhere: on time, at risk, late, paused, failed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from webui.i18n import lazy_gettext

RISK_SHARE = 0.2  # of the time given: what is left of it when a task begins to be at risk
RISK_AT_MOST = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class State:
    """How something stands.

    Attributes:
        css: class that sets its colour and tint.
        icon: name in the sprite.
        word: for those who do not see the colour.
    """

    css: str
    icon: str
    word: str


ON_TIME = State("on-time", icon="clock", word=lazy_gettext("On time"))
AT_RISK = State("at-risk", icon="hourglass-low", word=lazy_gettext("At risk"))
LATE = State("late", icon="alert-circle", word=lazy_gettext("Late"))
PAUSED = State("paused", icon="player-pause", word=lazy_gettext("Paused"))
FAILED = State("failed", icon="alert-triangle", word=lazy_gettext("Failed"))

RUNNING = State("on-time", icon="progress", word=lazy_gettext("Running"))
DONE = State("plain-fact", icon="circle-check", word=lazy_gettext("Completed"))
CANCELED = State("plain-fact", icon="circle-x", word=lazy_gettext("Canceled"))


def of_due(due_at: datetime, created_at: datetime | None = None, *, now: datetime | None = None) -> State:
    """Say how something with a due time stands now.

    At risk is the last fifth of the time that was given, four hours at most; where nobody knows when it began, the last half hour.
    """
    left = due_at - (now or datetime.now(UTC))
    if left < timedelta():
        return LATE
    margin = min((due_at - created_at) * RISK_SHARE, RISK_AT_MOST) if created_at else timedelta(minutes=30)
    return AT_RISK if left <= margin else ON_TIME
