from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.announcements import store as announcements
from connectors.ledger import outbound, payments
from connectors.ledger.allocation import allocate
from connectors.ledger.chart import shipped_chart
from connectors.ledger.payment import Payment, TakenBack, read
from connectors.ledger.store import claims as claim_rows
from connectors.ledger.store import vouchers as rows
from connectors.ledger.webhook import take_webhook
from connectors.settings import ConnectorSettings, Secret
from connectors.webhooks import signature
from engine.errors import Conflict, Invalid, NotAllowed, NotFound

PAYLOADS = Path(__file__).parent / "payloads"
CHART = shipped_chart()
SECRET = "s3cret"
SETTINGS = ConnectorSettings("ledger", {"tolerance": "1.00", "home": "chengdu"}, {"gateway_secret": Secret(SECRET)})


def payload(name, receivable=""):
    return (PAYLOADS / name).read_text().replace("RECEIVABLE", receivable).encode()


@pytest.fixture
def receivable(call):
    return call(outbound.open_receivable, {"project": "yunting", "payer": "P1", "amount": 120}, key="open:1")[
        "receivable_id"
    ]


def send(branch, body, *, headers=None):
    headers = signature.sign(body, SECRET, branch.engine.clock.now()) if headers is None else headers
    return take_webhook(branch.engine, SETTINGS, source="wechat", headers=headers, body=body)


def balances(branch):
    with branch.engine.store.read() as uow:
        return {code: fen for code, fen in rows.balances(uow, branch.unit("chengdu")).items() if fen}


def said(branch):
    with branch.engine.store.read() as uow:
        rows_ = uow.execute(announcements.announcement.select().order_by(announcements.announcement.c.key)).mappings()
        return [(row["message"], row["correlation_key"], row["variables"]) for row in rows_]


def claim(branch, key):
    with branch.engine.store.read() as uow:
        return claim_rows.receivables(uow, [int(key)])[int(key)]


def test_a_payment_settles_its_claim_and_tells_the_process_that_waits(branch, receivable):
    outcome = send(branch, payload("wechat_paid.json", receivable))

    assert outcome["settled"]
    assert balances(branch) == {"1012": 12000, "6051-repair": -11009, "2221-output": -991}
    [(message, key, variables)] = said(branch)
    assert (message, key) == ("payment.received", receivable)
    assert (variables["paid_amount"], variables["balance"], variables["payment"]["settled"]) == (120, 0, True)
    with branch.engine.store.read() as uow:
        assert announcements.waiting(uow, 10) == [], "the engine has taken it"


def test_a_notification_that_comes_twice_is_answered_alike_and_booked_once(branch, receivable):
    body = payload("wechat_paid.json", receivable)

    assert send(branch, body) == send(branch, body)
    assert balances(branch)["1012"] == 12000
    assert len(said(branch)) == 1


def test_the_same_payment_with_another_amount_is_a_conflict(branch, receivable):
    body = payload("wechat_paid.json", receivable)
    send(branch, body)

    with pytest.raises(Conflict, match="told before"):
        send(branch, body.replace(b"120.00", b"121.00"))


def test_a_replayed_or_forged_notification_is_refused(branch, receivable):
    body = payload("wechat_paid.json", receivable)
    headers = signature.sign(body, SECRET, branch.engine.clock.now())
    send(branch, body, headers=headers)

    with pytest.raises(signature.Replayed):
        send(
            branch,
            payload("bank_transfer.json"),
            headers=signature.sign(
                payload("bank_transfer.json"), SECRET, branch.engine.clock.now(), headers[signature.NONCE]
            ),
        )
    with pytest.raises(NotAllowed, match="signature"):
        send(branch, body + b" ", headers=headers)
    with pytest.raises(NotAllowed, match="signature"):
        send(branch, body, headers={})
    branch.engine.clock.advance(timedelta(minutes=6))
    with pytest.raises(NotAllowed, match="clock"):
        send(branch, body, headers=headers)


def test_nothing_is_accepted_while_no_secret_is_set(branch):
    body = payload("bank_transfer.json")
    headers = signature.sign(body, "", branch.engine.clock.now())
    unset = ConnectorSettings("ledger", dict(SETTINGS), {"gateway_secret": Secret("")})

    with pytest.raises(NotAllowed):
        take_webhook(branch.engine, unset, source="wechat", headers=headers, body=body)


def test_a_part_payment_leaves_the_rest_open(branch, receivable):
    send(branch, payload("wechat_paid.json", receivable).replace(b"120.00", b"50.00"))

    assert claim(branch, receivable).open_fen == 7000
    assert said(branch)[0][2]["balance"] == 70 and not said(branch)[0][2]["payment"]["settled"]


def test_too_much_becomes_the_payers_prepayment(branch, receivable):
    send(branch, payload("wechat_paid.json", receivable).replace(b"120.00", b"150.00"))

    assert balances(branch)["2203"] == -3000
    assert said(branch)[0][2]["payment"]["settled"]


def test_a_claim_that_is_short_by_a_tolerated_sum_is_settled(branch, receivable):
    send(branch, payload("wechat_paid.json", receivable).replace(b"120.00", b"119.50"))

    assert claim(branch, receivable).open_fen == 0
    assert (
        balances(branch)["6603-rounding"] == 50 and balances(branch)["1012"] == 11950 and "1122" not in balances(branch)
    )


