"""``propflow role``: list roles, and make one or say what it permits, without the web."""

from __future__ import annotations

import argparse
import os

from engine.model.values import SYSTEM
from engine.services import roles
from engine.store.roles import Role
from webui import compose, settings
from webui.cli.out import Out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    commands = parser.add_subparsers(required=True, metavar="WHAT")
    define = commands.add_parser("define", help="make a role, or give it other names and exactly these permissions")
    define.add_argument("code", help="short and stable, such as technician; candidate groups name it")
    define.add_argument("--name", required=True, help="as people read it, in Chinese")
    define.add_argument("--name-en", help="in English; the same when left out")
    define.add_argument(
        "--permission",
        action="append",
        default=[],
        metavar="KIND:VERB,...",
        help="such as process_instance:start,cancel; may be repeated",
    )
    define.set_defaults(run=run_define)
    listing = commands.add_parser("list", help="list the roles with what they permit")
    listing.set_defaults(run=run_list)


def run_define(given: argparse.Namespace, out: Out) -> int:
    """Make a role, or change it."""
    with compose.parts(settings.load(os.environ)) as parts:
        made = roles.define(
            parts.engine,
            given.code,
            name_zh=given.name,
            name_en=given.name_en or given.name,
            permissions=given.permission,
            actor=SYSTEM,
        )
    out.result(_document(made), f"{made.code}: {' '.join(_permissions(made))}")
    return 0


def run_list(given: argparse.Namespace, out: Out) -> int:
    """List the roles."""
    with compose.parts(settings.load(os.environ)) as parts:
        found = roles.select(parts.engine)
    for each in found:
        out.say(f"{each.code:24} {each.name_zh} / {each.name_en}: {' '.join(_permissions(each))}")
    out.result({"roles": [_document(each) for each in found]})
    return 0


def _permissions(each: Role) -> list[str]:
    return [f"{kind}:{verb}" for kind, verb in sorted(each.permissions)]


def _document(each: Role) -> dict[str, object]:
    names = {"name_zh": each.name_zh, "name_en": each.name_en}
    return {"code": each.code, **names, "permissions": _permissions(each)}
