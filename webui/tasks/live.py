"""News of the inbox for pages that are open: asked for every few seconds, answered 204 when there are none, held by no thread.

What changed is found once for everybody, by a short look at the latest tasks and notices; only those whom a change concerns look at
their inbox again. So two hundred browsers cost next to nothing, also while work goes on, and also while other processes do it.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from connectors.notify import inbox as notices
from engine.model.values import Actor
from engine.services import changes, inbox, offers
from engine.services.changes import Change
from engine.services.inbox import Sort, View
from engine.store.inbox import Place
from webui.context import engine
from webui.tasks import rows

NOTICE_S = 1.0
"""How often changes are looked for, whoever asks how often."""

STALE_S = 60.0
"""After so long one looks in any case: what nobody was told of may have changed, such as the roles that one holds."""

OVERLAP = timedelta(seconds=10)
"""How far back each look goes: a change bears the time at which its command began, and is seen when it was committed."""

KEPT = 5000


@dataclass(frozen=True, slots=True)
class News:
    """What a person's inbox looked like at a moment: a mark that changes with it, its counts, and the places that it shows."""

    cursor: str
    counts: Mapping[str, int]
    places: frozenset[Place]
    at: float


class Live:
    """The last answer for each person, and where something changed since."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, News] = OrderedDict()
        self._changed: dict[Place, float] = {}
        self._all_changed = self._noticed = float("-inf")
        self._marks: dict[Hashable, float] = {}
        self._lock = threading.Lock()

    def known(self, who: str) -> News | None:
        """Give the last answer for a person, if it still holds."""
        news = self._kept.get(who)
        if news is None:
            return None
        self._notice()
        changed = max([self._all_changed, *(self._changed.get(place, news.at) for place in news.places)])
        return news if changed <= news.at and time.monotonic() - news.at < STALE_S else None

    def forget(self, who: str) -> None:
        """Look again the next time a person asks: they have just changed something themselves."""
        self._kept.pop(who, None)

    def look(self, who: str, actor: Actor) -> News:
        """Work out how a person's inbox looks now."""
        at = time.monotonic()  # before reading: what is noticed meanwhile came perhaps too late to be read
        counts = rows.counts(actor)
        first = inbox.page(engine(), actor=actor, sort=Sort.PRIORITY, limit=rows.PAGE).tasks
        unread = notices.unread(engine(), actor=actor)
        seen = [(each.task.key, each.task.state.value, each.task.holder, each.task.due_at) for each in first]
        mark = hashlib.sha256(repr((sorted(counts.items()), unread, seen)).encode()).hexdigest()[:16]
        shown = {view.value: count for view, count in counts.items()}
        shown |= {"inbox": counts[View.TODO], "notices": unread}
        news = News(mark, shown, offers.of(actor), at)
        self._kept[who] = news
        self._kept.move_to_end(who)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return news

    def _notice(self) -> None:
        """Find what changed, unless somebody did a moment ago, or does right now."""
        if time.monotonic() - self._noticed < NOTICE_S or not self._lock.acquire(blocking=False):
            return
        try:
            since = engine().clock.now() - OVERLAP
            found = changes.of_tasks(engine(), since=since)
            told = notices.told(engine(), since=since)
            self._take(found, told, time.monotonic())
        finally:
            self._lock.release()

    def _take(self, found: list[Change] | None, told: list[Change], now: float) -> None:
        if found is None:
            self._all_changed = now
        for change in [*(found or []), *told]:
            if change.mark not in self._marks:
                self._changed |= dict.fromkeys(change.places, now)
            self._marks[change.mark] = now
        # what was not seen again this time lies too far back to come again; what was noticed before STALE_S, nobody asks for
        self._marks = {mark: at for mark, at in self._marks.items() if at == now}
        self._changed = {place: at for place, at in self._changed.items() if now - at < STALE_S}
        self._noticed = now
