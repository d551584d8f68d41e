"""The services on a real database file: completing a task, beside a bare transaction of as many statements on the same database."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import sqlalchemy as sa

from bench import diagrams
from bench.measure import Figure
from engine.model.ports import SystemClock
from engine.model.values import SYSTEM, Resource
from engine.services import holding, repository, runtime, tasks
from engine.services.engine import Engine
from engine.store import migrate
from engine.store.database import Store, UnitOfWork

INSTANCES = 60  # of eight tasks each


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


@dataclass(frozen=True)
class Measured:
    """CPU seconds of each completion and of the bare transaction after it, and the most statements of a completion."""

    ours: list[float]
    bare: list[float]
    statements: int


def completions(engine: Engine, store: Counting, instances: int) -> Measured:
    """Complete tasks, and after each run a bare transaction of as many statements: what disturbs one disturbs the other."""
    repository.deploy(engine, [Resource("p.bpmn", diagrams.approval())], actor=SYSTEM)
    bare = Bare(store)
    costs, theirs, statements = [], [], 0
    for _ in range(instances):
        key = runtime.start(engine, "p", {"total": 0}, actor=SYSTEM)
        for _ in range(diagrams.APPROVAL_TASKS):
            [task] = tasks.of_instance(engine, key, actor=SYSTEM)
            holding.claim(engine, task.key, actor=SYSTEM)
            began = time.process_time()
            tasks.complete(engine, task.key, {"seen": True}, actor=SYSTEM)
            costs.append(time.process_time() - began)
            assert store.last is not None
            used = store.last.statements
            statements = max(statements, used)
            began = time.process_time()
            bare.run(used)
            theirs.append(time.process_time() - began)
    return Measured(costs, theirs, statements)


class Bare:
    """Transactions of SQLAlchemy on a table of their own: half of the statements read a row, the others write one."""

    def __init__(self, store: Store) -> None:
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
        key = table.c.key == sa.bindparam("k")
        self._store = store
        self._next = 1000
        self._read = sa.select(table).where(key)
        self._change = sa.update(table).where(key).values(n=table.c.n + 1, text=sa.bindparam("t"))
        self._add = sa.insert(table)

    def run(self, statements: int) -> None:
        """Run one transaction."""
        with self._store.begin() as uow:
            for number in range(statements):
                at = self._next % 1000
                match number % 4:
                    case 0 | 2:
                        uow.execute(self._read, {"k": at}).one()
                    case 1:
                        uow.execute(self._change, {"k": at, "t": "y" * 300})
                    case _:
                        self._next += 1
                        uow.execute(self._add, {"key": self._next, "text": "z" * 300, "n": 1})
            uow.commit()


def figures(instances: int = INSTANCES) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        store = Counting(f"sqlite:///{Path(folder) / 'bench.db'}", clock=SystemClock())
        migrate.upgrade(store)
        engine = Engine(store, SystemClock())
        measured = completions(engine, store, instances)
        store.close()
    return [
        Figure(
            "CPU to complete a task, against a bare transaction of as many statements",
            "ms",
            median(measured.ours) * 1000,
            median(measured.bare) * 1000,
            median(measured.ours) / median(measured.bare),
            2.5,
            False,
            f"{measured.statements} statements",
        ),
        Figure("SQL statements to complete a task", "", measured.statements, None, measured.statements, 15, False),
    ]
