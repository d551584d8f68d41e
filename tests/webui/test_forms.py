"""What a form begins with, and how a plain form's texts become values."""

from __future__ import annotations

import json

import pytest

from engine import forms as schemas
from webui import forms

OUTCOMES = [{"value": "done", "label": "Fixed"}, {"value": "parts", "label": "Parts are missing"}]
YES_NO = [{"value": True, "label": "Yes"}, {"value": False, "label": "No"}]


def form(*components):
    schema = {"type": "default", "id": "x", "schemaVersion": 18, "components": components}
    return schemas.read(json.dumps(schema).encode())


@pytest.mark.parametrize(
    ("known", "begins"),
    [
        ({}, "done"),
        ({"outcome": "quote"}, "done"),  # of an earlier step, which had others to choose from
        ({"outcome": "parts"}, "parts"),
    ],
)
def test_a_choice_that_is_not_offered_here_gives_way_to_the_default(known, begins):
    asked = form(
        {
            "type": "radio",
            "id": "o",
            "key": "outcome",
            "label": "Outcome",
            "values": OUTCOMES,
            "defaultValue": "done",
        }
    )

    shown = forms.view(asked, str, known, id="f", action="/", verb="Send", label="x")

    assert shown.data["outcome"] == begins


def test_a_plain_form_shows_a_moment_as_a_browser_can():
    moment = {"type": "datetime", "subtype": "datetime", "id": "m", "key": "at", "dateLabel": "At", "timeLabel": "Time"}

    shown = forms.view(
        form(moment), str, {"at": "2026-11-22T17:42:10+08:00"}, id="f", action="/", verb="Send", label="x"
    )

    assert [field.value for field in shown.fields] == ["2026-11-22T17:42"]


@pytest.mark.parametrize(("text", "value"), [("True", True), ("False", False), ("maybe", "maybe"), ("", None)])
def test_a_plain_form_knows_yes_and_no(text, value):
    asked = form({"type": "radio", "id": "a", "key": "accepted", "label": "Accepted", "values": YES_NO})

    assert forms.typed(asked, {"accepted": [text]}) == {"accepted": value}
