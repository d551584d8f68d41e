from __future__ import annotations

import threading
from datetime import date

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.ledger import books, periods
from connectors.ledger.books import PeriodLocked
from connectors.ledger.chart import read_chart, read_rates, shipped_chart, shipped_rates
from connectors.ledger.store import vouchers as rows
from connectors.ledger.voucher import Draft, Line, Side, credit, debit
from engine.errors import ConcurrentUpdate, Conflict, IllegalTransition, Invalid, NotFound
from engine.model.ports import FakeClock
from engine.model.values import SYSTEM
from engine.services.engine import Engine
from engine.store.database import Store

CHART = shipped_chart()
DAY = date(2026, 1, 5)


def draft(key="k1", fen=25200, day=DAY, account="6001-fee"):
    return Draft(key, day, "bill", "bill", (debit("1122", fen, payer="P1"), credit(account, fen)))


def post(branch, drafted, **more):
    with branch.engine.store.begin() as uow:
        posted = books.post(uow, drafted, CHART, unit=branch.unit("yunting"), actor="user:1", **more)
        uow.commit()
    return posted


def balances(branch, **more):
    with branch.engine.store.read() as uow:
        return rows.balances(uow, branch.unit("chengdu"), **more)


LINES = st.lists(
    st.tuples(
        st.sampled_from(sorted(CHART.accounts)), st.sampled_from(Side), st.integers(-(10**9), 10**9).filter(bool)
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(LINES)
def test_the_books_balance_whatever_is_posted_and_a_reversal_restores_every_balance(branch, parts):
    lines = [Line(account, side, fen) for account, side, fen in parts]
    rest = sum(line.signed_fen for line in lines)
    lines = [*lines, credit("1002", rest)] if rest else lines
    before = balances(branch)
    key = str(branch.engine.store.new_key())
    drafted = Draft(key, DAY, "any", "any", tuple(lines))
    if len(lines) < 2:
        return

    posted = post(branch, drafted)
    again = post(branch, drafted)

    assert again.duplicate and again.voucher == posted.voucher
    assert sum(balances(branch).values()) == 0
    with branch.engine.store.begin() as uow:
        books.reverse(uow, posted.voucher.key, CHART, key=f"r{key}", day=DAY, reason="test", actor="user:1")
        uow.commit()
    after = balances(branch)
    assert {account: after[account] for account in after if after[account] != before.get(account, 0)} == {}


def test_a_voucher_belongs_to_the_company_above_its_unit_and_is_numbered_without_gaps(branch):
    first, second = post(branch, draft("k1")), post(branch, draft("k2"))

    assert first.voucher.company == branch.unit("chengdu")
    assert (first.voucher.ref, second.voucher.ref) == ("记-2026-01-0001", "记-2026-01-0002")


def test_the_same_key_with_other_content_is_a_conflict(branch):
    post(branch, draft("k1", 100))

    with pytest.raises(Conflict, match="k1"):
        post(branch, draft("k1", 101))


def test_the_same_voucher_after_midnight_is_still_the_same_voucher(branch):
    first = post(branch, draft("k1"))

    again = post(branch, draft("k1", day=date(2026, 1, 6)))

    assert again.duplicate and again.voucher.key == first.voucher.key


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ((debit("1122", 100), credit("6001-fee", 99)), "debits are 1.00 and credits 0.99"),
        ((debit("1122", 100), credit("9999", 100)), "no account 9999"),
        ((debit("1122", 100, colour="red"), credit("6001-fee", 100)), "no dimension colour"),
        ((), "2 to 1000 lines"),
        ((debit("1122", 0), credit("6001-fee", 0)), "2 to 1000 lines"),
        ((debit("1122", 10**16), credit("6001-fee", 10**16)), "beyond any sum"),
    ],
)
def test_a_voucher_that_is_wrong_is_refused_with_every_reason(branch, lines, says):
    with pytest.raises(Invalid, match=says):
        post(branch, Draft("k1", DAY, "bill", "bill", lines))

    assert balances(branch) == {}


def test_a_locked_period_refuses_a_charge_and_moves_money_that_has_come(branch):
    periods.lock(branch.engine, branch.unit("chengdu"), "2026-01", actor=SYSTEM)

    with pytest.raises(PeriodLocked):
        post(branch, draft("k1"))
    moved = post(branch, draft("k2"), move_if_locked=True)

    assert (moved.voucher.period, moved.voucher.day, moved.moved_from) == ("2026-02", date(2026, 2, 1), "2026-01")
    assert "2026-01" in moved.voucher.memo


