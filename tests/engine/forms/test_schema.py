"""Reading schemas: what is a form, and every way in which one is refused."""

import json

import pytest

from engine import forms
from engine.errors import Invalid, LimitExceeded

TEXT = {"type": "textfield", "key": "name"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'"form"',
        b"null",
        b"\xff\xfe",
        b'{"components": 3}',
        b'{"id": "x"}',
        b"[" * 5000,
        b'{"components": [NaN]}',
    ],
)
def test_what_is_no_form_is_refused(content):
    with pytest.raises(Invalid):
        forms.read(content)


def test_a_form_of_two_megabytes_is_refused():
    with pytest.raises(LimitExceeded):
        forms.read(b" " * 2_000_001)


def test_fields_in_groups_have_the_path_of_the_group(form):
    address = {"type": "group", "path": "address", "components": [TEXT | {"key": "street.name"}]}
    plain = {"type": "group", "components": [TEXT]}

    found = form(address, plain).fields

    assert [field.key for field in found] == ["address.street.name", "name"]


def test_fields_of_a_list_are_inside_the_list(form):
    parts = {"type": "dynamiclist", "path": "parts", "label": "配件", "components": [TEXT]}

    (found,) = form(parts).fields

    assert (found.key, found.label, [item.key for item in found.items]) == ("parts", "配件", ["name"])


@pytest.mark.parametrize(
    ("component", "message"),
    [
        ({"type": "signature", "key": "name"}, "the component type signature is not known"),
        ({"key": "name"}, "the component type ? is not known"),
        ({"type": "textfield", "id": "name"}, "the component has no key"),
        ({"type": "dynamiclist", "id": "name"}, "the component has no path"),
        ({"type": "textfield", "key": "name..first", "id": "a"}, "the key is not a name"),
        ({"type": "textfield", "key": "__proto__.x", "id": "a"}, "the key __proto__.x is reserved"),
        (TEXT | {"validate": {"pattern": "(?=a)b"}}, "the pattern cannot be used: invalid perl operator: (?="),
        (TEXT | {"validate": {"pattern": r"(a)\1"}}, r"the pattern cannot be used: invalid escape sequence: \1"),
        (TEXT | {"validate": {"minLength": "many"}}, "minLength is not a number"),
        (TEXT | {"validate": {"validationType": "iban"}}, "the validation type iban is not known"),
        (TEXT | {"disabled": "yes"}, "disabled must be true or false"),
        (TEXT | {"conditional": {"hide": "amount > 3"}}, "the condition to hide does not start with ="),
        (TEXT | {"defaultValue": 3}, "the default value is not allowed: Enter text"),
        ({"type": "number", "key": "name", "increment": -1}, "increment is not a number above 0"),
        ({"type": "number", "key": "name", "decimalDigits": "2"}, "decimalDigits is not a whole number from 0 to 34"),
        ({"type": "number", "key": "name", "defaultValue": "ten"}, "the default value is not allowed: Enter a number"),
        ({"type": "select", "key": "name"}, "the field has no options"),
        (
            {"type": "radio", "key": "name", "values": [{"label": "A", "value": "a"}], "defaultValue": "b"},
            "the default value is not allowed: Choose one of the options",
        ),
        ({"type": "datetime", "key": "name", "subtype": "week"}, "the subtype week is not known"),
        ({"type": "datetime", "key": "name", "properties": {"minNow": "soon"}}, "minNow is not a duration for a date"),
        (
            {"type": "datetime", "key": "name", "subtype": "time", "properties": {"maxNow": "PT1H"}},
            "maxNow is not a duration for a date",
        ),
        (
            {"type": "filepicker", "key": "name", "properties": {"maxFiles": "many"}},
            "maxFiles is not a whole number from 0 to 20",
        ),
        ({"type": "filepicker", "key": "name", "accept": "=types"}, "the accepted file types must be written out"),
        ({"type": "expression", "key": "name"}, "the expression field has no expression"),
        ({"type": "dynamiclist", "path": "name", "readonly": True}, "a list cannot be read-only or disabled"),
        ({"type": "dynamiclist", "path": "name", "validate": {"max": 3}}, "a list has no min and max"),
        (
            {"type": "dynamiclist", "path": "name", "properties": {"minItems": 3, "maxItems": 2}},
            "minItems is greater than maxItems",
        ),
    ],
)
def test_a_component_that_cannot_work_is_refused(faults, component, message):
    place = (
        component.get("id", "name")
        if component.get("type") != "textfield"
        else component.get("key", component.get("id"))
    )

    found = faults(component)

    assert message in found.values()
    assert place in found or len(found) == 1


