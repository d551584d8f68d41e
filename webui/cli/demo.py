"""``propflow demo``: the demo company, to look around in and to watch a story of."""

from __future__ import annotations

import argparse
import logging
import os
from datetime import datetime

from webui import compose, settings
from webui.cli.out import Out
from webui.cli.serve import serve
from webui.context import Parts
from webui.demo import installation, logins
from webui.demo.company import ZONE, Summary


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    commands = parser.add_subparsers(required=True, metavar="WHAT")
    serving = commands.add_parser("serve", help="make the demo company if it is missing and serve it, jobs and all")
    serving.add_argument("--port", type=int)
    serving.set_defaults(run=run_serve)


def run_serve(given: argparse.Namespace, out: Out) -> int:
    """Make what is missing of the demo, then serve it until a signal asks to stop."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    changes = {"PROPFLOW_PORT": str(given.port)} if given.port else {}
    found = installation.configured(settings.load({**os.environ, **changes}))
    bell = compose.Bell()
    with compose.parts(found, bell=bell) as parts:
        summary = installation.make(parts.engine, datetime.now(ZONE).date(), out.say)
        serve(parts, bell, lambda: greet(parts, summary, out))
    return 0


def greet(parts: Parts, summary: Summary, out: Out) -> None:
    """Say where the demo is and who one may be there."""
    address = parts.settings.address
    out.say()
    out.say(logins.table(parts.engine, summary))
    out.say()
    people = [{"login": one.login, "roles": list(one.roles), "unit": one.unit} for one in summary.logins]
    out.result(
        {"address": address, "logins": people},
        f"propflow 已就绪 is ready: {address}    (报修 report without an account: {address}/report)    Ctrl-C 停止 stops it",
    )
