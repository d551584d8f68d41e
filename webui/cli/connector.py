"""``propflow connector``: list the connectors with their job types, and write what a diagram editor offers for each of them."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from connectors.element_templates import element_templates
from connectors.registry import Registry
from webui import settings
from webui.cli.out import Out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    commands = parser.add_subparsers(required=True, metavar="WHAT")
    listing = commands.add_parser(
        "list", help="list the connectors of this installation and the job types that they serve"
    )
    listing.set_defaults(run=run_list)
    templates = commands.add_parser(
        "templates",
        help="write element templates: what a BPMN editor offers for each job type, such as Camunda Modeler",
    )
    templates.add_argument("--language", choices=("en", "zh"), default="zh", help="of the names (default: zh)")
    templates.add_argument(
        "-o", "--out", type=Path, metavar="FILE", help="where to write; without it to the standard output"
    )
    templates.set_defaults(run=run_templates)


def _registry() -> Registry:
    found = settings.load(os.environ)
    return Registry(configured=found.connectors, environ=os.environ, directory=found.connectors_dir)


def run_list(given: argparse.Namespace, out: Out) -> int:
    """List connectors."""
    listed = []
    for each in _registry().connectors:
        read = each.manifest
        types = [f"{read.name}:{operation.name}" for operation in read.operations]
        out.say(f"{read.name:12} {read.title['zh']} / {read.title['en']}: {' '.join(types)}".rstrip(": "))
        listed.append({"name": read.name, "title": read.title, "job_types": types})
    out.result({"connectors": listed})
    return 0


def run_templates(given: argparse.Namespace, out: Out) -> int:
    """Write element templates."""
    found = element_templates(_registry(), given.language)
    written = json.dumps(found, indent=2, ensure_ascii=False) + "\n"
    if given.out:
        given.out.write_text(written, encoding="utf-8")
    elif not given.json:
        sys.stdout.write(written)
        return 0
    out.result({"templates": len(found), "out": str(given.out or "")}, f"{len(found)} templates")
    return 0
