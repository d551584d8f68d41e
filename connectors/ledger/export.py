"""Books as plain text that other programs read: hledger journal, Beancount, CSV. Pure: vouchers in, text out.

Source: the hledger journal format (https://hledger.org/hledger.html#journal) and the Beancount language syntax.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from connectors.ledger.chart import Account, AccountKind, Chart
from connectors.ledger.money import to_yuan
from connectors.ledger.store.vouchers import Voucher
from connectors.ledger.voucher import DIMENSIONS, Line, Side

CURRENCY = "CNY"
HLEDGER_TOPS: Mapping[AccountKind, str] = {
    AccountKind.ASSET: "assets",
    AccountKind.LIABILITY: "liabilities",
    AccountKind.EQUITY: "equity",
    AccountKind.INCOME: "revenues",
    AccountKind.EXPENSE: "expenses",
}
BEANCOUNT_TOPS: Mapping[AccountKind, str] = {
    AccountKind.ASSET: "Assets",
    AccountKind.LIABILITY: "Liabilities",
    AccountKind.EQUITY: "Equity",
    AccountKind.INCOME: "Income",
    AccountKind.EXPENSE: "Expenses",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A voucher with its lines."""

    voucher: Voucher
    lines: Sequence[Line]


def hledger(entries: Iterable[Entry], chart: Chart) -> str:
    """Write a journal; dimensions become tags, the idempotency key too."""
    out = [f"commodity 1000.00 {CURRENCY}", ""]
    out += [
        f"account {hledger_account(account)}  ; {account.title['zh']} / {account.title['en']}"
        for account in chart.accounts.values()
    ]
    for entry in entries:
        voucher = entry.voucher
        out += ["", f"{voucher.day} ({voucher.ref}) {_plain(voucher.memo)}  ; key:{_tag(voucher.idempotency_key)}"]
        for line in entry.lines:
            account = hledger_account(chart.account(line.account))
            tags = ", ".join(f"{name}:{_tag(value)}" for name, value in line.dimensions.items())
            out.append(f"    {account}  {to_yuan(line.signed_fen)} {CURRENCY}" + (f"  ; {tags}" if tags else ""))
    return "\n".join(out) + "\n"


def beancount(entries: Sequence[Entry], chart: Chart) -> str:
    """Write Beancount directives; dimensions become metadata, the key of the voucher a link."""
    used = sorted({line.account for entry in entries for line in entry.lines})
    first = min((entry.voucher.day for entry in entries), default=None)
    out = ['option "title" "propflow"', f'option "operating_currency" "{CURRENCY}"', ""]
    out += [f"{first} open {_beancount_account(chart.account(code))} {CURRENCY}" for code in used]
    for entry in entries:
        voucher = entry.voucher
        out += ["", f'{voucher.day} * "{_quoted(voucher.ref)}" "{_quoted(voucher.memo)}" ^v{voucher.key}']
        out.append(f'  key: "{_quoted(voucher.idempotency_key)}"')
        for line in entry.lines:
            out.append(f"  {_beancount_account(chart.account(line.account))}  {to_yuan(line.signed_fen)} {CURRENCY}")
            out += [f'    {name}: "{_quoted(value)}"' for name, value in line.dimensions.items()]
    return "\n".join(out) + "\n"


def as_csv(entries: Iterable[Entry], chart: Chart) -> str:
    """Write one row per line, for spreadsheets: debit and credit apart, texts that a spreadsheet would execute made harmless."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        ["voucher", "date", "memo", "source", "account", "title_zh", "title_en", "debit", "credit", *DIMENSIONS]
    )
    for entry in entries:
        voucher = entry.voucher
        for line in entry.lines:
            account = chart.account(line.account)
            amount = to_yuan(line.amount_fen)
            writer.writerow(
                [
                    voucher.ref,
                    voucher.day.isoformat(),
                    _inert(voucher.memo),
                    voucher.source,
                    line.account,
                    account.title["zh"],
                    account.title["en"],
                    amount if line.side is Side.DEBIT else "",
                    amount if line.side is Side.CREDIT else "",
                    *(_inert(line.dimensions.get(name, "")) for name in DIMENSIONS),
                ]
            )
    return text.getvalue()


def hledger_account(account: Account) -> str:
    """Name an account in a journal: ``assets:1122``, a sub-account beneath its account: ``liabilities:2221:output``."""
    return ":".join([HLEDGER_TOPS[account.kind], *account.code.split("-", 1)])


def _beancount_account(account: Account) -> str:
    # a component starts with a capital or a digit, and has no spaces
    code, _, sub = account.code.partition("-")
    return ":".join([BEANCOUNT_TOPS[account.kind], code, *([sub.capitalize()] if sub else [])])


def _plain(text: str) -> str:
    """Keep a description on its line and out of comments."""
    return re.sub(r"[\s;|]+", " ", text).strip()


def _tag(value: str) -> str:
    """Keep a tag's value in one piece: a comma would end it."""
    return re.sub(r"[\s,;]+", "_", value).strip("_")


def _quoted(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("\\", "\\\\").replace('"', '\\"')


def _inert(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
