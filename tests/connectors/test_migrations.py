"""The migrations of the engine and of every connector together make the tables that the product works with, and go back."""

from __future__ import annotations

import subprocess
import sys

import pytest
import sqlalchemy as sa

import connectors.schema  # noqa: F401 - declares the connectors' tables
from connectors.registry import BUILT_IN
from engine.model.ports import SystemClock
from engine.store import migrate
from engine.store.database import Store
from engine.store.types import metadata
from tests.engine.store.test_migrations import shape
from webui import compose

BRANCHES = sorted(BUILT_IN.glob("*/migrations"))


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request, tmp_path):
    """Make databases without any table, of each kind."""
    stores = []

    def make(again: str = "") -> Store:
        url = again or f"sqlite:///{tmp_path / f'{len(stores)}.db'}"
        if request.param == "postgresql" and not again:
            server = request.getfixturevalue("postgresql")
            name = server.create()
            request.addfinalizer(lambda: server.drop(name))
            url = server.url(name)
        stores.append(Store(url, clock=SystemClock()))
        stores[-1].url = url
        return stores[-1]

    yield make
    for store in stores:
        store.close()


def test_migrations_make_exactly_the_tables_of_the_engine_and_of_every_connector(fresh):
    migrated, created = fresh(), fresh()

    compose.migrate(migrated)
    created.create_tables()

    made, meant = shape(migrated), shape(created)
    assert made.keys() == meant.keys()
    assert {name: (made[name], meant[name]) for name in made if made[name] != meant[name]} == {}


def test_every_connector_goes_back_and_forth_again(fresh):
    store = fresh()
    compose.migrate(store)

    migrate.downgrade(store, branches=BRANCHES)

    assert shape(store) == {}
    compose.migrate(store)
    assert set(metadata.tables) <= set(sa.inspect(store.engine).get_table_names())


def test_processes_that_start_together_migrate_once(fresh):
    store = fresh()
    program = (
        "from engine.model.ports import SystemClock\n"
        "from engine.store.database import Store\n"
        "from webui import compose\n"
        f"compose.migrate(Store({store.url!r}, clock=SystemClock()))"
    )

    started = [subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE) for _ in range(3)]
    said = [process.communicate(timeout=300)[1].decode() for process in started]

    assert [process.returncode for process in started] == [0, 0, 0], said
    assert migrate.missing(store, branches=BRANCHES) == []
