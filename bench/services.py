"""The services on a real database file: completing a task, beside a bare transaction of as many statements on the same database."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median

import sqlalchemy as sa

from bench import diagrams
from bench.measure import Figure
from engine.model.ports import SystemClock
from engine.model.values import SYSTEM, Resource
from engine.services import repository, runtime, tasks
from engine.services.engine import Engine
from engine.store import migrate
from engine.store.database import Store, UnitOfWork

COUNT = 300


class Counting(Store):
    """A store that remembers how many statements its last transaction ran."""

    last: UnitOfWork | None = None

    def begin(self):
        made = super().begin()
        return _Noting(self, made)


class _Noting:
    def __init__(self, store: Counting, made) -> None:
        self._store, self._made = store, made

    def __enter__(self) -> UnitOfWork:
        self._store.last = self._made.__enter__()
        return self._store.last

    def __exit__(self, *raised: object) -> bool | None:
        return self._made.__exit__(*raised)


def completions(engine: Engine, store: Counting) -> tuple[float, int]:
    """Give (median CPU seconds of one completion, most statements of one)."""
    repository.deploy(engine, [Resource("p.bpmn", diagrams.approval())], actor=SYSTEM)
    costs, statements = [], 0
    for _ in range(COUNT // diagrams.APPROVAL_TASKS):
        key = runtime.start(engine, "p", {"total": 0}, actor=SYSTEM)
        for _ in range(diagrams.APPROVAL_TASKS):
            [task] = tasks.of_instance(engine, key, actor=SYSTEM)
            tasks.claim(engine, task.key, actor=SYSTEM)
            began = time.process_time()
            tasks.complete(engine, task.key, {"seen": True}, actor=SYSTEM)
            costs.append(time.process_time() - began)
            assert store.last is not None
            statements = max(statements, store.last.statements)
    return median(costs), statements


def bare(store: Store, statements: int) -> float:
    """Give the median CPU seconds of a transaction of as many statements: half read a row, the others write one."""
    table = sa.Table(
        "bench_row",
        sa.MetaData(),
        sa.Column("key", sa.BigInteger, primary_key=True),
        sa.Column("text", sa.Text),
        sa.Column("n", sa.Integer),
    )
    with store.begin() as uow:
        uow.execute(sa.schema.CreateTable(table))
        uow.execute(sa.insert(table), [{"key": key, "text": "x" * 300, "n": 0} for key in range(1000)])
        uow.commit()
    read = sa.select(table).where(table.c.key == sa.bindparam("k"))
    change = sa.update(table).where(table.c.key == sa.bindparam("k")).values(n=table.c.n + 1, text=sa.bindparam("t"))
    add = sa.insert(table)
    costs, key = [], 1000
    for _ in range(COUNT):
        began = time.process_time()
        with store.begin() as uow:
            for number in range(statements):
                match number % 4:
                    case 0 | 2:
                        uow.execute(read, {"k": key % 1000}).one()
                    case 1:
                        uow.execute(change, {"k": key % 1000, "t": "y" * 300})
                    case _:
                        key += 1
                        uow.execute(add, {"key": key, "text": "z" * 300, "n": 1})
            uow.commit()
        costs.append(time.process_time() - began)
    return median(costs)


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        store = Counting(f"sqlite:///{Path(folder) / 'bench.db'}", clock=SystemClock())
        migrate.upgrade(store)
        engine = Engine(store, SystemClock())
        ours, statements = completions(engine, store)
        theirs = bare(store, statements)
        store.close()
    return [
        Figure(
            "CPU to complete a task, against a bare transaction of as many statements",
            "ms",
            ours * 1000,
            theirs * 1000,
            ours / theirs,
            2.5,
            False,
            f"{statements} statements",
        ),
        Figure("SQL statements to complete a task", "", statements, None, statements, 15, False),
    ]
