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
from tests.servers import PostgreSQL

TEMPLATE = "branch"


@pytest.fixture(scope="session")
def branch_on_server(postgresql: PostgreSQL) -> people.Office:
    """The cast in its company, once, as a template on the server."""
    name = postgresql.create()
    postgresql.execute(f"ALTER DATABASE {name} RENAME TO {TEMPLATE}")
    clock = FakeClock()
    store = Store(postgresql.url(TEMPLATE), clock=clock)
    store.create_tables()
    office = people.found(Engine(store, clock))
    store.close()
    return office


@pytest.fixture
def branch(request: pytest.FixtureRequest) -> Iterator[people.Office]:
    """The cast in its company, with the tables of every connector; in memory, or on a server for tests that say so."""
    if getattr(request, "param", "memory") == "memory":
        office: people.Office = request.getfixturevalue("office")
        office.engine.store.create_tables()
        yield office
        return
    there: people.Office = request.getfixturevalue("branch_on_server")
    server: PostgreSQL = request.getfixturevalue("postgresql")
    name = server.create(TEMPLATE)
    clock = FakeClock()
    store = Store(server.url(name), clock=clock)
    yield dataclasses.replace(there, engine=Engine(store, clock))
    store.close()
    server.drop(name)
