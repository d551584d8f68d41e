"""Issuing and taking back parts."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.stock import stock, store
from engine.errors import ConnectorError
from engine.model.ports import FakeClock
from engine.store.database import Store


def make_store():
    database = Store("sqlite://", clock=FakeClock())
    database.create_tables()
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


def test_parts_come_from_the_technicians_own_store_first_and_what_is_missing_is_named():
    database = make_store()

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
        "parts_missing": [{"item": "tap", "qty": 1}],
    }


def test_a_repeated_job_gets_the_first_answer_and_moves_nothing():
    database = make_store()
    first = stock.issue(database, reference="j1", ticket="T1", stores=STORES, parts=[{"item": "tap", "qty": 1}])

    again = stock.issue(database, reference="j1", ticket="T1", stores=STORES, parts=[{"item": "tap", "qty": 1}])

    assert again == first
    with database.read() as uow:
        assert store.levels(uow, STORES, ["tap"]) == {("technician:li", "tap"): 0, ("project:yunting", "tap"): 2000}


def test_returned_parts_lie_in_the_projects_store_again():
    database = make_store()
    issued = stock.issue(database, reference="j1", ticket="T1", stores=STORES, parts=[{"item": "tap", "qty": 2}])[
        "parts_issued"
    ]

    stock.take_back(database, reference="j2", ticket="T1", place="project:yunting", parts=issued)

    with database.read() as uow:
        assert store.levels(uow, STORES, ["tap"])["project:yunting", "tap"] == 3000


@pytest.mark.parametrize(
    "parts",
    [[{"item": "tap"}], [{"item": "tap", "qty": 0}], [{"item": "tap", "qty": "x"}], [{"item": "none", "qty": 1}], 7],
)
def test_malformed_or_unknown_parts_are_refused_for_good(parts):
    with pytest.raises(ConnectorError) as refusal:
        stock.issue(make_store(), reference="j1", ticket="T1", stores=STORES, parts=parts)

    assert refusal.value.permanent


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 5000), max_size=6))
def test_nothing_is_ever_issued_twice_or_below_zero(wanted):
    database = make_store()
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

    with database.read() as uow:
        left = Decimal(sum(store.levels(uow, STORES, ["wire"]).values())) / 1000
    assert left + issued == Decimal("10.5")
    assert left >= 0
