"""``propflow user``: make, change and disable accounts, give them roles, and reset passwords, without the web."""

from __future__ import annotations

import argparse
import os

from engine.errors import NotFound, Text
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
    change = commands.add_parser("change", help="change what is known about an account")
    change.add_argument("login")
    change.add_argument("--name-zh", help="the name in Chinese")
    change.add_argument("--name-en", help="the name in English")
    change.add_argument("--phone")
    change.add_argument("--email")
    change.add_argument("--unit", help="code of the unit where the person is employed now")
    change.set_defaults(run=run_change)
    reset = commands.add_parser("reset", help="give an account a one-time password")
    reset.add_argument("login")
    reset.set_defaults(run=run_reset)
    disable = commands.add_parser("disable", help="end an account: its sessions, its tokens, and its hold on tasks")
    disable.add_argument("login")
    disable.add_argument("--reason", required=True, help="why; the audit keeps it")
    disable.set_defaults(run=run_disable)
    enable = commands.add_parser("enable", help="let a disabled account sign in again")
    enable.add_argument("login")
    enable.set_defaults(run=run_enable)
    for name, help_, run in (
        ("grant", "give an account a role at a unit", run_grant),
        ("revoke", "take a role at a unit from an account", run_revoke),
    ):
        held = commands.add_parser(name, help=help_)
        held.add_argument("login")
        held.add_argument("role")
        held.add_argument("unit", help="code of the unit")
        held.set_defaults(run=run)
    show = commands.add_parser("show", help="say which roles an account holds where, and until when")
    show.add_argument("login")
    show.set_defaults(run=run_show)
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
    out.result(
        {"login": made.login, "one_time_password": code},
        Text("{login}: one-time password {code}", login=made.login, code=code),
    )
    return 0


def run_change(given: argparse.Namespace, out: Out) -> int:
    """Change what is known about an account; what is not given stays."""
    with compose.parts(settings.load(os.environ)) as parts:
        account = accounts.by_login(parts.engine, given.login)
        unit = units.by_code(parts.engine, given.unit).key if given.unit else None
        made = accounts.update(
            parts.engine,
            account.key,
            unit=unit,
            name_zh=given.name_zh,
            name_en=given.name_en,
            phone=given.phone,
            email=given.email,
            actor=SYSTEM,
        )
    known = {"login": made.login, "name_zh": made.name_zh, "name_en": made.name_en}
    out.result(known | {"phone": made.phone, "email": made.email}, Text("{login} is changed", login=made.login))
    return 0


def run_reset(given: argparse.Namespace, out: Out) -> int:
    """Give an account a one-time password; its sessions end."""
    with compose.parts(settings.load(os.environ)) as parts:
        account = accounts.by_login(parts.engine, given.login)
        code = accounts.reset_password(parts.engine, account.key, actor=SYSTEM)
    out.result(
        {"login": account.login, "one_time_password": code},
        Text("{login}: one-time password {code}", login=account.login, code=code),
    )
    return 0


def run_disable(given: argparse.Namespace, out: Out) -> int:
    """End an account."""
    with compose.parts(settings.load(os.environ)) as parts:
        account = accounts.by_login(parts.engine, given.login)
        accounts.disable(parts.engine, account.key, reason=given.reason, actor=SYSTEM)
    out.result({"login": account.login, "state": "disabled"}, Text("{login} is disabled", login=account.login))
    return 0


def run_enable(given: argparse.Namespace, out: Out) -> int:
    """Let a disabled account sign in again."""
    with compose.parts(settings.load(os.environ)) as parts:
        account = accounts.by_login(parts.engine, given.login)
        accounts.enable(parts.engine, account.key, actor=SYSTEM)
    out.result({"login": account.login, "state": "active"}, Text("{login} may sign in again", login=account.login))
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


def run_revoke(given: argparse.Namespace, out: Out) -> int:
    """Take a role at a unit from an account: every grant of it that has not ended."""
    with compose.parts(settings.load(os.environ)) as parts:
        account = accounts.by_login(parts.engine, given.login)
        unit = units.by_code(parts.engine, given.unit)
        now = parts.engine.clock.now()
        held = [
            each
            for each in grants.of_account(parts.engine, account.key, actor=SYSTEM)
            if (each.role, each.unit) == (given.role, unit.key) and (each.valid_to is None or each.valid_to > now)
        ]
        if not held:
            raise NotFound("{login} does not hold {role} there", login=account.login, role=given.role)
        for each in held:
            grants.revoke(parts.engine, each.key, actor=SYSTEM)
    told = Text("{login}: {role} at {unit} has ended", login=account.login, role=given.role, unit=unit.code)
    out.result({"login": account.login, "role": given.role, "unit": unit.code, "ended": len(held)}, told)
    return 0


def run_show(given: argparse.Namespace, out: Out) -> int:
    """Say what an account holds, and until when."""
    with compose.parts(settings.load(os.environ)) as parts:
        account = accounts.by_login(parts.engine, given.login)
        codes = {unit.key: unit.code for unit in units.select(parts.engine, closed=True, actor=SYSTEM)}
        held = grants.of_account(parts.engine, account.key, actor=SYSTEM)
    out.say(f"{account.login} ({account.state.value}) {account.name_zh or account.name_en}")
    for each in held:
        until = f"{each.valid_to:%Y-%m-%d %H:%M}Z" if each.valid_to else ""
        out.say(f"  {each.role:24} {codes[each.unit]:16} {each.valid_from:%Y-%m-%d %H:%M}Z - {until}")
    roles = [
        {
            "role": each.role,
            "unit": codes[each.unit],
            "from": each.valid_from.isoformat(),
            "to": each.valid_to.isoformat() if each.valid_to else None,
        }
        for each in held
    ]
    known = {"login": account.login, "state": account.state.value, "name": account.name_zh}
    out.result({**known, "phone": account.phone, "email": account.email, "roles": roles})
    return 0


def run_list(given: argparse.Namespace, out: Out) -> int:
    """List the accounts that may sign in."""
    with compose.parts(settings.load(os.environ)) as parts:
        found = accounts.select(parts.engine, actor=SYSTEM)
    for account in found:
        out.say(f"{account.login:20} {account.name_zh or account.name_en}")
    out.result({"accounts": [{"login": account.login, "name": account.name_zh} for account in found]})
    return 0
