"""The migrations of telemetry keep what is in the tables, both ways."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from connectors.registry import BUILT_IN
from connectors.telemetry.store import arrivals
from engine.model.ports import FakeClock
from engine.store import migrate, roles
from engine.store.database import Store
from engine.store.roles import Role

BRANCHES = [BUILT_IN / "telemetry" / "migrations"]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
PLAIN = "nobody knows this device {yet}; enter it in the register"


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request, tmp_path):
    """A database as the first release made it, with a reason in plain text."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'p.db'}"
    else:
        server = request.getfixturevalue("postgresql")
        name = server.create()
        request.addfinalizer(lambda: server.drop(name))
        url = server.url(name)
    store = Store(url, clock=FakeClock())
    migrate.upgrade(store)
    migrate.upgrade(store, branches=BRANCHES, to="telemetry_0001")
    with store.begin() as uow:
        row = dict.fromkeys(("digest", "source", "topic", "device", "kind", "payload"), "x")
        plain = sa.table("telemetry_quarantine", *(sa.column(name) for name in (*row, "reason", "count")),
                         sa.column("first_at", sa.DateTime(timezone=True)), sa.column("last_at", sa.DateTime(timezone=True)))  # fmt: skip
        uow.execute(sa.insert(plain).values(**row, reason=PLAIN, count=3, first_at=NOW, last_at=NOW))
        uow.commit()
    yield store
    store.close()


def test_reasons_of_the_first_release_can_be_read_and_go_back(store):
    migrate.upgrade(store, branches=BRANCHES)

    with store.read() as uow:
        [entry] = arrivals.quarantined(uow)
    assert (str(entry.reason), entry.count) == (PLAIN, 3)

    migrate.downgrade(store, branches=BRANCHES, to="telemetry_0001")
    with store.read() as uow:
        assert uow.execute(sa.text("SELECT reason FROM telemetry_quarantine")).scalars().all() == [PLAIN]


def test_whoever_changed_devices_keeps_switching_rules_off_but_technicians_do_not(store):
    with store.begin() as uow:
        for code, pairs in {
            "chief": {("device", "update")},
            "lord": {("device", "*")},
            "technician": {("device", "update")},
            "guest": {("device", "read")},
        }.items():
            roles.put(uow, Role(code, code, code, frozenset(pairs)), new=True)
        uow.commit()

    def may():
        with store.read() as uow:
            return {code for code, role in roles.select(uow).items() if ("rule", "disable") in role.permissions}

    migrate.upgrade(store, branches=BRANCHES)
    assert may() == {"chief", "lord"}
    migrate.downgrade(store, branches=BRANCHES, to="telemetry_0003")
    assert may() == set()
