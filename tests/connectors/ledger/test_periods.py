"""What an accountant does with the books: months are locked and opened again, and their content is taken out."""

from __future__ import annotations

from datetime import date

import pytest

from connectors.ledger import books, outbound, periods, statements
from connectors.ledger.chart import shipped_chart
from connectors.ledger.voucher import Draft, credit, debit
from engine.errors import Invalid, NotAllowed, NotFound
from engine.model.values import SYSTEM
from engine.services import audit, grants, roles


@pytest.fixture
def accountants(branch):
    """Carol may close the books of the company, Bob may look into them."""
    roles.define(
        branch.engine, "closer", name_zh="财务主管", name_en="Closer", permissions=["ledger:read,close"], actor=SYSTEM
    )
    roles.define(branch.engine, "reader", name_zh="会计", name_en="Reader", permissions=["ledger:read"], actor=SYSTEM)
    for name, role in (("carol", "closer"), ("bob", "reader")):
        grants.grant(branch.engine, account=branch.key(name), role=role, unit=branch.unit("chengdu"), actor=SYSTEM)
    return branch


def post(branch, key, day):
    lines = (debit("1122", 100), credit("6001-fee", 100))
    with branch.engine.store.begin() as uow:
        draft = Draft(key, day, "bill", "bill", lines)
        books.post(uow, draft, shipped_chart(), unit=branch.unit("yunting"), actor="user:1")
        uow.commit()


def test_who_may_close_the_books_locks_a_month_and_opens_it_with_a_reason(accountants):
    branch, carol = accountants, accountants.actor("carol")
    yunting = branch.unit("yunting")
    post(branch, "k1", date(2026, 1, 5))

    for _ in range(2):
        periods.lock(branch.engine, yunting, "2026-01", actor=carol)
    locked = periods.select(branch.engine, yunting, actor=carol)
    periods.unlock(branch.engine, yunting, "2026-01", reason="a late bill", actor=carol)
    post(branch, "k2", date(2026, 1, 6))

    assert [(each.period, each.state, each.vouchers) for each in locked] == [("2026-01", "locked", 1)]
    [opened] = periods.select(branch.engine, yunting, actor=carol)
    assert (opened.state, opened.vouchers, opened.changed_by) == ("open", 2, carol.id)
    told = [(each.action, each.data) for each in audit.entries(branch.engine, stream=periods.STREAM, actor=SYSTEM)]
    assert told == [("period.unlock", {"reason": "a late bill"}), ("period.lock", {})]


def test_who_may_only_look_locks_nothing_and_others_see_no_books(accountants):
    branch, company = accountants, accountants.unit("chengdu")

    assert periods.select(branch.engine, company, actor=branch.actor("bob")) == []
    with pytest.raises(NotAllowed):
        periods.lock(branch.engine, company, "2026-01", actor=branch.actor("bob"))
    for name in ("alice", "mallory"):
        for ask in (periods.select, statements.entries, statements.balances):
            with pytest.raises(NotFound):
                ask(branch.engine, company, actor=branch.actor(name))
        assert statements.receipts(branch.engine, actor=branch.actor(name)) == []


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "January", ""])
def test_what_is_no_month_is_refused(branch, text):
    with pytest.raises(Invalid, match="is not a month"):
        periods.lock(branch.engine, branch.unit("chengdu"), text, actor=SYSTEM)


def test_opening_a_month_takes_a_reason(branch):
    with pytest.raises(Invalid, match="say why"):
        periods.unlock(branch.engine, branch.unit("chengdu"), "2026-01", reason=" ", actor=SYSTEM)


def test_vouchers_are_taken_out_by_month_in_the_order_of_their_numbers(branch):
    for key, day in (("k3", date(2026, 3, 1)), ("k1", date(2026, 1, 5)), ("k2", date(2026, 1, 6))):
        post(branch, key, day)

    def refs(**bounds):
        found = statements.entries(branch.engine, branch.unit("chengdu"), actor=SYSTEM, **bounds)
        assert all(len(each.lines) == 2 for each in found)
        return [each.voucher.ref for each in found]

    assert refs() == ["记-2026-01-0001", "记-2026-01-0002", "记-2026-03-0001"]
    assert refs(first="2026-02") == refs(first="2026-03", last="2026-03") == ["记-2026-03-0001"]
    assert refs(last="2026-02") == ["记-2026-01-0001", "记-2026-01-0002"]
    assert statements.balances(branch.engine, branch.unit("chengdu"), until=date(2026, 2, 1), actor=SYSTEM) == {
        "1122": 200,
        "6001-fee": -200,
    }


def test_receipts_are_listed_to_those_who_may_see_the_books(accountants, call):
    branch = accountants
    asked = {"project": "yunting", "payer": "P1", "amount": "50.00", "method": "cash"}
    call(outbound.receive, asked, key="1")

    assert [each.amount_fen for each in statements.receipts(branch.engine, actor=branch.actor("bob"))] == [5000]
