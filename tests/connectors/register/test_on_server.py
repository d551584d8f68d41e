"""The register on PostgreSQL, and its migrations both ways on real rows, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

import connectors.register
import connectors.schema
from connectors.calls import JobCall
from connectors.register import outbound
from connectors.register.store import crew, devices, people, places, tickets, vendors
from connectors.settings import ConnectorSettings
from engine.model.ports import SystemClock
from engine.services import units
from engine.services.engine import Engine
from engine.store import migrate
from engine.store.database import Store
from tests.servers import PostgreSQL
from webui.demo import company

MIGRATIONS = Path(connectors.register.__file__).parent / "migrations"
SETTINGS = ConnectorSettings("register", {}, {})
TABLES = {
    table.name
    for module in (crew, devices, people, places, tickets, vendors)
    for table in vars(module).values()
    if isinstance(table, sa.Table) and table.name.startswith("register_")
}


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A database without any table."""
    if request.param == "sqlite":
        store = Store(f"sqlite:///{tmp_path / 'propflow.db'}", clock=SystemClock())
        yield store
        store.close()
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    name = server.create()
    store = Store(server.url(name), clock=SystemClock())
    yield store
    store.close()
    server.drop(name)


@pytest.fixture
def demo(empty: Store) -> Engine:
    """The demo company in a database that migrations made."""
    migrate.upgrade(empty, branches=[MIGRATIONS])
    engine = Engine(empty, SystemClock())
    company.create(engine, date.today())  # noqa: DTZ011 - the demo is relative to the day on which it is made
    return engine


def call(engine, operation, key, **variables):
    unit = units.by_code(engine, "yunting").key
    return operation(
        JobCall(engine=engine, settings=SETTINGS, type=operation.__name__, variables=variables, key=key, unit=unit)
    )


def names(store):
    return set(sa.inspect(store.engine).get_table_names())


def test_migrations_make_the_tables_that_the_code_declares(empty):
    migrate.upgrade(empty, branches=[MIGRATIONS])

    assert names(empty) >= TABLES
    inspector = sa.inspect(empty.engine)
    for module in (crew, devices, people, places, tickets, vendors):
        for table in vars(module).values():
            if isinstance(table, sa.Table) and table.name in TABLES:
                found = {column["name"]: bool(column["nullable"]) for column in inspector.get_columns(table.name)}
                assert found == {column.name: bool(column.nullable) for column in table.columns}, table.name
                indexes = {index["name"] for index in inspector.get_indexes(table.name)}
                assert {index.name for index in table.indexes} <= indexes, table.name


def test_migrations_go_back_and_forth_over_real_rows(demo):
    migrate.downgrade(demo.store, branches=[MIGRATIONS], to="register@base")
    assert not names(demo.store) & TABLES

    migrate.upgrade(demo.store, branches=[MIGRATIONS])
    assert names(demo.store) >= TABLES
    company.create(demo, date.today())  # noqa: DTZ011 - as above
    assert migrate.missing(demo.store, branches=[MIGRATIONS]) == []


def test_of_many_reports_at_once_one_is_the_first(demo):
    def report(number):
        on = {"ticket_no": f"R{number}", "room": "1-1502", "category": "burst_pipe"}
        return call(demo, outbound.check_reporter, f"{number}:1", **on)["duplicate_of"]

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(report, range(12)))

    assert answers.count(None) == 1
    assert len(set(answers)) == 2


def test_turns_that_are_given_at_once_go_to_different_people(demo):
    def turn(number):
        on = {"category": "leakage", "priority": "P1"}
        return call(demo, outbound.next_in_rotation, f"{number}:1", **on)["technician"]

    with ThreadPoolExecutor(4) as pool:
        first = [one and one["account"] for one in pool.map(turn, range(6))]

    [free] = {len(set(first))}
    assert max(map(first.count, set(first))) - min(map(first.count, set(first))) <= 1, (free, first)
