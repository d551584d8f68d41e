"""Fixtures that several folders share."""

from __future__ import annotations

import dataclasses
import shutil
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, expect, sync_playwright

from engine.model.ports import FakeClock
from engine.services.engine import Engine
from engine.store import schema
from engine.store.database import Store
from tests import people
from tests.databases import Reused
from tests.servers import PostgreSQL

assert schema.metadata.tables

# the same examples each time, however slow the machine: what judges a change must not depend on luck; `make test-long` looks for new ones
PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("steady", derandomize=True, **PATIENT)
settings.register_profile("search", **PATIENT)
settings.load_profile("steady")
expect.set_options(timeout=30_000)

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


class Compiled(dict[Any, Any]):
    """Statements that SQLAlchemy has compiled, by what they say: its keys begin with the dialect, which every engine has anew."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(key[1:], default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key[1:], value)


@pytest.fixture(scope="session", autouse=True)
def statements_stay_compiled() -> Iterator[None]:
    """Compile a statement once for all databases of a kind, as one long-lived process does; it was a quarter of the time."""
    known: defaultdict[str, Compiled] = defaultdict(Compiled)

    def remember(connection: sa.Connection) -> None:
        connection.execution_options(compiled_cache=known[connection.dialect.name])

    sa.event.listen(sa.Engine, "engine_connect", remember)
    yield
    sa.event.remove(sa.Engine, "engine_connect", remember)


@pytest.fixture(scope="session")
def company() -> tuple[bytes, people.Office]:
    """The cast in its company, once: the bytes of the database, and what is in it."""
    clock = FakeClock()
    store = Store("sqlite://", clock=clock)
    store.create_tables()
    office = people.found(Engine(store, clock))
    with store.engine.connect() as connection:
        content = connection.connection.driver_connection.serialize()
    store.close()
    return content, office


@pytest.fixture
def office_in_memory(company: tuple[bytes, people.Office]) -> Iterator[people.Office]:
    """The cast in its company, in a database of its own."""
    content, there = company
    clock = FakeClock()
    store = Store("sqlite://", clock=clock)
    with store.engine.connect() as connection:
        connection.rollback()
        connection.connection.driver_connection.deserialize(content)
    yield dataclasses.replace(there, engine=Engine(store, clock))
    store.close()


@pytest.fixture
def office(office_in_memory: people.Office) -> people.Office:
    """The cast in its company; folders that must hold on every database say so in their own conftest."""
    return office_in_memory


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A server, with a template database that has all tables."""
    with PostgreSQL() as server:
        name = server.create()
        server.execute(f"ALTER DATABASE {name} RENAME TO ready")
        store = Store(server.url("ready"), clock=FakeClock())
        store.create_tables()
        store.close()
        yield server


@pytest.fixture(scope="session")
def emptied(postgresql: PostgreSQL) -> Reused:
    """A database on a server, with all tables and no rows, for one test after another."""
    return Reused(postgresql, postgresql.create("ready"))


@pytest.fixture
def postgresql_url(emptied: Reused) -> Iterator[str]:
    """A database on a server, with all tables and no rows."""
    yield emptied.url
    emptied.reset()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A browser without a screen; one for all, since Playwright runs once in a process. A missing one fails: nothing is skipped."""
    program = shutil.which("chromium")
    assert program, "chromium is not installed; tests/system-packages.sh installs what the tests need"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=list(QUIET))
        yield launched
        launched.close()
