"""The cast's company, once in SQLite and once in PostgreSQL, and a ticket in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.model.ports import FakeClock
from engine.model.values import SYSTEM, Resource
from engine.services import checks, repository, runtime, tasks, verify
from engine.services.engine import Engine
from engine.store.database import Store
from tests import people
from tests.databases import Reused
from tests.servers import PostgreSQL

TICKET = (Path(__file__).parent / "ticket.bpmn").read_bytes()


@pytest.fixture(scope="session")
def company_on_server(postgresql: PostgreSQL) -> tuple[Reused, people.Office]:
    """The cast in its company, once, in a database for one test after another."""
    name = postgresql.create("ready")
    store = Store(postgresql.url(name), clock=FakeClock())
    office = people.found(Engine(store, FakeClock()))
    store.close()
    return Reused(postgresql, name), office


@pytest.fixture
def office_on_server(company_on_server: tuple[Reused, people.Office]) -> Iterator[people.Office]:
    """The cast in its company, in a database on a server."""
    database, office = company_on_server
    clock = FakeClock()
    store = Store(database.url, clock=clock)
    yield dataclasses.replace(office, engine=Engine(store, clock))
    store.close()
    database.reset()


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
