"""FEEL and DMN: a condition, a decision table and the compiler, beside pySFeel where that is installed."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Mapping
from functools import cache
from statistics import median
from typing import Any

from bench.measure import Figure
from engine import dmn, feel

CONDITION = 'amount > limit and status = "open"'
CONTEXT: Mapping[str, Any] = {"amount": 1200, "limit": 1000, "status": "open"}
RULES = 50
LENGTH = 500  # characters of an expression that is compiled
HEAD = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="t">'


def seconds(work: Callable[[], object], *, runs: int, times: int) -> float:
    """Give the median CPU seconds of one call, over some runs of many calls each."""
    work()
    taken = []
    for _ in range(runs):
        began = time.process_time()
        for _ in range(times):
            work()
        taken.append((time.process_time() - began) / times)
    return median(taken)


def pysfeel(*expressions: str) -> Callable[[], object] | None:
    """Give a call that has pySFeel evaluate expressions one after another, None where it is not installed."""
    if importlib.util.find_spec("pySFeel") is None:
        return None
    parser = _parser()
    for name, value in CONTEXT.items():
        text = f'"{value}"' if isinstance(value, str) else str(value)
        parser.sFeelParse(f"{name} <- {text}")
    return lambda: [parser.sFeelParse(each) for each in expressions]


@cache  # making one takes half a minute: it builds its grammar
def _parser() -> Any:
    from pySFeel import SFeelParser

    return SFeelParser()


def table(rules: int) -> bytes:
    """Write a decision table of two inputs and so many rules, of which the last one matches."""
    rows = "".join(
        f'<rule id="r{n}"><inputEntry><text>{_amounts(n, rules)}</text></inputEntry>'
        f'<inputEntry><text>"open","new"</text></inputEntry><outputEntry><text>{n}</text></outputEntry></rule>'
        for n in range(rules)
    )
    return (
        f'{HEAD}<decision id="level" name="level"><decisionTable hitPolicy="UNIQUE">'
        '<input id="a"><inputExpression><text>amount</text></inputExpression></input>'
        '<input id="s"><inputExpression><text>status</text></inputExpression></input>'
        f'<output id="o" name="level"/>{rows}</decisionTable></decision></definitions>'
    ).encode()


def _amounts(n: int, rules: int) -> str:
    return f"[{n * 10}..{n * 10 + 10})" if n < rules - 1 else f"&gt;= {n * 10}"


def long_expression(number: int) -> str:
    """Write an expression of ``LENGTH`` characters; each number makes another one, so that none comes out of a cache."""
    parts = [f"amount + {number} > limit"]
    while len(" and ".join(parts)) < LENGTH:
        parts.append(f'(status = "open" or amount * {len(parts)} < limit - {number % 97})')
    return " and ".join(parts)[: LENGTH - 5].rpartition(" and ")[0].ljust(LENGTH)


def condition(runs: int, times: int) -> Figure:
    expression = feel.compile_expression(CONDITION)
    assert expression.evaluate(CONTEXT) is True
    ours = seconds(lambda: expression.evaluate(CONTEXT), runs=runs, times=times)
    other = pysfeel(CONDITION)
    theirs = seconds(other, runs=runs, times=max(1, times // 100)) if other else None
    return _figure(f"cached condition {CONDITION}", ours, theirs, 10)


def decision_table(runs: int, times: int) -> Figure:
    decisions = dmn.load(table(RULES))
    assert not decisions.problems, decisions.problems
    assert decisions.evaluate("level", CONTEXT) == RULES - 1
    ours = seconds(lambda: decisions.evaluate("level", CONTEXT), runs=runs, times=max(1, times // 10))
    # pySFeel has no tables: the conditions of its rules, one after another
    other = pysfeel(*(f'amount >= {n * 10} and amount < {n * 10 + 10} and status = "open"' for n in range(RULES)))
    theirs = seconds(other, runs=1, times=max(1, times // 1000)) if other else None
    return _figure(f"decision table of {RULES} rules, the last one matches", ours, theirs, 300)


def compiling(runs: int) -> Figure:
    texts = iter([long_expression(number) for number in range(runs * 20 + 1)])
    feel.compile_expression(next(texts))
    ours = seconds(lambda: feel.compile_expression(next(texts)), runs=runs, times=19)
    return _figure(f"compile an expression of {LENGTH} characters", ours, None, 2000)


def _figure(what: str, ours: float, theirs: float | None, bar_us: float) -> Figure:
    yardstick = None if theirs is None else theirs * 1e6
    note = "" if theirs is None else f"pySFeel takes {theirs / ours:,.0f} times as long"
    return Figure(what, "us", ours * 1e6, yardstick, ours * 1e6, bar_us, False, note)


def figures(runs: int = 7, times: int = 10_000) -> list[Figure]:
    return [condition(runs, times), decision_table(runs, times), compiling(runs)]
