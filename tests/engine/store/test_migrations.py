"""Migrations make the tables that the engine works with, keep what is in them, and go back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

import connectors.schema
from engine.model.ports import FakeClock
from engine.store import migrate, schema
from engine.store.database import Store
from engine.testing import Harness
from tests.engine.diagrams import line, user

# connectors add their tables to the same metadata, and another test of this process may have imported them
BRANCHES = sorted((Path(connectors.schema.__file__).parent).glob("*/migrations"))


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request, tmp_path):
    """Make databases without any table, once of each kind."""
    stores = []

    def make() -> Store:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path / f'{len(stores)}.db'}"
        else:
            server = request.getfixturevalue("postgresql")
            name = server.create()
            request.addfinalizer(lambda: server.drop(name))
            url = server.url(name)
        stores.append(Store(url, clock=FakeClock()))
        return stores[-1]

    yield make
    for store in stores:
        store.close()


@pytest.fixture
def empty(fresh):
    return fresh()


def shape(store: Store) -> dict[str, object]:
    """Everything that the database itself knows of its tables."""
    with store.engine.connect() as connection:
        if store.is_sqlite:
            rows = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").all()
            return {f"{kind} {name}": normal(sql) for kind, name, sql in rows if name != "alembic_version"}
        columns = connection.exec_driver_sql(
            "SELECT table_name || '.' || column_name, data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '')"
            " || ' ' || coalesce(collation_name, '') || ' ' || coalesce(character_maximum_length::text, '')"
            " FROM information_schema.columns WHERE table_schema = 'public'"
        ).all()
        indexes = connection.exec_driver_sql(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        ).all()
        constraints = connection.exec_driver_sql(
            "SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace"
        ).all()
        comments = connection.exec_driver_sql(
            "SELECT c.relname || '#' || d.objsubid, d.description FROM pg_description d JOIN pg_class c ON c.oid = d.objoid"
            " WHERE c.relnamespace = 'public'::regnamespace"
        ).all()
        found = {name: text for rows in (columns, indexes, constraints, comments) for name, text in rows}
        return {name: text for name, text in found.items() if "alembic" not in name}


def normal(sql: str) -> list[str]:
    """A statement whatever the order of its columns and constraints."""
    inner = re.sub(r"\s+", " ", sql.replace('"', ""))
    return sorted(part.strip(" ()") for part in inner.split(","))


def test_migrations_make_exactly_the_tables_that_the_code_works_with(fresh):
    migrated, created = fresh(), fresh()

    migrate.upgrade(migrated, branches=BRANCHES)
    created.create_tables()

    made, meant = shape(migrated), shape(created)
    assert made.keys() == meant.keys()
    assert {name: (made[name], meant[name]) for name in made if made[name] != meant[name]} == {}


def test_migrations_go_back_to_nothing_and_forth_again(empty):
    assert migrate.missing(empty) == ["0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008"]
    migrate.upgrade(empty)
    assert migrate.missing(empty) == []
    migrate.upgrade(empty)

    migrate.downgrade(empty)

    assert shape(empty) == {}
    assert migrate.missing(empty) == ["0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008"]
    migrate.upgrade(empty, branches=BRANCHES)
    assert set(schema.metadata.tables) <= set(sa.inspect(empty.engine).get_table_names())


def test_rows_outlive_the_removal_of_what_came_after_them(empty):
    migrate.upgrade(empty)
    with Harness(store=empty, clock=FakeClock()) as h:
        h.deploy(line(user("a")))
        key = h.start("p", {"x": 1})

        migrate.downgrade(empty, to="0002")
        assert h.variables(key) == {"x": 1}
        migrate.upgrade(empty)

        assert h.active(key) == ["a"]
        assert h.tasks() == []


def test_a_connector_brings_a_branch_of_its_own(empty, tmp_path):
    (tmp_path / "0001_ledger.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        "revision = 'ledger_0001'\ndown_revision = None\nbranch_labels = ('ledger',)\ndepends_on = '0003'\n"
        "def upgrade():\n    op.create_table('voucher', sa.Column('key', sa.BigInteger(), primary_key=True))\n"
        "def downgrade():\n    op.drop_table('voucher')\n"
    )

    migrate.upgrade(empty)
    assert migrate.missing(empty, branches=[tmp_path]) == ["ledger_0001"]
    migrate.upgrade(empty, branches=[tmp_path])

    assert "voucher" in sa.inspect(empty.engine).get_table_names()
    migrate.downgrade(empty, branches=[tmp_path], to="ledger@base")
    assert "voucher" not in sa.inspect(empty.engine).get_table_names()
    assert "task" in sa.inspect(empty.engine).get_table_names()
