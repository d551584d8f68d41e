"""The engine as its callers hold it: a database, a clock, and what was compiled so far. Has no behaviour of its own."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from typing import TypeVar, cast
from zoneinfo import ZoneInfo

from engine.bpmn.progress import Limits
from engine.model.ports import Clock, FileStore, Wake, no_wake
from engine.store.blobs import MemoryFiles
from engine.store.database import Store

Value = TypeVar("Value")
DEFAULT_ZONE = ZoneInfo("Asia/Shanghai")


class Compiled:
    """Keeps the most recently used compiled files: they are immutable, so that nothing here ever grows stale."""

    def __init__(self, limit: int = 500) -> None:
        self._limit = limit
        self._values: OrderedDict[Hashable, object] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Give what is kept under ``key``, making it first where nothing is."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return cast(Value, self._values[key])
        value = make()  # outside the lock: two threads may compile the same file, which is only wasteful
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self._limit:
                self._values.popitem(last=False)
        return value


def any_job_type() -> frozenset[str] | None:
    """Know of no job type: workers of every type may come from outside."""
    return None


@dataclass(frozen=True)
class Engine:
    """What every service function is given first.

    Attributes:
        wake: nudges whoever runs jobs, after a commit that left work due.
        limits: bounds of one process instance.
        zone: of calendars, cycles and dates where no unit says otherwise.
        files: where bytes of files are kept; in memory where nothing is said.
        job_types: the job types that connectors serve here; None: not known, so that the linter does not ask.
        seal_key: seals the histories; lies outside the database. None: nothing is sealed, hence nothing is ever dropped.
        keep_history: how long finished instances are kept where their process says nothing; None: for ever.
        compiled: diagrams, decisions and forms in the form that runs.
    """

    store: Store
    clock: Clock
    wake: Wake = no_wake
    limits: Limits = field(default_factory=Limits)
    zone: tzinfo = DEFAULT_ZONE
    files: FileStore = field(default_factory=MemoryFiles)
    job_types: Callable[[], frozenset[str] | None] = any_job_type
    seal_key: bytes | None = field(default=None, repr=False)
    keep_history: timedelta | None = None
    compiled: Compiled = field(default_factory=Compiled, repr=False, compare=False)
