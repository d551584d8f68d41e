"""A form says of which kinds its answers are, and what in its own expressions cannot work."""

from __future__ import annotations

import pytest

from engine.feel.kinds import Shape

AMOUNT = {"type": "textfield", "id": "c1", "key": "amount", "label": "Amount"}
LIMIT = {"type": "number", "id": "c2", "key": "limit", "label": "Limit"}


def note(**more):
    return {"type": "textfield", "id": "c3", "key": "note", "label": "Note"} | more


@pytest.mark.parametrize(
    ("field", "place", "reason"),
    [
        (note(conditional={"hide": "=amount > 3"}), "note", "line 1, column 8: > cannot compare string and number"),
        (note(conditional={"hide": "=limit"}), "note", "line 1, column 1: the condition is number, not a boolean"),
        (note(conditional={"hide": "=1 = 1"}), "note", "line 1, column 3: the condition is always true"),
        (note(readonly="=amount < limit"), "note", "line 1, column 8: < cannot compare string and number"),
        (
            {"type": "expression", "id": "c3", "key": "sum", "expression": "=limit + amount"},
            "sum",
            "line 1, column 7: + has no result for number and string",
        ),
    ],
)
def test_an_expression_that_clashes_with_the_kinds_of_fields_is_told(form, field, place, reason):
    [found] = form(AMOUNT, LIMIT, field).warnings()

    assert found.where == place
    assert found.message.partition(" at ")[2] == reason
    assert (found.severity, bool(found.remedy)) == ("warning", True)


@pytest.mark.parametrize(
    "hide",
    ["=number(amount) > limit", "=ceiling_of_the_server > limit", '=amount = "" or limit = null', "=is blank(amount)"],
)
def test_what_may_be_right_is_left_alone(form, hide):
    assert form(AMOUNT, LIMIT, note(conditional={"hide": hide})).warnings() == []


def test_the_fields_of_a_list_are_known_inside_it_only(form):
    price = {"type": "number", "id": "c4", "key": "amount", "label": "Price", "conditional": {"hide": "=amount > 3"}}
    lines = {"type": "dynamiclist", "id": "c5", "path": "lines", "components": [price]}

    assert form(AMOUNT, lines).warnings() == []
    assert form(AMOUNT, lines).kinds() == {"amount": "string", "lines": "list"}


def test_a_form_says_the_kind_of_every_answer(form):
    options = [{"label": "a", "value": 1}, {"label": "b", "value": 2}]
    found = form(
        AMOUNT,
        LIMIT,
        note(key="payer.name", disabled=True),
        {"type": "number", "id": "c4", "key": "price", "serializeToString": True},
        {"type": "checkbox", "id": "c5", "key": "urgent"},
        {"type": "radio", "id": "c6", "key": "level", "values": options},
        {"type": "select", "id": "c7", "key": "room", "valuesKey": "rooms"},
        {"type": "datetime", "id": "c8", "key": "visit.on", "subtype": "date", "dateLabel": "On"},
        {"type": "filepicker", "id": "c9", "key": "photos"},
        {"type": "number", "id": "c10", "key": "shown", "readonly": True},
        {"type": "expression", "id": "c11", "key": "due", "expression": "=date(visit.on)"},
    )

    assert found.kinds() == {
        "amount": "string",
        "limit": "number",
        "price": "string",
        "urgent": "boolean",
        "level": "number",
        "room": None,
        "visit": Shape({"on": "string"}, closed=False),
        "photos": "list",
        "shown": None,
        "due": "string",
    }
