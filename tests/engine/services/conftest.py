"""The cast's company, once in SQLite and once in PostgreSQL, and a ticket in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.model.ports import FakeClock
from engine.model.values import SYSTEM, Resource
from engine.services import repository, runtime, tasks
from engine.services.engine import Engine
from engine.store.database import Store
from tests import people
from tests.servers import PostgreSQL

TICKET = (Path(__file__).parent / "ticket.bpmn").read_bytes()


@pytest.fixture(scope="session")
def company_on_server(postgresql: PostgreSQL) -> people.Office:
    """The cast in its company, once, in a database that others are copied from."""
    name = postgresql.create("ready")
    postgresql.execute(f"ALTER DATABASE {name} RENAME TO company")
    store = Store(postgresql.url("company"), clock=FakeClock())
    office = people.found(Engine(store, FakeClock()))
    store.close()
    return office


@pytest.fixture
def office_on_server(postgresql: PostgreSQL, company_on_server: people.Office) -> Iterator[people.Office]:
    """The cast in its company, in a database of its own on a server."""
    name = postgresql.create("company")
    clock = FakeClock()
    store = Store(postgresql.url(name), clock=clock)
    yield dataclasses.replace(company_on_server, engine=Engine(store, clock))
    store.close()
    postgresql.drop(name)


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
