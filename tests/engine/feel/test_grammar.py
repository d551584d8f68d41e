"""Expressions made from the grammar, and damaged ones: a value, null or an error of ours, soon and in little memory."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from engine import feel
from engine.errors import Invalid, LimitExceeded
from engine.feel.builtins import CHANGING
from engine.feel.check import check
from engine.feel.expression import parse_text
from engine.feel.text import string_of
from tests.engine.feel.grammar import CONTEXT, NAMES, damaged, expression
from tests.engine.feel.printing import show

CPU_S = 0.2
MEMORY_KB = 50_000
KINDS = dict.fromkeys(NAMES)


def timed(text: str) -> tuple[str, float]:
    """How an expression ends (in a value, null, or an error of ours) and after how many seconds of CPU.

    Its value is written as text, too; evaluating and writing have a budget each, so that the longer of the two counts. Anything else
    that is raised fails the test.
    """
    ended, seconds, value = _measured(lambda: feel.diagnose(text, CONTEXT)[0])
    if ended == "value":
        ended, writing, _ = _measured(lambda: string_of(value, feel.Run({})))
        return ended, max(seconds, writing)
    return ended, seconds


def _measured(work: Callable[[], Any]) -> tuple[str, float, Any]:
    began = time.thread_time()
    try:
        value = work()
        ended = "null" if value is None else "value"
    except (Invalid, LimitExceeded) as error:
        ended, value = "LimitExceeded" if isinstance(error, LimitExceeded) else "Invalid", None
    return ended, time.thread_time() - began, value


def judged(text: str) -> None:
    """Let the linter judge an expression, for whatever it may raise."""
    try:
        check(text, KINDS, condition=True)
    except LimitExceeded:
        return


def memory_kb(name: str) -> int:
    """This process's own count of its memory: ``VmRSS`` now, ``VmHWM`` at its highest since ``forget_peak``."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1])


def forget_peak() -> int:
    """Let the peak begin anew; give the memory in use."""
    Path("/proc/self/clear_refs").write_text("5")
    return memory_kb("VmRSS")


def try_many(seeds: range) -> Counter[tuple[str, str]]:
    """Try expressions of the grammar (even seeds) and damaged ones (odd seeds); count how each kind ended."""
    ended: Counter[tuple[str, str]] = Counter()
    for seed in seeds:
        random = Random(seed)
        text = expression(random)
        if seed % 2:
            text = damaged(random, text)
        before = forget_peak()
        end, seconds = timed(text)
        ended["damaged" if seed % 2 else "made", end] += 1
        assert memory_kb("VmHWM") - before < MEMORY_KB, (seed, text)
        # a garbage collection of what other tests left may fall into one try, not into three
        assert seconds < CPU_S or any(timed(text)[1] < CPU_S for _ in range(2)), (seed, text)
        judged(text)
    return ended


def test_two_thousand_expressions_give_a_value_null_or_an_error_of_ours_in_time():
    ended = try_many(range(2000))

    assert ended.total() == 2000
    assert sum(count for (kind, _), count in ended.items() if kind == "made") == 1000
    # both kinds reach every end: neither is only noise that does not parse
    for kind, least in (("made", 100), ("damaged", 5)):
        assert all(ended[kind, end] >= least for end in ("value", "null", "Invalid", "LimitExceeded")), ended


@pytest.mark.long
@pytest.mark.parametrize("start", range(2000, 100_000, 7000))
def test_a_hundred_thousand_expressions_give_a_value_null_or_an_error_of_ours_in_time(start):
    try_many(range(start, start + 7000))


def test_an_expression_printed_and_read_again_has_the_same_value():
    compared = 0
    for seed in range(600):
        text = expression(Random(seed))
        try:
            printed = show(parse_text(text, NAMES))
            first, again = feel.evaluate(text, CONTEXT), feel.evaluate(printed, CONTEXT)
        except (Invalid, LimitExceeded):
            continue
        if not any(name in text for name in CHANGING):
            compared += 1
            assert string_of(first, feel.Run({})) == string_of(again, feel.Run({})), (text, printed)
    assert compared > 200
