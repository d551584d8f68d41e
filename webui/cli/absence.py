"""``propflow absence``: say who stands in for whom while somebody is away, and end it, without the web."""

from __future__ import annotations

import argparse
import os
from datetime import UTC, date, datetime, time, timedelta

from engine.errors import Text
from engine.model.values import SYSTEM
from engine.services import accounts, grants
from webui import compose, settings
from webui.cli.out import Out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    commands = parser.add_subparsers(required=True, metavar="WHAT")
    begin = commands.add_parser("begin", help="let a colleague do the work of an absent person, from now on")
    begin.add_argument("login", help="of who is absent")
    begin.add_argument("--deputy", required=True, metavar="LOGIN", help="of who stands in")
    begin.add_argument(
        "--until", required=True, type=date.fromisoformat, metavar="DAY", help="the last day, such as 2026-01-31"
    )
    begin.add_argument("--role", help="only the work of this role (default: all)")
    begin.add_argument("--reason", required=True, help="why; the audit keeps it")
    begin.set_defaults(run=run_begin)
    end = commands.add_parser("end", help="the person is back: nobody stands in any more")
    end.add_argument("login", help="of who was absent")
    end.set_defaults(run=run_end)
    listing = commands.add_parser(
        "list", help="list who stands in for an account, and for whom it does, the newest first"
    )
    listing.add_argument("login")
    listing.set_defaults(run=run_list)


def run_begin(given: argparse.Namespace, out: Out) -> int:
    """Let a colleague stand in, up to the end of a day in the zone of the installation."""
    with compose.parts(settings.load(os.environ)) as parts:
        absent = accounts.by_login(parts.engine, given.login)
        deputy = accounts.by_login(parts.engine, given.deputy)
        ends = datetime.combine(given.until + timedelta(days=1), time(), parts.engine.zone).astimezone(UTC)
        grants.stand_in(
            parts.engine,
            absent=absent.key,
            deputy=deputy.key,
            valid_to=ends,
            role=given.role,
            reason=given.reason,
            actor=SYSTEM,
        )
    told = Text("{deputy} stands in for {absent}", deputy=deputy.login, absent=absent.login)
    out.result({"absent": absent.login, "deputy": deputy.login, "to": ends.isoformat()}, told)
    return 0


def run_end(given: argparse.Namespace, out: Out) -> int:
    """End every stand-in for a person."""
    with compose.parts(settings.load(os.environ)) as parts:
        account = accounts.by_login(parts.engine, given.login)
        now = parts.engine.clock.now()
        lent = [
            each
            for each in grants.substitutions(parts.engine, account.key, actor=SYSTEM)
            if each.absent == account.key and each.valid_to > now
        ]
        for each in lent:
            grants.end_stand_in(parts.engine, each.key, actor=SYSTEM)
    out.result({"login": account.login, "ended": len(lent)}, Text("{count} stand-in(s) ended", count=len(lent)))
    return 0


def run_list(given: argparse.Namespace, out: Out) -> int:
    """List who stands in for an account, and for whom it does."""
    with compose.parts(settings.load(os.environ)) as parts:
        account = accounts.by_login(parts.engine, given.login)
        found = grants.substitutions(parts.engine, account.key, actor=SYSTEM)
        people = {
            key: accounts.get(parts.engine, key, actor=SYSTEM).login
            for each in found
            for key in (each.absent, each.deputy)
        }
    for each in found:
        out.say(
            f"{people[each.absent]} <- {people[each.deputy]}  {each.valid_from:%Y-%m-%d %H:%M}Z - {each.valid_to:%Y-%m-%d %H:%M}Z"
            f"  {each.role or '*'}  {each.reason}"
        )
    listed = [
        {
            "absent": people[each.absent],
            "deputy": people[each.deputy],
            "role": each.role,
            "from": each.valid_from.isoformat(),
            "to": each.valid_to.isoformat(),
            "reason": each.reason,
        }
        for each in found
    ]
    out.result({"stand_ins": listed})
    return 0
