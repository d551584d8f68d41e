"""``propflow lint``: say everything that is wrong with process folders; store nothing."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from engine.services import repository
from webui import compose, settings
from webui.cli import folder
from webui.cli.out import Out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a process folder, or a file of one")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace, out: Out) -> int:
    """Judge the files as a deployment would: each folder by itself, single files together, in the light of all and of what is deployed."""
    groups = [folder.read(paths) for paths in folder.deployments(given.paths)]
    with compose.parts(settings.load(os.environ)) as parts:
        found = [
            problem
            for group in groups
            for problem in repository.check(
                parts.engine, group, beside=[other for other in groups if other is not group]
            ).problems
        ]
    if found:
        out.problems(found)
    else:
        out.result({"problems": []}, "no problems")
    return 1 if any(problem.severity == "error" for problem in found) else 0
