"""``propflow import``: translate a diagram of another engine, and say what needs a person."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.bpmn.importers import convert
from engine.errors import NotFound
from webui.cli.out import Out, as_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="of Camunda 7, Operaton, Flowable, Activiti or SpiffWorkflow"
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="OUT", help="where to write; without it only the report comes"
    )
    parser.set_defaults(run=run)


def run(given: argparse.Namespace, out: Out) -> int:
    """Write the translated file and print the report."""
    if not given.file.is_file():
        raise NotFound("there is no file {path}", path=str(given.file))
    imported = convert(given.file.read_bytes())
    if given.output:
        given.output.write_bytes(imported.xml)
    waiting = [each for each in imported.report if each.severity == "warning"]
    for problem in imported.report:
        out.say(f"{problem.severity}: {problem}")
    out.result(
        {"report": [as_json(each) for each in imported.report], "output": str(given.output or "")},
        f"{len(imported.report) - len(waiting)} translated, {len(waiting)} for a person",
    )
    return 0
