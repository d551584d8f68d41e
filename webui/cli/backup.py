"""``propflow backup``: copy the database and the files into a folder, while everything runs."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from engine.errors import Text
from engine.model.ports import SystemClock
from engine.store import backup
from webui import settings
from webui.cli.out import Out

SAY_EVERY = 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a new folder for the copy")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace, out: Out) -> int:
    """Make a backup."""
    found = settings.load(os.environ)
    made = backup.make(
        found.database_url, found.data_dir / "files", given.folder, now=SystemClock().now(), tell=told(out)
    )
    counts = {"folder": str(given.folder), "files": len(made.digests) - 1}
    out.result(
        {**counts, "database": made.dialect, "made_at": made.made_at.isoformat()},
        Text(
            "{folder}: the database and {files} file(s); keep settings and keys beside it, the seal key apart", **counts
        ),
    )
    return 0


def told(out: Out) -> backup.Tell:
    """Say now and then how far the work is."""

    def tell(done: int, of: int) -> None:
        if done % SAY_EVERY == 0:
            out.say(f"... {done}/{of}")

    return tell
