"""The command line ``propflow``: one module per command, the same manners for all.

Every command has ``--help``, exits with 0 when it did what it was told, with 1 when it could not and with 2 when it was not
understood, and prints one JSON document with ``--json``.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from keyword import iskeyword

from engine.errors import Invalid, PropflowError
from webui.cli.language import speaker
from webui.cli.out import Out

COMMANDS = (
    "serve",
    "worker",
    "deploy",
    "lint",
    "test",
    "decide",
    "schema",
    "connector",
    "import",
    "export",
    "steer",
    "demo",
    "unit",
    "role",
    "user",
    "absence",
    "token",
    "register",
    "room",
    "crew",
    "device",
    "ledger",
    "incident",
    "audit",
    "backup",
    "restore",
    "config",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; give its exit status."""
    parser = build_parser()
    given = parser.parse_args(arguments)
    out = Out(json=given.json, speak=speaker(os.environ))
    try:
        status: int = given.run(given, out)
    except Invalid as error:
        out.problems(error.problems)
        return 1
    except PropflowError as error:
        out.error(error.text)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of a pipe has gone, such as `propflow ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


def build_parser() -> argparse.ArgumentParser:
    """Describe every command."""
    parser = argparse.ArgumentParser(
        prog="propflow", description="Runs the processes of a property-management company."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name in COMMANDS:
        module = import_module(f"webui.cli.{name}_" if iskeyword(name) else f"webui.cli.{name}")
        summary = (module.__doc__ or "").partition("\n")[0].partition(": ")[2]
        command = commands.add_parser(name, help=summary, description=summary)
        module.add_arguments(command)
        for each in _leaves(command):
            each.add_argument("--json", action="store_true", help="print one JSON document")
        command.set_defaults(json=False)
    return parser


def _leaves(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    """Give the parsers that take options: the command itself, or its own commands."""
    for action in parser._actions:  # noqa: SLF001 - argparse has no public way to ask for subparsers
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - as above
            return list(action.choices.values())
    return [parser]
