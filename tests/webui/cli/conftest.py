"""An empty installation for every command: making its tables anew takes longer than most commands."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

import pytest

from connectors import manifest
from webui import compose, settings

read_once = cache(manifest.read)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with every table, as the first command leaves it."""
    folder = tmp_path_factory.mktemp("migrated")
    with compose.parts(settings.load({"PROPFLOW_DATA_DIR": str(folder)}, folder)):
        pass
    assert not (folder / "propflow.db-wal").exists(), "the last to close puts everything into the one file"
    return folder / "propflow.db"


@pytest.fixture(autouse=True)
def installation(migrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands work on ``tmp_path``, whose database has its tables; ``test_serve`` and the tutorial begin with nothing."""
    shutil.copy(migrated, tmp_path)
    monkeypatch.setattr(
        manifest, "read", read_once
    )  # a command reads them once; here, hundreds of commands are one process
    monkeypatch.setenv("PROPFLOW_DATA_DIR", str(tmp_path))
