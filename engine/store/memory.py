"""Stores in memory for tests and for process authors: each begins as a copy of one template, in a millisecond."""

from __future__ import annotations

import sqlite3
import threading
from functools import cache
from typing import cast

from engine.model.ports import FakeClock, SystemClock
from engine.store import schema
from engine.store.database import Store, driver

_idle: list[Store] = []
_lock = threading.Lock()


@cache
def _template() -> bytes:
    assert schema.metadata.tables
    store = Store("sqlite://", clock=SystemClock())
    store.create_tables()
    found = _raw(store).serialize()
    store.close()
    return found


def _raw(store: Store) -> sqlite3.Connection:
    with store.engine.connect() as connection:
        return cast(sqlite3.Connection, driver(connection))


def lend(clock: FakeClock) -> Store:
    """Give an empty store that reads this clock. ``give_back`` makes the next one quicker: its statements stay compiled."""
    with _lock:
        store = _idle.pop() if _idle else Store("sqlite://", clock=clock)
    _raw(store).deserialize(_template())
    store.begin_again(clock)
    return store


def give_back(store: Store) -> None:
    """Take a store back; nothing in it is kept."""
    with _lock:
        if len(_idle) < 8:
            _idle.append(store)
            return
    store.close()
