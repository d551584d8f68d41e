"""The demo installation, put together as the command line does it, in a temporary folder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from webui import compose, settings
from webui.context import Parts
from webui.demo import installation


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    """The demo company with its processes and its parts on the shelves; nobody does jobs unless the test does."""
    folder = tmp_path_factory.mktemp("demo")
    found = installation.configured(settings.load({"PROPFLOW_DATA_DIR": str(folder)}, folder))
    with compose.parts(found) as parts:
        installation.make(parts.engine, date.today(), lambda _sentence: None)  # noqa: DTZ011 - the demo is relative to today
        yield parts
