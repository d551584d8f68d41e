"""A voucher: dated lines whose debits equal their credits. Pure values; the books store them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from connectors.ledger.chart import Chart
from connectors.ledger.money import MOST_FEN, to_yuan
from engine.errors import Invalid, Problem, Text
from engine.model import json

DIMENSIONS = (
    "project",
    "room",
    "payer",
    "fee_item",
    "period",
    "contract",
    "ticket",
    "instance",
    "invoice",
    "receivable",
)
"""What a line may say about itself, beyond its account."""

MOST_LINES = 1000


class Side(StrEnum):
    """The side of a line."""

    DEBIT = "debit"  #: 借
    CREDIT = "credit"  #: 贷


@dataclass(frozen=True, slots=True)
class Line:
    """One line. A negative amount is a red entry: it takes back on the side on which it was entered."""

    account: str
    side: Side
    amount_fen: int
    dimensions: Mapping[str, str] = field(default_factory=dict)

    @property
    def signed_fen(self) -> int:
        """The amount as the balance sees it: debits add, credits subtract."""
        return self.amount_fen if self.side is Side.DEBIT else -self.amount_fen


@dataclass(frozen=True, slots=True)
class Draft:
    """A voucher before it is posted.

    Attributes:
        key: the caller's idempotency key.
        day: the accounting date; its month is the period.
        memo: 摘要, in the words of the business.
        source: what kind of event it records, such as ``repair`` or ``receipt``.
        reverses: the key of the voucher that it takes back.
    """

    key: str
    day: date
    memo: str
    source: str
    lines: tuple[Line, ...]
    reverses: int | None = None

    @property
    def period(self) -> str:
        """The period of the date: ``2026-01``."""
        return f"{self.day:%Y-%m}"

    @property
    def total_fen(self) -> int:
        """The sum of its debits."""
        return sum(line.amount_fen for line in self.lines if line.side is Side.DEBIT)

    def fingerprint(self) -> str:
        """Say what it books, in a hash: the same key with another fingerprint is another voucher.

        The date is left out: a repeat after midnight is still a repeat.
        """
        lines = sorted(
            [line.account, line.side.value, line.amount_fen, json.dumps(dict(line.dimensions), canonical=True)]
            for line in self.lines
        )
        return hashlib.sha256(json.dumps([self.source, self.reverses, lines], canonical=True).encode()).hexdigest()


def debit(account: str, fen: int, **dimensions: str) -> Line:
    """Make a debit line."""
    return Line(account, Side.DEBIT, fen, dimensions)


def credit(account: str, fen: int, **dimensions: str) -> Line:
    """Make a credit line."""
    return Line(account, Side.CREDIT, fen, dimensions)


def check(draft: Draft, chart: Chart) -> Draft:
    """Give the voucher without its empty lines.

    Raises:
        Invalid: it does not balance, has fewer than two lines, names an account or dimension that is not there, or an impossible sum.
    """
    draft = replace(draft, lines=tuple(line for line in draft.lines if line.amount_fen))
    problems = [
        Problem(f"line {number}", message)
        for number, line in enumerate(draft.lines, start=1)
        for message in _line_problems(line, chart)
    ]
    if not 2 <= len(draft.lines) <= MOST_LINES:
        problems.append(
            Problem(
                "lines", Text("a voucher has 2 to {limit} lines, not {count}", limit=MOST_LINES, count=len(draft.lines))
            )
        )
    on_debit, on_credit = (sum(line.amount_fen for line in draft.lines if line.side is side) for side in Side)
    if on_debit != on_credit:
        problems.append(
            Problem(
                "lines",
                Text("debits are {debits} and credits {credits}", debits=to_yuan(on_debit), credits=to_yuan(on_credit)),
            )
        )
    if not draft.key:
        problems.append(Problem("key", Text("a voucher needs an idempotency key")))
    if problems:
        raise Invalid(problems)
    return draft


def _line_problems(line: Line, chart: Chart) -> Iterable[Text]:
    if line.account not in chart.accounts:
        yield Text("the chart has no account {code}", code=line.account)
    if abs(line.amount_fen) > MOST_FEN:
        yield Text("{amount} is beyond any sum", amount=to_yuan(line.amount_fen))
    for name in line.dimensions:
        if name not in DIMENSIONS:
            yield Text("a line has no dimension {name}", name=name)


def reversal(of: Draft, *, voucher: int, key: str, day: date, memo: str) -> Draft:
    """Make the voucher that takes another one back: the same lines in red."""
    lines = tuple(replace(line, amount_fen=-line.amount_fen) for line in of.lines)
    return Draft(key=key, day=day, memo=memo, source="reversal", lines=lines, reverses=voucher)
