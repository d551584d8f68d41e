"""Paths: properties, filters and calls, from left to right."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.feel import syntax
from engine.feel.compiler.functions import call_builtin, call_step
from engine.feel.compiler.scope import FILTERED, Scope, compiles
from engine.feel.numbers import brief
from engine.feel.properties import get_property
from engine.feel.run import Code, Locals, Run, Where
from engine.feel.syntax import size
from engine.feel.values import LIST, NUMBER, kind

Step = Callable[[Any, Run, Locals], Any]


def _property(node: syntax.Property, scope: Scope) -> Step:
    name, where = node.name, scope.where(node.at)

    def read(value: Any, run: Run, locals_: Locals) -> Any:
        if type(value) is dict and name in value:
            return value[name]
        return get_property(value, name, run, where)

    return read


def pick(items: list[Any], position: int | Decimal, run: Run, where: Where) -> Any:
    """Give the item at a position from 1, or from the end when negative; null when there is none."""
    whole = int(position) if -1_000_000_000 < position < 1_000_000_000 else 0
    if position == whole:
        if 1 <= whole <= len(items):
            return items[whole - 1]
        if -len(items) <= whole <= -1:
            return items[whole]
    return run.null(where, "a list of {count} has no item {position}", count=len(items), position=brief(position))


def _filter(node: syntax.Filter, scope: Scope) -> Step:
    where = scope.where(node.at)
    condition = scope.inner(FILTERED).compile(node.condition)
    weight = size(node.condition)
    constant = node.condition.value if isinstance(node.condition, syntax.Literal) else None

    def apply(value: Any, run: Run, locals_: Locals) -> Any:
        if value is None:
            return run.null(where, "null is filtered")
        items = value if kind(value) == LIST else [value]
        if kind(constant) == NUMBER:
            return pick(items, constant, run, where)  # type: ignore[arg-type]  # it is a number
        kept: list[Any] = []
        first = True
        for item in items or (None,):
            run.spend(weight)
            met = condition(run, (*locals_, item))
            if met is True:
                kept.append(item)
            elif met is not False:
                if first and kind(met) == NUMBER:
                    return pick(items, met, run, where)
                if met is not None:
                    run.null(where, "a filter takes a condition or a position, not {kind}", kind=kind(met))
            first = False
        return kept if items else []

    return apply


def _step(node: syntax.Step, scope: Scope) -> Step:
    if isinstance(node, syntax.Property):
        return _property(node, scope)
    return _filter(node, scope) if isinstance(node, syntax.Filter) else call_step(node, scope)


@compiles(syntax.Path)
def path(node: syntax.Path, scope: Scope) -> Code:
    """Do one step after the other; the name of a built-in function that is called is bound when compiled."""
    steps = node.steps
    base = None
    if isinstance(node.base, syntax.Name) and isinstance(steps[0], syntax.Call):
        base = call_builtin(node.base, steps[0], scope)
    if base is None:
        base = scope.compile(node.base)
    else:
        steps = steps[1:]
    start = base
    done = tuple(_step(step, scope) for step in steps)
    if not done:
        return start
    if len(done) == 1:
        only = done[0]
        return lambda run, locals_: only(start(run, locals_), run, locals_)

    def walk(run: Run, locals_: Locals) -> Any:
        value = start(run, locals_)
        for step in done:
            value = step(value, run, locals_)
        return value

    return walk
