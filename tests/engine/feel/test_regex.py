"""Regular expressions of XPath 2.0, and what an attacker makes of them."""

from __future__ import annotations

import time

import pytest

from engine import feel
from engine.errors import LimitExceeded


def matches(text: str, pattern: str, flags: str = "") -> bool | None:
    return feel.evaluate("matches(t, p, f)", {"t": text, "p": pattern, "f": flags})


@pytest.mark.parametrize(
    ("text", "pattern", "flags", "expected"),
    [
        ("x", "[A-Z-[OI]]", "i", True),
        ("o", "[A-Z-[OI]]", "i", False),
        ("e", "[a-z-[aeiou]]", "", False),
        ("f", "[a-z-[aeiou]]", "", True),
        ("中", r"\p{IsCJKUnifiedIdeographs}", "", True),
        ("中", r"[\w-[\p{Lo}]]", "", False),
        ("é", r"^\w$", "", True),
        ("٣", r"^\d$", "", True),
        ("a-b", r"^\i\c*$", "", True),
        ("1a", r"^\i\c*$", "", False),
        ("a\nb", "a.b", "", False),
        ("a\nb", "a.b", "s", True),
        ("a\nb", "^b$", "", False),
        ("a\nb", "^b$", "m", True),
        ("hello world", r"he ll o\ sworl d", "x", True),
        ("abab", r"^(ab)\1$", "", True),
        ("abaB", r"^(ab)\1$", "", False),
        ("abAB", r"^(ab)\1$", "i", True),
        ("xx yy", r"(\w)\1 (\w)\2", "", True),
        ("aaa", "^(a{1,2}){2}$", "", True),
        ("ab", "^(?:a|ab)$", "", True),
        ("\u212a", "k", "i", True),
    ],
)
def test_a_pattern_matches_as_xpath_says(text, pattern, flags, expected):
    assert matches(text, pattern, flags) is expected


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        ")",
        "[",
        "[]",
        "a**",
        "*",
        r"\3",
        r"(a)\2",
        r"[\1]",
        r"\k",
        "a{2,1}",
        "a{",
        "(?=a)",
        r"\bx",
        r"\p{Nope}",
        "[z-a]",
        "^*",
    ],
)
def test_what_is_no_pattern_makes_null_and_says_so(pattern):
    value, messages = feel.diagnose("matches(t, p)", {"t": "x", "p": pattern})

    assert value is None
    assert "is no regular expression" in messages[0]


@pytest.mark.parametrize("flags", ["p", " ", "X", "ig"])
def test_an_unknown_flag_makes_null(flags):
    assert matches("a", "a", flags) is None


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("^(a+)+$", "a" * 50_000 + "b"),
        ("(x+x+)+y", "x" * 50_000),
        ("^(.*?,){11}P", "1," * 20_000),
        ("(a|aa)+$", "a" * 50_000 + "b"),
    ],
)
def test_a_catastrophic_pattern_is_answered_at_once(pattern, text):
    began = time.thread_time()

    answered = matches(text, pattern)

    assert answered in (True, False)
    assert time.thread_time() - began < 0.2


def test_a_catastrophic_pattern_with_a_back_reference_runs_out_of_steps():
    with pytest.raises(LimitExceeded, match="steps"):
        matches("a" * 40 + "b", r"^(a*)*\1$")


def test_a_loop_over_the_end_of_the_text_runs_out_of_time():
    with pytest.raises(LimitExceeded, match="regular expressions"):
        feel.evaluate("count(extract(t, p))", {"t": "a" * 200_000, "p": "a|a.*b"})


def test_a_large_pattern_for_a_large_text_is_refused():
    with pytest.raises(LimitExceeded, match="too large"):
        matches("a" * 900_000, "(.{0,100}b)c")


@pytest.mark.parametrize(
    ("pattern", "replacement", "expected"),
    [
        ("(b)(x)?", "[$1$2]", "a[b]c"),
        ("b", r"\$1", "a$1c"),
        ("b", "$0$0", "abbc"),
        ("b", "$12", "a2c"),
        ("b", "$", None),
        ("b", r"\n", None),
        ("b*", "x", None),
        ("z", "x", "abc"),
    ],
)
def test_a_replacement_puts_groups_in(pattern, replacement, expected):
    assert feel.evaluate("replace(t, p, r)", {"t": "abc", "p": pattern, "r": replacement}) == expected


def test_split_and_extract_give_every_part():
    assert feel.evaluate(r'split("a1b22c", "[0-9]+")', {}) == ["a", "b", "c"]
    assert feel.evaluate(r'split("", ",")', {}) == [""]
    assert feel.evaluate(r'extract("a1b22c", "[0-9]+")', {}) == ["1", "22"]
    assert feel.evaluate(r'split("abc", "")', {}) is None
