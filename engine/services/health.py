"""How the engine is: what waits to be done and for how long, what is stuck, what has stopped. For health pages and metrics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.model.keys import InstanceKey
from engine.services.engine import Engine
from engine.store import counters, incidents, jobs, liveness


@dataclass(frozen=True, slots=True)
class Backlog:
    """Jobs of one type that are due: how many, and since when the oldest. ``type`` is empty for the engine's own."""

    type: str
    n: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Health:
    """How the engine is.

    Attributes:
        incidents: how many are open.
        stuck: live instances that nothing will ever move; there should be none.
        unfolded: changes of counters that are still to be folded.
        lateness: how late the oldest of the engine's own jobs is.
    """

    at: datetime
    backlog: tuple[Backlog, ...]
    incidents: int
    stuck: tuple[InstanceKey, ...]
    unfolded: int

    @property
    def lateness(self) -> timedelta:
        """How late the oldest of the engine's own jobs is."""
        return max((self.at - each.since for each in self.backlog if not each.type), default=timedelta())


def look(engine: Engine) -> Health:
    """Look at the queue, the incidents and the instances."""
    with engine.store.read() as uow:
        backlog = [Backlog(type_, n, since) for type_, n, since in jobs.backlog(uow, uow.now) if since is not None]
        return Health(
            at=uow.now,
            backlog=tuple(backlog),
            incidents=incidents.count_open(uow),
            stuck=tuple(liveness.stuck(uow, limit=100)),
            unfolded=counters.unfolded(uow),
        )
