"""The cast's company with the connectors' tables."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

import connectors.schema  # noqa: F401 - declares their tables
from engine.model.ports import FakeClock
from engine.services.engine import Engine
from engine.store.database import Store
from tests import people
from tests.databases import Reused
from tests.servers import PostgreSQL


@pytest.fixture(scope="session")
def branch_on_server(postgresql: PostgreSQL) -> tuple[Reused, people.Office]:
    """The cast in its company, once, in a database for one test after another."""
    name = postgresql.create()
    store = Store(postgresql.url(name), clock=FakeClock())
    store.create_tables()
    office = people.found(Engine(store, FakeClock()))
    store.close()
    return Reused(postgresql, name), office


@pytest.fixture
def branch(request: pytest.FixtureRequest) -> Iterator[people.Office]:
    """The cast in its company, with the tables of every connector; in memory, or on a server for tests that say so."""
    if getattr(request, "param", "memory") == "memory":
        office: people.Office = request.getfixturevalue("office")
        office.engine.store.create_tables()
        yield office
        return
    database, there = request.getfixturevalue("branch_on_server")
    clock = FakeClock()
    store = Store(database.url, clock=clock)
    yield dataclasses.replace(there, engine=Engine(store, clock))
    store.close()
    database.reset()
