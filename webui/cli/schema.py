"""``propflow schema``: print the JSON Schema of a file that people write, for the editor that they write it in."""

from __future__ import annotations

import argparse
import json

from connectors import manifest
from engine import schemas
from webui.cli.out import Out

OF_FOLDERS = ("process", "sla", "scenario")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument(
        "what",
        choices=(*OF_FOLDERS, "manifest"),
        help="process: process.toml, sla: sla.toml, scenario: scenarios/*.yaml, manifest: manifest.toml of a connector",
    )
    parser.set_defaults(run=run)


def run(given: argparse.Namespace, out: Out) -> int:
    """Print the schema."""
    found = schemas.schema(given.what) if given.what in OF_FOLDERS else manifest.schema()
    out.result(found, json.dumps(found, indent=2, ensure_ascii=False))
    return 0
