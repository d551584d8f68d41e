"""``propflow restore``: put a backup into an empty database and data folder, once every byte of it has been compared."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from engine.errors import Text
from engine.store import backup
from webui import settings
from webui.cli.backup import told
from webui.cli.out import Out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="what propflow backup made")
    parser.add_argument("--check", action="store_true", help="only compare the backup with its list; change nothing")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace, out: Out) -> int:
    """Put a backup back, or say whether it is whole."""
    if given.check:
        made = backup.read(given.folder)
        sentence = Text("the backup of {moment} is whole", moment=f"{made.made_at:%Y-%m-%d %H:%M}Z")
    else:
        found = settings.load(os.environ)
        made = backup.put_back(given.folder, found.database_url, found.data_dir / "files", tell=told(out))
        sentence = Text(
            "the backup of {moment} is back; put its settings and keys in place, then run: propflow audit verify",
            moment=f"{made.made_at:%Y-%m-%d %H:%M}Z",
        )
    document = {"made_at": made.made_at.isoformat(), "database": made.dialect, "files": len(made.digests) - 1}
    out.result({**document, "restored": not given.check}, sentence)
    return 0
