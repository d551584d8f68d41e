"""Accounts, roles, absences and tokens are administered without the web."""

from __future__ import annotations

import json

import pytest

from engine.errors import NotAllowed
from engine.services import tokens
from webui import cli, compose, settings


@pytest.fixture
def run(capsys):
    """Run a command in an installation with two people; give its status, what it printed and what it complained about."""

    def make(*words):
        status = cli.main(words)
        said = capsys.readouterr()
        return status, said.out, said.err

    make("unit", "add", "jinhe", "--kind", "group", "--name", "锦和")
    for login in ("lin", "wang"):
        make("user", "add", login, "--name", login.title(), "--unit", "jinhe")
    return make


def document(run, *words):
    return json.loads(run(*words, "--json")[1])


def test_a_role_is_granted_shown_and_revoked(run):
    run("user", "grant", "lin", "accountant", "jinhe")
    shown = document(run, "user", "show", "lin")
    ended = run("user", "revoke", "lin", "accountant", "jinhe")

    assert [(row["role"], row["unit"], row["to"]) for row in shown["roles"]] == [("accountant", "jinhe", None)]
    assert ended[:2] == (0, "lin: accountant at jinhe has ended\n")
    assert document(run, "user", "show", "lin")["roles"][0]["to"]
    assert "does not hold" in run("user", "revoke", "lin", "accountant", "jinhe")[2]


def test_an_account_is_changed_disabled_and_enabled_again(run):
    assert document(run, "user", "change", "lin", "--phone", "13800001502")["phone"] == "13800001502"
    assert run("user", "disable", "lin", "--reason", "left")[:2] == (0, "lin is disabled\n")
    assert document(run, "user", "show", "lin")["state"] == "disabled"
    assert run("user", "enable", "lin")[0] == 0
    assert document(run, "user", "show", "lin")["state"] == "active"


def test_a_role_of_ones_own_is_defined(run):
    made = run(
        "role", "define", "auditor", "--name", "审计", "--permission", "ledger:read", "--permission", "audit:read"
    )
    again = document(run, "role", "define", "auditor", "--name", "审计员", "--permission", "audit:read")

    assert made[:2] == (0, "auditor: audit:read ledger:read\n")
    assert (again["name_zh"], again["permissions"]) == ("审计员", ["audit:read"])
    assert "auditor" in run("role", "list")[1]
    assert run("role", "define", "auditor", "--name", "x", "--permission", "everything")[0] == 1


def test_a_colleague_stands_in_until_the_person_is_back(run):
    words = ("absence", "begin", "lin", "--deputy", "wang", "--until", "2999-01-31", "--reason", "holiday")

    assert run(*words)[:2] == (0, "wang stands in for lin\n")
    assert document(run, "absence", "list", "wang")["stand_ins"][0]["absent"] == "lin"
    assert run("absence", "end", "lin")[:2] == (0, "1 stand-in(s) ended\n")
    assert run("absence", "end", "lin")[1] == "0 stand-in(s) ended\n"
    assert "wang" in run("absence", "list", "lin")[1]


def test_a_token_acts_as_its_account_until_it_is_revoked(run, tmp_path):
    made = document(
        run, "token", "create", "lin", "--name", "meter import", "--scope", "message:publish", "--days", "30"
    )
    with compose.parts(settings.load({"PROPFLOW_DATA_DIR": str(tmp_path)})) as parts:
        actor = tokens.authenticate(parts.engine, made["token"])
    listed = run("token", "list", "lin")[1]
    assert run("token", "revoke", made["key"])[0] == 0

    assert (actor.name, actor.only) == ("Lin", frozenset({("message", "publish")}))
    assert made["token"].startswith("pf_") and made["token"] not in listed
    assert "open" in listed and "ended" in run("token", "list", "lin")[1]
    with compose.parts(settings.load({"PROPFLOW_DATA_DIR": str(tmp_path)})) as parts, pytest.raises(NotAllowed):
        tokens.authenticate(parts.engine, made["token"])


@pytest.mark.parametrize("words", [("--days", "0"), ("--scope", "everything")])
def test_a_token_that_makes_no_sense_is_refused(run, words):
    assert run("token", "create", "lin", "--name", "x", *words)[0] == 1


def test_a_unit_is_renamed_and_closed(run):
    assert document(run, "unit", "change", "jinhe", "--name", "锦和集团", "--zone", "Asia/Urumqi") == {
        "code": "jinhe",
        "name": "锦和集团",
        "zone": "Asia/Urumqi",
        "open": True,
    }
    assert document(run, "unit", "change", "jinhe", "--close")["open"] is False
    assert document(run, "unit", "change", "jinhe", "--reopen")["open"] is True
