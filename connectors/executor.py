"""The in-process executor: threads that take due jobs out of the database. Needs no broker; it is what an installation starts with."""

from __future__ import annotations

import logging
import os
import socket
import threading
from typing import TYPE_CHECKING

from connectors.calls import Context, Daemon, Running
from connectors.periodic import Lane, lanes
from connectors.registry import Registry
from connectors.work import Gate, perform, take
from engine.errors import ConcurrentUpdate

if TYPE_CHECKING:
    from engine.services.engine import Engine

POLL_S = 0.5
"""How late a job is found when nobody has waked the executor."""

CHORES_EVERY_S = 1.0

log = logging.getLogger(__name__)


class Executor:
    """Runs jobs until it is stopped. ``wake`` belongs into ``Engine.wake``.

    Args:
        threads: how many; the first does the engine's own jobs only, so that no connector can hold up a timer. It and the second look
            for jobs by themselves, the others when they are waked: an idle database is asked as little as may be.
    """

    def __init__(self, engine: Engine, registry: Registry, *, threads: int = 4) -> None:
        self._engine = engine
        self._registry = registry
        self._gate = Gate(at_once=max(1, (threads - 1) // 2))
        self._lanes = lanes(engine, registry)
        self._bells = [threading.Event() for _ in range(max(2, threads))]
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._daemons: list[Running] = []

    def wake(self) -> None:
        """Say that there may be work. Costs nothing and never fails: it is called after commits."""
        for bell in self._bells:
            bell.set()

    def start(self, *, daemons: bool = True) -> None:
        """Start the threads, and what connectors run beside everything else unless another process does that."""
        name = f"{socket.gethostname()}:{os.getpid()}"
        self._threads = [
            threading.Thread(
                target=self._work,
                args=(f"{name}:{number}", bell, number > 0, number < 2),
                name=f"propflow-jobs-{number}",
                daemon=True,
            )
            for number, bell in enumerate(self._bells)
        ]
        self._threads += [
            threading.Thread(target=self._do_chores, args=(lane,), name=f"propflow-chores-{lane.name}", daemon=True)
            for lane in self._lanes
        ]
        for thread in self._threads:
            thread.start()
        if daemons:
            self._daemons = start_daemons(self._engine, self._registry)

    def stop(self, timeout_s: float = 30) -> None:
        """Stop: no job is taken any more, those at work are finished. What is left when the time is up is taken over by its lease."""
        for running in self._daemons:
            running.stop()
        self._stopping.set()
        self.wake()
        for thread in self._threads:
            thread.join(timeout_s)

    def drain(self) -> None:
        """Do everything that is due now, in the caller's thread: for tests and tools."""
        while self._step("drain", serves=True):
            pass

    # ---- the threads ------------------------------------------------------------------------------------------------

    def _work(self, worker: str, bell: threading.Event, serves: bool, lookout: bool) -> None:
        while not self._stopping.is_set():
            bell.clear()  # before looking: a call that comes while we look is not lost
            try:
                busy = self._step(worker, serves=serves)
            except ConcurrentUpdate:
                busy = True
            except Exception:
                log.exception("taking jobs failed; trying again in a moment")
                busy = False
            if not busy:
                bell.wait(POLL_S if lookout else None)
            elif lookout:
                self.wake()

    def _step(self, worker: str, *, serves: bool) -> bool:
        """Take some jobs and do them; False when there was nothing."""
        taken = take(self._engine, self._registry, self._gate, worker=worker, serves=serves)
        for job in taken:
            perform(self._engine, self._registry, job, self._gate)
        return bool(taken)

    def _do_chores(self, lane: Lane) -> None:
        while not self._stopping.wait(CHORES_EVERY_S):
            lane.run_due()


def start_daemons(engine: Engine, registry: Registry) -> list[Running]:
    """Start what connectors run beside everything else, as far as their settings ask for it."""
    started = []
    for connector in registry.connectors:
        context = Context(engine, connector.settings, registry.ports)
        for call in connector.manifest.daemons:
            daemon: Daemon = connector.function(call)
            running = daemon(context)
            if running is not None:
                log.info("%s runs %s", connector.manifest.name, call)
                started.append(running)
    return started