def test_a_voucher_is_taken_back_once(branch):
    posted = post(branch, draft("k1"))

    def reverse(key, voucher=posted.voucher.key):
        with branch.engine.store.begin() as uow:
            red = books.reverse(uow, voucher, CHART, key=key, day=DAY, reason="wrong room", actor="user:1")
            uow.commit()
            return red

    red = reverse("r1")
    assert reverse("r1").duplicate
    with pytest.raises(IllegalTransition, match="already"):
        reverse("r2")
    with pytest.raises(IllegalTransition, match="itself a reversal"):
        reverse("r3", red.voucher.key)
    with pytest.raises(NotFound):
        reverse("r4", 12345)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_voucher SET memo = 'x'",
        "DELETE FROM ledger_voucher",
        "UPDATE ledger_line SET amount_fen = 1",
        "DELETE FROM ledger_line",
        "INSERT INTO ledger_line SELECT voucher, 9, company, day, account, side, amount_fen, project, room, payer, fee_item,"
        " period, contract, ticket, instance, invoice, receivable FROM ledger_line WHERE number = 1",
    ],
)
def test_the_database_itself_refuses_to_change_what_is_posted(branch, statement):
    post(branch, draft("k1"))

    with branch.engine.store.begin() as uow, pytest.raises(sa.exc.IntegrityError, match="posted"):
        uow.execute(sa.text(statement))


def test_the_database_itself_refuses_a_voucher_that_does_not_balance(branch):
    lopsided = Draft("k1", DAY, "bill", "bill", (debit("1122", 100), credit("6001-fee", 99)))

    with branch.engine.store.begin() as uow, pytest.raises(sa.exc.IntegrityError, match="do not balance"):
        rows.add(uow, lopsided, key=1, company=1, unit=1, period_="2026-01", number=1, actor="user:1")


def test_lines_without_a_voucher_are_never_kept(branch):
    with branch.engine.store.begin() as uow:
        uow.execute(
            sa.text(
                "INSERT INTO ledger_line VALUES (7, 1, 1, '2026-01-05', '1122', 'debit', 5, '', '', '', '', '', '', '', '', '', '')"
            )
        )
        with pytest.raises(sa.exc.IntegrityError):
            uow.commit()


def test_two_who_post_the_same_key_at_once_post_one_voucher(branch, tmp_path):
    store = Store(f"sqlite:///{tmp_path}/books.db", clock=FakeClock())
    store.create_tables()
    engine = Engine(store, store._clock)
    with store.begin() as uow:
        uow.execute(
            sa.text(
                "INSERT INTO unit (key, parent, kind, code, name_zh, name_en, zone, path, valid)"
                " VALUES (5, NULL, 'company', 'c', 'c', 'c', 'Asia/Shanghai', '/5/', 1)"
            )
        )
        uow.commit()
    posted, barrier = [], threading.Barrier(4)

    def one():
        barrier.wait()
        for _ in range(5):
            try:
                with engine.store.begin() as uow:
                    posted.append(books.post(uow, draft("k1"), CHART, unit=5, actor="user:1"))
                    uow.commit()
                return
            except ConcurrentUpdate:
                continue

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(posted) == 4
    assert sum(not each.duplicate for each in posted) == 1
    assert len({each.voucher.key for each in posted}) == 1
    store.close()


def test_balances_are_narrowed_by_day_and_dimension(branch):
    post(branch, draft("k1", 100))
    post(branch, draft("k2", 50, day=date(2026, 2, 1)))

    assert balances(branch, until=date(2026, 1, 31)) == {"1122": 100, "6001-fee": -100}
    assert balances(branch, payer="P1") == {"1122": 150}


# ---- chart and rates ------------------------------------------------------------------------------------------------


def test_every_part_of_the_shipped_chart_is_played_by_an_account():
    assert set(CHART.roles.values()) <= set(CHART.accounts)
    assert all(account.title["zh"] and account.title["en"] for account in CHART.accounts.values())


def test_a_chart_with_errors_names_all_of_them():
    with pytest.raises(Invalid) as caught:
        read_chart('[roles]\ncash = "1"\n[account]\n5-x = { kind = "toy", title = {} }\n')

    assert [problem.where for problem in caught.value.problems] == ["account.5-x", "account.5-x", "roles.cash"]


def test_a_rate_holds_from_its_day_on():
    rates = read_rates(
        '[[rate]]\nkind = "a"\nrate = "0.10"\nfrom = 2018-05-01\n[[rate]]\nkind = "a"\nrate = "0.09"\nfrom = 2019-04-01\n'
    )

    assert str(rates.on("a", date(2019, 3, 31))) == "0.10"
    assert str(rates.on("a", date(2019, 4, 1))) == "0.09"
    with pytest.raises(NotFound):
        rates.on("a", date(2018, 4, 30))
    assert str(shipped_rates().on("property_service", DAY)) == "0.06"
