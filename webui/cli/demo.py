"""``propflow demo``: the demo company, to look around in and to watch a story of."""

from __future__ import annotations

import argparse
import logging
import os
from contextlib import ExitStack
from datetime import datetime

from webui import compose, settings
from webui.cli.out import Out
from webui.cli.serve import serve
from webui.context import Parts
from webui.demo import installation, logins, telling
from webui.demo.company import ZONE, Summary
from webui.demo.lift import Lift
from webui.demo.server import SECRET, Server, temporary
from webui.demo.visitor import Refused


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    commands = parser.add_subparsers(required=True, metavar="WHAT")
    serving = commands.add_parser("serve", help="make the demo company if it is missing and serve it, jobs and all")
    serving.add_argument("--port", type=int)
    serving.add_argument("--no-devices", action="store_true", help="let no device speak by itself")
    serving.set_defaults(run=run_serve)
    playing = commands.add_parser("story", help="play a story through the product's own doors; 0 when it ended as told")
    playing.add_argument("name", choices=["lift"], help="lift: people are trapped in lift 3")
    playing.add_argument("--url", help="of a demo server that runs; without it one is started, and stopped at the end")
    playing.add_argument(
        "--mqtt", metavar="URL", help="broker for the devices' readings, such as mqtt://127.0.0.1:1883"
    )
    playing.set_defaults(run=run_story)


def run_serve(given: argparse.Namespace, out: Out) -> int:
    """Make what is missing of the demo, then serve it until a signal asks to stop."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    changes = {"PROPFLOW_PORT": str(given.port)} if given.port else {}
    found = installation.configured(settings.load({**os.environ, **changes}))
    bell = compose.Bell()
    with compose.parts(found, bell=bell) as parts:
        summary = installation.make(parts.engine, datetime.now(ZONE).date(), out.say)
        with ExitStack() as open_here:

            def ready() -> None:
                greet(parts, summary, out)
                if not given.no_devices:
                    open_here.enter_context(telling.devices(parts))

            serve(parts, bell, ready)
    return 0


def run_story(given: argparse.Namespace, out: Out) -> int:
    """Play a story and say each step as it happens."""
    told: list[dict[str, object]] = []

    def say(step: str, after_s: float) -> None:
        told.append({"step": step, "after_ms": round(after_s * 1000)})
        out.say(f"{after_s:6.1f} s  {step}")

    with ExitStack() as open_here:
        if given.mqtt:
            os.environ["PROPFLOW_TELEMETRY_MQTT_URL"] = given.mqtt
        if given.url:
            found = installation.configured(settings.load(os.environ))
            secret = os.environ.get(SECRET, found.connectors["telemetry"]["ingest_secret"])
            server = Server(given.url, secret)
        else:
            out.say("启动临时服务 Starting a server of its own ...")
            server = open_here.enter_context(temporary())
        channel = telling.by_mqtt(given.mqtt) if given.mqtt else telling.by_http(server.address, server.device_secret)
        open_here.callback(channel.close)
        try:
            Lift(server.address, channel, say).play()
        except Refused as error:
            out.error(str(error))
            return 1
    out.result({"story": given.name, "steps": told}, "故事圆满结束 The story ended as told.")
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
