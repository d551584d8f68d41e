from __future__ import annotations

from decimal import Decimal

import pytest

from connectors.calls import BpmnError
from connectors.ledger import books, claims, outbound, periods
from connectors.ledger.store import claims as claim_rows
from connectors.ledger.store import vouchers as rows
from connectors.ledger.unpaid import UnpaidBills
from engine.errors import Conflict, Invalid
from engine.model.values import SYSTEM

WORK = {
    "ticket_no": "R1",
    "project": "yunting",
    "room": "1502",
    "payer": {"id": "P1", "name": "Wang"},
    "labour_amount": Decimal(120),
    "parts_amount": "56.50",
}


def balances(branch):
    with branch.engine.store.read() as uow:
        return rows.balances(uow, branch.unit("chengdu"))


def claim(branch, key):
    with branch.engine.store.read() as uow:
        return claim_rows.receivables(uow, [int(key)])[int(key)]


def test_paid_work_is_charged_with_each_supply_at_its_own_rate(branch, call):
    answer = call(outbound.post_repair, WORK)

    assert balances(branch) == {"1122": 17650, "6051-repair": -11009 - 5000, "2221-output": -991 - 650}
    with branch.engine.store.read() as uow:
        line = rows.lines_of(uow, [int(answer["voucher_ref"])])[int(answer["voucher_ref"])][0]
    assert (
        line.dimensions["ticket"] == "R1"
        and line.dimensions["payer"] == "P1"
        and line.dimensions["project"] == "yunting"
    )


def test_a_step_that_runs_again_books_nothing_twice(branch, call):
    first = call(outbound.post_repair, WORK)

    assert call(outbound.post_repair, WORK) == first
    assert balances(branch)["1122"] == 17650


def test_another_amount_under_the_same_key_is_a_conflict(call, branch):
    call(
        outbound.write_cost,
        {"project": "yunting", "parts_issued": [{"item": "a", "qty": 1, "unit_cost": 2}]},
        key="9:1",
    )

    with branch.engine.store.begin() as uow, pytest.raises(Conflict):
        posted = rows.by_idempotency_key(uow, "9:1")
        drafted = books.as_draft(posted, [])
        lines = tuple(outbound.entries.cost(300, outbound.shipped_chart(), {}, public=True))
        books.post(
            uow,
            type(drafted)("9:1", posted.day, "", "repair_cost", lines),
            outbound.shipped_chart(),
            unit=branch.unit("yunting"),
            actor="user:1",
        )


def test_what_is_to_be_collected_is_opened_for_the_voucher_that_charged_it(branch, call):
    voucher = call(outbound.post_repair, WORK)["voucher_ref"]
    about = {"source": "R1", "project": "yunting", "room": "1502", "payer": WORK["payer"], "fee_item": "repair"}

    opened = call(outbound.open_receivable, about | {"amount": Decimal("176.5"), "voucher_ref": voucher}, key="2:1")

    assert opened["balance"] == Decimal("176.5")
    assert balances(branch)["1122"] == 17650, "opening an item posts nothing"
    item = claim(branch, opened["receivable_id"])
    assert (item.payer, item.payer_name, item.ticket, item.open_fen) == ("P1", "Wang", "R1", 17650)
    assert call(outbound.open_receivable, about | {"amount": "176.50", "voucher_ref": voucher}, key="2:1") == opened
    state = call(outbound.receivable_state, {"receivable_id": opened["receivable_id"]}, key="3:1")
    assert state == {"balance": Decimal("176.5"), "settled": False}


def test_a_receivable_without_a_voucher_is_charged_where_it_is_opened(branch, call):
    opened = call(
        outbound.open_receivable, {"project": "yunting", "payer": "P1", "fee_item": "property_fee", "amount": "252.00"}
    )

    assert balances(branch) == {"1122": 25200, "6001-fee": -23774, "2221-output": -1426}
    assert UnpaidBills(branch.engine).unpaid("P1", "property_fee") == 1
    assert UnpaidBills(branch.engine).unpaid("P1", "repair") == 0
    assert claim(branch, opened["receivable_id"]).ticket == "R1", (
        "the business key names the ticket when nothing else does"
    )


@pytest.mark.parametrize(
    ("fee_type", "account"), [("paid", "6402-repair"), ("free", "6401-repair"), ("public_fund", "6401-repair")]
)
def test_materials_are_booked_as_cost_of_paid_work_or_of_common_parts(branch, call, fee_type, account):
    parts = [
        {"item": "valve", "qty": 2, "unit_cost": Decimal("12.5")},
        {"item": "tape", "qty": Decimal("0.5"), "unit_cost": "3.01"},
    ]

    answer = call(
        outbound.write_cost, {"ticket_no": "R1", "project": "yunting", "fee_type": fee_type, "parts_issued": parts}
    )

    assert answer["cost_total"] == Decimal("26.51")
    assert balances(branch) == {account: 2651, "1403": -2651}


