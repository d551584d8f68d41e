"""``propflow user``: make accounts, give them roles, and reset passwords, without the web."""

from __future__ import annotations

import argparse
import os

from engine.model.values import SYSTEM
from engine.services import accounts, grants, units
from webui import compose, settings
from webui.cli.out import Out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    commands = parser.add_subparsers(required=True, metavar="WHAT")
    add = commands.add_parser("add", help="make an account; prints its one-time password")
    add.add_argument("login")
    add.add_argument("--name", required=True, help="as people read it")
    add.add_argument("--unit", required=True, help="code of the unit where the person is employed")
    add.set_defaults(run=run_add)
    reset = commands.add_parser("reset", help="give an account a one-time password")
    reset.add_argument("login")
    reset.set_defaults(run=run_reset)
    grant = commands.add_parser("grant", help="give an account a role at a unit")
    grant.add_argument("login")
    grant.add_argument("role")
    grant.add_argument("unit", help="code of the unit")
    grant.set_defaults(run=run_grant)
    listing = commands.add_parser("list", help="list accounts")
    listing.set_defaults(run=run_list)


def run_add(given: argparse.Namespace, out: Out) -> int:
    """Make an account with a one-time password."""
    with compose.parts(settings.load(os.environ)) as parts:
        unit = units.by_code(parts.engine, given.unit)
        made = accounts.create(
            parts.engine, login=given.login, name_zh=given.name, name_en=given.name, unit=unit.key, actor=SYSTEM
        )
        code = accounts.reset_password(parts.engine, made.key, actor=SYSTEM)
    out.result({"login": made.login, "one_time_password": code}, f"{made.login}: one-time password {code}")
    return 0


def run_reset(given: argparse.Namespace, out: Out) -> int:
    """Give an account a one-time password; its sessions end."""
    with compose.parts(settings.load(os.environ)) as parts:
        account = accounts.by_login(parts.engine, given.login)
        code = accounts.reset_password(parts.engine, account.key, actor=SYSTEM)
    out.result({"login": account.login, "one_time_password": code}, f"{account.login}: one-time password {code}")
    return 0


def run_grant(given: argparse.Namespace, out: Out) -> int:
    """Give an account a role."""
    with compose.parts(settings.load(os.environ)) as parts:
        account = accounts.by_login(parts.engine, given.login)
        unit = units.by_code(parts.engine, given.unit)
        grants.grant(parts.engine, account=account.key, role=given.role, unit=unit.key, actor=SYSTEM)
    out.result(
        {"login": account.login, "role": given.role, "unit": unit.code}, f"{account.login}: {given.role} at {unit.code}"
    )
    return 0


def run_list(given: argparse.Namespace, out: Out) -> int:
    """List the accounts that may sign in."""
    with compose.parts(settings.load(os.environ)) as parts:
        found = accounts.select(parts.engine, actor=SYSTEM)
    for account in found:
        out.say(f"{account.login:20} {account.name_zh or account.name_en}")
    out.result({"accounts": [{"login": account.login, "name": account.name_zh} for account in found]})
    return 0
