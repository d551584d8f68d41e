"""The cast's company, once in SQLite and once in PostgreSQL, and a ticket in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from engine.model.ports import FakeClock
from engine.model.values import SYSTEM, Resource
from engine.services import checks, repository, runtime, tasks, verify
from engine.services.engine import Engine
from engine.store.database import Store
from engine.store.types import metadata
from tests import people
from tests.servers import PostgreSQL

TICKET = (Path(__file__).parent / "ticket.bpmn").read_bytes()


@dataclasses.dataclass(frozen=True)
class OnServer:
    """The company in a database that tests share one after another: ``reset`` makes it as it was, in some milliseconds."""

    server: PostgreSQL
    name: str
    tables: tuple[str, ...]
    office: people.Office

    def reset(self) -> None:
        """Empty every table and fill those again that had rows."""
        with psycopg.connect(self.server.dsn(self.name)) as connection:
            connection.execute("SET session_replication_role = replica")  # no foreign keys meanwhile
            connection.execute(";".join(f"DELETE FROM {name}" for name in self.tables))
            connection.execute(";".join(f"INSERT INTO {name} SELECT * FROM saved.{name}" for name in self.tables))


@pytest.fixture(scope="session")
def company_on_server(postgresql: PostgreSQL) -> OnServer:
    """The cast in its company, once, with a copy of every table."""
    name = postgresql.create("ready")
    store = Store(postgresql.url(name), clock=FakeClock())
    store.create_tables()
    office = people.found(Engine(store, FakeClock()))
    store.close()
    tables = tuple(f'"{table}"' for table in metadata.tables)
    with psycopg.connect(postgresql.dsn(name)) as connection:
        connection.execute("CREATE SCHEMA saved")
        for table in tables:
            connection.execute(f"CREATE TABLE saved.{table} AS TABLE {table}")
    return OnServer(postgresql, name, tables, office)


@pytest.fixture
def office_on_server(company_on_server: OnServer) -> Iterator[people.Office]:
    """The cast in its company, in a database on a server."""
    clock = FakeClock()
    store = Store(company_on_server.server.url(company_on_server.name), clock=clock)
    yield dataclasses.replace(company_on_server.office, engine=Engine(store, clock))
    store.close()
    company_on_server.reset()


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest) -> people.Office:
    """The cast in its company, once in each kind of database."""
    name = "office_on_server" if request.param == "postgresql" else "office_in_memory"
    found: people.Office = request.getfixturevalue(name)
    return found


@dataclasses.dataclass(frozen=True)
class Ticket:
    """An instance at Yunting with one open task."""

    instance: int
    task: int


@pytest.fixture
def ticket(office: people.Office) -> Ticket:
    """A ticket at Yunting, offered to technicians."""
    repository.deploy(office.engine, [Resource("ticket.bpmn", TICKET)], actor=SYSTEM)
    instance = runtime.start(office.engine, "ticket", {}, unit=office.unit("yunting"), actor=SYSTEM)
    [task] = tasks.of_instance(office.engine, instance, actor=SYSTEM)
    return Ticket(instance, task.key)


@pytest.fixture(autouse=True)
def what_must_always_hold(request: pytest.FixtureRequest) -> Iterator[None]:
    """When a test is over: nothing is stuck, nothing is left over, every history is as it was written."""
    there = request.getfixturevalue("office") if "office" in request.fixturenames else None
    yield
    if there is not None and "breaks_the_database" not in request.keywords:
        assert checks.all_of_them(there.engine) == []
        assert verify.everything(there.engine).breaks == []
