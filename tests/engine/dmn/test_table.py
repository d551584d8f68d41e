"""Decision tables: hit policies, aggregations, defaults, allowed values, cells of every sort."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from engine import dmn
from tests.engine.dmn.files import decision, model, table

AGES = ["age"], ["fee"], ["< 18", "1"], ["[18..65)", "2"], [">= 60", "3"]


@pytest.mark.parametrize(
    ("policy", "age", "answer"),
    [
        ("UNIQUE", 10, 1),
        ("UNIQUE", 18, 2),
        ("UNIQUE", 62, None),  # two rules match
        ("UNIQUE", None, None),
        ("FIRST", 62, 2),
        ("ANY", 62, None),  # they disagree
        ("ANY", 70, 3),
        ("RULE ORDER", 62, [2, 3]),
        ("COLLECT", 62, [2, 3]),
        ("COLLECT", 10, [1]),
    ],
)
def test_a_hit_policy_decides_which_rules_count(evaluate, policy, age, answer):
    assert evaluate(table(policy, *AGES), age=age) == answer


def test_rules_that_agree_satisfy_the_hit_policy_any(evaluate):
    assert evaluate(table("ANY", ["a"], ["b"], ["> 1", '"yes"'], ["> 2", '"yes"']), a=3) == "yes"


@pytest.mark.parametrize(("policy", "answer"), [("PRIORITY", "red"), ("OUTPUT ORDER", ["red", "amber", "green"])])
def test_output_values_give_the_priority(evaluate, policy, answer):
    colours = table(
        policy,
        ["a"],
        [("light", '"red","amber","green"', "")],
        ["> 1", '"green"'],
        ["> 2", '"red"'],
        ["> 0", '"amber"'],
    )

    assert evaluate(colours, a=5) == answer


def test_several_outputs_are_ranked_column_by_column(evaluate):
    ranked = table(
        "PRIORITY",
        ["a"],
        [("x", '"high","low"', ""), ("y", "1, 2, 3", "")],
        ["-", '"low"', "1"],
        ["-", '"high"', "3"],
        ["-", '"high"', "2"],
    )

    assert evaluate(ranked, a=1) == {"x": "high", "y": 2}


@pytest.mark.parametrize(("aggregation", "answer"), [("SUM", 6), ("COUNT", 3), ("MIN", 1), ("MAX", 3), ("", [1, 2, 3])])
def test_collected_outputs_are_aggregated(evaluate, aggregation, answer):
    assert (
        evaluate(table("COLLECT", ["a"], ["b"], ["-", "1"], ["-", "2"], ["-", "3"], aggregation=aggregation), a=1)
        == answer
    )


def test_money_is_summed_exactly(evaluate):
    cents = [["-", "0.1"]] * 3

    assert evaluate(table("COLLECT", ["a"], ["b"], *cents, aggregation="SUM"), a=1) == Decimal("0.3")


def test_what_has_no_sum_is_null(evaluate):
    assert evaluate(table("COLLECT", ["a"], ["b"], ["-", '"x"'], ["-", "2"], aggregation="SUM"), a=1) is None
    assert evaluate(table("COLLECT", ["a"], ["b"], ["-", '"x"'], ["-", "2"], aggregation="MAX"), a=1) is None


def test_no_match_gives_the_default_output_or_null(evaluate):
    assert evaluate(table("UNIQUE", ["a"], [("b", "", '"none"')], ["1", '"one"']), a=2) == "none"
    assert evaluate(table("UNIQUE", ["a"], [("b", "", "0"), "c"], ["1", "1", "1"]), a=2) == {"b": 0, "c": None}
    assert evaluate(table("UNIQUE", ["a"], ["b"], ["1", '"one"']), a=2) is None
    assert evaluate(table("COLLECT", ["a"], ["b"], ["1", '"one"']), a=2) is None


def test_an_input_that_is_not_allowed_gives_null_with_a_note():
    decisions = dmn.load(model(decision("it", table("UNIQUE", [("colour", '"red","green"')], ["b"], ["-", "1"]))))

    explanation = decisions.explain("it", {"colour": "blue"})

    assert explanation.value is None
    assert explanation.messages == ("line 1: the value of the input colour is not among those allowed",)
    assert decisions.evaluate("it", {"colour": "red"}) == 1


def test_an_output_that_is_not_allowed_is_null(evaluate):
    assert evaluate(table("UNIQUE", ["a"], [("b", '"yes","no"', "")], ["-", "a"]), a="maybe") is None
    assert evaluate(table("UNIQUE", ["a"], [("b", '"yes","no"', "")], ["-", "a"]), a="no") == "no"


def test_several_outputs_are_a_context(evaluate):
    assert evaluate(table("UNIQUE", ["a"], ["level", "minutes"], ["> 1", '"high"', "30"]), a=2) == {
        "level": "high",
        "minutes": 30,
    }


@pytest.mark.parametrize(
    ("cell", "matching", "others"),
    [
        ('"a"', ["a"], ["b", "", None, 1]),
        ('"a", "b"', ["a", "b"], ["c", None]),
        ('not("a")', ["b"], ["a"]),
        ("1", [1, Decimal("1.0")], [2, "1", None, True]),
        ("> 1.5", [2, Decimal("1.6")], [Decimal("1.5"), "2", None]),
        ("<= -1", [-1, -5], [0]),
        ("[1..5]", [1, 3, 5], [0, 6]),
        ("(1..5)", [2], [1, 5]),
        ("]1..5[", [2], [1, 5]),
        ("< 1, > 5", [0, 6], [3]),
        ("not(< 1, > 5)", [3], [0, 6]),
        ("true", [True], [False, 1, None]),
        ("-", [1, "x", None], []),
        ("", [1, "x", None], []),
        ("null", [None], [1]),
        ("? > 3 and ? < 5", [4], [3, 5]),
        ("limit", [7], [8]),
        ("< limit", [6], [7]),
        ('starts with(?, "ab")', ["abc"], ["b"]),
        ('date("2026-01-01")', [date(2026, 1, 1)], [date(2026, 1, 2)]),
        ('< @"2026-01-01"', [date(2025, 1, 1)], [date(2026, 1, 2)]),
        ('"汉字"', ["汉字"], ["汉"]),
    ],
)
def test_a_cell_lets_its_values_through(cell, matching, others):
    decisions = dmn.load(model(decision("it", table("UNIQUE", ["x"], ["b"], [cell, "1"]))))

    assert [decisions.evaluate("it", {"x": value, "limit": 7}) for value in matching] == [1] * len(matching)
    assert [decisions.evaluate("it", {"x": value, "limit": 7}) for value in others] == [None] * len(others)


def test_an_explanation_names_inputs_rules_and_outputs():
    decisions = dmn.load(model(decision("fee", table("COLLECT", *AGES))))

    (evaluated,) = decisions.explain("fee", {"age": 62}).decisions

    assert (evaluated.id, evaluated.name, evaluated.output) == ("fee", "fee", [2, 3])
    assert (evaluated.inputs, evaluated.matched, evaluated.rules) == ({"age": 62}, (2, 3), ("rule2", "rule3"))


def test_a_table_says_why_it_answers_null():
    decisions = dmn.load(model(decision("fee", table("UNIQUE", *AGES))))

    assert decisions.explain("fee", {"age": 62}).messages == (
        "table: 2 rules match, but the hit policy Unique allows one",
    )
    assert decisions.explain("fee", {"age": None}).messages == ("table: no rule matches",)


def test_a_cell_that_does_not_compile_never_matches_and_is_told(load):
    decisions = load(decision("it", table("UNIQUE", ["a"], ["b"], ["1 +", "1"], ["-", "2"])))

    assert decisions.evaluate("it", {"a": 1}) == 2
    assert [problem.severity for problem in decisions.problems] == ["error"]


@pytest.mark.parametrize("value", [1, False, None])
def test_nothing_meets_a_cell_that_is_broken(load, value):
    decisions = load(decision("it", table("UNIQUE", ["a"], ["b"], ["1 +", "1"], ["- -", "2"])))

    assert decisions.evaluate("it", {"a": value}) is None


def test_a_cell_in_another_language_is_told(load):
    juel = table("UNIQUE", ["a"], ["b"], ["a > 1", "1"]).replace("<inputEntry", '<inputEntry expressionLanguage="juel"')

    (problem,) = load(decision("it", juel)).problems

    assert str(problem.message) == "the expression language juel is not executed"


def test_durations_are_aggregated(evaluate):
    spans = table("COLLECT", ["a"], ["b"], ["-", 'duration("PT1H")'], ["-", 'duration("PT3H")'], aggregation="MAX")

    assert evaluate(spans, a=1) == timedelta(hours=3)


def test_a_table_of_ten_thousand_rules_is_evaluated(load):
    rules = [[str(number), f'"{number}"'] for number in range(10_000)]

    decisions = load(decision("it", table("UNIQUE", ["a"], ["b"], *rules)))

    assert decisions.evaluate("it", {"a": 9_999}) == "9999"
