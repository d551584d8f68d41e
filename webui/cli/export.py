"""``propflow export``: give a diagram as it was deployed, or a draft, byte for byte."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from engine.model.values import SYSTEM
from engine.services import diagrams
from webui import compose, settings
from webui.cli.out import Out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument(
        "what",
        metavar="KEY|PROCESS[:VERSION]",
        help="the key of a version or of a draft, or the id of a process, with the number of its version (default: the newest)",
    )
    parser.add_argument(
        "-o", "--out", type=Path, metavar="FILE", help="where to write; without it to the standard output"
    )
    parser.set_defaults(run=run)


def run(given: argparse.Namespace, out: Out) -> int:
    """Write the bytes."""
    with compose.parts(settings.load(os.environ)) as parts:
        found = diagrams.export(parts.engine, given.what, actor=SYSTEM)
    if given.out:
        given.out.write_bytes(found.content)
    elif not given.json:
        sys.stdout.buffer.write(found.content)
        sys.stdout.buffer.flush()
        return 0
    document = {"name": found.name, "bytes": len(found.content), "out": str(given.out or "")}
    out.result(document, f"{found.name}: {len(found.content)} bytes")
    return 0
