"""The database and its transactions: one ``UnitOfWork`` is one transaction; leaving it without ``commit`` rolls back.

SQLite gets WAL, ``synchronous=FULL`` and one writer at a time behind a lock of this process; PostgreSQL gets READ COMMITTED, row locks
and version guards.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import datetime
from functools import cached_property
from typing import Any, overload

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.pool import StaticPool

from engine.errors import ConcurrentUpdate, Unavailable
from engine.model import faults
from engine.model.ports import Clock
from engine.store.prepared import Done, Prepared, Row
from engine.store.types import metadata

MIGRATION_LOCK = 7067  # any number that nothing else of ours locks
PATIENCE = "-c lock_timeout=10s -c idle_in_transaction_session_timeout=60s -c TimeZone=UTC"
"""Settings of a PostgreSQL session: nobody waits for ever, neither for a lock nor for us."""

log = logging.getLogger(__name__)
EPOCH_MS = 1_735_689_600_000  # 2025-01-01T00:00:00Z: 41 bits of milliseconds last until 2094


class Clash(ConcurrentUpdate):
    """Another transaction came first; the same command may be tried again as it is."""


node = sa.Table(
    "node",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("started", sa.BigInteger, nullable=False),
    comment="How many processes have opened this database; numbers the next one's keys.",
)


class KeyMaker:
    """Makes keys: milliseconds (41 bits), node (10 bits), sequence (12 bits); ordered by time, distinct across processes."""

    def __init__(self, node_number: int) -> None:
        self._node = (node_number % 1024) << 12
        self._last = 0
        self._lock = threading.Lock()

    def __call__(self) -> int:
        """Make the next key. A clock that jumps back, or a full millisecond, borrows from the future instead of repeating."""
        with self._lock:
            at = int(time.time() * 1000) - EPOCH_MS << 12
            self._last = max(self._last + 1, at)
            return (self._last >> 12 << 22) | self._node | (self._last & 0xFFF)


class UnitOfWork:
    """One transaction.

    Attributes:
        is_sqlite: whether this is SQLite, where one writer at a time makes row locks needless.
        now: the instant of the command; everything it writes bears this time.
        statements: how many statements it has run, for the budgets.
    """

    def __init__(
        self, connect: Callable[[], sa.Connection], *, is_sqlite: bool, now: datetime, new_key: Callable[[], int]
    ) -> None:
        self._connect = connect
        self.is_sqlite = is_sqlite
        self._after_commit: list[Callable[[], None]] = []
        self.now = now
        self.new_key = new_key
        self.statements = 0
        self.committed = False

    @cached_property
    def _connection(self) -> sa.Connection:
        return self._connect()

    @overload
    def execute(self, statement: Prepared, rows: Row | Sequence[Row]) -> Done: ...

    @overload
    def execute(self, statement: sa.Executable, rows: Row | Sequence[Row] | None = None) -> sa.CursorResult[Any]: ...

    def execute(self, statement: Any, rows: Row | Sequence[Row] | None = None) -> Any:
        """Run one statement (with a list of rows: once for all of them)."""
        self.statements += 1
        if isinstance(statement, Prepared):
            return statement.execute(self._connection, rows or {})
        return self._connection.execute(statement, rows)

    def fetch(self, statement: Prepared, values: Row) -> list[tuple[Any, ...]]:
        """Read the rows of a prepared statement."""
        self.statements += 1
        return statement.fetch(self._connection, values)

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call back once the transaction is durable; the same callback is called once."""
        if callback not in self._after_commit:
            self._after_commit.append(callback)

    def commit(self) -> None:
        """Make it durable, then run the callbacks."""
        faults.point("before_commit")
        self._connection.commit()
        self.committed = True
        faults.point("after_commit")
        for callback in self._after_commit:
            try:
                callback()
            except Exception:
                log.exception(
                    "a callback after a commit failed; what was committed stays, and the sweeper finds its work"
                )


