"""``propflow deploy`` and ``propflow test`` say what they did, and that there was nothing to do."""

from __future__ import annotations

import pytest

from tests.engine.diagrams import diagram, end, flows, start, user
from webui import cli

FORM = b'{"id": "note", "type": "default", "components": [{"type": "textfield", "id": "f", "key": "note", "label": "Note"}]}'
VISIT = diagram(start(), user("look", assignee="alice"), end(), flows("start>look", "look>end"), id="visit")


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run a command in a fresh installation; give its status, what it printed and what it complained about."""
    monkeypatch.setenv("PROPFLOW_DATA_DIR", str(tmp_path / "data"))

    def make(*words, language="C"):
        monkeypatch.setenv("LC_ALL", language)
        status = cli.main([str(word) for word in words])
        said = capsys.readouterr()
        return status, said.out, said.err

    return make


def test_a_process_is_deployed_once_and_then_unchanged(run, tmp_path):
    (tmp_path / "visit.bpmn").write_bytes(VISIT)

    first, again = run("deploy", tmp_path / "visit.bpmn")[1], run("deploy", tmp_path / "visit.bpmn")[1]

    assert "visit version 1: deployed\n" in first and "warning: look: " in first
    assert again == "visit version 1: unchanged\n"


def test_a_form_alone_is_told_with_its_version(run, tmp_path):
    (tmp_path / "note.form").write_bytes(FORM)

    assert run("deploy", tmp_path / "note.form")[:2] == (0, "note version 1: deployed\n")


def test_a_terminal_in_chinese_reads_chinese(run, tmp_path):
    (tmp_path / "note.form").write_bytes(FORM)

    assert run("deploy", tmp_path / "note.form", language="zh_CN.UTF-8")[1] == "note 版本 1：已部署\n"


def test_what_holds_no_process_is_refused_and_not_stored_in_silence(run, tmp_path):
    (tmp_path / "notes.rtf").write_text("nothing of ours")

    for path in (tmp_path / "notes.rtf", tmp_path / "nowhere"):
        status, said, complaint = run("deploy", path)
        assert (status, said) == (1, "")
        assert path.name in complaint


def test_a_folder_without_scenarios_did_not_pass(run, tmp_path):
    (tmp_path / "visit.bpmn").write_bytes(VISIT)

    status, said, complaint = run("test", tmp_path)

    assert (status, said) == (1, "")
    assert complaint.startswith("there is no scenario in ")
