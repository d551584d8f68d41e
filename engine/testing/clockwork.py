"""An engine on a database in memory, and the clock that drives it."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from engine.bpmn.progress import Limits
from engine.model.ports import FakeClock
from engine.model.values import SYSTEM
from engine.services import jobs
from engine.services.engine import Engine
from engine.store import memory
from engine.store.database import Store

WORKER = "harness"
SEAL_KEY = b"of every harness"
ENDLESS = 100_000  # jobs in one call: more of them is a process that never comes to rest


class Clockwork:
    """A fresh engine in which nothing moves but by the clock. Also a context manager, which gives its database back.

    Args:
        store: an empty database that reads ``clock``, in place of one in memory: to see the same on a real server.
    """

    def __init__(
        self,
        *,
        limits: Limits = Limits(),  # noqa: B008 - an immutable constant
        store: Store | None = None,
        clock: FakeClock | None = None,
    ) -> None:
        self.clock = clock or FakeClock()
        self._own = store is None
        self.store = store or memory.lend(self.clock)
        self.engine = Engine(store=self.store, clock=self.clock, limits=limits, seal_key=SEAL_KEY)
        self.actor = SYSTEM

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the database back; nothing in it is kept."""
        if self._own:
            memory.give_back(self.store)

    @property
    def now(self) -> datetime:
        """The instant at which the clock stands."""
        return self.clock.now()

    def run(self) -> None:
        """Do all work of the engine that is due now, in due order, until nothing is left."""
        for _ in range(ENDLESS):
            due = jobs.claim_due(self.engine, worker=WORKER, limit=1)
            if not due:
                if (at := jobs.next_due(self.engine)) is None or at > self.now:
                    return
                continue
            jobs.run(self.engine, due[0])
        raise RuntimeError(f"{ENDLESS} jobs did not bring the processes to rest")

    def advance(self, **by: float) -> None:
        """Move the clock forward, as ``timedelta(**by)``; it stands at each due time while that fires."""
        target = self.now + timedelta(**by)
        self.run()
        while (at := jobs.next_due(self.engine)) is not None and at <= target:
            self.clock.move_to(at)
            self.run()
        self.clock.move_to(target)
        self.run()
