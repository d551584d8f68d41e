"""``propflow import``: open a BPMN file of any tool, translate what it says for another engine, and say what needs a person."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from engine.errors import NotFound, Text
from engine.model.values import SYSTEM
from engine.services import diagrams
from webui import compose, settings
from webui.cli.out import Out, as_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="such as one of Camunda 7, Operaton, Flowable, Activiti or SpiffWorkflow",
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="OUT", help="where to write; without it only the report comes"
    )
    parser.add_argument(
        "--draft", action="store_true", help="keep it as a draft; propflow export gives it back by its key"
    )
    parser.add_argument("--as-it-is", action="store_true", help="translate nothing")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace, out: Out) -> int:
    """Write the file, keep the draft, and print the report."""
    if not given.file.is_file():
        raise NotFound("there is no file {path}", path=str(given.file))
    content, translate = given.file.read_bytes(), not given.as_it_is
    key = ""
    if given.draft:
        with compose.parts(settings.load(os.environ)) as parts:
            row, found = diagrams.open_draft(parts.engine, given.file.name, content, translate=translate, actor=SYSTEM)
        key = str(row.key)
    else:
        found = diagrams.opened(given.file.name, content, translate=translate)
    if given.output:
        given.output.write_bytes(found.content)
    waiting = [each for each in found.report if each.severity == "warning"]
    for problem in found.report:
        out.say(out.line(problem))
    if found.laid_out:
        out.say(Text("the file had no diagram; one was laid out"))
    for problem in found.problems:
        out.say(out.line(problem, Text("not executable") if problem.severity == "error" else ""))
    document = {
        "report": [as_json(each) for each in found.report],
        "problems": [as_json(each) for each in found.problems],
        "laid_out": found.laid_out,
        "output": str(given.output or ""),
        "draft": key,
    }
    counts = {"done": len(found.report) - len(waiting), "waiting": len(waiting)}
    told = Text("{done} translated, {waiting} for a person", **counts)
    out.result(document, Text("{told}; draft {key}", told=told, key=key) if key else told)
    return 0
