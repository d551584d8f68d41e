"""``propflow worker``: jobs and timers in a process of their own, told of work by a broker; start as many as are needed."""

from __future__ import annotations

import argparse
import os
from contextlib import ExitStack
from typing import Any

from celery import Celery, signals
from celery.beat import EmbeddedService

from connectors.registry import Registry
from connectors.worker import Waker, make_app
from engine.services.engine import Engine
from webui import compose, settings
from webui.cli.out import Out
from webui.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument(
        "--concurrency", type=int, default=1, help="how many jobs at a time; above 1 each has a process"
    )
    parser.set_defaults(run=run)


def run(given: argparse.Namespace, out: Out) -> int:
    """Do jobs until a signal asks to stop; the job at hand is finished first."""
    found = settings.load(os.environ)
    with ExitStack() as open_here:
        app = celery_app(found, open_here)
        beat = Beat(app)
        signals.worker_ready.connect(beat.start)
        signals.worker_shutting_down.connect(beat.stop)
        out.result({"broker": found.broker_url}, f"propflow worker listens to {found.broker_url}")
        pool = "solo" if given.concurrency == 1 else "prefork"
        # without mingling and gossip workers need not know of one another: all they share is the database
        quiet = (
            "--without-gossip",
            "--without-mingle",
            "--loglevel",
            "INFO",
            "--hostname",
            f"propflow-{os.getpid()}@%h",
        )
        app.worker_main(["worker", "--pool", pool, "--concurrency", str(given.concurrency), *quiet])
    return 0


def celery_app(found: Settings, open_here: ExitStack) -> Celery:
    """Make the Celery application; each of its processes opens the installation for itself, until ``open_here`` closes."""

    def build() -> tuple[Engine, Registry]:
        bell = compose.Bell()
        bell.listener = Waker(app)
        parts = open_here.enter_context(compose.parts(found, bell=bell))
        return parts.engine, parts.registry

    app = make_app(found.broker_url, build)
    return app


class Beat:
    """Sweeps from inside the worker, in a thread that dies with it. Every worker has one: two sweeps find no more than one does."""

    def __init__(self, app: Celery) -> None:
        self._service = EmbeddedService(app, thread=True, scheduler_cls="celery.beat:Scheduler")

    def start(self, **_signal: Any) -> None:
        """Begin."""
        self._service.start()

    def stop(self, **_signal: Any) -> None:
        """End."""
        self._service.stop()
