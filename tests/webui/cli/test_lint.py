"""``propflow lint`` and ``propflow deploy`` judge the settings of a folder as well as its diagram."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from webui.cli import main

SHIPPED = Path(__file__).parents[3] / "processes/parts_request"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A process folder to break, and an empty installation."""
    monkeypatch.setenv("PROPFLOW_DATA_DIR", str(tmp_path / "data"))
    return Path(shutil.copytree(SHIPPED, tmp_path / "parts_request"))


def test_a_shipped_folder_has_no_problem_that_refuses_it(folder, capsys):
    assert main(["lint", str(folder)]) == 0
    assert main(["deploy", str(folder)]) == 0


@pytest.mark.parametrize("command", ["lint", "deploy"])
def test_broken_settings_are_refused_with_their_places(folder, capsys, command):
    (folder / "process.toml").write_text('key = "parts_request"\nstart = 5\n')
    (folder / "sla.toml").write_text((folder / "sla.toml").read_text().replace("buy_parts =", "sell_parts ="))

    assert main([command, str(folder), "--json"]) == 1

    printed = capsys.readouterr()
    problems = json.loads(printed.out or printed.err)["problems"]
    found = {each["where"]: each["rule"] for each in problems if each["severity"] == "error"}
    assert found == {"process.toml start": "settings-shape", "sla.toml clock[1].task": "settings-element"}


def test_folders_that_need_one_another_are_judged_together(tmp_path, monkeypatch):
    monkeypatch.setenv("PROPFLOW_DATA_DIR", str(tmp_path / "data"))

    assert main(["lint", str(SHIPPED.parent / "repair_ticket")]) == 1
    assert main(["lint", *(str(each) for each in sorted(SHIPPED.parent.iterdir()) if each.is_dir())]) == 0


def test_single_files_are_judged_together(folder):
    files = [
        str(each) for each in (*folder.glob("*.bpmn"), *folder.glob("forms/*.form"), *folder.glob("decisions/*.dmn"))
    ]

    assert main(["lint", *files]) == 0
