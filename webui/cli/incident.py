"""``propflow incident``: list what stopped and waits for a person, and try it again or skip it."""

from __future__ import annotations

import argparse
import os

from engine.errors import Text
from engine.model.values import SYSTEM
from engine.services import incidents
from engine.services.incidents import Incident
from webui import compose, settings
from webui.cli.given import variables as read_variables
from webui.cli.out import Out

PAGE = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    commands = parser.add_subparsers(required=True, metavar="WHAT")
    listing = commands.add_parser("list", help="list open incidents, oldest first")
    listing.add_argument("--instance", metavar="KEY", help="only those of one process instance")
    listing.set_defaults(run=run_list)
    again = commands.add_parser("retry", help="try again what stopped, once its cause is mended")
    again.add_argument("key", nargs="+", metavar="KEY", help="of an incident")
    again.add_argument("--reason", required=True, help="what was mended; history keeps it")
    again.set_defaults(run=run_retry)
    past = commands.add_parser("skip", help="count what stopped as completed, with the output that it should have had")
    past.add_argument("key", metavar="KEY", help="of an incident")
    past.add_argument("--variables", default="{}", metavar="JSON", help="what it would have handed back")
    past.add_argument("--reason", required=True, help="why; history keeps it")
    past.set_defaults(run=run_skip)


def run_list(given: argparse.Namespace, out: Out) -> int:
    """List open incidents."""
    found: list[Incident] = []
    with compose.parts(settings.load(os.environ)) as parts:
        while page := incidents.open_incidents(
            parts.engine,
            actor=SYSTEM,
            instance=given.instance,
            after=found[-1].key if found else None,
            limit=PAGE,
        ):
            found += page
    for each in found:
        at = f"{each.instance or each.definition} {each.element_id}"
        out.say(f"{each.key}  {each.raised_at:%Y-%m-%d %H:%M}Z  {each.kind:10} {at}: {out.speak(each.message)}")
    counted = Text("{count} open incident(s)", count=len(found))
    out.result({"incidents": [_document(each) for each in found]}, counted)
    return 0


def run_retry(given: argparse.Namespace, out: Out) -> int:
    """Try again what stopped; what stops once more is a new incident."""
    with compose.parts(settings.load(os.environ)) as parts:
        for key in given.key:
            incidents.resolve(parts.engine, key, actor=SYSTEM, reason=given.reason)
            out.say(Text("{key}: tried again", key=key))
    out.result({"retried": given.key})
    return 0


def run_skip(given: argparse.Namespace, out: Out) -> int:
    """Let the process move on past what stopped."""
    variables = read_variables(given.variables)
    with compose.parts(settings.load(os.environ)) as parts:
        incidents.skip(parts.engine, given.key, variables, actor=SYSTEM, reason=given.reason)
    out.result({"skipped": given.key}, Text("{key}: skipped", key=given.key))
    return 0


def _document(each: Incident) -> dict[str, str]:
    return {
        "key": str(each.key),
        "kind": each.kind,
        "message": str(each.message),
        "instance": str(each.instance or ""),
        "element": each.element_id,
        "raised_at": each.raised_at.isoformat(),
    }
