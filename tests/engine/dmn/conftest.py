"""What the tests of decisions share."""

import pytest

from engine import dmn
from tests.engine.dmn.files import decision, model


@pytest.fixture
def load():
    """Load a model of elements."""
    return lambda *elements: dmn.load(model(*elements))


@pytest.fixture
def evaluate():
    """Evaluate the logic of a single decision over variables."""
    return lambda logic, **context: dmn.load(model(decision("it", logic))).evaluate("it", context)
