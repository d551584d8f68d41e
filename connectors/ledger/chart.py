"""The chart of accounts, the parts that accounts play, and VAT rates by day: data, read from the TOML files beside this module."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from pathlib import Path

from engine.errors import Invalid, NotFound, Problem, Text

HERE = Path(__file__).parent


class AccountKind(StrEnum):
    """Where an account stands in the statements."""

    ASSET = "asset"  #: what the company has or is owed; grows on the debit side
    LIABILITY = "liability"  #: what it owes; grows on the credit side
    EQUITY = "equity"  #: what is the owners'; grows on the credit side
    INCOME = "income"  #: what it earned; grows on the credit side
    EXPENSE = "expense"  #: what it spent; grows on the debit side


@dataclass(frozen=True, slots=True)
class Account:
    """An account: ``1122``, or ``2221-output`` beneath ``2221``."""

    code: str
    kind: AccountKind
    title: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Chart:
    """The accounts by code, and {part: code}."""

    accounts: Mapping[str, Account]
    roles: Mapping[str, str]

    def account(self, code: str) -> Account:
        """Give an account. Raises NotFound."""
        try:
            return self.accounts[code]
        except KeyError:
            raise NotFound("the chart has no account {code}", code=code) from None

    def role(self, part: str) -> str:
        """Give the code of the account that plays a part. Raises NotFound."""
        try:
            return self.roles[part]
        except KeyError:
            raise NotFound("no account of the chart plays the part {part}", part=part) from None


@dataclass(frozen=True, slots=True)
class Rate:
    """A VAT rate from a day on, until another day (exclusive) or for good."""

    kind: str
    rate: Decimal
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Rates:
    """VAT rates by kind of supply."""

    rates: tuple[Rate, ...]

    def on(self, kind: str, day: date) -> Decimal:
        """Give the rate of a kind of supply on a day: the latest that has begun and not ended.

        Raises:
            NotFound: none holds on that day.
        """
        holding = [
            rate
            for rate in self.rates
            if rate.kind == kind and rate.since <= day and (rate.until is None or day < rate.until)
        ]
        if not holding:
            raise NotFound("there is no VAT rate for {kind} on {day}", kind=kind, day=day.isoformat())
        return max(holding, key=lambda rate: rate.since).rate


def read_chart(text: str) -> Chart:
    """Read a chart of accounts. Raises Invalid with every problem."""
    raw = tomllib.loads(text)
    problems: list[Problem] = []
    accounts = {}
    for code, spec in raw.get("account", {}).items():
        parent = code.partition("-")[0]
        if parent not in raw["account"]:
            problems.append(Problem(f"account.{code}", Text("there is no account {parent} above it", parent=parent)))
        if spec.get("kind") not in AccountKind.__members__.values():
            problems.append(
                Problem(f"account.{code}", Text("the kind is one of: {kinds}", kinds=", ".join(AccountKind)))
            )
            continue
        accounts[code] = Account(code, AccountKind(spec["kind"]), spec["title"])
    problems.extend(
        Problem(f"roles.{part}", Text("the chart has no account {code}", code=code))
        for part, code in raw.get("roles", {}).items()
        if code not in accounts
    )
    if problems:
        raise Invalid(problems)
    return Chart(accounts, raw.get("roles", {}))


def read_rates(text: str) -> Rates:
    """Read VAT rates. Raises Invalid with every problem."""
    rates, problems = [], []
    for number, spec in enumerate(tomllib.loads(text).get("rate", ()), start=1):
        try:
            rates.append(Rate(spec["kind"], Decimal(spec["rate"]), spec["from"], spec.get("until")))
        except (KeyError, TypeError, InvalidOperation) as error:
            problems.append(Problem(f"rate {number}", Text("is missing or wrong: {what}", what=str(error))))
    if problems:
        raise Invalid(problems)
    return Rates(tuple(rates))


@cache
def shipped_chart() -> Chart:
    """Give the chart that comes with the product."""
    return read_chart((HERE / "chart.toml").read_text(encoding="utf-8"))


@cache
def shipped_rates() -> Rates:
    """Give the VAT rates that come with the product."""
    return read_rates((HERE / "vat.toml").read_text(encoding="utf-8"))
