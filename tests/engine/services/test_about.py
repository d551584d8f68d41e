"""What an instance is about: the line that lists show."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.bpmn.definition import Definition, Element, Kind
from engine.services import about

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def said(properties, variables, before=("", "")):
    process = Element(id="p", kind=Kind.PROCESS, properties=properties)
    definition = Definition(process_id="p", name="P", elements={"p": process}, flows={})
    return about.say(definition, variables, now=NOW, zone=UTC, before=before)


def test_a_title_is_a_variable_or_an_expression():
    assert said({"title": "desc", "grade": '="P" + string(level)'}, {"desc": " 厨房\n漏水 ", "level": 2}) == (
        "厨房 漏水",
        "P2",
    )


def test_what_cannot_be_said_now_stays_as_it_was():
    assert said({"title": "desc", "grade": "level"}, {}, before=("old", "P1")) == ("old", "P1")


@pytest.mark.parametrize("broken", ["=(", "=1 +", "=for x in"])
def test_an_expression_that_does_not_parse_says_nothing(broken):
    assert said({"title": broken}, {}) == ("", "")


def test_a_title_is_short_enough_for_a_list():
    assert len(said({"title": "desc"}, {"desc": "长" * 900})[0]) == about.LONGEST
