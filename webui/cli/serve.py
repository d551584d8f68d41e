"""``propflow serve``: web server, jobs and timers in one process."""

from __future__ import annotations

import argparse
import logging
import os
import signal
from collections.abc import Callable

from waitress.server import create_server

from connectors.calls import Running
from connectors.executor import Executor, start_daemons
from connectors.worker import Waker
from engine.errors import PropflowError, Text
from webui import compose, settings
from webui.app import create_app
from webui.cli.out import Out
from webui.cli.worker import application
from webui.context import Parts

CONNECTIONS = {"connection_limit": 800, "asyncore_use_poll": True, "channel_timeout": 30, "cleanup_interval": 5}
"""A browser keeps up to six connections open: a few hundred people must get in, below the 1,024 files that a process may open. What is
idle is closed soon, since every open connection costs each request a little."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument("--host", help="where to listen; the settings say so otherwise")
    parser.add_argument("--port", type=int)
    parser.set_defaults(run=run)


def run(given: argparse.Namespace, out: Out) -> int:
    """Serve until a signal asks to stop; requests and jobs that have begun are finished."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    changes = {f"PROPFLOW_{name.upper()}": str(value) for name in ("host", "port") if (value := getattr(given, name))}
    found = settings.load({**os.environ, **changes})
    bell = compose.Bell()
    with compose.parts(found, bell=bell) as parts:
        address = {"address": found.address}
        serve(parts, bell, lambda: out.result(address, Text("propflow listens on {address}", **address)))
    return 0


def serve(parts: Parts, bell: compose.Bell, ready: Callable[[], object]) -> None:
    """Serve an installation that is open until a signal asks to stop; ``ready`` is called once it listens.

    Raises:
        PropflowError: the address is taken, or not this machine's.
    """
    found = parts.settings
    app = create_app(parts.engine, parts.registry, found)
    try:
        server = create_server(
            app, host=found.host, port=found.port, threads=found.threads, ident=None, backlog=1024, **CONNECTIONS
        )
    except OSError as error:
        raise PropflowError(
            "cannot listen on {host}:{port}: {reason}; choose another with --host and --port",
            host=found.host,
            port=found.port,
            reason=error.strerror or str(error),
        ) from error
    executor = None
    daemons: list[Running] = []
    if found.executor == "celery":
        bell.listener = Waker(application(found))
        daemons = start_daemons(parts.engine, parts.registry)
    if found.executor == "in-process":
        executor = Executor(parts.engine, parts.registry, threads=found.executor_threads)
        bell.listener = executor.wake
        executor.start()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        ready()
        server.run()  # ends by SystemExit, which it takes as the word to finish the requests at hand
    finally:
        for running in daemons:
            running.stop()
        if executor:
            executor.stop()


def _stop(_number: int, _frame: object) -> None:
    """End the server's loop. To close its socket here would be too early: the loop still waits on it."""
    raise SystemExit(0)
