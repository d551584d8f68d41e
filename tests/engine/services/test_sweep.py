"""A sweep for what is due costs in proportion to what is due, however many instances wait for later."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bench.timers import crowd, hasten, sweep
from engine.model.ports import FakeClock
from engine.services.engine import Engine
from engine.store.database import Store
from tests.meter import Meter


def cost(engine: Engine, due: int) -> int:
    """How many statements a sweep runs when so many timers are due."""
    hasten(engine, due)
    engine.clock.advance(timedelta(minutes=2))
    meter = Meter(engine.store)
    assert sweep(engine) == due
    return meter.statements


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_ten_thousand_instances_that_wait_make_no_sweep_dearer(kind, request):
    clock = FakeClock()
    store = Store(request.getfixturevalue(f"{kind}_url"), clock=clock)
    engine = Engine(store, clock)
    crowd(engine, 100)
    few = [cost(engine, due) for due in (1, 0, 1, 10)]

    crowd(engine, 10_000)
    many = [cost(engine, due) for due in (1, 0, 1, 10)]

    assert many[1:] == few[1:], "the first of each compiles the diagram"
    nothing, one, ten = many[1:]
    assert ten - nothing <= 10 * (one - nothing)
    store.close()


def test_what_is_due_is_found_by_an_index(sqlite_url):
    clock = FakeClock()
    store = Store(sqlite_url, clock=clock)
    crowd(Engine(store, clock), 100)
    with store.engine.connect() as connection:
        text = (
            "EXPLAIN QUERY PLAN SELECT key FROM job WHERE type = '' AND state IN ('due', 'running') AND NOT job.held"
            " AND coalesce(lease_until, due_at) <= '2026-01-01' ORDER BY coalesce(lease_until, due_at), key LIMIT 20"
        )
        plan = " ".join(row[3] for row in connection.exec_driver_sql(text))
    store.close()

    assert "ix_job_next" in plan
    assert "SCAN" not in plan and "TEMP B-TREE" not in plan
