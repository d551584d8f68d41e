"""FEEL and DMN: a condition, a decision table and the compiler, beside pySFeel and feelin where these are installed."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

from bench.measure import Figure
from engine import dmn, feel

CONDITION = 'amount > limit and status = "open"'
CONTEXT: Mapping[str, Any] = {"amount": 1200, "limit": 1000, "status": "open"}
RULES = 50
FEELIN = Path(__file__).parents[1] / "frontend/node_modules/@bpmn-io/feelin/dist/index.js"
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


def pysfeel(expressions: Sequence[str], times: int) -> float | None:
    """Give the seconds in which pySFeel evaluates expressions one after another, None where it is not installed."""
    if importlib.util.find_spec("pySFeel") is None:
        return None
    parser = _parser()
    for name, value in CONTEXT.items():
        text = f'"{value}"' if isinstance(value, str) else str(value)
        parser.sFeelParse(f"{name} <- {text}")
    return seconds(lambda: [parser.sFeelParse(each) for each in expressions], runs=3, times=times)


def feelin(expressions: Sequence[str]) -> float | None:
    """Give the seconds in which feelin, of the form viewer, evaluates expressions, None where it or Node is not installed."""
    node = shutil.which("node")
    if node is None or not FEELIN.exists():
        return None
    asked = json.dumps({"expressions": list(expressions), "context": CONTEXT, "seconds": 1})
    script = Path(__file__).with_name("feelin.mjs")
    done = subprocess.run([node, script, FEELIN], input=asked, capture_output=True, text=True, check=True)
    taken: float = json.loads(done.stdout)["seconds"]
    return taken


def others(*expressions: str, times: int) -> dict[str, float]:
    """Measure what else can evaluate these expressions: {its name: seconds}. None of them keeps what it parsed."""
    found = {"pySFeel": pysfeel(expressions, times), "feelin": feelin(expressions)}
    return {name: taken for name, taken in found.items() if taken is not None}


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
    return _figure(f"cached condition {CONDITION}", ours, others(CONDITION, times=max(1, times // 100)), 10)


def decision_table(runs: int, times: int) -> Figure:
    decisions = dmn.load(table(RULES))
    assert not decisions.problems, decisions.problems
    assert decisions.evaluate("level", CONTEXT) == RULES - 1
    ours = seconds(lambda: decisions.evaluate("level", CONTEXT), runs=runs, times=max(1, times // 10))
    # the others have no tables: the conditions of the rules, one after another
    rules = [f'amount >= {n * 10} and amount < {n * 10 + 10} and status = "open"' for n in range(RULES)]
    theirs = others(*rules, times=max(1, times // 1000))
    return _figure(f"decision table of {RULES} rules, the last one matches", ours, theirs, 300)


def compiling(runs: int) -> Figure:
    texts = iter([long_expression(number) for number in range(runs * 20 + 1)])
    feel.compile_expression(next(texts))
    ours = seconds(lambda: feel.compile_expression(next(texts)), runs=runs, times=19)
    return _figure(f"compile an expression of {LENGTH} characters", ours, {}, 2000)


def _figure(what: str, ours: float, theirs: Mapping[str, float], bar_us: float) -> Figure:
    """Put ours beside the fastest of the others."""
    yardstick = min(theirs.values()) * 1e6 if theirs else None
    note = "; ".join(f"{name} takes {taken / ours:,.0f} times as long" for name, taken in theirs.items())
    return Figure(what, "us", ours * 1e6, yardstick, ours * 1e6, bar_us, False, note)


def figures(runs: int = 7, times: int = 10_000) -> list[Figure]:
    return [condition(runs, times), decision_table(runs, times), compiling(runs)]
