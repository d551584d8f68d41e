"""The documents do what they say: their commands run, their code runs, and nothing that a user can meet is left out."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs/tutorial"  # followed in an empty folder, by test_tutorial.py
PAGES = sorted([*(page for page in ROOT.glob("docs/**/*.md") if TUTORIAL not in page.parents), ROOT / "README.md"])
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def blocks(language):
    for page in PAGES:
        for number, (found, text) in enumerate(BLOCK.findall(page.read_text(encoding="utf-8")), 1):
            if found == language:
                yield pytest.param(text, id=f"{page.relative_to(ROOT)}:{number}")


@pytest.mark.parametrize("text", list(blocks("python")))
def test_the_code_of_the_documents_runs(text):
    done = subprocess.run([sys.executable, "-c", text], cwd=ROOT, capture_output=True, text=True, timeout=300)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("text", list(blocks("console")))
def test_the_commands_of_the_documents_run_and_print_what_they_show(text, tmp_path):
    commands = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE)
    assert commands
    environment = {
        **os.environ,
        "PROPFLOW_DATA_DIR": str(tmp_path),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    for command, shown in commands:
        done = subprocess.run(
            shlex.split(command), cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        if shown.strip():
            assert shown.strip() in done.stdout


def commands_of_propflow():
    from webui.cli import COMMANDS

    return COMMANDS


@pytest.mark.parametrize("command", commands_of_propflow())
def test_every_command_is_described(command):
    text = (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8")

    assert f"`propflow {command}" in text


def test_every_setting_is_described():
    from dataclasses import fields

    from webui.settings import Settings

    text = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")

    assert [each.name for each in fields(Settings) if f"`{each.name}`" not in text] == []


def test_every_setting_of_a_connector_and_every_job_type_is_described_in_its_readme():
    from connectors.registry import Registry

    missing = []
    for connector in Registry().connectors:
        text = (connector.manifest.folder / "README.md").read_text(encoding="utf-8")
        names = [f"{connector.manifest.name}:{operation.name}" for operation in connector.manifest.operations]
        names += [setting.name for setting in connector.manifest.settings]
        missing += [(connector.manifest.name, name) for name in names if name not in text]
    assert missing == []
