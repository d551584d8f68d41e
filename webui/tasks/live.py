"""News of the inbox for pages that are open: asked for every few seconds, answered 204 when there are none, held by no thread.

An answer is worked out at most once in a while for each person, and only when something was committed since: two hundred browsers
with ten tabs each cost next to nothing while nothing happens.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from connectors.notify import inbox as notices
from engine.model.values import Actor
from engine.services import inbox
from engine.services.inbox import Sort, View
from webui.context import engine
from webui.tasks import rows

FRESH_S = 1.5
"""For so long an answer is given again without looking, whoever asks how often."""

STALE_S = 15.0
"""After so long one looks in any case: other processes commit too."""

KEPT = 5000


@dataclass(frozen=True, slots=True)
class News:
    """What a person's inbox looks like: a mark that changes with it, and its counts."""

    cursor: str
    counts: Mapping[str, int]
    commits: int
    at: float


class Live:
    """The last answer for each person."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, News] = OrderedDict()

    def known(self, who: str) -> News | None:
        """Give the last answer for a person, if it still holds."""
        news = self._kept.get(who)
        if news is None:
            return None
        age = time.monotonic() - news.at
        unchanged = news.commits == engine().store.commits and age < STALE_S
        return news if unchanged or age < FRESH_S else None

    def forget(self, who: str) -> None:
        """Look again the next time a person asks: they have just changed something themselves."""
        self._kept.pop(who, None)

    def look(self, who: str, actor: Actor) -> News:
        """Work out how a person's inbox looks now."""
        commits = engine().store.commits
        counts = rows.counts(actor)
        first = inbox.page(engine(), actor=actor, sort=Sort.PRIORITY, limit=rows.PAGE).tasks
        unread = notices.unread(engine(), actor=actor)
        seen = [(each.task.key, each.task.state.value, each.task.holder, each.task.due_at) for each in first]
        mark = hashlib.sha256(repr((sorted(counts.items()), unread, seen)).encode()).hexdigest()[:16]
        shown = {view.value: count for view, count in counts.items()}
        shown |= {"inbox": counts[View.TODO], "notices": unread}
        news = News(mark, shown, commits, time.monotonic())
        self._kept[who] = news
        self._kept.move_to_end(who)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return news
