"""``propflow token``: make, list and end the tokens with which programs act as an account."""

from __future__ import annotations

import argparse
import os
from datetime import timedelta

from engine.errors import Text
from engine.model.keys import parse_key
from engine.model.values import SYSTEM
from engine.services import accounts, tokens
from engine.store.tokens import Token
from webui import compose, settings
from webui.cli.out import Out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    commands = parser.add_subparsers(required=True, metavar="WHAT")
    create = commands.add_parser("create", help="make a token; prints it this one time")
    create.add_argument("login", help="of the account that the program acts as")
    create.add_argument("--name", required=True, help="what it is for")
    create.add_argument(
        "--scope", action="append", metavar="KIND:VERB", help="narrow it, such as message:publish; may be repeated"
    )
    create.add_argument("--days", type=int, metavar="N", help="how long it holds (default: for good)")
    create.set_defaults(run=run_create)
    listing = commands.add_parser("list", help="list the tokens of an account, the newest first")
    listing.add_argument("login")
    listing.set_defaults(run=run_list)
    revoke = commands.add_parser("revoke", help="end a token for good")
    revoke.add_argument("key", metavar="KEY", help="of the token, as listed")
    revoke.set_defaults(run=run_revoke)


def run_create(given: argparse.Namespace, out: Out) -> int:
    """Make a token."""
    with compose.parts(settings.load(os.environ)) as parts:
        account = accounts.by_login(parts.engine, given.login)
        expires_at = parts.engine.clock.now() + timedelta(days=given.days) if given.days is not None else None
        made, secret = tokens.create(
            parts.engine, account=account.key, name=given.name, scopes=given.scope, expires_at=expires_at, actor=SYSTEM
        )
    out.result({**_document(made), "token": secret}, secret)
    return 0


def run_list(given: argparse.Namespace, out: Out) -> int:
    """List the tokens of an account."""
    with compose.parts(settings.load(os.environ)) as parts:
        account = accounts.by_login(parts.engine, given.login)
        found = tokens.of_account(parts.engine, account.key, actor=SYSTEM)
        now = parts.engine.clock.now()
    for each in found:
        ended = each.revoked_at is not None or (each.expires_at is not None and each.expires_at <= now)
        used = f"{each.used_at:%Y-%m-%d %H:%M}Z" if each.used_at else "-"
        scopes = "*" if each.scopes is None else " ".join(each.scopes)
        out.say(f"{each.key}  {'ended' if ended else 'open':5}  {used:17}  {each.name}  {scopes}")
    out.result({"tokens": [_document(each) for each in found]}, Text("{count} token(s)", count=len(found)))
    return 0


def run_revoke(given: argparse.Namespace, out: Out) -> int:
    """End a token."""
    with compose.parts(settings.load(os.environ)) as parts:
        tokens.revoke(parts.engine, parse_key(given.key), actor=SYSTEM)
    out.result({"revoked": given.key}, Text("{key}: this token has ended", key=given.key))
    return 0


def _document(each: Token) -> dict[str, object]:
    return {
        "key": str(each.key),
        "name": each.name,
        "scopes": each.scopes,
        "created_at": each.created_at.isoformat(),
        "expires_at": each.expires_at.isoformat() if each.expires_at else None,
        "used_at": each.used_at.isoformat() if each.used_at else None,
        "revoked_at": each.revoked_at.isoformat() if each.revoked_at else None,
    }
