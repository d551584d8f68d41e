"""The linter's view of an expression: what is wrong with it before it runs."""

from __future__ import annotations

from random import Random

import pytest

from engine.errors import Invalid, LimitExceeded
from engine.feel import compile_expression, evaluate, kind
from engine.feel.check import check, infer
from engine.feel.kinds import Shape, merged, nested, plain, stored
from tests.engine.feel.grammar import CONTEXT, expression

NAMES = {
    "amount": "number",
    "due": "string",
    "items": "list",
    "person": Shape({"age": "number"}),
    "place": Shape({"city": "string"}, closed=False),
    "open": "boolean",
    "stranger": None,
    "金额": "number",
}


def found(text: str, *, condition: bool = False) -> list[tuple[str, str, str]]:
    return [(p.rule, p.where, str(p.message)) for p in check(text, NAMES, condition=condition)]


@pytest.mark.parametrize(
    ("text", "rule", "where", "message"),
    [
        ("1 +", "feel-syntax", "line 1, column 4", "the expression ends where a value should follow"),
        ("amuont > 3", "feel-name", "line 1, column 1", "there is no variable amuont"),
        ("open and\namount", "feel-kind", "line 2, column 1", "number stands where a boolean should"),
        ('amount > "3"', "feel-kind", "line 1, column 8", "> cannot compare number and string"),
        ('amount + "3"', "feel-kind", "line 1, column 8", "+ has no result for number and string"),
        ("due < today()", "feel-kind", "line 1, column 5", "< cannot compare string and date"),
        (
            "today() - date(due) > 3",
            "feel-kind",
            "line 1, column 21",
            "> cannot compare days and time duration and number",
        ),
        ("substring(due)", "feel-call", "line 1, column 1", "substring does not take these arguments"),
        ("upper case(amount)", "feel-call", "line 1, column 1", "upper case does not take (number)"),
        ("amount(1)", "feel-call", "line 1, column 7", "number is called like a function"),
        ("today().hour", "feel-kind", "line 1, column 8", "date has no property hour"),
        ('items["x"]', "feel-kind", "line 1, column 6", "a filter takes a condition or a position, not string"),
        ("if 1 = 1 then 2 else 3", "feel-constant", "line 1, column 6", "the condition is always the same"),
        ('@"2026-02-30"', "feel-kind", "line 1, column 1", "2026-02-30 is no date, time or duration"),
        ("date(due) + stranger > now()", "feel-kind", "line 1, column 22", "> cannot compare date and date and time"),
        ("person.name.first", "feel-name", "line 1, column 7", "the context has no entry name"),
        ("{a: 1}.b", "feel-name", "line 1, column 7", "the context has no entry b"),
        ("due between 1 and 3", "feel-kind", "line 1, column 13", "between cannot compare string and number"),
    ],
)
def test_what_is_wrong_is_found_with_its_place(text, rule, where, message):
    assert (rule, where, message) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "amount > 3 and due != null",
        "items[price > 3].name",
        "for i in items return i.x + amount",
        "person.age + 1",
        "place.street + place.city",
        "stranger(1) + stranger.x",
        "{a: 1, f: function(n) f(n - 1) + a}.a",
        "some x in items satisfies x > 1 and partial",
        "if amount = 1 then partial else null",
        "date(due) + duration(due) > today()",
        "amount in (? > 3, [1..2], null)",
        "sort(items, function(a, b) a.x < b.x)",
        "substring(string: due, start position: 2)",
        "for i in 1..3 return if i = 1 then 1 else partial[-1]",
        'count(items) * @"P1D" > today() - today()',
    ],
)
def test_what_may_be_right_is_left_alone(text):
    assert check(text, {**NAMES, "partial": None}) == []


def test_a_condition_must_be_a_boolean_that_can_change():
    assert found("amount", condition=True)[0][2] == "the condition is number, not a boolean"
    assert found("1 = 1", condition=True)[0][2] == "the condition is always true"
    assert found("amount > 1", condition=True) == []


def test_a_near_miss_is_suggested():
    assert check("amuont > 3", NAMES)[0].remedy == "did you mean amount?"
    assert check("金额，1", NAMES)[0].remedy == "write 金额,1 without full-width signs"


def test_every_expression_that_compiles_can_be_checked():
    for seed in range(700):
        text = expression(Random(seed))
        try:
            compile_expression(text, CONTEXT)
        except Invalid:
            assert check(text, dict.fromkeys(CONTEXT))[0].rule == "feel-syntax"
        else:
            assert all(p.rule != "feel-syntax" for p in check(text, dict.fromkeys(CONTEXT), condition=True))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("amount + 1", "number"),
        ("date(due) + stranger", "date"),
        ("stranger + stranger", None),
        ("if open then 1 else null", "number"),
        ('if open then 1 else "x"', None),
        ("{a: 1, b: {c: due}}", Shape({"a": "number", "b": Shape({"c": "string"})})),
        ("{a: 1}.a", "number"),
        ("person.age", "number"),
        ("items[1]", None),
        ("for i in items return i", "list"),
        ("1 +", None),
    ],
)
def test_the_kind_of_a_value_is_known_as_far_as_it_is_certain(text, kind):
    assert infer(text, NAMES) == kind


def test_kinds_are_merged_where_all_agree_and_stored_as_variables_hold_them():
    one, two = Shape({"a": "number", "b": "date"}), Shape({"a": "number", "c": "string"})

    assert merged(["number", "number"]) == "number"
    assert merged(["number", "string"]) is merged(["number", None]) is merged([]) is None
    assert merged([one, two]) == Shape({"a": "number", "b": "date", "c": "string"}, closed=False)
    assert merged([one, "context"]) == "context"
    assert merged([one, "number"]) is None
    assert stored(one) == Shape({"a": "number", "b": "string"})
    assert [stored(kind) for kind in ("date", "number", "range", None)] == ["string", "number", None, None]
    assert [plain(kind) for kind in (one, "date", None)] == ["context", "date", None]


def test_kinds_by_path_become_contexts_that_may_hold_more():
    assert nested({("a",): "number", ("b", "c"): "string", ("a", "x"): "string"}) == {
        "a": "number",
        "b": Shape({"c": "string"}, closed=False),
    }


def test_the_kind_that_is_inferred_is_the_kind_that_comes_out():
    known = {name: kind(value) if value is not None else None for name, value in CONTEXT.items()}
    compared = 0
    for seed in range(1_000):
        text = expression(Random(seed))
        inferred = plain(infer(text, known))
        if inferred is None:
            continue
        try:
            value = evaluate(text, CONTEXT)
        except (Invalid, LimitExceeded):
            continue
        if value is not None:
            compared += 1
            assert kind(value) == inferred, text
    assert compared > 200
