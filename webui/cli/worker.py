"""``propflow worker``: jobs and timers in processes of their own, by Celery."""

from __future__ import annotations

import argparse
import logging
import os
from contextlib import ExitStack

from celery import Celery

from connectors import worker
from connectors.registry import Registry
from engine.errors import Text
from engine.services.engine import Engine
from webui import compose, settings
from webui.cli.out import Out
from webui.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument("--processes", type=int, default=2, help="how many processes do jobs")
    parser.add_argument(
        "--beat", action="store_true", help="also sweep for due work every few seconds; one worker has to"
    )
    parser.set_defaults(run=run)


def run(given: argparse.Namespace, out: Out) -> int:
    """Work until a signal asks to stop; jobs that have begun are finished."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    app = application(settings.load(os.environ))
    out.result({"processes": given.processes}, Text("{count} processes look for work", count=given.processes))
    arguments = [
        "worker",
        "--loglevel=WARNING",
        f"--concurrency={given.processes}",
        "--without-gossip",
        "--without-mingle",
    ]
    app.worker_main([*arguments, *(["--beat", f"--schedule={_schedule()}"] if given.beat else [])])
    return 0


def application(found: Settings) -> Celery:
    """Give the Celery application of an installation. Each process opens the database for itself."""

    def build() -> tuple[Engine, Registry]:
        opened = ExitStack()  # for as long as the process lives
        parts = opened.enter_context(compose.parts(found))
        return parts.engine, parts.registry

    return worker.make_app(found.broker_url, build)


def _schedule() -> str:
    return str(settings.load(os.environ).data_dir / "beat")
