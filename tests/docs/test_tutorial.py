"""The tutorial, followed literally by a newcomer: the files that it shows, written into an empty folder, and its commands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import NotFound
from engine.model.values import SYSTEM
from engine.services import repository
from webui import cli, compose, settings

ROOT = Path(__file__).parents[2]
FINISHED = ROOT / "docs/tutorial/visitor_parking"
PAGE = (ROOT / "docs/tutorial/first-process.md").read_text(encoding="utf-8")
SHOWN = re.compile(
    r"`(visitor_parking/[\w/]+\.\w+)`[^`]*?:\n\n```(?:xml|json|yaml)\n(.*?)^```", re.DOTALL | re.MULTILINE
)
CONSOLE = re.compile(r"^```console\n\$ (.*?)\n(.*?)^```", re.DOTALL | re.MULTILINE)
PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


@pytest.fixture
def folder(tmp_path):
    """What a newcomer has after the steps that write files."""
    for name, content in SHOWN.findall(PAGE):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tmp_path


def test_the_page_shows_every_file_of_the_finished_folder_as_it_is():
    shown = dict(SHOWN.findall(PAGE))
    finished = {
        f"visitor_parking/{path.relative_to(FINISHED).as_posix()}": path.read_text(encoding="utf-8")
        for path in FINISHED.rglob("*")
        if path.is_file()
    }

    assert shown == finished


def test_its_commands_run_in_an_empty_folder_and_print_what_it_shows(folder):
    environ = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "LANGUAGE": "en"}

    for command, shown in CONSOLE.findall(PAGE):
        done = subprocess.run(
            ["sh", "-euc", command], cwd=folder, env=environ, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        assert shown.strip() in done.stdout


def test_its_program_runs_there(folder):
    (folder / "play.py").write_text("".join(PYTHON.findall(PAGE)), encoding="utf-8")

    done = subprocess.run([sys.executable, "play.py"], cwd=folder, capture_output=True, text=True, timeout=300)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_its_deployment_is_found_by_the_folder_that_it_names(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PROPFLOW_DATA_DIR", str(folder / "propflow/data"))

    assert cli.main(["deploy", "visitor_parking"]) == 0

    assert "visitor_parking version 1: deployed" in capsys.readouterr().out
    with compose.parts(settings.load(os.environ)) as parts:
        assert repository.latest(parts.engine, "visitor_parking", actor=SYSTEM).version == 1
        with pytest.raises(NotFound):
            repository.latest(parts.engine, "another", actor=SYSTEM)