def test_paying_twice_is_a_prepayment_and_still_told(branch, receivable):
    send(branch, payload("wechat_paid.json", receivable))
    send(branch, payload("wechat_paid.json", receivable).replace(b"4200002026010512345678", b"second"))

    assert balances(branch)["2203"] == -12000
    assert said(branch)[1][1] == receivable


def test_money_of_nobody_waits_to_be_identified(branch):
    send(branch, payload("bank_transfer.json"))

    assert balances(branch) == {"1002": 30000, "2241-unclaimed": -30000}
    assert said(branch)[0][:2] == ("payment.unidentified", "wechat:BANK-77")


def test_a_payers_money_goes_to_the_oldest_claim_first_and_each_process_is_told(branch, call):
    first = call(outbound.open_receivable, {"project": "yunting", "payer": "P2", "amount": 100}, key="a")[
        "receivable_id"
    ]
    branch.engine.clock.advance(timedelta(days=1))
    second = call(outbound.open_receivable, {"project": "yunting", "payer": "P2", "amount": 100}, key="b")[
        "receivable_id"
    ]
    body = payload("bank_transfer.json").replace(b'"300.00"', b'"150.00", "payer": "P2"')

    send(branch, body)

    assert (claim(branch, first).open_fen, claim(branch, second).open_fen) == (0, 5000)
    assert [(key, variables["payment"]["settled"]) for _, key, variables in said(branch)] == [
        (first, True),
        (second, False),
    ]


def test_a_payment_that_is_taken_back_reopens_the_claim(branch, receivable):
    send(branch, payload("wechat_paid.json", receivable))

    send(branch, payload("chargeback.json"))
    send(branch, payload("chargeback.json"))

    assert claim(branch, receivable).open_fen == 12000
    assert balances(branch) == {"1122": 12000, "6051-repair": -11009, "2221-output": -991}
    assert [message for message, _, _ in said(branch)] == ["payment.received", "payment.reversed"]
    assert said(branch)[1][2]["balance"] == 120
    with pytest.raises(NotFound):
        send(branch, payload("chargeback.json").replace(b"4200", b"9900"))


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"", ["body"]),
        (b"[]", ["body"]),
        (b'{"id": "", "amount": "0", "method": "gold", "paid_at": "yesterday"}', ["id", "method", "paid_at", "amount"]),
        (b'{"id": "1", "amount": 1.005, "method": "cash", "paid_at": "2026-01-01T00:00:00"}', ["paid_at", "amount"]),
        (
            b'{"id": {}, "amount": "1", "method": "cash", "paid_at": "2026-01-01T00:00:00Z", "receivable": "x"}',
            ["id", "receivable"],
        ),
        (
            b'{"event": "payment.stolen", "id": "1", "amount": "1", "method": "cash", "paid_at": "2026-01-01T00:00:00Z"}',
            ["event"],
        ),
        (b'{"event": "payment.reversed"}', ["id"]),
    ],
)
def test_a_malformed_notification_is_refused_field_by_field(body, where):
    with pytest.raises(Invalid) as caught:
        read("wechat", body)

    assert sorted({problem.where for problem in caught.value.problems}) == sorted(where)


def test_what_a_gateway_posts_is_read():
    assert read("wechat", payload("chargeback.json")) == TakenBack(
        "wechat", "4200002026010512345678", "cardholder disputes"
    )
    assert read("wechat", payload("bank_transfer.json")).paid_at == datetime(2026, 1, 6, 7, 0, tzinfo=UTC)


PAYMENT = Payment("x", "1", 0, "cash", datetime(2026, 1, 1, tzinfo=UTC), payer="P1")


@given(st.integers(1, 10**6), st.lists(st.integers(1, 10**5), max_size=6), st.integers(0, 200))
def test_every_fen_of_a_payment_goes_somewhere(amount, owed, tolerance):
    items = [
        claim_rows.Receivable(
            key=number, company=1, unit=1, payer="P1", payer_name="", room="", fee_item="repair", ticket="", instance="",
            due_on=PAYMENT.paid_at.date(), total_fen=fen, open_fen=fen, state=claim_rows.ReceivableState.OPEN, voucher=1,
            origin=str(number), created_at=PAYMENT.paid_at, settled_at=None,
        )
        for number, fen in enumerate(owed, start=1)
    ]  # fmt: skip

    found = allocate(Payment("x", "1", amount, "cash", PAYMENT.paid_at, payer="P1"), items, tolerance)

    assert sum(found.claims.values()) + found.prepaid_fen + found.unclaimed_fen - found.rounding_fen == amount
    assert all(0 < fen <= owed[key - 1] for key, fen in found.claims.items())
    assert 0 <= found.rounding_fen <= tolerance
    assert not (found.prepaid_fen and sum(found.claims.values()) < sum(owed))


def test_a_payment_over_a_claim_that_changes_meanwhile_is_not_booked_on_what_was(branch, call, receivable):
    payment = Payment("counter", "1", 12000, "cash", branch.engine.clock.now(), receivable=int(receivable))
    with branch.engine.store.read() as uow:
        planned = payments.plan(uow, payment, 0, 77)
    send(branch, payload("wechat_paid.json", receivable))

    with branch.engine.store.begin() as uow, pytest.raises(Exception, match="changed what is owed"):
        payments.book(uow, CHART, *planned, actor=payments.ACTOR)
