"""The language itself, beyond the examples of the reference page."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import feel
from engine.feel.numbers import EXACT
from engine.feel.text import string_of

CONTEXT = {
    "客户 名称": "张三",
    "金额（元）": 12,
    "Date-Time": "x",
    "a-b": 7,
    "a": 5,
    "b": 3,
    "values in a list": [1, 2],
    "person": {"first name": "Li", "tags": ["x", "y"], "item": 4},
    "people": [{"name": "A", "age": 30}, {"name": "B", "age": 40}, {"name": "C", "age": None}],
    "limit": 35,
    "age": 1,
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("客户 名称", "张三"),
        ("客户   名称 + `客户 名称`", "张三张三"),
        ("金额（元） > 10", True),
        ("a-b", 7),
        ("a - b", 2),
        ("Date-Time", "x"),
        ("every i in values in a list satisfies i > 0", True),
        ("person.first name", "Li"),
        ("person.`first name`", "Li"),
        ("{full name: 1, b: full name + 1}.full name", 1),
        ("(function(the value: number) the value + 1)(2)", 3),
        ("for some name in [1] return some name", [1]),
        ("{变量: 1}.变量", 1),
        ("/* 注释 */ a // 行尾\n + b", 8),
        ("a\u3000+\u00a0b", 8),
    ],
)
def test_names_with_spaces_signs_and_any_script_are_found(text, expected):
    assert feel.evaluate(text, CONTEXT) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("people[age > limit].name", ["B"]),
        ("people[item.age > 35].name", ["B"]),
        ("[1, 2, 3][item > 1]", [2, 3]),
        ("[1, 2, 3][a]", None),
        ("[1, 2, 3][b]", 3),
        ("[[1, 2], [3]][item[1] = 3]", [[3]]),
        ('people[name = "A"][1].age', 30),
        ("[person][item = 4].first name", ["Li"]),
        ("people[true].name", ["A", "B", "C"]),
        ('people["x"]', []),
        ("5[1]", 5),
        ("5[item > 3]", [5]),
        ("[][1]", None),
        ("[][true]", []),
        ("null[1]", None),
        ("[1, 2][-2]", 1),
        ("[1, 2][0]", None),
        ("[1, 2][1.5]", None),
        ("for p in people return p[age > 35]", [[], [{"name": "B", "age": 40}], []]),
    ],
)
def test_a_filter_takes_conditions_and_positions(text, expected):
    assert feel.evaluate(text, CONTEXT) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[1..10[ = [1..10)", True),
        ("5 in [1..10[", True),
        ("10 in [1..10[ or false", False),
        ("5 in ]1..a]", True),
        ("[1..null].end", None),
        ("[1..missing]", None),
        ('["a".."c"] = ["a".."c"]', True),
        ('[1.."c"]', None),
        ("null in (1..null)", None),
        ("1 in (> 0, null)", True),
        ("null in null", True),
        ("[1, 2] in [[1, 2], 3]", True),
        ("1 in [[0..2], 5]", True),
        ('"x" in 1', None),
        ("5 in (? > 3 and ? < 6)", True),
        ("a in (b) + 2", True),
        ("3 in ([1, 2, 3])[item > 1]", True),
        ("(!= 3).start included", True),
        ("4 in (!= 3)", True),
        ('@"2026-01-15" in [@"2026-01-01"..@"2026-01-31"]', True),
        ("for x in [1..3) return x", [1, 2]),
        ('for d in @"2026-01-30"..@"2026-02-01" return d.day', [30, 31, 1]),
        ("for x in (> 3) return x", None),
        ("for x in 1..1.5 return x", None),
    ],
)
def test_ranges_hold_what_lies_between_their_ends(text, expected):
    assert feel.evaluate(text, CONTEXT) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 instance of number", True),
        ("1 + 1 instance of number", True),
        ('"a" instance of number', False),
        ("null instance of Any", False),
        ("null instance of Null", True),
        ("{a: 1, b: 2} instance of context<a: number>", True),
        ("{a: 1} instance of context<a: number, b: string>", False),
        ("[1, null] instance of list<number>", True),
        ('[1, "a"] instance of list<number>', False),
        ("[[1]] instance of list<list<number>>", True),
        ("[1..2] instance of range<number>", True),
        ("(function(a: string) a) instance of function<string>->Any", True),
        ("(function(a: string) a) instance of function<number>->Any", False),
        ("(function(a: list) a) instance of function<list<number>>->string", True),
        ("(function(a, b) a) instance of function<Any>->Any", False),
        ('@"P1D" instance of days and time duration', True),
        ('@"2026-01-01T00:00:00" instance of date and time', True),
        ('@"2026-01-01" instance of date and time', False),
        ("1 instance of tUnknown", False),
    ],
)
def test_instance_of_knows_every_type(text, expected):
    assert feel.evaluate(text, {}) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('(function(a: number) a)("x")', None),
        ("(function(a: number) a)([5])", 5),
        ("(function(a: list<number>) a)(5)", [5]),
        ("(function(a, b) a - b)(b: 1, a: 3)", 2),
        ("(function(a, b) a - b)(3)", None),
        ("(function(a, b) a - b)(x: 1, a: 3)", None),
        ("{twice: function(f, x) f(f(x)), r: twice(function(y) y * 3, 2)}.r", 18),
        ("{fib: function(n) if n < 2 then n else fib(n - 1) + fib(n - 2), r: fib(12)}.r", 144),
        ("{make: function(n) function(x) x + n, add: make(5), r: add(1)}.r", 6),
        ("sort([3, 1, 2], function(x, y) x > y)", [3, 2, 1]),
        ("(function() 1)()", 1),
        ('(function(x) external {java: {class: "java.lang.Math", method signature: "abs(int)"}})(1)', None),
        ("{abs: function(x) 7, r: abs(-3)}.r", 7),
        ("5()", None),
    ],
)
def test_functions_are_values(text, expected):
    assert feel.evaluate(text, {}) == expected


TRUTH = {"true": True, "false": False, "null": None, "1": None}


@pytest.mark.parametrize("left", TRUTH)
@pytest.mark.parametrize("right", TRUTH)
def test_logic_has_three_values(left, right):
    one, other = TRUTH[left], TRUTH[right]

    assert feel.evaluate(f"{left} and {right}", {}) is (
        False if False in (one, other) else None if None in (one, other) else True
    )
    assert feel.evaluate(f"{left} or {right}", {}) is (
        True if True in (one, other) else None if None in (one, other) else False
    )


@pytest.mark.parametrize(
    ("cell", "value", "expected"),
    [
        ("", 1, True),
        ("-", None, True),
        ("1, 2", 2, True),
        ('"a"', None, False),
        ("< 5", None, None),
        ("not(< 5)", 7, True),
        ("not(1, 2)", 2, False),
        ("true", True, True),
        ("false", False, True),
        ("limit > 30", 5, True),
        ("limit > 30", True, True),
        ("limit > 99", 5, False),
        ("[limit..limit]", 35, True),
        ("list", 2, True),
        ("? in list", 3, False),
        ("not(? in list)", 3, True),
        ("even(?)", 4, True),
        ("? + 1", 4, None),
        ("= 4", 4, True),
        ("!= 4", 4, False),
        ('date("2026-01-01")', feel.evaluate('@"2026-01-01"', {}), True),
    ],
)
def test_a_cell_is_met(cell, value, expected):
    assert feel.unary_test(cell, value, {"limit": 35, "list": [1, 2]}) is expected


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.decimals(allow_nan=False, allow_infinity=False, places=6).map(EXACT.plus)
    | names
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4), max_leaves=12
)


@given(values)
def test_a_value_written_and_read_again_is_the_same(value):
    text = string_of([value], feel.Run({}))

    assert feel.evaluate(text, {}) == [value]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_string_survives_its_escapes(text):
    escaped = "".join(f"\\u{ord(c):04x}" if ord(c) < 0x10000 else f"\\U{ord(c):06x}" for c in text)

    assert feel.evaluate(f'"{escaped}"', {}) == text


@given(st.lists(st.integers(-50, 50), max_size=12))
def test_list_functions_agree_with_python(items):
    context = {"items": items}
    distinct = list(dict.fromkeys(items))

    assert feel.evaluate("sort(items)", context) == sorted(items)
    assert feel.evaluate("distinct values(items)", context) == distinct
    assert feel.evaluate("duplicate values(items)", context) == [i for i in distinct if items.count(i) > 1]
    assert feel.evaluate("reverse(items)", context) == items[::-1]
    assert feel.evaluate("union(items, items)", context) == distinct
    assert feel.evaluate("sum(items)", context) == (sum(items) if items else None)
    assert feel.evaluate("max(items)", context) == max(items, default=None)
    assert feel.evaluate("flatten(partition(items, 3))", context) == items
    assert feel.evaluate("items[item > 0]", context) == [i for i in items if i > 0]
    assert feel.evaluate("for i in items return i * 2", context) == [i * 2 for i in items]
    if items:
        assert feel.evaluate("mean(items) * count(items) - sum(items)", context).copy_abs() < Decimal("1e-28")
        assert (
            feel.evaluate("median(items)", context)
            == Decimal(sorted(items)[(len(items) - 1) // 2] + sorted(items)[len(items) // 2]) / 2
        )


points = st.integers(0, 6)
ranges = (
    st.tuples(points, points, st.booleans(), st.booleans()).filter(lambda r: r[0] < r[1]).map(lambda r: feel.Range(*r))
)


@given(ranges, ranges)
def test_relations_of_ranges_agree_with_their_points(one, other):
    context = {"r": one, "s": other}
    inside = {
        number: [feel.evaluate("p in r", {"p": Decimal(number) / 4, "r": range_}) for range_ in (one, other)]
        for number in range(-2, 27)
    }
    both = any(all(held) for held in inside.values())
    apart = all(
        not held[0] or n < min((m for m, h in inside.items() if h[1]), default=99) for n, held in inside.items()
    )

    assert feel.evaluate("overlaps(r, s)", context) is both
    assert feel.evaluate("before(r, s)", context) is apart
    assert feel.evaluate("includes(r, s)", context) is all(held[0] or not held[1] for held in inside.values())
    assert feel.evaluate("during(s, r)", context) is feel.evaluate("includes(r, s)", context)
    assert feel.evaluate("after(s, r)", context) is feel.evaluate("before(r, s)", context)
    assert feel.evaluate("coincides(r, s)", context) is (one == other)
    assert feel.evaluate("met by(s, r)", context) is feel.evaluate("meets(r, s)", context)
    assert feel.evaluate("started by(s, r)", context) is feel.evaluate("starts(r, s)", context)
    assert feel.evaluate("finished by(s, r)", context) is feel.evaluate("finishes(r, s)", context)
