"""``propflow crew``: enter what technicians can do, their certificates and their shifts, without the web."""

from __future__ import annotations

import argparse
import os
from datetime import date, datetime

from connectors.register import crew
from connectors.register.store.crew import Certificate
from engine.errors import Text
from engine.model.values import SYSTEM
from engine.services import accounts, units
from webui import compose, settings
from webui.cli.out import Out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    commands = parser.add_subparsers(required=True, metavar="WHAT")
    enter = commands.add_parser("set", help="enter what a technician can do, and at which project")
    enter.add_argument("login")
    enter.add_argument("--project", required=True, metavar="CODE")
    enter.add_argument("--skill", action="append", default=[], choices=tuple(crew.SKILL_NAMES), help="may be repeated")
    enter.add_argument("--limit", type=int, metavar="N", help="open tickets at a time (default: the project's)")
    enter.set_defaults(run=run_set)
    certify = commands.add_parser("certify", help="enter a certificate, or its new dates")
    certify.add_argument("login")
    certify.add_argument("--type", required=True, help="as decisions ask for it, such as elevator")
    certify.add_argument("--number", required=True)
    certify.add_argument("--issuer", default="")
    certify.add_argument("--until", required=True, type=date.fromisoformat, metavar="DAY", help="its last day")
    certify.add_argument("--review", type=date.fromisoformat, metavar="DAY", help="when it is to be reviewed")
    certify.set_defaults(run=run_certify)
    shift = commands.add_parser("shift", help="enter a shift of one or more technicians")
    shift.add_argument("login", nargs="+")
    shift.add_argument("--project", required=True, metavar="CODE")
    for name, which in (("--from", "begin"), ("--to", "end")):
        shift.add_argument(
            name,
            dest=which,
            required=True,
            type=datetime.fromisoformat,
            metavar="TIME",
            help="such as 2026-01-05T08:00",
        )
    shift.set_defaults(run=run_shift)
    show = commands.add_parser("certificates", help="list the certificates of a person")
    show.add_argument("login")
    show.set_defaults(run=run_certificates)
    expiring = commands.add_parser("expiring", help="list the certificates that run out before a day")
    expiring.add_argument("--before", required=True, type=date.fromisoformat, metavar="DAY")
    expiring.set_defaults(run=run_expiring)


def run_set(given: argparse.Namespace, out: Out) -> int:
    """Enter what a technician can do."""
    with compose.parts(settings.load(os.environ)) as parts:
        account = accounts.by_login(parts.engine, given.login)
        project = units.by_code(parts.engine, given.project)
        crew.set_technician(
            parts.engine, account.key, project=project.key, skills=given.skill, open_limit=given.limit, actor=SYSTEM
        )
    document = {"login": account.login, "project": project.code, "skills": given.skill, "limit": given.limit}
    out.result(document, f"{account.login}: {' '.join(given.skill)} at {project.code}")
    return 0


def run_certify(given: argparse.Namespace, out: Out) -> int:
    """Enter a certificate."""
    with compose.parts(settings.load(os.environ)) as parts:
        account = accounts.by_login(parts.engine, given.login)
        crew.add_certificate(
            parts.engine,
            account.key,
            type_=given.type,
            number=given.number,
            issuer=given.issuer,
            valid_to=given.until,
            review_on=given.review,
            actor=SYSTEM,
        )
    document = {"login": account.login, "type": given.type, "number": given.number, "until": given.until.isoformat()}
    out.result(document, f"{account.login}: {given.type} {given.number} - {given.until}")
    return 0


def run_shift(given: argparse.Namespace, out: Out) -> int:
    """Enter a shift; times without a zone are those of the project."""
    with compose.parts(settings.load(os.environ)) as parts:
        project = units.by_code(parts.engine, given.project)
        begin, end = (crew.at_project(project, moment) for moment in (given.begin, given.end))
        people = [accounts.by_login(parts.engine, login) for login in given.login]
        crew.plan_shifts(parts.engine, project.key, [(each.key, begin, end) for each in people], actor=SYSTEM)
    document = {"project": project.code, "logins": given.login, "from": begin.isoformat(), "to": end.isoformat()}
    out.result(document, Text("{count} shift(s) entered", count=len(people)))
    return 0


def run_certificates(given: argparse.Namespace, out: Out) -> int:
    """List the certificates of a person."""
    with compose.parts(settings.load(os.environ)) as parts:
        account = accounts.by_login(parts.engine, given.login)
        found = crew.of_accounts(parts.engine, [account.key], actor=SYSTEM)
    _list([(account.login, each) for each in found], out)
    return 0


def run_expiring(given: argparse.Namespace, out: Out) -> int:
    """List the certificates that run out."""
    with compose.parts(settings.load(os.environ)) as parts:
        found = crew.expiring_certificates(parts.engine, given.before, actor=SYSTEM)
    _list([(owner.login, each) for each, owner in found], out)
    return 0


def _list(found: list[tuple[str, Certificate]], out: Out) -> None:
    for login, each in found:
        out.say(f"{each.valid_to}  {login:16} {each.type} {each.number}")
    listed = [
        {"login": login, "type": each.type, "number": each.number, "until": each.valid_to.isoformat()}
        for login, each in found
    ]
    out.result({"certificates": listed}, Text("{count} certificate(s)", count=len(found)))
