"""``propflow deploy``: check process folders and make them the newest versions."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from engine.model.values import SYSTEM
from engine.services import repository
from webui import compose, settings
from webui.cli import folder
from webui.cli.out import Out, as_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a process folder, or a file of one")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace, out: Out) -> int:
    """Deploy each folder as one deployment, all or nothing; single files go together."""
    done = []
    with compose.parts(settings.load(os.environ)) as parts:
        for paths in folder.deployments(given.paths):
            made = repository.deploy(parts.engine, folder.read(paths), actor=SYSTEM)
            for problem in made.warnings:
                out.say(f"warning: {problem}")
            for process in made.processes:
                word = "deployed" if made.is_new else "unchanged"
                out.say(f"{process.process_id} version {process.version}: {word}")
            done.append(
                {
                    "deployment": str(made.key),
                    "new": made.is_new,
                    "processes": {process.process_id: process.version for process in made.processes},
                    "warnings": [as_json(problem) for problem in made.warnings],
                }
            )
    out.result({"deployments": done})
    return 0
