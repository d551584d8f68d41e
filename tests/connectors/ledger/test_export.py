from __future__ import annotations

import csv
import io
import json
import urllib.request
from datetime import date, timedelta
from decimal import Decimal

import pytest

from connectors.ledger import books, outbound, statements
from connectors.ledger.chart import shipped_chart
from connectors.ledger.export import as_csv, beancount, hledger, hledger_account
from connectors.ledger.voucher import Draft, credit, debit
from engine.model.values import SYSTEM
from tests.servers import Hledger

CHART = shipped_chart()


@pytest.fixture
def entries(branch, call):
    """A month of books: charges, receipts, a reversal, a hostile memo."""
    voucher = call(
        outbound.post_repair,
        {"project": "yunting", "payer": "P1", "labour_amount": 120, "parts_amount": "56.50"},
        key="1",
    )
    receivable = call(
        outbound.open_receivable, {"project": "yunting", "payer": "P1", "amount": "176.50"} | voucher, key="2"
    )["receivable_id"]
    call(outbound.receive, {"receivable_id": receivable, "amount": "100.00", "method": "wechat"}, key="3")
    branch.engine.clock.advance(timedelta(days=3))
    cost = call(outbound.write_cost, {"project": "yunting", "parts_issued": [{"qty": 3, "unit_cost": "7.77"}]}, key="4")
    call(outbound.reverse, {"voucher_ref": cost["cost_ref"], "reason": 'wrong; "ticket"'}, key="5")
    with branch.engine.store.begin() as uow:
        lines = (debit("1122", 1, ticket="T;1, x:y", payer="=cmd()"), credit("6001-fee", 1))
        hostile = Draft("evil\nkey", date(2026, 1, 9), "=HYPERLINK()\n; x | y", "x", lines)
        books.post(uow, hostile, CHART, unit=branch.unit("yunting"), actor="user:1")
        uow.commit()
    return statements.entries(branch.engine, branch.unit("yunting"), actor=SYSTEM)


def test_hledger_reads_the_journal_and_finds_our_balances(branch, entries):
    found = statements.balances(branch.engine, branch.unit("chengdu"), actor=SYSTEM)
    ours = {code: Decimal(fen) / 100 for code, fen in found.items()}

    with Hledger(hledger(entries, CHART)) as server:
        transactions = get(server, "transactions")
        accounts = get(server, "accountnames")

    assert len(transactions) == len(entries)
    theirs: dict[str, Decimal] = {}
    for transaction in transactions:
        for posting in transaction["tpostings"]:
            for amount in posting["pamount"]:
                quantity = amount["aquantity"]
                value = Decimal(quantity["decimalMantissa"]).scaleb(-quantity["decimalPlaces"])
                theirs[posting["paccount"]] = theirs.get(posting["paccount"], Decimal(0)) + value
    assert {account: fen for account, fen in theirs.items() if fen} == {
        hledger_account(CHART.account(code)): fen for code, fen in ours.items() if fen
    }
    assert set(theirs) <= set(accounts)
    assert transactions[0]["tcode"] == "记-2026-01-0001"


def get(server, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/{path}", timeout=10) as answer:
        return json.load(answer)


def test_the_journal_says_whose_and_which_each_line_is(entries):
    text = hledger(entries, CHART)

    assert "2026-01-01 (记-2026-01-0001) 应收 repair R1  ; key:1" in text
    assert (
        "    assets:1122  176.50 CNY  ; project:yunting, payer:P1, fee_item:repair, period:2026-01, ticket:R1, instance:1"
        in text
    )
    assert "account assets:1122  ; 应收账款 / Receivables" in text


def test_beancount_directives_are_complete(entries):
    text = beancount(entries, CHART)

    assert "2026-01-01 open Assets:1122 CNY" in text
    assert '2026-01-01 * "记-2026-01-0001" "应收 repair R1" ^v' in text
    assert "  Liabilities:2221:Output  -16.41 CNY" in text
    assert '\\"ticket\\"' in text
    assert all(line.count('"') % 2 == 0 for line in text.replace('\\"', "").splitlines())


def test_a_spreadsheet_gets_one_row_per_line_and_executes_nothing(entries):
    found = list(csv.DictReader(io.StringIO(as_csv(entries, CHART))))

    assert len(found) == sum(len(entry.lines) for entry in entries)
    assert sum(Decimal(row["debit"] or 0) for row in found) == sum(Decimal(row["credit"] or 0) for row in found)
    assert not any(value.startswith(("=", "+", "@")) for row in found for value in row.values())
    assert found[-2]["payer"] == "'=cmd()"
