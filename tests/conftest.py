"""Fixtures that several folders share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import people


@pytest.fixture
def office() -> Iterator[people.Office]:
    """The cast in its company, on an empty database."""
    from types import SimpleNamespace

    from engine.model.ports import FakeClock
    from engine.store import schema  # noqa: F401
    from engine.store.blobs import MemoryFiles
    from engine.store.database import Store

    clock = FakeClock()
    store = Store("sqlite://", clock=clock)
    store.create_tables()
    yield people.found(SimpleNamespace(store=store, clock=clock, files=MemoryFiles()))
    store.close()
