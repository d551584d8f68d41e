"""An installation begins with its organisation: units, roles and the first account, without the web."""

from __future__ import annotations

import json

import pytest

from webui import cli


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run a command in a fresh installation; give its status, what it printed and what it complained about."""
    monkeypatch.setenv("PROPFLOW_DATA_DIR", str(tmp_path))

    def make(*words):
        status = cli.main(words)
        said = capsys.readouterr()
        return status, said.out, said.err

    return make


TOP = ("unit", "add", "jinhe", "--kind", "group", "--name", "锦和", "--name-en", "Jinhe")


def test_the_first_unit_is_the_top_and_brings_the_roles(run):
    assert run(*TOP)[:2] == (0, "21 roles were added\njinhe: group 锦和\n")

    assert run("unit", "add", "yunting", "--kind", "project", "--name", "云庭", "--under", "jinhe")[0] == 0
    assert run("unit", "list")[1] == "jinhe 锦和 (group)\n  yunting 云庭 (project)\n"


def test_each_unit_is_listed_below_its_own_parent(run):
    run(*TOP)
    for code, kind, above in (("a", "project", "jinhe"), ("b", "project", "jinhe"), ("a-1", "building", "a")):
        run("unit", "add", code, "--kind", kind, "--name", "楼", "--under", above)

    listed = run("unit", "list")[1].splitlines()

    assert [line.split(" 楼")[0] for line in listed[1:]] == ["  a", "    a-1", "  b"]


def test_the_first_account_gets_a_role_at_a_unit(run):
    run(*TOP)

    assert run("user", "add", "admin", "--name", "管理员", "--unit", "jinhe")[0] == 0
    assert run("user", "grant", "admin", "process_admin", "jinhe")[1] == "admin: process_admin at jinhe\n"


def test_a_second_top_is_refused_and_says_what_to_do(run):
    run(*TOP)

    status, _, complaint = run("unit", "add", "other", "--kind", "group", "--name", "另一家")

    assert status == 1
    assert "name a parent" in complaint


def test_units_come_as_json_for_programs(run):
    run(*TOP)

    assert json.loads(run("unit", "list", "--json")[1])["units"] == [{"code": "jinhe", "name": "锦和", "kind": "group"}]
