"""Rooms, the people in them, technicians and how projects are run are kept without the web."""

from __future__ import annotations

import json

import pytest

from webui import cli


@pytest.fixture
def run(tmp_path, capsys):
    """Run a command in an installation with a project, two rooms and a technician; give its status, what it printed and its complaints."""
    file = tmp_path / "rooms.csv"
    file.write_text("房号,类型,建筑面积\n1-1502,住宅,105.25\n1-1503,住宅,89\n", encoding="utf-8")

    def make(*words):
        status = cli.main(words)
        said = capsys.readouterr()
        return status, said.out, said.err

    make("unit", "add", "jinhe", "--kind", "group", "--name", "锦和")
    make("unit", "add", "yunting", "--kind", "project", "--name", "云庭", "--under", "jinhe")
    make("user", "add", "lin", "--name", "林工", "--unit", "yunting")
    make("register", "import", "rooms", str(file), "--unit", "yunting")
    return make


def document(run, *words):
    status, said, complaint = run(*words, "--json")
    assert status == 0, said + complaint
    return json.loads(said)


def test_somebody_moves_in_is_found_and_moves_out(run):
    at = ("--project", "yunting")
    words = ("--name", "张丽华", "--phone", "138 0000 1502", "--relation", "owner", "--from", "2020-01-01", "--pays")

    assert run("room", "move-in", "1-1502", *at, *words)[:2] == (0, "张丽华 belongs to 1-1502\n")
    assert document(run, "room", "show", "1-1502", *at)["people"] == [
        {"name": "张丽华", "phone": "13800001502", "relation": "owner", "pays": True}
    ]
    assert document(run, "room", "people", *at, "--text", "1502")["people"][0]["name"] == "张丽华"
    leave = ("room", "move-out", "1-1502", *at, "--phone", "13800001502", "--last-day", "2020-12-31")
    assert run(*leave)[:2] == (0, "1 people belong to 1-1502 up to 2020-12-31\n")
    assert document(run, "room", "show", "1-1502", *at)["people"] == []
    assert "nobody with the phone" in run(*leave)[2]


def test_rooms_are_listed_and_narrowed(run):
    assert [each["code"] for each in document(run, "room", "list", "--project", "yunting")["rooms"]] == [
        "1-1502",
        "1-1503",
    ]
    assert len(document(run, "room", "list", "--project", "yunting", "--text", "1503")["rooms"]) == 1
    assert run("room", "show", "9-9999", "--project", "yunting")[0] == 1


def test_a_technician_has_skills_certificates_and_shifts(run):
    assert run("crew", "set", "lin", "--project", "yunting", "--skill", "electric", "--skill", "hvac")[0] == 0
    certify = ("crew", "certify", "lin", "--type", "elevator", "--number", "E1", "--until", "2026-06-30")
    assert run(*certify)[:2] == (0, "lin: elevator E1 - 2026-06-30\n")
    shift = ("--from", "2026-01-05T08:00", "--to", "2026-01-05T16:00")
    planned = document(run, "crew", "shift", "lin", "--project", "yunting", *shift)

    assert planned["from"] == "2026-01-05T08:00:00+08:00"
    assert [each["number"] for each in document(run, "crew", "certificates", "lin")["certificates"]] == ["E1"]
    assert document(run, "crew", "expiring", "--before", "2026-07-01")["certificates"][0]["login"] == "lin"
    assert document(run, "crew", "expiring", "--before", "2026-06-30")["certificates"] == []
    assert run("crew", "shift", "lin", "--project", "yunting", "--from", shift[3], "--to", shift[1])[0] == 1


def test_a_project_is_run_as_it_is_said(run):
    changed = document(run, "register", "project", "yunting", "--dispatch", "grab", "--open-limit", "5")

    assert (changed["dispatch"], changed["open_limit"]) == ("grab", 5)
    assert run("register", "project", "yunting", "--open-limit", "0")[0] == 1
    assert document(run, "register", "project", "yunting")["open_limit"] == 5
    assert document(run, "register", "vendors") == {"vendors": []}
