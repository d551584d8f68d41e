"""``propflow register`` fills the register from CSV files: first checked, then all rows or none."""

from __future__ import annotations

import json

import pytest

from webui import cli

ROOMS = "房号,类型,建筑面积\n1-1502,住宅,105.25\n1-1503,住宅,89\n"


@pytest.fixture
def run(capsys):
    """Run a command in an installation with one project; give its status, what it printed and what it complained about."""

    def make(*words):
        status = cli.main(words)
        said = capsys.readouterr()
        return status, said.out, said.err

    make("unit", "add", "jinhe", "--kind", "group", "--name", "锦和")
    make("unit", "add", "yunting", "--kind", "project", "--name", "云庭", "--under", "jinhe")
    return make


@pytest.fixture
def load(run, tmp_path):
    """Import a text as a file of the project Yunting."""

    def make(what, text, *more, encoding="utf-8"):
        file = tmp_path / f"{what}.csv"
        file.write_bytes(text.encode(encoding))
        return run("register", "import", what, str(file), "--unit", "yunting", *more)

    return make


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_what_a_spreadsheet_wrote_is_imported(load, encoding):
    assert load("rooms", ROOMS, encoding=encoding) == (0, "rooms: 2 new, 0 changed\n", "")
    assert load("rooms", ROOMS, encoding=encoding)[1] == "rooms: 0 new, 2 changed\n"


def test_a_check_says_what_would_happen_and_stores_nothing(load):
    told = (0, "rooms: 2 would be new, 0 changed; nothing is stored yet\n", "")

    assert load("rooms", ROOMS, "--check") == told
    assert load("rooms", ROOMS, "--check") == told


@pytest.mark.parametrize("more", [(), ("--check",)])
def test_one_wrong_row_stores_nothing_and_every_problem_is_told_with_its_line(load, more):
    status, said, complaint = load("rooms", ROOMS + "1-1504,城堡,big\n1-1505,,70\n", *more)

    assert (status, said) == (1, "")
    assert [line.partition("; ")[0][:14] for line in complaint.splitlines()] == [
        "error: line 4:",
        "error: line 4:",
        "error: line 5:",
        "3 problem(s)",
    ]
    assert load("rooms", ROOMS)[1] == "rooms: 2 new, 0 changed\n"


def test_programs_get_a_document(load):
    assert json.loads(load("rooms", ROOMS, "--json")[1]) == {"what": "rooms", "new": 2, "changed": 0, "stored": True}
    assert json.loads(load("rooms", ROOMS, "--json", "--check")[1])["stored"] is False
    assert json.loads(load("rooms", "房号\n", "--json")[1])["problems"][0]["where"] == "line 1"


def test_a_file_or_unit_that_is_not_there_is_named(run, load, tmp_path):
    file = tmp_path / "rooms.csv"
    missing = run("register", "import", "rooms", str(file), "--unit", "yunting")
    file.write_text(ROOMS, encoding="utf-8")
    nowhere = run("register", "import", "rooms", str(file), "--unit", "nowhere")

    assert missing[0] == nowhere[0] == 1
    assert str(file) in missing[2]
    assert "nowhere" in nowhere[2]


def test_the_first_line_to_fill_in_is_given_in_the_language_of_the_terminal(run, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert run("register", "columns", "people")[1] == "房号,姓名,电话,关系,起始日,截止日,缴费人\n"

    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    assert run("register", "columns", "people")[1] == "Room,Name,Phone,Relation,From,To,Pays\n"
    assert json.loads(run("register", "columns", "people", "--json")[1])["columns"][0] == {
        "zh": "房号",
        "en": "Room",
        "required": True,
    }
