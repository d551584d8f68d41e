"""A batch over 220 instances whose workers are killed again and again: each instance has its turn once, and every count is right."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa

from engine.model.ports import SystemClock
from engine.model.values import SYSTEM, Resource
from engine.services import batches, repository, runtime
from engine.services.engine import Engine
from engine.store.database import Store
from engine.store.instances import Filter
from tests.engine.diagrams import line, user

ROOT = Path(__file__).parent.parent.parent
# between two that do their part: three that die of the same job would make it wait for a person
DEATHS = (("batch_item:7", "before_commit:12"), ("batch_item:18", "job_leased:1"), ("after_commit:9",))


def sql(url, statement):
    """Run plain SQL, not through the product."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        rows = connection.exec_driver_sql(statement)
        found = [tuple(row) for row in rows] if rows.returns_rows else []
    engine.dispose()
    return found


def work(url, crash="", jobs=50):
    words = [sys.executable, "-m", "tests.chaos.batch_victim", url, str(jobs)]
    return subprocess.run(
        words, cwd=ROOT, env={**os.environ, "PROPFLOW_CRASH": crash}, capture_output=True, timeout=300
    )


def test_workers_killed_in_mid_batch_leave_nothing_out_and_do_nothing_twice(tmp_path):
    url = f"sqlite:///{tmp_path / 'batch.db'}"
    store = Store(url, clock=SystemClock())
    store.create_tables()
    engine = Engine(store, SystemClock())
    repository.deploy(engine, [Resource("p.bpmn", line(user("a")))], actor=SYSTEM)
    keys = [runtime.start(engine, "p", actor=SYSTEM) for _ in range(220)]
    ended = keys[::10]
    batch = batches.begin(
        engine, batches.Orders(batches.BatchAction.CANCEL, reason="moved"), wanted=Filter(process_id="p"), actor=SYSTEM
    )
    for key in ended:
        runtime.cancel(engine, key, actor=SYSTEM, reason="before")
    store.close()

    for crashes in DEATHS:
        for crash in crashes:
            died = work(url, crash)
            assert died.returncode == -signal.SIGKILL, died.stderr.decode()[-3000:]
            sql(url, "UPDATE job SET lease_until = '2020-01-01 00:00:00.000000' WHERE state = 'running'")
            [(state, total, done, refused)] = sql(url, "SELECT state, total, done, refused FROM batch")
            [(counted,)] = sql(url, "SELECT count(*) FROM batch_item WHERE state <> 'left'")
            assert (state, total, done + refused) == ("running", 220, counted)
        assert work(url, jobs=1).returncode == 0
    last = work(url)

    assert last.returncode == 0, last.stderr.decode()[-3000:]
    assert sql(url, f"SELECT state, done, refused FROM batch WHERE key = {batch.key}") == [("completed", 198, 22)]
    assert sql(url, "SELECT DISTINCT state FROM instance") == [("canceled",)]
    twice = "SELECT instance FROM event WHERE kind = 'instance_canceled' GROUP BY instance HAVING count(*) <> 1"
    assert sql(url, twice) == []
    told = sql(url, "SELECT instance, reasons FROM batch_item WHERE state = 'refused' ORDER BY instance")
    assert [key for key, _ in told] == ended
    assert all(json.loads(reasons)[0]["message"]["params"]["state"] == "canceled" for _, reasons in told)
    assert sql(url, "SELECT count(*) FROM job") == [(0,)]
