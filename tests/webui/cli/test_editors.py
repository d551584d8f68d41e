"""What an editor of text or of diagrams wants of propflow: schemas and element templates."""

from __future__ import annotations

import json

import jsonschema
import pytest

from connectors.registry import Registry
from webui import cli


@pytest.mark.parametrize("what", ["process", "sla", "scenario", "manifest"])
def test_a_schema_is_printed_for_an_editor(capsys, what):
    assert cli.main(("schema", what)) == 0

    jsonschema.Draft202012Validator.check_schema(json.loads(capsys.readouterr().out))


def test_element_templates_are_written_for_a_diagram_editor(capsys, tmp_path):
    file = tmp_path / "templates.json"

    assert cli.main(("connector", "templates", "--language", "en", "-o", str(file))) == 0
    assert cli.main(("connector", "templates")) == 0

    printed = json.loads(capsys.readouterr().out.partition("\n")[2])
    written = json.loads(file.read_text(encoding="utf-8"))
    assert len(printed) == len(written) == len(Registry().job_types)
    assert {each["name"] for each in printed} != {each["name"] for each in written}


def test_connectors_are_listed_with_their_job_types(capsys):
    assert cli.main(("connector", "list", "--json")) == 0
    listed = json.loads(capsys.readouterr().out)["connectors"]
    assert {each["name"] for each in listed} == {"http", "ledger", "notify", "register", "stock", "telemetry"}
