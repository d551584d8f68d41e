"""Mistakes in decision tables are found, with an input that shows them; what is said holds when the table is evaluated."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from engine import dmn, feel
from engine.dmn import cells
from engine.dmn.check import check
from tests.engine.dmn.files import decision, model, table


def found(logic):
    return [(problem.rule, str(problem.message)) for problem in check(dmn.load(model(decision("it", logic))))]


def test_a_sound_table_has_no_findings():
    assert found(table("UNIQUE", ["age"], ["fee"], ["< 18", "1"], ["[18..65)", "2"], [">= 65", "3"])) == []


def test_rules_that_both_match_are_shown_with_an_input():
    assert found(table("UNIQUE", ["age"], ["fee"], ["< 18", "1"], ["[17..65)", "2"], [">= 65", "3"])) == [
        ("table-overlap", "rules 1 and 2 both match age = 17, but one rule may match")
    ]


def test_rules_that_agree_may_overlap_under_the_hit_policy_any():
    assert found(table("ANY", ["a"], ["b"], ["< 5", "1"], ["-", "1"])) == []
    assert found(table("ANY", ["a"], ["b"], ["< 5", "1"], ["-", "2"])) == [
        ("table-overlap", "rules 1 and 2 both match a = 4 with different outputs")
    ]


def test_a_gap_is_shown_with_an_input_unless_there_is_a_default():
    rules = [['"water"', "> 10", "1"], ['not("water")', "-", "2"]]

    assert found(table("FIRST", ["kind", "amount"], ["b"], *rules)) == [
        ("table-gap", 'no rule matches kind = "water", amount = 9')
    ]
    assert found(table("FIRST", ["kind", "amount"], [("b", "", "0")], *rules)) == []


def test_allowed_values_leave_no_gap_beyond_them():
    rules = [['"a"', "1"], ['"b"', "2"]]

    assert found(table("UNIQUE", [("x", '"a","b"')], ["y"], *rules)) == []
    assert found(table("UNIQUE", ["x"], ["y"], *rules)) == [("table-gap", "no rule matches x = something else")]


def test_the_values_of_an_inputs_type_leave_no_gap_beyond_them():
    colour = '<itemDefinition name="tColour"><typeRef>string</typeRef><allowedValues><text>"a","b"</text></allowedValues></itemDefinition>'
    logic = table("UNIQUE", ["x"], ["y"], ['"a"', "1"], ['"b"', "2"]).replace(
        "<inputExpression", '<inputExpression typeRef="tColour"'
    )

    assert check(dmn.load(model(colour, decision("it", logic)))) == []


def test_a_rule_that_no_allowed_value_reaches_is_told():
    assert found(table("UNIQUE", [("x", '"a"')], ["y"], ['"a"', "1"], ['"c"', "2"])) == [
        ("table-impossible", "rule 2 can never match: a cell excludes every allowed value")
    ]


def test_a_rule_behind_others_is_unreachable_under_the_hit_policy_first():
    rules = [["< 5", "1"], [">= 5", "2"], ["3", "4"], ["[4..6]", "5"]]

    assert found(table("FIRST", ["a"], ["b"], *rules)) == [
        ("table-unreachable", "rule 3 never counts: what it matches, such as a = 3, is taken by 1 before it"),
        ("table-unreachable", "rule 4 never counts: what it matches, such as a = 4, is taken by 1, 2 before it"),
    ]


def test_a_rule_inside_another_with_the_same_output_adds_nothing():
    assert found(table("COLLECT", ["a"], ["b"], ["< 10", "1"], ["5", "1"], ["6", "2"])) == [
        ("table-subsumed", "rule 2 adds nothing: rule 1 matches all it matches, such as a = 5, with the same output")
    ]


def test_a_rule_that_more_important_outputs_always_beat_is_told():
    colours = ("light", '"red","green"', "")

    assert found(table("PRIORITY", ["a"], [colours], ["-", '"red"'], ["> 3", '"green"'])) == [
        (
            "table-unreachable",
            "rule 2 never counts: for a = 4 and all else that it matches the outputs of 1 are more important",
        )
    ]
    assert found(table("PRIORITY", ["a"], [colours], ["> 3", '"red"'], ["-", '"green"'])) == []


def test_dates_are_searched_like_numbers_but_have_neighbours():
    first, second = 'date("2026-01-31")', '@"2026-02-01"'

    assert found(table("UNIQUE", ["due"], ["fee"], [f"<= {first}", "1"], [f">= {second}", "2"])) == []
    assert found(table("UNIQUE", ["due"], ["fee"], [f"< {first}", "1"], [f"[{first}..{second})", "2"])) == [
        ("table-gap", 'no rule matches due = date("2026-02-01")')
    ]
    assert found(table("UNIQUE", ["due"], ["fee"], [f"<= {second}", "1"], [f"> {first}", "2"])) == [
        ("table-overlap", 'rules 1 and 2 both match due = date("2026-02-01"), but one rule may match')
    ]
    assert cells.parse('< date("2026-02-30")') is None


def test_nothing_is_said_about_cells_that_are_no_plain_sets():
    assert found(table("UNIQUE", ["a"], ["b"], ["? > limit", "1"], ["< 5", "2"])) == []


def test_a_table_that_is_too_large_is_said_to_be_unsearched():
    assert found(table("UNIQUE", ["a"], ["b"], *[[str(number), "1"] for number in range(1001)])) == [
        ("table-unsearched", "the table is too large to be checked completely")
    ]


NUMBERS = st.integers(-3, 3)
NUMBER_CELLS = st.one_of(
    st.just("-"),
    NUMBERS.map(str),
    st.tuples(st.sampled_from(["<", "<=", ">", ">="]), NUMBERS).map(lambda pair: f"{pair[0]} {pair[1]}"),
    st.tuples(st.sampled_from("[("), NUMBERS, NUMBERS, st.sampled_from("])")).map(
        lambda ends: f"{ends[0]}{ends[1]}..{ends[2]}{ends[3]}"
    ),
    st.tuples(NUMBERS, NUMBERS).map(lambda pair: f"not({pair[0]}, > {pair[1]})"),
)
STRING_CELLS = st.sampled_from(["-", '"a"', '"a","b"', 'not("a")', 'not("a","b")'])
DAYS = st.integers(1, 9)
DATE_CELLS = st.one_of(
    st.just("-"),
    DAYS.map(lambda day: f'date("2026-01-0{day}")'),
    st.tuples(st.sampled_from(["<", "<=", ">", ">="]), DAYS).map(lambda pair: f'{pair[0]} @"2026-01-0{pair[1]}"'),
    st.tuples(st.sampled_from("[("), DAYS, DAYS, st.sampled_from("])")).map(
        lambda ends: f'{ends[0]}@"2026-01-0{ends[1]}" .. date("2026-01-0{ends[2]}"){ends[3]}'
    ),
    DAYS.map(lambda day: f'not(@"2026-01-0{day}")'),
)
RULES = st.lists(st.tuples(NUMBER_CELLS, STRING_CELLS), min_size=1, max_size=5)
POINTS = [(Decimal(number) / 2, text) for number in range(-8, 9) for text in ("a", "b", "else")]


@settings(deadline=None)
@given(RULES)
def test_what_is_said_about_a_table_is_what_its_evaluation_shows(rules):
    written = [[*cells_, f'"{number}"'] for number, cells_ in enumerate(rules)]
    decisions = dmn.load(model(decision("it", table("RULE ORDER", ["n", "s"], ["o"], *written))))
    answers = [decisions.evaluate("it", {"n": number, "s": text}) or [] for number, text in POINTS]

    unique = found(table("UNIQUE", ["n", "s"], ["o"], *written))
    first = found(table("FIRST", ["n", "s"], ["o"], *written))

    assert any(rule == "table-overlap" for rule, _ in unique) == any(len(answer) > 1 for answer in answers)
    assert any(rule == "table-gap" for rule, _ in unique) == any(not answer for answer in answers)
    silent = {str(number) for number in range(len(rules))} - {answer[0] for answer in answers if answer}
    told = sum(rule in ("table-unreachable", "table-impossible") for rule, _ in first)
    assert told == len(silent) if told < 20 else told


@settings(deadline=None)
@given(st.lists(DATE_CELLS, min_size=1, max_size=5))
def test_what_is_said_about_dates_is_what_their_evaluation_shows(rules):
    written = [[cell, f'"{number}"'] for number, cell in enumerate(rules)]
    decisions = dmn.load(model(decision("it", table("RULE ORDER", ["d"], ["o"], *written))))
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(-2, 12)]
    answers = [decisions.evaluate("it", {"d": day}) or [] for day in days]

    told = {rule for rule, _ in found(table("UNIQUE", ["d"], ["o"], *written))}

    assert ("table-overlap" in told) == any(len(answer) > 1 for answer in answers)
    assert ("table-gap" in told) == any(not answer for answer in answers)


@settings(deadline=None)
@given(
    NUMBER_CELLS | STRING_CELLS | DATE_CELLS,
    st.decimals(-5, 5, places=1)
    | st.sampled_from(["a", "b", "c", ""])
    | st.none()
    | st.booleans()
    | st.dates(date(2025, 12, 30), date(2026, 1, 12)),
)
def test_a_simple_cell_agrees_with_feel(cell, value):
    simple = cells.parse(cell)
    if simple is None or simple.kind != feel.kind(value):
        return

    assert simple.test()(value) == (feel.compile_unary(cell).test(value, {}) is True)
