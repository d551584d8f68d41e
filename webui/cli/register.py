"""``propflow register``: fill the register of rooms, people, devices and vendors from CSV files, and say how projects are run."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from connectors.register import devices, imports, places, sheet
from connectors.register.columns import COLUMNS
from connectors.register.store.places import DispatchMode
from engine.errors import NotFound, Text
from engine.model.values import SYSTEM
from engine.services import units
from webui import compose, settings
from webui.cli import language
from webui.cli.out import Out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    commands = parser.add_subparsers(required=True, metavar="WHAT")
    importing = commands.add_parser("import", help="import a file: all of its rows, or none when one is wrong")
    importing.add_argument("what", choices=tuple(COLUMNS))
    importing.add_argument(
        "file", type=Path, metavar="FILE.csv", help="as a spreadsheet writes it: UTF-8 or GB 18030, column names first"
    )
    importing.add_argument(
        "--unit", required=True, metavar="CODE", help="of the project; for vendors, of any unit they work for"
    )
    importing.add_argument("--check", action="store_true", help="store nothing; say what is wrong or would change")
    importing.set_defaults(run=run_import)
    columns = commands.add_parser("columns", help="print the first line of a file to fill in")
    columns.add_argument("what", choices=tuple(COLUMNS))
    columns.set_defaults(run=run_columns)
    project = commands.add_parser("project", help="change how a project is run")
    project.add_argument("code")
    project.add_argument(
        "--dispatch", type=DispatchMode, choices=tuple(DispatchMode), help="how tickets find a technician"
    )
    project.add_argument("--open-limit", type=int, metavar="N", help="open tickets of a technician at a time")
    project.add_argument("--unpaid-limit", type=int, metavar="N", help="unpaid bills that stop paid work; 0: none do")
    project.add_argument("--address")
    project.add_argument("--phone")
    project.set_defaults(run=run_project)
    vendors = commands.add_parser("vendors", help="list the vendors")
    vendors.set_defaults(run=run_vendors)


def run_import(given: argparse.Namespace, out: Out) -> int:
    """Import a file, or say every line that is wrong."""
    if not given.file.is_file():
        raise NotFound("there is no file {path}", path=str(given.file))
    content = given.file.read_bytes()
    with compose.parts(settings.load(os.environ)) as parts:
        unit = units.by_code(parts.engine, given.unit).key
        done = imports.run(parts.engine, given.what, content, unit=unit, dry_run=given.check, actor=SYSTEM)
    counts = {"what": given.what, "new": done.new, "changed": done.changed}
    if given.check:
        told = Text("{what}: {new} would be new, {changed} changed; nothing is stored yet", **counts)
    else:
        told = Text("{what}: {new} new, {changed} changed", **counts)
    out.result({**counts, "stored": not given.check}, told)
    return 0


def run_columns(given: argparse.Namespace, out: Out) -> int:
    """Print the names of the columns in the language of the terminal."""
    columns = COLUMNS[given.what]
    named = [{"zh": each.zh, "en": each.en, "required": each.required} for each in columns]
    out.result({"columns": named}, sheet.header(columns, language.asked(os.environ)).rstrip())
    return 0


def run_project(given: argparse.Namespace, out: Out) -> int:
    """Change how a project is run; what is not given stays."""
    with compose.parts(settings.load(os.environ)) as parts:
        row = places.set_project(
            parts.engine,
            units.by_code(parts.engine, given.code).key,
            dispatch_mode=given.dispatch,
            open_limit=given.open_limit,
            unpaid_limit=given.unpaid_limit,
            address=given.address,
            phone=given.phone,
            actor=SYSTEM,
        )
    limits = {"open_limit": row.open_limit, "unpaid_limit": row.unpaid_limit}
    told = Text(
        "{code}: {dispatch}, at most {limit} open tickets each",
        code=given.code,
        dispatch=row.dispatch_mode.value,
        limit=row.open_limit,
    )
    out.result(
        {"code": given.code, "dispatch": row.dispatch_mode.value, **limits, "address": row.address, "phone": row.phone},
        told,
    )
    return 0


def run_vendors(given: argparse.Namespace, out: Out) -> int:
    """List the vendors."""
    with compose.parts(settings.load(os.environ)) as parts:
        found = devices.select_vendors(parts.engine, actor=SYSTEM)
    for each in found:
        out.say(f"{each.code:16} {each.phone:14} {each.name_zh}: {' '.join(each.services)}")
    listed = [
        {
            "code": each.code,
            "name": each.name_zh,
            "services": each.services,
            "contract_to": each.contract_to.isoformat() if each.contract_to else None,
        }
        for each in found
    ]
    out.result({"vendors": listed}, Text("{count} vendor(s)", count=len(found)))
    return 0
