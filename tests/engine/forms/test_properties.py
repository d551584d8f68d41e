"""For all forms and answers: what form-js would submit is accepted; all else is ``Invalid`` and never another exception."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import forms
from engine.errors import Invalid, LimitExceeded, PropflowError
from engine.model import json as exact_json

NOW = datetime(2026, 3, 10, tzinfo=UTC)
KEYS = ("a", "b", "c", "d.e", "d.f", "g")
VALUES = [{"label": "One", "value": 1}, {"label": "Two", "value": "two"}, {"label": "Yes", "value": True}]
VALUE = st.sampled_from([option["value"] for option in VALUES])
LINE = st.text(st.characters(min_codepoint=32, exclude_categories=("Cs", "Cc")), max_size=20)
DAYS = st.dates().map(lambda day: day.isoformat())
CLOCK = st.times().map(lambda clock: clock.strftime("%H:%M"))
NUMBERS = st.decimals(-(10**9), 10**9, places=2).map(lambda number: exact_json.loads(str(number)))
FILE = st.integers(1, 2**63 - 1).map(lambda key: {"file": str(key), "name": "x.jpg", "size": 5, "type": "image/jpeg"})

# {component: what form-js submits for it}; an empty field submits the empty value of its type
INPUTS = [
    ({"type": "textfield"}, LINE),
    (
        {"type": "textfield", "validate": {"maxLength": 20}},
        LINE.filter(lambda text: len(text.encode("utf-16-le")) <= 40),
    ),
    (
        {"type": "textfield", "validate": {"required": True, "minLength": 1}},
        LINE.filter(lambda text: text.strip() != ""),
    ),
    ({"type": "textarea"}, st.lists(LINE).map("\n".join)),
    ({"type": "number"}, NUMBERS | st.none()),
    ({"type": "number", "serializeToString": True, "decimalDigits": 2}, NUMBERS.map(str) | st.none()),
    ({"type": "number", "validate": {"min": 0, "max": "=limit"}}, st.integers(0, 100)),
    ({"type": "checkbox"}, st.booleans()),
    ({"type": "radio", "values": VALUES}, VALUE | st.none()),
    ({"type": "select", "valuesKey": "options"}, VALUE),
    ({"type": "select", "valuesExpression": "=options"}, VALUE),
    ({"type": "checklist", "values": VALUES}, st.lists(VALUE, unique_by=repr)),
    ({"type": "taglist", "valuesKey": "options"}, st.lists(VALUE, unique_by=repr)),
    ({"type": "datetime", "subtype": "date"}, DAYS | st.none()),
    ({"type": "datetime", "subtype": "time"}, CLOCK | CLOCK.map("{}+08:00".format) | CLOCK.map("{}Z".format)),
    ({"type": "datetime", "subtype": "datetime"}, st.tuples(DAYS, CLOCK).map("T".join)),
    ({"type": "filepicker", "multiple": True}, st.lists(FILE, max_size=3, unique_by=lambda file: file["file"])),
]
CONTEXT = {"limit": 100, "options": VALUES}


def nest(values):
    nested = {}
    for key, value in values.items():
        *path, last = key.split(".")
        inner = nested
        for name in path:
            inner = inner.setdefault(name, {})
        inner[last] = value
    return nested


@st.composite
def forms_with_answers(draw, depth=0):
    """Draw components and what form-js would submit for them."""
    components, answers = [], {}
    for key in draw(st.lists(st.sampled_from(KEYS), unique=True, min_size=1)):
        if depth < 2 and draw(st.integers(0, 4)) == 0:
            inner, _ = draw(forms_with_answers(depth=depth + 1))
            items = draw(st.lists(st.just(inner).flatmap(answer_to), max_size=3))
            components.append({"type": "dynamiclist", "path": key, "components": inner})
            if items:  # form-js submits nothing for a list without items
                answers[key] = items
            continue
        component, submitted = draw(st.sampled_from(INPUTS))
        components.append(component | {"key": key, "id": f"field_{depth}_{key}_{draw(st.uuids())}"})
        answers[key] = draw(submitted)
    return components, nest(answers)


@st.composite
def answer_to(draw, components):
    """Draw what form-js would submit for given components."""
    answers = {}
    for component in components:
        if component["type"] == "dynamiclist":
            continue
        bare = {name: value for name, value in component.items() if name not in ("key", "id")}
        answers[component["key"]] = draw(next(submitted for known, submitted in INPUTS if known == bare))
    return nest(answers)


def read(components):
    return forms.read(json.dumps({"type": "default", "id": "f", "components": components}).encode())


@settings(deadline=None, max_examples=100)
@given(forms_with_answers())
def test_what_form_js_submits_is_accepted(drawn):
    components, answers = drawn

    accepted = read(components).validate(answers, context=CONTEXT, now=NOW)

    exact_json.dumps(accepted)
    for name, value in answers.items():
        if isinstance(value, bool | str) and value != "":
            assert accepted[name] == value


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text(max_size=50)
    | st.binary(max_size=5)
    | VALUE,
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=3), inner, max_size=4),
    max_leaves=20,
)


@settings(deadline=None, max_examples=150)
@given(forms_with_answers(), ANYTHING | st.dictionaries(st.sampled_from(["a", "b", "c", "d", "g"]), ANYTHING))
def test_anything_else_is_invalid_and_never_another_exception(drawn, values):
    components, _ = drawn

    with suppress(Invalid):
        accepted = read(components).validate(values, context=CONTEXT, now=NOW)
        assert "NaN" not in exact_json.dumps(accepted)


@pytest.mark.parametrize("component", [component for component, _ in INPUTS])
def test_a_value_nested_a_thousand_deep_is_invalid(component):
    deep = []
    for _ in range(1000):
        deep = [deep]

    with pytest.raises(Invalid):
        read([component | {"key": "a"}]).validate({"a": deep}, context=CONTEXT, now=NOW)
    with pytest.raises(Invalid):
        read([component | {"key": "a"}]).validate({"b": deep}, context=CONTEXT, now=NOW)


@settings(deadline=None, max_examples=100)
@given(forms_with_answers(), ANYTHING, st.data())
def test_a_schema_with_any_setting_changed_is_read_or_refused(drawn, value, data):
    components, answers = drawn
    victim = data.draw(st.sampled_from(components))
    victim[
        data.draw(
            st.sampled_from([*sorted(victim), "validate", "properties", "readonly", "conditional", "defaultValue"])
        )
    ] = value

    try:
        content = json.dumps({"type": "default", "id": "f", "components": components}, default=str).encode(
            "utf-8", "replace"
        )
        form = forms.read(content)
        form.labels()
        form.blank(CONTEXT)
        form.localized(str.upper)
        form.validate(answers, context=CONTEXT, now=NOW)
    except PropflowError as error:
        assert isinstance(error, Invalid | LimitExceeded)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12))
def test_money_keeps_its_digits(amount):
    form = read([{"type": "number", "key": "a", "serializeToString": True, "decimalDigits": 2}])

    accepted = form.validate({"a": str(amount)}, now=NOW)["a"]

    assert Decimal(accepted) == amount
