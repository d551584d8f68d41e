"""``propflow export`` gives back, byte for byte, what was deployed and what was kept as a draft."""

from __future__ import annotations

import json

import pytest

from tests.engine.diagrams import diagram, end, flows, line, start, user
from webui import cli


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PROPFLOW_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


@pytest.fixture
def versions(folder):
    """Two deployed versions of one process, and the key of the second's deployment."""
    files = [b"<!-- one -->\r\n" + line(user("a")), line(user("a"), user("b")) + b"\n\n"]
    for content in files:
        (folder / "p.bpmn").write_bytes(content)
        assert cli.main(["deploy", str(folder / "p.bpmn"), "--json"]) == 0
    return files


def test_any_version_is_exported_byte_for_byte(folder, versions, capsys):
    capsys.readouterr()
    for what, content in (("p", versions[1]), ("p:1", versions[0]), ("p:2", versions[1])):
        out = folder / "out.bpmn"

        assert cli.main(["export", what, "-o", str(out)]) == 0

        assert out.read_bytes() == content
        assert capsys.readouterr().out == f"p.bpmn: {len(content)} bytes\n"


def test_without_a_file_the_bytes_go_to_the_standard_output(versions, capfdbinary):
    capfdbinary.readouterr()

    assert cli.main(["export", "p:1"]) == 0

    assert capfdbinary.readouterr().out == versions[0]


@pytest.mark.parametrize("what", ["nothing", "p:9", "p:x", "99"])
def test_what_does_not_exist_is_refused_in_a_sentence(what, versions, capsys):
    capsys.readouterr()

    assert cli.main(["export", what, "--json"]) == 1

    assert "error" in json.loads(capsys.readouterr().out)


def test_a_file_kept_as_a_draft_comes_back_byte_for_byte(folder, capsys):
    content = diagram(start(), "<manualTask id='m'/>", end(), flows("start>m", "m>end"))
    (folder / "drawn.bpmn").write_bytes(content)
    cli.main(["import", str(folder / "drawn.bpmn"), "-o", str(folder / "laid_out.bpmn")])
    content = (folder / "laid_out.bpmn").read_bytes()
    capsys.readouterr()

    assert cli.main(["import", str(folder / "laid_out.bpmn"), "--draft", "--json"]) == 0

    kept = json.loads(capsys.readouterr().out)
    assert kept["report"] == [] and not kept["laid_out"]
    assert cli.main(["export", kept["draft"], "-o", str(folder / "again.bpmn")]) == 0
    assert (folder / "again.bpmn").read_bytes() == content
