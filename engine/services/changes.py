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
        offered: dict[int, list[Place]] = {}
        for path in {row.path for row in rows}:  # those of one unit are looked up together
            offered |= offers.places(uow, [row._asdict() for row in rows if row.path == path], path or "")
    return [
        Change(
            (row.key, row.changed_at, row.state, row.holder),
            frozenset([*offered[row.key], *([offers.personal(row.holder)] if row.holder else [])]),
        )
        for row in rows
    ]
