"""``propflow config``: say whether the settings are right, and what they are."""

from __future__ import annotations

import argparse
import os
from dataclasses import fields

from webui import settings
from webui.cli.out import Out

HIDDEN = ("secret_key", "seal_key", "connectors")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    commands = parser.add_subparsers(required=True, metavar="WHAT")
    check = commands.add_parser("check", help="read the settings and report every problem")
    check.set_defaults(run=run)


def run(given: argparse.Namespace, out: Out) -> int:
    """Read the settings and print them; secrets stay hidden."""
    found = settings.load(os.environ)
    shown = {each.name: str(getattr(found, each.name)) for each in fields(found) if each.name not in HIDDEN}
    for name, value in shown.items():
        out.say(f"{name:18} {value}")
    out.result({"settings": shown})
    return 0
