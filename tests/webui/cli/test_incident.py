"""``propflow incident`` shows what stopped, and tries it again once its cause is mended."""

from __future__ import annotations

import json
import os

import pytest

from engine.model.values import SYSTEM, Resource
from engine.services import repository, runtime
from tests.engine.diagrams import line, script
from webui import cli, compose, settings


@pytest.fixture
def stopped():
    """An installation in which an instance lacks a variable; gives its key."""
    with compose.parts(settings.load(os.environ)) as parts:
        repository.deploy(parts.engine, [Resource("p.bpmn", line(script("sum", "=a + 1", "b")))], actor=SYSTEM)
        return runtime.start(parts.engine, "p", {}, actor=SYSTEM)


def listed(capsys):
    assert cli.main(["incident", "list", "--json"]) == 0
    return json.loads(capsys.readouterr().out)["incidents"]


def test_what_stopped_is_listed_with_its_element_and_reason(stopped, capsys):
    (found,) = listed(capsys)

    assert (found["kind"], found["element"], found["instance"]) == ("expression", "sum", str(stopped))
    assert cli.main(["incident", "list", "--instance", str(stopped)]) == 0
    assert "1 open incident(s)" in capsys.readouterr().out


def test_it_is_tried_again_with_a_reason_that_history_keeps(stopped, capsys):
    (found,) = listed(capsys)
    with compose.parts(settings.load(os.environ)) as parts:
        runtime.set_variables(parts.engine, stopped, {"a": 1}, actor=SYSTEM)

    assert cli.main(["incident", "retry", found["key"], "--reason", "a was missing"]) == 0

    capsys.readouterr()
    assert listed(capsys) == []
    with compose.parts(settings.load(os.environ)) as parts:
        assert runtime.instance(parts.engine, stopped, actor=SYSTEM).state.value == "completed"


def test_it_is_skipped_with_the_output_that_it_should_have_had(stopped, capsys):
    (found,) = listed(capsys)

    assert cli.main(["incident", "skip", found["key"], "--variables", '{"b": 7}', "--reason", "known by hand"]) == 0

    capsys.readouterr()
    assert listed(capsys) == []
    with compose.parts(settings.load(os.environ)) as parts:
        assert runtime.variables(parts.engine, stopped, actor=SYSTEM) == {"b": 7}


def test_output_that_is_not_json_is_refused(stopped, capsys):
    (found,) = listed(capsys)

    assert cli.main(["incident", "skip", found["key"], "--variables", "b=7", "--reason", "x"]) == 1

    assert "--variables wants a JSON object" in capsys.readouterr().err
    assert len(listed(capsys)) == 1


def test_one_that_is_not_there_is_refused(stopped, capsys):
    assert cli.main(["incident", "retry", "12345", "--reason", "x"]) == 1

    assert "12345" in capsys.readouterr().err