def test_nothing_used_books_nothing(branch, call):
    assert call(outbound.write_cost, {"project": "yunting", "parts_issued": []}) == {"cost_total": 0, "cost_ref": None}
    assert call(outbound.post_repair, {"project": "yunting"}) == {"voucher_ref": None}
    assert balances(branch) == {}


def test_money_over_the_counter_settles_the_claim_in_the_same_step(branch, call):
    receivable = call(outbound.open_receivable, {"project": "yunting", "payer": "P1", "amount": 120})["receivable_id"]

    paid = call(outbound.receive, {"receivable_id": receivable, "amount": "100.00", "method": "cash"}, key="2:1")
    again = call(outbound.receive, {"receivable_id": receivable, "amount": "100.00", "method": "cash"}, key="2:1")
    rest = call(
        outbound.receive, {"receivable_id": receivable, "amount": 20, "method": "pos", "ref_no": "POS1"}, key="3:1"
    )

    assert (paid["paid_amount"], paid["balance"], paid["payment"]["settled"]) == (100, 20, False)
    assert again == paid
    assert (rest["balance"], rest["payment"]["settled"]) == (0, True)
    assert balances(branch)["1001"] == 10000 and balances(branch)["1002"] == 2000 and balances(branch)["1122"] == 0


def test_a_locked_period_ends_the_step_with_an_error_that_the_diagram_can_catch(branch, call):
    periods.lock(branch.engine, branch.unit("chengdu"), "2026-01", actor=SYSTEM)

    with pytest.raises(BpmnError) as caught:
        call(outbound.post_repair, WORK)

    assert caught.value.code == "PERIOD_LOCKED"


def test_a_voucher_is_reversed_by_a_step(branch, call):
    voucher = call(outbound.post_repair, WORK)["voucher_ref"]

    red = call(outbound.reverse, {"voucher_ref": voucher, "reason": "billed twice"}, key="5:1")

    assert call(outbound.reverse, {"voucher_ref": voucher, "reason": "billed twice"}, key="5:1") == red
    assert set(balances(branch).values()) == {0}


def test_what_was_claimed_for_a_voucher_that_was_taken_back_is_not_owed_any_more(branch, call):
    voucher = call(outbound.post_repair, WORK)["voucher_ref"]
    asked = {"project": "yunting", "payer": "P1", "amount": "176.50", "voucher_ref": voucher}
    receivable = call(outbound.open_receivable, asked, key="2:1")["receivable_id"]
    paid = {"receivable_id": receivable, "amount": "100.00", "method": "cash", "ref_no": "C1"}
    call(outbound.receive, paid, key="3:1")

    call(outbound.reverse, {"voucher_ref": voucher, "reason": "billed twice"}, key="5:1")

    void = claim(branch, receivable)
    assert (void.state, void.open_fen, void.settled_at) == (claim_rows.ReceivableState.VOID, 0, None)
    assert call(outbound.receivable_state, {"receivable_id": receivable})["balance"] == 0
    assert balances(branch)["1122"] == -10000, "what was paid is the payer's credit"
    with branch.engine.store.begin() as uow:
        claims.restore(uow, {int(receivable): 10000})
        uow.commit()
    assert claim(branch, receivable) == void, "a payment that is taken back makes nothing owed again"


@pytest.mark.parametrize(
    ("operation", "variables"),
    [
        (outbound.post_repair, {"project": "yunting", "labour_amount": "-1"}),
        (outbound.post_repair, {"project": "yunting", "labour_amount": "1.005"}),
        (outbound.open_receivable, {"project": "yunting"}),
        (outbound.open_receivable, {"project": "yunting", "amount": 1, "fee_item": "gold"}),
        (outbound.receive, {"amount": 1, "method": "shells"}),
        (outbound.receive, {"amount": 0}),
        (outbound.write_cost, {"project": "yunting", "parts_issued": "two valves"}),
        (outbound.write_cost, {"project": "yunting", "parts_issued": [{"qty": True, "unit_cost": 1}]}),
    ],
)
def test_wrong_input_is_refused_before_anything_is_booked(branch, call, operation, variables):
    with pytest.raises(Invalid):
        call(operation, variables)

    assert balances(branch) == {}
