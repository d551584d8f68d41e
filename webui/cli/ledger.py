"""``propflow ledger``: look into the books, take them out for other programs, and lock months, without the web."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from connectors.ledger import export, periods, statements
from connectors.ledger.chart import Chart, shipped_chart
from connectors.ledger.export import Entry
from connectors.ledger.money import to_yuan
from engine.errors import Text
from engine.model.values import SYSTEM
from engine.services import units
from webui import compose, settings
from webui.cli.out import Out

FORMATS: dict[str, Callable[[Sequence[Entry], Chart], str]] = {
    "hledger": export.hledger,
    "beancount": export.beancount,
    "csv": export.as_csv,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    commands = parser.add_subparsers(required=True, metavar="WHAT")
    listing = commands.add_parser("periods", help="list the months of the books, the newest first")
    listing.set_defaults(run=run_periods)
    lock = commands.add_parser("lock", help="lock a month: nothing is booked into it any more")
    lock.add_argument("period", metavar="YYYY-MM")
    lock.set_defaults(run=run_lock)
    unlock = commands.add_parser("unlock", help="open a locked month again")
    unlock.add_argument("period", metavar="YYYY-MM")
    unlock.add_argument("--reason", required=True, help="why; the audit keeps it")
    unlock.set_defaults(run=run_unlock)
    balances = commands.add_parser("balances", help="print the balance of every account")
    balances.add_argument("--until", type=date.fromisoformat, metavar="DAY", help="such as 2026-01-31 (default: all)")
    balances.set_defaults(run=run_balances)
    out = commands.add_parser("export", help="write vouchers with their lines for another program")
    out.add_argument("--format", choices=tuple(FORMATS), default="csv", help="(default: csv)")
    out.add_argument("--from", dest="first", default="", metavar="YYYY-MM", help="the first month (default: all)")
    out.add_argument("--to", dest="last", default="", metavar="YYYY-MM", help="the last month (default: all)")
    out.add_argument("-o", "--out", type=Path, metavar="FILE", help="where to write; without it to the standard output")
    out.set_defaults(run=run_export)
    for each in (listing, lock, unlock, balances, out):
        each.add_argument("--company", required=True, metavar="CODE", help="code of the company, or of a unit beneath")
    receipts = commands.add_parser("receipts", help="list the money that came in, the newest first")
    receipts.add_argument("--limit", type=int, default=50, help="how many at most (default: 50)")
    receipts.set_defaults(run=run_receipts)


def run_periods(given: argparse.Namespace, out: Out) -> int:
    """List the months of the books."""
    with compose.parts(settings.load(os.environ)) as parts:
        unit = units.by_code(parts.engine, given.company).key
        found = periods.select(parts.engine, unit, actor=SYSTEM)
    for each in found:
        out.say(f"{each.period}  {each.state.value:7} {each.vouchers}")
    listed = [{"period": each.period, "state": each.state.value, "vouchers": each.vouchers} for each in found]
    out.result({"periods": listed}, Text("{count} month(s)", count=len(found)))
    return 0


def run_lock(given: argparse.Namespace, out: Out) -> int:
    """Lock a month."""
    with compose.parts(settings.load(os.environ)) as parts:
        unit = units.by_code(parts.engine, given.company).key
        periods.lock(parts.engine, unit, given.period, actor=SYSTEM)
    out.result({"period": given.period, "state": "locked"}, Text("{period} is locked", period=given.period))
    return 0


def run_unlock(given: argparse.Namespace, out: Out) -> int:
    """Open a locked month again."""
    with compose.parts(settings.load(os.environ)) as parts:
        unit = units.by_code(parts.engine, given.company).key
        periods.unlock(parts.engine, unit, given.period, reason=given.reason, actor=SYSTEM)
    out.result({"period": given.period, "state": "open"}, Text("{period} is open", period=given.period))
    return 0


def run_balances(given: argparse.Namespace, out: Out) -> int:
    """Print the balance of every account, debits positive."""
    chart = shipped_chart()
    with compose.parts(settings.load(os.environ)) as parts:
        unit = units.by_code(parts.engine, given.company).key
        found = statements.balances(parts.engine, unit, until=given.until, actor=SYSTEM)
    for code, fen in found.items():
        title = chart.account(code).title
        out.say(f"{code:14} {to_yuan(fen):>16}  {title['zh']} / {title['en']}")
    nothing = "" if found else Text("nothing is booked for {company} yet", company=given.company)
    out.result({"balances": {code: to_yuan(fen) for code, fen in found.items()}}, nothing)
    return 0


def run_export(given: argparse.Namespace, out: Out) -> int:
    """Write vouchers for another program."""
    with compose.parts(settings.load(os.environ)) as parts:
        unit = units.by_code(parts.engine, given.company).key
        found = statements.entries(parts.engine, unit, first=given.first, last=given.last, actor=SYSTEM)
    written = FORMATS[given.format](found, shipped_chart()).encode()
    if given.out:
        given.out.write_bytes(written)
    elif not given.json:
        sys.stdout.buffer.write(written)
        sys.stdout.buffer.flush()
        return 0
    document = {"vouchers": len(found), "bytes": len(written), "out": str(given.out or "")}
    out.result(document, Text("{count} voucher(s)", count=len(found)))
    return 0


def run_receipts(given: argparse.Namespace, out: Out) -> int:
    """List the money that came in."""
    with compose.parts(settings.load(os.environ)) as parts:
        found = statements.receipts(parts.engine, limit=given.limit, actor=SYSTEM)
    for each in found:
        amount = to_yuan(each.amount_fen)
        out.say(
            f"{each.received_at:%Y-%m-%d %H:%M}Z  {amount:>12}  {each.method:8} {each.source}:{each.payment} {each.payer}"
        )
    listed = [
        {
            "source": each.source,
            "payment": each.payment,
            "payer": each.payer,
            "amount": to_yuan(each.amount_fen),
            "method": each.method,
            "received_at": each.received_at.isoformat(),
        }
        for each in found
    ]
    out.result({"receipts": listed}, Text("{count} receipt(s)", count=len(found)))
    return 0
