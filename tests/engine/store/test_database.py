"""The database and its transactions: what is committed, what is not, and what its failures mean."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
import sqlalchemy as sa

from engine.errors import Unavailable
from engine.model.ports import FakeClock
from engine.store import commands
from engine.store.database import Clash, KeyMaker, Store
from engine.store.types import metadata


def put(store: Store, id: str, answer=None) -> None:
    with store.begin() as uow:
        commands.add(uow, "a", id, "test", answer)
        uow.commit()


def there(store: Store, id: str) -> bool:
    with store.read() as uow:
        return commands.find(uow, "a", id, "test")[0]


def test_leaving_without_commit_stores_nothing(store):
    with store.begin() as uow:
        commands.add(uow, "a", "1", "test", None)
    with pytest.raises(ZeroDivisionError), store.begin() as uow:
        commands.add(uow, "a", "2", "test", None)
        raise ZeroDivisionError

    assert not there(store, "1")
    assert not there(store, "2")
    put(store, "1")
    assert there(store, "1")


def test_callbacks_run_once_and_only_after_a_commit_and_cannot_undo_it(store):
    calls = []

    def broken():
        calls.append("broken")
        raise OSError("the broker is gone")

    with store.begin() as uow:
        uow.after_commit(lambda: calls.append("never"))
    with store.begin() as uow:
        commands.add(uow, "a", "1", "test", None)
        uow.after_commit(broken)
        uow.after_commit(broken)
        uow.commit()

    assert calls == ["broken"]
    assert there(store, "1")


def test_a_unique_key_that_somebody_else_took_is_a_clash(store):
    put(store, "1")

    with pytest.raises(Clash):
        put(store, "1")


def test_a_reader_does_not_see_what_is_not_committed_and_does_not_wait_for_it(store):
    with store.begin() as uow:
        commands.add(uow, "a", "1", "test", None)
        found = []
        thread = threading.Thread(target=lambda: found.append(there(store, "1")))
        thread.start()
        thread.join(10)
        assert found == [False]
        uow.commit()
    assert there(store, "1")


def test_values_survive_both_databases_exactly(store):
    value = {"sum": Decimal("0.10"), "n": 10**30, "deep": [{"a": None}, True], "文": "锦和物业"}
    at = datetime(2026, 3, 1, 9, 30, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    store_clock = FakeClock(at)
    store._clock = store_clock

    put(store, "1", value)

    with store.read() as uow:
        assert commands.find(uow, "a", "1", "test")[1] == {**value, "sum": Decimal("0.1")}
        [kept] = uow.execute(sa.select(commands.command.c.at)).scalars()
    assert kept == at
    assert kept.tzinfo is UTC


def test_a_naive_time_is_refused(store):
    store._clock = FakeClock(datetime(2026, 1, 1))  # noqa: DTZ001 - the point of the test

    with pytest.raises(sa.exc.StatementError, match="no time zone"):
        put(store, "1")


def test_a_database_that_is_not_there_is_unavailable_and_never_a_surprise(tmp_path):
    for url in (f"postgresql+psycopg://postgres@/x?host={tmp_path}", f"sqlite:///{tmp_path}/no/such/folder/x.db"):
        store = Store(url, clock=FakeClock())
        with pytest.raises(Unavailable), store.read() as uow:
            commands.find(uow, "a", "1", "test")
        with pytest.raises(Unavailable), store.begin():
            pass
        store.close()


def test_a_full_disk_refuses_writes_keeps_reads_and_goes_on_once_there_is_room(sqlite_url):
    store = Store(sqlite_url, clock=FakeClock(), pool_size=1)
    put(store, "1")
    with store.begin() as uow:
        pages = uow.execute(sa.text("PRAGMA page_count")).scalar_one()
        uow.execute(sa.text(f"PRAGMA max_page_count={pages}"))
        uow.commit()

    with pytest.raises(Unavailable, match="full"):
        put(store, "2", "x" * 1_000_000)
    assert there(store, "1")
    assert not there(store, "2")

    with store.begin() as uow:
        uow.execute(sa.text("PRAGMA max_page_count=1000000"))
        uow.commit()
    put(store, "2", "x" * 1_000_000)
    assert there(store, "2")
    store.close()


def test_sqlite_keeps_what_it_has_acknowledged(sqlite_url):
    store = Store(sqlite_url, clock=FakeClock())
    with store.read() as uow:
        settings = {
            name: uow.execute(sa.text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    store.close()

    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_store_outlives_a_restart_of_its_server(postgresql, postgresql_url):
    store = Store(postgresql_url, clock=FakeClock())
    put(store, "1")

    postgresql.restart()

    assert there(store, "1")
    put(store, "2")
    assert there(store, "2")
    store.close()


def test_keys_sort_by_time_and_never_repeat_within_or_across_processes():
    first, second = KeyMaker(1), KeyMaker(2)
    keys = [maker() for _ in range(20_000) for maker in (first, second)]

    assert len(set(keys)) == len(keys)
    assert max(keys) < 2**63
    mine = [key for key in keys if key >> 12 & 1023 == 1]
    assert mine == sorted(mine)
    assert len(mine) == 20_000


def test_every_process_numbers_its_keys_differently(url):
    numbers = set()
    for _ in range(3):
        store = Store(url, clock=FakeClock())
        with store.begin() as uow:
            numbers.add(uow.new_key() >> 12 & 1023)
        store.close()

    assert len(numbers) == 3


def test_every_column_survives_a_name_that_is_a_word_of_sql(store):
    assert {table.name for table in metadata.sorted_tables} <= set(sa.inspect(store.engine).get_table_names())
