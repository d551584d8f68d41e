"""Issuing and taking back parts."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.stock import stock, store
from engine.errors import ConnectorError
from engine.model.ports import FakeClock
from engine.store.database import Store


@pytest.fixture
def database(branch):
    """A database with two items, some of them in a project's store and in a technician's bag."""
    return filled(branch.engine.store)


def filled(database):
    with database.begin() as uow:
        store.put_items(
            uow,
            [
                {
                    "code": "tap",
                    "name_zh": "水龙头",
                    "name_en": "Tap",
                    "measure": "个",
                    "price_fen": 4550,
                    "price_min_fen": 4000,
                    "price_max_fen": 5000,
                    "cost_fen": 3000,
                },
                {
                    "code": "wire",
                    "name_zh": "电线",
                    "name_en": "Wire",
                    "measure": "米",
                    "price_fen": 320,
                    "cost_fen": 210,
                },
            ],
        )
        uow.commit()
    stock.receive(
        database,
        reference="r1",
        place="project:yunting",
        parts=[{"item": "tap", "qty": 2}, {"item": "wire", "qty": "10.5"}],
    )
    stock.receive(database, reference="r2", place="technician:li", parts=[{"item": "tap", "qty": 1}])
    return database


STORES = ["technician:li", "project:yunting"]


def test_parts_come_from_the_technicians_own_store_first_and_what_is_missing_is_named(database):
    answer = stock.issue(
        database,
        reference="j1",
        ticket="T1",
        stores=STORES,
        parts=[{"item": "tap", "qty": 4}, {"item": "wire", "qty": "0.5"}],
    )

    assert answer == {
        "parts_issued": [
            {"item": "tap", "name": "水龙头", "qty": 3, "unit_price": Decimal("45.5"), "unit_cost": 30},
            {
                "item": "wire",
                "name": "电线",
                "qty": Decimal("0.5"),
                "unit_price": Decimal("3.2"),
                "unit_cost": Decimal("2.1"),
            },
        ],
        "parts_missing": [{"item": "tap", "name": "水龙头", "qty": 1}],
        "to_hand_out": True,
    }


def test_what_a_technician_has_in_the_bag_need_not_be_handed_out(database):
    own = stock.issue(database, reference="j1", ticket="T1", stores=STORES, parts=[{"item": "tap", "qty": 1}])
    more = stock.issue(database, reference="j2", ticket="T1", stores=STORES, parts=[{"item": "tap", "qty": 1}])

    assert (own["to_hand_out"], more["to_hand_out"]) == (False, True)


def test_parts_are_listed_with_what_lies_where_and_between_which_prices(database):
    with database.begin() as uow:
        bought = {"name_zh": "阀", "name_en": "Valve", "measure": "个", "price_fen": 900, "cost_fen": 500}
        store.put_items(uow, [{"code": "bolt", **bought}])
        uow.commit()

    tap, wire, bolt = listed = stock.listed(database, own="technician:li", project="project:yunting")

    assert [each["code"] for each in listed] == ["tap", "wire", "bolt"], "what lies there comes first"
    assert tap == {
        "code": "tap",
        "label": "水龙头 · 个人 1 · 共 3 个 · ¥40.00–50.00 · tap",
        "label_en": "Tap · own 1 · 3 in all · ¥40.00–50.00 · tap",
        "own": 1,
        "on_hand": 3,
        "price": Decimal("45.5"),
        "price_min": 40,
        "price_max": 50,
    }
    assert (wire["own"], wire["on_hand"], wire["price_min"], wire["price_max"]) == (
        0,
        Decimal("10.5"),
        Decimal("3.2"),
        Decimal("3.2"),
    )
    assert bolt["on_hand"] == 0


def test_a_list_ends_where_it_would_be_no_choice(database):
    rows = [
        {"code": f"z{n:03d}", "name_zh": "件", "name_en": "Part", "measure": "个", "price_fen": 1, "cost_fen": 1}
        for n in range(stock.LISTED)
    ]
    with database.begin() as uow:
        store.put_items(uow, rows)
        uow.commit()

    listed = stock.listed(database, own="", project="project:yunting")

    assert len(listed) == stock.LISTED
    assert [each["code"] for each in listed[:2]] == ["tap", "wire"]


def test_parts_that_others_took_meanwhile_are_missing_and_not_issued_twice(database):
    seen = stock.listed(database, own="", project="project:yunting")
    stock.issue(database, reference="j1", ticket="T1", stores=["project:yunting"], parts=[{"item": "tap", "qty": 2}])

    late = stock.issue(
        database, reference="j2", ticket="T2", stores=["project:yunting"], parts=[{"item": "tap", "qty": 2}]
    )

    assert seen[0]["on_hand"] == 2
    assert (late["parts_issued"], late["parts_missing"]) == ([], [{"item": "tap", "name": "水龙头", "qty": 2}])


def test_what_was_bought_lies_in_the_projects_store_and_what_did_not_come_does_not(database):
    came = [{"item": "tap", "qty": 5}, {"item": "wire", "qty": 0}]

    stock.receive(database, reference="b1", place="project:yunting", parts=came)
    stock.receive(database, reference="b1", place="project:yunting", parts=came)

    with database.begin() as uow:
        assert store.levels(uow, STORES, ["tap", "wire"])["project:yunting", "tap"] == 7000
    with pytest.raises(ConnectorError):
        stock.receive(database, reference="b2", place="project:yunting", parts=[{"item": "none", "qty": 1}])


def test_all_that_is_still_out_on_a_ticket_comes_back_when_nobody_says_what(database):
    stock.issue(database, reference="j1", ticket="T1", stores=STORES, parts=[{"item": "tap", "qty": 2}])
    stock.issue(database, reference="j2", ticket="T2", stores=STORES, parts=[{"item": "wire", "qty": 1}])
    stock.take_back(database, reference="j3", ticket="T1", place="project:yunting", parts=[{"item": "tap", "qty": 1}])

    for reference in ("j4", "j5"):
        stock.take_back(database, reference=reference, ticket="T1", place="project:yunting", parts=None)

    with database.begin() as uow:
        assert store.levels(uow, ["project:yunting"], ["tap", "wire"]) == {
            ("project:yunting", "tap"): 3000,
            ("project:yunting", "wire"): 9500,
        }
        assert store.still_out(uow, "T1") == {}


def test_a_repeated_job_gets_the_first_answer_and_moves_nothing(database):
    first = stock.issue(database, reference="j1", ticket="T1", stores=STORES, parts=[{"item": "tap", "qty": 1}])

    again = stock.issue(database, reference="j1", ticket="T1", stores=STORES, parts=[{"item": "tap", "qty": 1}])

    assert again == first
    with database.begin() as uow:
        assert store.levels(uow, STORES, ["tap"]) == {("technician:li", "tap"): 0, ("project:yunting", "tap"): 2000}


def test_returned_parts_lie_in_the_projects_store_again(database):
    issued = stock.issue(database, reference="j1", ticket="T1", stores=STORES, parts=[{"item": "tap", "qty": 2}])[
        "parts_issued"
    ]

    stock.take_back(database, reference="j2", ticket="T1", place="project:yunting", parts=issued)

    with database.begin() as uow:
        assert store.levels(uow, STORES, ["tap"])["project:yunting", "tap"] == 3000


@pytest.mark.parametrize(
    "parts",
    [[{"item": "tap"}], [{"item": "tap", "qty": 0}], [{"item": "tap", "qty": "x"}], [{"item": "none", "qty": 1}], 7],
)
def test_malformed_or_unknown_parts_are_refused_for_good(database, parts):
    with pytest.raises(ConnectorError) as refusal:
        stock.issue(database, reference="j1", ticket="T1", stores=STORES, parts=parts)

    assert refusal.value.permanent


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 5000), max_size=6))
def test_nothing_is_ever_issued_twice_or_below_zero(wanted):
    database = Store("sqlite://", clock=FakeClock())
    database.create_tables()
    filled(database)
    issued = 0
    for number, milli in enumerate(wanted):
        answer = stock.issue(
            database,
            reference=f"j{number}",
            ticket="T",
            stores=STORES,
            parts=[{"item": "wire", "qty": Decimal(milli) / 1000}],
        )
        issued += sum(Decimal(part["qty"]) for part in answer["parts_issued"])

    with database.begin() as uow:
        left = Decimal(sum(store.levels(uow, STORES, ["wire"]).values())) / 1000
    assert left + issued == Decimal("10.5")
    assert left >= 0
