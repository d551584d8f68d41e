"""``propflow import`` writes the translated file and prints what was done and what a person must do."""

from __future__ import annotations

import json
from pathlib import Path

from engine.bpmn.read import read
from webui.cli import main

ORDER = Path(__file__).parents[3] / "docs/how-to/approve-order.camunda7.bpmn"


def test_the_file_is_written_and_the_report_says_what_waits(tmp_path, capsys):
    status = main(["import", str(ORDER), "-o", str(tmp_path / "order.bpmn")])

    printed = capsys.readouterr().out
    assert status == 0
    assert printed.splitlines()[-1] == "3 translated, 1 for a person"
    assert not read((tmp_path / "order.bpmn").read_bytes()).errors


def test_a_program_gets_the_report_as_json(capsys):
    assert main(["import", str(ORDER), "--json"]) == 0

    report = json.loads(capsys.readouterr().out)["report"]
    assert [each["where"] for each in report if each["severity"] == "warning"] == ["order"]


def test_a_file_that_is_missing_or_no_diagram_is_refused(tmp_path, capsys):
    (tmp_path / "no.bpmn").write_text("nothing")

    assert main(["import", str(tmp_path / "none.bpmn")]) == 1
    assert main(["import", str(tmp_path / "no.bpmn")]) == 1
    assert "not well-formed XML" in capsys.readouterr().err
