"""Small forms for the tests of this folder."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from engine import forms
from engine.errors import Invalid

NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)  # ten in the morning in Shanghai
ZONE = ZoneInfo("Asia/Shanghai")


def schema(*components, **more):
    return json.dumps(
        {"type": "default", "id": "test_form", "schemaVersion": 18, "components": components} | more
    ).encode()


@pytest.fixture
def form():
    """Make a form of components."""
    return lambda *components: forms.read(schema(*components))


@pytest.fixture
def ask():
    """Submit values to a form of components and give what is accepted, at a fixed instant."""

    def submit(components, values, context=None):
        components = components if isinstance(components, list) else [components]
        return forms.read(schema(*components)).validate(values, context=context or {}, now=NOW, zone=ZONE)

    return submit


@pytest.fixture
def refusals(ask):
    """Submit values that are refused and give {place: message}."""

    def submit(components, values, context=None):
        with pytest.raises(Invalid) as caught:
            ask(components, values, context)
        return {problem.where: str(problem.message) for problem in caught.value.problems}

    return submit


@pytest.fixture
def faults():
    """Read components that are refused and give {place: message}."""

    def submit(*components, **more):
        with pytest.raises(Invalid) as caught:
            forms.read(schema(*components, **more))
        return {problem.where: str(problem.message) for problem in caught.value.problems}

    return submit
