"""Databases for the engine's tests: SQLite in a file and a real PostgreSQL, each test in a fresh one; and the harness on them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.model.ports import FakeClock
from engine.services import checks, verify
from engine.store import schema
from engine.store.database import Store
from engine.testing import Harness

assert schema.metadata.tables


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables."""
    path = tmp_path_factory.mktemp("sqlite") / "ready.db"
    store = Store(f"sqlite:///{path}", clock=FakeClock())
    store.create_tables()
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A database in a file, with all tables and no rows."""
    path = tmp_path / "propflow.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """A fresh database, once of each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands at the beginning of 2026."""
    return FakeClock()


@pytest.fixture
def store(url: str, clock: FakeClock) -> Iterator[Store]:
    """A store on a fresh database, once of each kind."""
    store = Store(url, clock=clock)
    yield store
    store.close()


@pytest.fixture(params=["memory", "postgresql"])
def h(request: pytest.FixtureRequest, clock: FakeClock) -> Iterator[Harness]:
    """A harness on a fresh database, once of each kind; what must always hold is checked when the test is over."""
    store = None
    if request.param == "postgresql":
        store = Store(request.getfixturevalue("postgresql_url"), clock=clock)
    with Harness(store=store, clock=clock) as harness:
        yield harness
        assert checks.all_of_them(harness.engine) == []
        assert verify.everything(harness.engine).breaks == []
    if store is not None:
        store.close()
