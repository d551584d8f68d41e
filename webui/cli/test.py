"""``propflow test``: play the scenarios of process folders and say what differs."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.errors import NotFound
from engine.scenarios import Report, run_folder
from webui.cli.out import Out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="a process folder")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="a scenario; may be given again")
    parser.add_argument(
        "--cross-check",
        action="store_true",
        help="ask SpiffWorkflow's own runtime for a second opinion where it can give one",
    )
    parser.set_defaults(run=run)


def run(given: argparse.Namespace, out: Out) -> int:
    """Play every scenario on an engine of its own, in memory, with a clock that is moved."""
    reports = []
    for folder in given.folders:
        report = run_folder(folder, only=given.only, cross_check=given.cross_check)
        reports.append(report)
        for line in report.lines() if report.scenarios else ():
            out.say(line)
    if not any(report.scenarios for report in reports):
        raise NotFound("there is no scenario in {folder}", folder=", ".join(map(str, given.folders)))
    passed = all(report.passed for report in reports)
    out.result({"passed": passed, "folders": [_as_json(report) for report in reports]})
    return 0 if passed else 1


def _as_json(report: Report) -> dict[str, object]:
    return {
        "folder": report.folder,
        "passed": report.passed,
        "scenarios": [
            {
                "name": scenario.name,
                "title": scenario.title,
                "passed": scenario.passed,
                "second_opinions": [
                    {
                        "process": opinion.process_id,
                        "differences": list(opinion.differences),
                        "not_asked": list(opinion.not_asked),
                    }
                    for opinion in scenario.opinions
                ],
                "differences": [
                    {"step": step.number, "difference": difference}
                    for step in scenario.steps
                    for difference in step.differences
                ],
            }
            for scenario in report.scenarios
        ],
    }
