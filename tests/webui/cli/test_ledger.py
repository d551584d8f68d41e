"""``propflow ledger`` is the accountant's door without the web: months, balances, receipts, and books for other programs."""

from __future__ import annotations

import json
from datetime import date

import pytest

from connectors.ledger import books
from connectors.ledger.chart import shipped_chart
from connectors.ledger.voucher import Draft, credit, debit
from engine.services import units
from webui import cli, compose, settings


@pytest.fixture
def run(tmp_path, capsys):
    """Run a command on the books of a company with one voucher; give its status, what it printed and what it complained about."""

    def make(*words):
        status = cli.main(words)
        said = capsys.readouterr()
        return status, said.out, said.err

    make("unit", "add", "jinhe", "--kind", "company", "--name", "锦和")
    with compose.parts(settings.load({"PROPFLOW_DATA_DIR": str(tmp_path)})) as parts:
        lines = (debit("1122", 25200, payer="P1"), credit("6001-fee", 25200))
        with parts.engine.store.begin() as uow:
            unit = units.by_code(parts.engine, "jinhe").key
            draft = Draft("k1", date(2026, 1, 5), "bill", "bill", lines)
            books.post(uow, draft, shipped_chart(), unit=unit, actor="user:1")
            uow.commit()
    return make


def test_a_month_is_locked_and_opened_again(run):
    assert run("ledger", "lock", "2026-01", "--company", "jinhe")[:2] == (0, "2026-01 is locked\n")
    assert run("ledger", "periods", "--company", "jinhe")[1] == "2026-01  locked  1\n1 month(s)\n"
    assert run("ledger", "unlock", "2026-01", "--company", "jinhe", "--reason", "late bill")[:2] == (
        0,
        "2026-01 is open\n",
    )
    entries = json.loads(run("audit", "list", "--stream", "ledger", "--json")[1])["entries"]
    assert [each["action"] for each in entries] == ["period.unlock", "period.lock"]
    assert entries[0]["data"] == {"reason": "late bill"}


def test_what_is_no_month_or_company_is_refused(run):
    assert run("ledger", "lock", "January", "--company", "jinhe")[0] == 1
    assert "nowhere" in run("ledger", "lock", "2026-01", "--company", "nowhere")[2]


def test_balances_are_printed_in_yuan(run):
    status, said, _ = run("ledger", "balances", "--company", "jinhe")

    assert status == 0
    assert [line.split()[:2] for line in said.splitlines()] == [["1122", "252.00"], ["6001-fee", "-252.00"]]
    assert json.loads(run("ledger", "balances", "--company", "jinhe", "--until", "2025-12-31", "--json")[1]) == {
        "balances": {}
    }


@pytest.mark.parametrize(
    ("form", "says"),
    [("csv", "记-2026-01-0001,2026-01-05"), ("hledger", "252.00 CNY"), ("beancount", "open Assets:1122 CNY")],
)
def test_books_are_written_for_another_program(run, tmp_path, form, says):
    file = tmp_path / "out"

    assert run("ledger", "export", "--company", "jinhe", "--format", form, "-o", str(file))[:2] == (0, "1 voucher(s)\n")
    assert says in file.read_text(encoding="utf-8")
    assert json.loads(run("ledger", "export", "--company", "jinhe", "--from", "2026-02", "--json")[1])["vouchers"] == 0


def test_receipts_are_listed(run):
    assert run("ledger", "receipts")[:2] == (0, "0 receipt(s)\n")
