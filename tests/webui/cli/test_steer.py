"""``propflow steer``: many instances at once, tried first, with the reasons of those that are refused."""

from __future__ import annotations

import json
import os

import pytest

from engine.model.values import SYSTEM, Resource
from engine.services import repository, runtime
from tests.engine.diagrams import line, script, service, user
from webui import cli, compose, settings


@pytest.fixture
def keys():
    """Three instances of the first of two versions."""
    with compose.parts(settings.load(os.environ)) as parts:
        repository.deploy(parts.engine, [Resource("p.bpmn", line(user("a")))], actor=SYSTEM)
        found = [runtime.start(parts.engine, "p", actor=SYSTEM) for _ in range(3)]
        repository.deploy(parts.engine, [Resource("p.bpmn", line(user("b")))], actor=SYSTEM)
        runtime.cancel(parts.engine, found[2], actor=SYSTEM)
    return found


def states(keys):
    with compose.parts(settings.load(os.environ)) as parts:
        return [
            (row.state.value, row.version) for row in (runtime.instance(parts.engine, k, actor=SYSTEM) for k in keys)
        ]


def test_a_dry_run_says_what_would_be_refused_and_changes_nothing(keys, capsys):
    status = cli.main(["steer", "migrate", "--process", "p", "--to-version", "2", "--dry-run"])

    printed = capsys.readouterr().out
    assert status == 1
    assert f"{keys[0]}: a: a is not in the other version" in printed
    assert printed.splitlines()[-1] == "0 possible, 2 refused, 0 left"
    assert states(keys) == [("active", 1), ("active", 1), ("canceled", 1)]


def test_many_are_migrated_with_a_mapping(keys, capsys):
    assert cli.main(["steer", "migrate", "--process", "p", "--to-version", "2", "--map", "a=b", "--reason", "new"]) == 0

    assert capsys.readouterr().out.splitlines() == ["2 of 2", "2 done, 0 refused, 0 left"]
    assert states(keys) == [("active", 2), ("active", 2), ("canceled", 1)]


def test_a_program_gets_the_reasons_as_json(keys, capsys):
    named = [word for key in keys for word in ("--key", str(key))]

    assert cli.main(["steer", "cancel", *named, "--json"]) == 1

    answer = json.loads(capsys.readouterr().out)
    assert (answer["done"], answer["left"], list(answer["refused"])) == (2, 0, [str(keys[2])])
    assert "canceled" in answer["refused"][str(keys[2])][0]["message"]


def test_a_mapping_is_proposed_edited_and_handed_back(keys, capsys, tmp_path):
    words = ["steer", "migrate", "--process", "p", "--from-version", "1", "--to-version", "2"]

    assert cli.main([*words, "--propose"]) == 0

    printed = capsys.readouterr().out
    assert '"a" = "b"  # same neighbours; 2 live' in printed.splitlines()
    plan = tmp_path / "plan.toml"
    plan.write_text(printed.replace('"a" = "b"', '"a" = ""'))
    assert cli.main(["steer", "migrate", "--plan", str(plan), "--dry-run"]) == 1
    assert "nothing says where a belongs in the other version" in capsys.readouterr().out
    plan.write_text(printed)
    assert cli.main(["steer", "migrate", "--plan", str(plan), "--reason", "new"]) == 0
    assert states(keys) == [("active", 2), ("active", 2), ("canceled", 1)]
    assert (
        json.loads((cli.main([*words, "--propose", "--json"]), capsys.readouterr())[1].out.splitlines()[-1])["mapping"][
            "a"
        ]
        == "b"
    )


def test_what_needs_a_person_is_listed_first_and_said_by_the_exit_code(keys, capsys):
    with compose.parts(settings.load(os.environ)) as parts:
        repository.deploy(parts.engine, [Resource("p.bpmn", line(service("a")))], actor=SYSTEM)

    assert (
        cli.main(["steer", "migrate", "--process", "p", "--from-version", "1", "--to-version", "3", "--propose"]) == 1
    )

    plan = capsys.readouterr().out.split("[mapping]\n")[1]
    assert plan.splitlines()[0] == '"a" = ""  # userTask Do a: needs a person; 2 live'


def test_an_element_is_activated_in_the_scope_that_is_named(keys, capsys):
    key = str(keys[0])

    assert cli.main(["steer", "modify", "--key", key, "--activate", "a@1", "--terminate", "2"]) in (0, 1)
    assert cli.main(["steer", "modify", "--key", key, "--activate", "a@77"]) == 1

    assert "element instance 77 is not live" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["cancel"],
        ["migrate", "--process", "p", "--to-version", "9"],
        ["migrate", "--process", "p", "--to-version", "2", "--map", "a"],
        ["modify", "--process", "p"],
        ["modify", "--process", "p", "--variables", "[1]"],
        ["modify", "--process", "p", "--variables", "{"],
        ["modify", "--process", "p", "--activate", "a@b"],
        ["migrate", "--process", "p"],
        ["migrate", "--from-version", "1", "--to-version", "2"],
        ["migrate", "--process", "p", "--to-version", "2", "--propose"],
        ["migrate", "--plan", "nowhere.toml"],
        ["migrate", "--plan", "pyproject.toml"],
    ],
)
def test_an_order_that_lacks_something_is_refused_in_a_sentence(keys, capsys, words):
    assert cli.main(["steer", *words]) == 1

    assert capsys.readouterr().err
    assert states(keys) == [("active", 1), ("active", 1), ("canceled", 1)]


def test_what_stopped_at_a_step_of_many_is_skipped_with_an_output(keys, capsys):
    with compose.parts(settings.load(os.environ)) as parts:
        process = line(script("s", "=[1..2]", "y"), user("b"), id="stuck")
        repository.deploy(parts.engine, [Resource("stuck.bpmn", process)], actor=SYSTEM)
        stuck = [runtime.start(parts.engine, "stuck", actor=SYSTEM) for _ in range(2)]
    order = ["steer", "retry", "--process", "stuck", "--element", "s", "--skip", "--variables", '{"y": 7}']

    assert cli.main([*order, "--reason", "by hand"]) == 0

    with compose.parts(settings.load(os.environ)) as parts:
        assert [runtime.variables(parts.engine, key, actor=SYSTEM)["y"] for key in stuck] == [7, 7]
        assert [runtime.active(parts.engine, key, actor=SYSTEM) for key in stuck] == [["b"], ["b"]]
