"""The cast's company with the connectors' tables."""

from __future__ import annotations

import pytest

import connectors.schema  # noqa: F401 - declares their tables
from tests import people


@pytest.fixture
def branch(office: people.Office) -> people.Office:
    """The cast in its company, with the tables of every connector."""
    office.engine.store.create_tables()
    return office
