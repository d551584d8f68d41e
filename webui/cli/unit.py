"""``propflow unit``: make and change the units of the organisation, the top one with the roles of the product, without the web."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from connectors.register import roles
from engine.errors import Text
from engine.model.values import SYSTEM
from engine.services import units
from engine.store.units import KINDS, Unit
from webui import compose, settings
from webui.cli.out import Out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    commands = parser.add_subparsers(required=True, metavar="WHAT")
    add = commands.add_parser("add", help="make a unit; the first one is the top, and brings the roles")
    add.add_argument("code", help="short and stable, such as jinhe")
    add.add_argument("--name", required=True, help="as people read it, in Chinese")
    add.add_argument("--name-en", help="in English; the same when left out")
    add.add_argument("--kind", required=True, choices=KINDS)
    add.add_argument("--under", metavar="CODE", help="code of the unit above; only the top has none")
    add.set_defaults(run=run_add)
    change = commands.add_parser("change", help="rename a unit, close or reopen it, or set its time zone")
    change.add_argument("code")
    change.add_argument("--name", help="as people read it, in Chinese")
    change.add_argument("--name-en", help="in English")
    change.add_argument("--zone", help="of it and all beneath, such as Asia/Shanghai")
    open_ = change.add_mutually_exclusive_group()
    open_.add_argument("--close", dest="valid", action="store_false", default=None, help="nothing new may belong to it")
    open_.add_argument("--reopen", dest="valid", action="store_true", default=None)
    change.set_defaults(run=run_change)
    listing = commands.add_parser("list", help="list the units, from the top down")
    listing.set_defaults(run=run_list)


def run_add(given: argparse.Namespace, out: Out) -> int:
    """Make a unit."""
    with compose.parts(settings.load(os.environ)) as parts:
        above = units.by_code(parts.engine, given.under).key if given.under else None
        made = units.create(
            parts.engine,
            kind=given.kind,
            code=given.code,
            name_zh=given.name,
            name_en=given.name_en or given.name,
            parent=above,
            zone=str(parts.settings.timezone) if above is None else "",
            actor=SYSTEM,
        )
        added = roles.install(parts.engine, actor=SYSTEM) if above is None else []
    if added:
        out.say(Text("{count} roles were added", count=len(added)))
    out.result({"code": made.code, "kind": made.kind, "roles": added}, f"{made.code}: {made.kind} {made.name_zh}")
    return 0


def run_change(given: argparse.Namespace, out: Out) -> int:
    """Change a unit; what is not given stays."""
    with compose.parts(settings.load(os.environ)) as parts:
        unit = units.by_code(parts.engine, given.code)
        made = units.update(
            parts.engine,
            unit.key,
            name_zh=given.name,
            name_en=given.name_en,
            zone=given.zone,
            valid=given.valid,
            actor=SYSTEM,
        )
    known = {"code": made.code, "name": made.name_zh, "zone": made.zone, "open": made.valid}
    out.result(known, f"{made.code}: {made.kind} {made.name_zh}")
    return 0


def run_list(given: argparse.Namespace, out: Out) -> int:
    """List the units."""
    with compose.parts(settings.load(os.environ)) as parts:
        found = units.select(parts.engine, actor=SYSTEM)
    for unit in _as_tree(found):
        out.say(f"{'  ' * (len(unit.lineage) - 1)}{unit.code} {unit.name_zh} ({unit.kind})")
    out.result({"units": [{"code": unit.code, "name": unit.name_zh, "kind": unit.kind} for unit in found]})
    return 0


def _as_tree(found: Sequence[Unit]) -> list[Unit]:
    """Give units in the order of a tree: each below its own parent, those of one parent by their codes."""
    codes = {unit.key: unit.code for unit in found}
    return sorted(found, key=lambda unit: [codes.get(key, "") for key in reversed(unit.lineage)])
