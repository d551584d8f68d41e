"""``propflow audit``: say whether the history is as it was written, and what administrators did."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator

from engine.errors import Problem, Text
from engine.model import json
from engine.model.values import SYSTEM
from engine.services import audit, checks, verify
from engine.services.chain import Break
from engine.services.verify import Report
from webui import compose, settings
from webui.cli.out import Out, as_json

SAY_EVERY_S = 2.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    commands = parser.add_subparsers(required=True, metavar="WHAT")
    check = commands.add_parser(
        "verify", help="check every chain of history against itself and its seals, and what must hold of every instance"
    )
    which = check.add_mutually_exclusive_group()
    which.add_argument("--instance", metavar="KEY", help="only the history of one process instance")
    which.add_argument("--stream", metavar="NAME", help="only one administrative stream")
    check.set_defaults(run=run)
    listing = commands.add_parser("list", help="list what was done in the administrative streams, the newest first")
    listing.add_argument(
        "--stream", default="", metavar="NAME", help="only one, such as organisation, sign_in or ledger"
    )
    listing.add_argument("--subject", default="", metavar="KEY", help="only what was done to this")
    listing.add_argument("--limit", type=int, default=100, help="how many at most (default: 100)")
    listing.set_defaults(run=run_list)


def run(given: argparse.Namespace, out: Out) -> int:
    """Check chains and seals; 1 when something does not hold, with each break by name."""
    never: list[Problem] = []
    with compose.parts(settings.load(os.environ)) as parts:
        if given.instance:
            report = verify.of_instance(parts.engine, given.instance)
        elif given.stream:
            report = verify.of_stream(parts.engine, given.stream)
        else:
            report = verify.everything(parts.engine, progress=_Teller(out))
            never = checks.all_of_them(parts.engine)
    for found in report.breaks:
        out.say(f"{_where(found)}: {found.how.value}: {out.speak(found.message)}")
    for problem in never:
        out.say(out.line(problem))
    for sentence in _sentences(report, never):
        out.say(sentence)
    out.result(_document(report, never))
    return 1 if report.breaks or never else 0


def run_list(given: argparse.Namespace, out: Out) -> int:
    """List entries of the administrative streams."""
    with compose.parts(settings.load(os.environ)) as parts:
        found = audit.entries(parts.engine, stream=given.stream, subject=given.subject, limit=given.limit, actor=SYSTEM)
    for each in found:
        what = f"{each.action} {each.subject}"
        out.say(f"{each.at:%Y-%m-%d %H:%M}Z  {each.actor_name:16} {what}  {json.dumps(each.data)}")
    listed = [
        {
            "stream": each.stream,
            "seq": each.seq,
            "at": each.at.isoformat(),
            "actor": each.actor,
            "action": each.action,
            "subject": each.subject,
            "data": each.data,
        }
        for each in found
    ]
    out.result({"entries": listed})
    return 0


class _Teller:
    """Says now and then how far the work is."""

    def __init__(self, out: Out) -> None:
        self._out = out
        self._next = time.monotonic() + SAY_EVERY_S

    def __call__(self, report: Report) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + SAY_EVERY_S
            done = {"instances": report.instances, "entries": report.entries}
            self._out.say(Text("... {instances} instances, {entries} entries", **done))


def _where(found: Break) -> str:
    return f"{found.chain} {found.seq}" + (f"-{found.until}" if found.until > found.seq else "")


def _sentences(report: Report, never: list[Problem]) -> Iterator[Text]:
    found = len(report.breaks)
    yield Text(
        "{instances} instances, {streams} streams, {entries} entries and {seals} seals were checked: {outcome}",
        instances=report.instances,
        streams=report.streams,
        entries=report.entries,
        seals=report.seals,
        outcome=Text("{count} break(s)", count=found) if found else Text("all hold"),
    )
    if never:
        yield Text("{count} thing(s) that should never be", count=len(never))
    if report.last is not None:
        last = {"number": report.last.number, "day": report.last.day.isoformat(), "code": report.last.code}
        yield Text("last seal: {number} of {day}, {code}", **last)


def _document(report: Report, never: list[Problem]) -> dict[str, object]:
    last = report.last
    return {
        "holds": not report.breaks and not never,
        "instances": report.instances,
        "streams": report.streams,
        "entries": report.entries,
        "seals": report.seals,
        "last_seal": last and {"number": last.number, "day": last.day.isoformat(), "code": last.code},
        "breaks": [
            {"chain": each.chain, "seq": each.seq, "until": each.until, "how": each.how.value, **as_json(each.problem)}
            for each in report.breaks
        ],
        "problems": [as_json(each) for each in never],
    }
