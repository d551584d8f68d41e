"""``propflow deploy``: check process folders and make them the newest versions."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

from engine.errors import Text
from engine.model.values import SYSTEM
from engine.services import repository
from engine.services.repository import Deployment
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
                out.say(out.line(problem))
            for sentence in _told(made):
                out.say(sentence)
            done.append(
                {
                    "deployment": str(made.key),
                    "new": made.is_new,
                    "processes": {process.process_id: process.version for process in made.processes},
                    "decisions": {decision.decision_id: decision.version for decision in made.decisions},
                    "forms": {form.form_id: form.version for form in made.forms},
                    "warnings": [as_json(problem) for problem in made.warnings],
                }
            )
    out.result({"deployments": done})
    return 0


def _told(made: Deployment) -> Iterator[Text]:
    """Say what is newest now: the processes; of files without one the decisions and forms."""
    found = {each.process_id: each.version for each in made.processes} or {
        **{each.decision_id: each.version for each in made.decisions},
        **{each.form_id: each.version for each in made.forms},
    }
    state = Text("deployed") if made.is_new else Text("unchanged")
    for what, version in found.items():
        yield Text("{what} version {version}: {state}", what=what, version=version, state=state)
    if not found:
        yield Text("{files}: only kept; no process, decision or form is in it", files=", ".join(made.files))