class Store:
    """A database of propflow.

    Attributes:
        commits: how many transactions this process has committed; while it stays the same, what this process read is still so.
        statements: how many statements its finished transactions have run.
    """

    def __init__(self, url: str, *, clock: Clock, pool_size: int = 10) -> None:
        self._clock = clock
        parsed = sa.make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self._in_memory = self.is_sqlite and parsed.database in (None, "", ":memory:")
        options: dict[str, Any] = {}
        if self._in_memory:
            options = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
        elif self.is_sqlite:
            options = {"connect_args": {"check_same_thread": False, "timeout": 30}, "pool_size": pool_size}
        else:
            options = {
                "pool_size": pool_size,
                "max_overflow": pool_size,
                "pool_timeout": 5,
                "pool_pre_ping": True,
                "connect_args": {"connect_timeout": 5, "options": PATIENCE},
            }
        self.engine = sa.create_engine(parsed, **options)
        # a read takes several statements, which must see one state of an instance; SQLite gives that by itself
        self._reader = self.engine
        if not self.is_sqlite:
            self._reader = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._writer = threading.RLock() if self.is_sqlite else None
        self._new_key: Callable[[], int] | None = None
        self._naming = threading.Lock()
        self.commits = self.statements = 0
        if self.is_sqlite:
            sa.event.listen(self.engine, "connect", self._set_up_sqlite)

    @staticmethod
    def _set_up_sqlite(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we begin transactions ourselves, see _connect
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}")

    @contextmanager
    def _connect(self, *, write: bool) -> Iterator[sa.Connection]:
        """Open a connection with a transaction begun; on SQLite, hold the only writer's lock."""
        with (
            self._writer if self._writer and (write or self._in_memory) else nullcontext(),
            (self.engine if write else self._reader).connect() as connection,
        ):
            if self.is_sqlite:
                # a read that later writes cannot upgrade its lock without the risk of "database is locked": writers say so at once
                driver(connection).execute("BEGIN IMMEDIATE" if write else "BEGIN")
            connection.begin()  # prepared statements go to the driver, which does not tell SQLAlchemy
            yield connection

    def create_tables(self) -> None:
        """Create every table at once: for tests and in-memory stores. Files and servers are migrated instead."""
        with self._connect(write=True) as connection:
            metadata.create_all(connection)
            connection.commit()

    @contextmanager
    def migrating(self) -> Iterator[sa.Connection]:
        """Hold the database for a change of its shape; commit at the end.

        SQLite checks no foreign keys meanwhile, since a table that is rebuilt is for a moment not there.
        """
        if self.is_sqlite:
            # outside of a transaction, where alone it has an effect
            with self._writer or nullcontext(), self.engine.connect() as connection:
                driver(connection).execute("PRAGMA foreign_keys=OFF")
                driver(connection).execute("BEGIN IMMEDIATE")
                yield connection
                connection.commit()
                driver(connection).execute("PRAGMA foreign_keys=ON")
        else:
            with self._connect(write=True) as connection:
                # processes that start together: one migrates, the others wait for it and find nothing left to do
                connection.exec_driver_sql("SET LOCAL lock_timeout = '5min'")
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
                yield connection
                connection.commit()

    def begin_again(self, clock: Clock) -> None:
        """Forget what is known of a database whose content was replaced, and read another clock."""
        self._clock = clock
        self._new_key = None

    @property
    def new_key(self) -> Callable[[], int]:
        """Make keys under this process's node number, which the database gives out when it is first needed."""
        with self._naming:
            if self._new_key is None:
                with self._connect(write=True) as connection:
                    insert = (sqlite if self.is_sqlite else postgresql).insert(node).values(id=1, started=1)
                    again = insert.on_conflict_do_update(index_elements=["id"], set_={"started": node.c.started + 1})
                    number: int = connection.execute(again.returning(node.c.started)).scalar_one()
                    connection.commit()
                self._new_key = KeyMaker(number)
            return self._new_key

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        """Open a transaction that may write.

        Raises:
            Clash: the database could not order it after another one, or another one took a unique key first; try again.
            Unavailable: the database cannot be reached, has no connection left for us, or has no room.
        """
        uow = None
        try:
            new_key = self.new_key
            with self._connect(write=True) as connection:
                uow = UnitOfWork(lambda: connection, is_sqlite=self.is_sqlite, now=self._clock.now(), new_key=new_key)
                yield uow
        except sa.exc.SQLAlchemyError as error:
            raise meaning(error) from error
        finally:
            if uow:
                self.commits += uow.committed
                self.statements += uow.statements

    @contextmanager
    def read(self) -> Iterator[UnitOfWork]:
        """Open a transaction that only reads, all of it the database at one instant.

        It begins with the first statement: what is answered from memory costs none.

        Raises:
            Unavailable: the database cannot be reached, or has no connection left for us.
        """
        opened = ExitStack()

        def connect() -> sa.Connection:
            return opened.enter_context(self._connect(write=False))

        new_key = self.new_key if self._new_key else _no_key
        uow = UnitOfWork(connect, is_sqlite=self.is_sqlite, now=self._clock.now(), new_key=new_key)
        try:
            with opened:
                yield uow
        except sa.exc.SQLAlchemyError as error:
            raise meaning(error) from error
        finally:
            self.statements += uow.statements

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def driver(connection: sa.Connection) -> Any:
    """Give the connection of the driver beneath, for what SQLAlchemy has no words for."""
    return connection.connection.driver_connection


def _no_key() -> int:
    raise RuntimeError("a read makes no keys")


def meaning(error: sa.exc.SQLAlchemyError) -> Exception:
    """Give the error that says what a failure of the database means for the caller; a fault of ours stays as it is."""
    state = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
    said = str(getattr(error, "orig", error))
    if isinstance(error, sa.exc.IntegrityError) and (state == "23505" or "UNIQUE constraint failed" in said):
        return Clash("somebody else stored the same thing first; try again")
    if isinstance(error, sa.exc.OperationalError) and (state in PASSING or "database is locked" in said):
        return Clash("the database is busy; try again")
    if isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError | sa.exc.TimeoutError):
        return Unavailable("the database cannot do this now: {reason}", reason=said.strip()[:200])
    return error


PASSING = ("40001", "40P01", "55P03")
"""SQLSTATEs after which the same transaction may well be accepted: serialisation, deadlock, a lock that took too long."""
