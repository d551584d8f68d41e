"""A sweep over many live instances that wait for their timers: what it costs when a few are due, beside how many wait."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import process_time

import sqlalchemy as sa

from bench.measure import Figure
from engine.model.ports import FakeClock
from engine.model.values import SYSTEM, Resource
from engine.services import jobs, repository, runtime
from engine.services.engine import Engine
from engine.store import instances, migrate, snapshots
from engine.store import jobs as job_rows
from engine.store.database import Store

WAIT = (
    b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    b' id="d" targetNamespace="t"><process id="p" isExecutable="true"><startEvent id="s"/>'
    b'<intermediateCatchEvent id="wait"><timerEventDefinition><timeDuration xsi:type="tFormalExpression">P30D</timeDuration>'
    b'</timerEventDefinition></intermediateCatchEvent><endEvent id="e"/><sequenceFlow id="f" sourceRef="s" targetRef="wait"/>'
    b'<sequenceFlow id="g" sourceRef="wait" targetRef="e"/></process></definitions>'
)
MANY, FEW, DUE = 10_000, 100, 10


def crowd(engine: Engine, count: int) -> None:
    """Make live instances that wait for a timer in thirty days: one in earnest, the others as copies of its rows."""
    repository.deploy(engine, [Resource("p.bpmn", WAIT)], actor=SYSTEM)
    key = runtime.start(engine, "p", actor=SYSTEM)
    with engine.store.begin() as uow:
        keys = [uow.new_key() for _ in range(count - 1)]
        for table, owner in ((instances.instance, "key"), (snapshots.scope, "instance"), (job_rows.job, "instance")):
            rows = [dict(row) for row in uow.execute(sa.select(table).where(table.c[owner] == key)).mappings()]
            for row in rows:
                copies = [{**row, owner: each} for each in keys]
                if table is job_rows.job:
                    copies = [{**copy, "key": uow.new_key()} for copy in copies]
                elif table is instances.instance:
                    copies = [{**copy, "root": copy["key"]} for copy in copies]
                uow.execute(sa.insert(table), copies)
        uow.commit()


def hasten(engine: Engine, count: int) -> None:
    """Start instances anew whose timers come due before all others."""
    for _ in range(count):
        key = runtime.start(engine, "p", actor=SYSTEM)
        with engine.store.begin() as uow:
            mine = job_rows.job.c.instance == key
            uow.execute(sa.update(job_rows.job).where(mine).values(due_at=uow.now + timedelta(minutes=1)))
            uow.commit()


def sweep(engine: Engine) -> int:
    """Do all that is due; say how many jobs that were."""
    done = 0
    while due := jobs.claim_due(engine, worker="bench"):
        done += sum(jobs.run(engine, job) for job in due)
    return done


def _cost(waiting: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        clock = FakeClock()
        store = Store(f"sqlite:///{Path(folder) / 'bench.db'}", clock=clock)
        migrate.upgrade(store)
        engine = Engine(store, clock)
        crowd(engine, waiting)
        taken = []
        for _ in range(7):
            hasten(engine, DUE)
            clock.advance(timedelta(minutes=2))
            began = process_time()
            assert sweep(engine) == DUE
            taken.append(process_time() - began)
        store.close()
    return median(taken) * 1000


def figures(many: int = MANY, few: int = FEW) -> list[Figure]:
    ours, yardstick = _cost(many), _cost(few)
    what = f"a sweep that finds {DUE} timers due, {many:,} instances waiting against {few}"
    return [Figure(what, "ms", ours, yardstick, ours / yardstick, 1.2, False)]
