"""The Celery worker: the same jobs, taken by several processes. A message only says "look"; everything else is in the database.

A broker that loses every message delays and loses nothing: beat's sweep finds what is due. A message that comes twice finds nothing to do.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from celery import Celery
from kombu.exceptions import OperationalError

from connectors.periodic import Lane, lanes
from connectors.registry import Registry
from connectors.work import Gate, perform, take

if TYPE_CHECKING:
    from engine.services.engine import Engine

SWEEP_EVERY = timedelta(seconds=5)
FORGOTTEN_AFTER_S = 60
"""A hint that nobody took by then is worthless: a sweep has looked meanwhile. So hints cannot pile up while workers are away."""

LONGEST_JOB = timedelta(minutes=10)
LOOKERS = 2
"""How many hints a sweep sends, so that more than one process looks."""

log = logging.getLogger(__name__)


def make_app(broker: str, build: Callable[[], tuple[Engine, Registry]]) -> Celery:
    """Make the Celery application.

    Args:
        broker: ``redis://...``, also for Valkey.
        build: makes the engine and the registry; called once in each process, since connections do not survive a fork and each
            process makes keys of its own.
    """
    app = Celery("propflow", broker=broker)
    app.conf.update(
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        worker_prefetch_multiplier=1,
        worker_proc_alive_timeout=60,
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            # above the longest job, else it would be started twice; and restored at once, not after a hundred seconds
            "visibility_timeout": int(LONGEST_JOB.total_seconds()),
            "unacked_restore_interval": 1,
            "unacked_restore_throttle": 1,
            "socket_connect_timeout": 1,
            "socket_timeout": 5,
        },
        beat_schedule={
            "sweep": {
                "task": "propflow.sweep",
                "schedule": SWEEP_EVERY.total_seconds(),
                "options": {"expires": FORGOTTEN_AFTER_S},
            }
        },
    )
    process = _Process(build)

    def sweep() -> None:
        for _ in range(LOOKERS):
            hint(app)
        process.do_chores()
        process.look()

    app.task(process.look, name="propflow.look")
    app.task(sweep, name="propflow.sweep")
    return app


def hint(app: Celery) -> None:
    """Say that there may be work."""
    app.send_task("propflow.look", expires=FORGOTTEN_AFTER_S, ignore_result=True, retry=False)


class Waker:
    """Hints after a commit, as ``Engine.wake``: in a thread, since a broker that is away takes seconds to say so.

    Calls that come while a hint is being sent are one hint more. A broker that does not answer is left alone for a while: the sweep looks
    anyway.
    """

    def __init__(self, app: Celery, *, rest_s: float = 5) -> None:
        self._app = app
        self._rest_s = rest_s
        self._bell = threading.Event()
        self._lock = threading.Lock()
        self._thread: tuple[int, threading.Thread] | None = None

    def __call__(self) -> None:
        """Have a hint sent."""
        self._bell.set()
        with self._lock:
            if self._thread is None or self._thread[0] != os.getpid():  # threads do not survive a fork
                thread = threading.Thread(target=self._send, name="propflow-hints", daemon=True)
                self._thread = (os.getpid(), thread)
                thread.start()

    def _send(self) -> None:
        while True:
            self._bell.wait()
            self._bell.clear()
            try:
                hint(self._app)
            except (OperationalError, OSError) as error:
                log.warning("the broker does not take hints (%s); jobs are found by the sweep", error)
                time.sleep(self._rest_s)


class _Process:
    """What one worker process holds."""

    def __init__(self, build: Callable[[], tuple[Engine, Registry]]) -> None:
        self._build = build
        self._lock = threading.Lock()
        self._held: tuple[int, Engine, Registry, Gate, list[Lane]] | None = None

    def _parts(self) -> tuple[Engine, Registry, Gate, list[Lane]]:
        with self._lock:
            if self._held is None or self._held[0] != os.getpid():  # the first time, or the first time after a fork
                engine, registry = self._build()
                self._held = (os.getpid(), engine, registry, Gate(), lanes(engine, registry))
            return self._held[1:]

    def look(self) -> None:
        """Do what is due until nothing is left."""
        engine, registry, gate, _ = self._parts()
        worker = f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"
        while taken := take(engine, registry, gate, worker=worker):
            for job in taken:
                perform(engine, registry, job, gate)

    def do_chores(self) -> None:
        """Do the chores whose time has come."""
        for lane in self._parts()[3]:
            lane.run_due()