@pytest.mark.parametrize(("one", "other"), [("a", "a"), ("a", "a.b"), ("a.b", "a"), ("a.b", "a.b")])
def test_a_key_is_given_once_and_does_not_lead_through_another(faults, one, other):
    assert faults(TEXT | {"key": one}, TEXT | {"key": other}) == {other: f"the key {other} is used twice"}


def test_a_group_and_a_key_may_share_a_beginning(form):
    group = {"type": "group", "path": "a", "components": [TEXT | {"key": "c"}]}

    assert [field.key for field in form(TEXT | {"key": "a.b"}, group).fields] == ["a.b", "a.c"]


def test_an_id_is_given_once(faults):
    assert faults(TEXT | {"id": "x"}, TEXT | {"key": "b", "id": "x"}) == {"b": "the id x is used twice"}


def test_a_form_has_an_id_a_type_and_a_known_version(faults):
    assert faults(TEXT, id="", schemaVersion=18) == {"form": "the form has no id"}
    assert faults(TEXT, type="form") == {"test_form": "the type of the form is not default"}
    assert faults(TEXT, schemaVersion=20) == {"test_form": "the schema version 20 is not known"}


def test_everything_wrong_is_told_at_once(faults):
    found = faults({"type": "textfield"}, TEXT, TEXT, {"type": "magic", "id": "m"}, 3)

    assert found == {
        "component 1": "the component has no key",
        "name": "the key name is used twice",
        "m": "the component type magic is not known",
        "component 5": "a component must be an object",
    }


def test_a_form_of_too_many_or_too_deep_components_is_refused():
    deep = TEXT
    for _ in range(12):
        deep = {"type": "group", "components": [deep]}
    for components in ([TEXT] * 1001, [deep]):
        with pytest.raises(LimitExceeded):
            forms.read(json.dumps({"id": "f", "type": "default", "components": components}).encode())


def test_texts_are_listed_once_and_translated_in_a_copy(form):
    choice = {"type": "select", "key": "kind", "label": "类别", "values": [{"label": "水", "value": "water"}]}
    noted = TEXT | {
        "label": "类别",
        "description": "=hint",
        "validate": {"patternErrorMessage": "请输入数字", "pattern": "1"},
    }
    group = {"type": "group", "label": "房间", "components": [choice, {"type": "text", "text": "# 您好 {{name}}"}]}
    found = form(noted, group)

    english = found.localized({"类别": "Category", "水": "Water"}.get)

    assert found.labels() == ["类别", "请输入数字", "房间", "水", "# 您好 {{name}}"]
    assert english["components"][0]["label"] == "Category"
    assert english["components"][1]["components"][0]["values"] == [{"label": "Water", "value": "water"}]
    assert found.schema["components"][0]["label"] == "类别"


def test_a_blank_form_has_the_defaults_and_what_the_server_knows(form):
    parts = {
        "type": "dynamiclist",
        "path": "parts",
        "defaultRepetitions": 2,
        "components": [TEXT | {"defaultValue": "bolt"}],
    }
    found = form(
        TEXT, {"type": "number", "key": "count", "defaultValue": 1}, {"type": "checkbox", "key": "sure"}, parts
    )

    assert found.blank() == {"name": "", "count": 1, "sure": False, "parts": [{"name": "bolt"}, {"name": "bolt"}]}
    assert found.blank({"name": "Li Lei", "parts": []}) == {"name": "Li Lei", "count": 1, "sure": False, "parts": []}
