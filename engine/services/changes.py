"""Whose inboxes changed lately: found once for everybody, so that two hundred open pages need not each look for themselves."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime

from engine.services import offers
from engine.services.engine import Engine
from engine.store import changes
from engine.store.inbox import Place

MOST = 500


@dataclass(frozen=True, slots=True)
class Change:
    """A change that inboxes show.

    Attributes:
        mark: tells it from every other change, also of the same thing.
        places: from where it is seen: who takes tasks from one of them (``offers.of``) has to look again.
    """

    mark: Hashable
    places: frozenset[Place]


def of_tasks(engine: Engine, *, since: datetime) -> list[Change] | None:
    """Give the changes of tasks after an instant; None when they are more than ``MOST``, which concerns everybody."""
    with engine.store.read() as uow:
        rows = changes.tasks(uow, since=since, limit=MOST + 1)
        if len(rows) > MOST:
            return None
        found = []
        for row in rows:
            offered = offers.places(uow, [row._asdict()], row.path or "")[row.key]
            own = [offers.personal(row.holder)] if row.holder else []
            found.append(Change((row.key, row.changed_at, row.state, row.holder), frozenset([*offered, *own])))
        return found
