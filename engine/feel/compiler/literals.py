"""Literals, lists, contexts and ranges."""

from __future__ import annotations

from typing import Any

from engine.feel import syntax
from engine.feel.comparison import ORDERED
from engine.feel.compiler.functions import define
from engine.feel.compiler.scope import Scope, compiles
from engine.feel.run import Code, Locals, Run, Where
from engine.feel.temporal.read import read_temporal
from engine.feel.values import Range, kind


def always(value: Any) -> Code:
    """Compile to a constant."""
    return lambda run, locals_: value


@compiles(syntax.Literal)
def literal(node: syntax.Literal, scope: Scope) -> Code:
    """Give the literal's value."""
    return always(node.value)


@compiles(syntax.AtLiteral)
def at_literal(node: syntax.AtLiteral, scope: Scope) -> Code:
    """Give the temporal value, read once; null when the text is none."""
    value = read_temporal(node.text)
    if value is not None:
        return always(value)
    where = scope.where(node.at)
    return lambda run, locals_: run.null(where, "{text} is no date, time or duration", text=node.text)


@compiles(syntax.ListLiteral)
def list_literal(node: syntax.ListLiteral, scope: Scope) -> Code:
    """Give a new list."""
    items = tuple(map(scope.compile, node.items))
    return lambda run, locals_: [item(run, locals_) for item in items]


@compiles(syntax.ContextLiteral)
def context_literal(node: syntax.ContextLiteral, scope: Scope) -> Code:
    """Give a new context, entry by entry; null when a name comes twice. A function may call itself by the name of its entry."""
    names = tuple(name for name, _ in node.entries)
    where = scope.where(node.at)
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        return lambda run, locals_: run.null(where, "the context has the name {name} twice", name=twice)
    codes: list[Code] = []
    for name, value in node.entries:
        codes.append(define(value, scope, name) if isinstance(value, syntax.Function) else scope.compile(value))
        scope = scope.inner(name)
    entries = tuple(zip(names, codes, strict=True))

    def make(run: Run, locals_: Locals) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, code in entries:
            made[name] = value = code(run, locals_)
            locals_ = (*locals_, value)
        return made

    return make


def range_of(run: Run, where: Where, start: Any, end: Any, start_included: bool, end_included: bool) -> Any:
    """Make a range; null when its ends cannot be ordered or are of different kinds."""
    kinds = {kind(value) for value in (start, end) if value is not None}
    if len(kinds) > 1 or not kinds <= ORDERED:
        return run.null(where, "a range cannot go from {start} to {end}", start=kind(start), end=kind(end))
    return Range(start, end, start_included, end_included)


def _is_null(node: syntax.Node) -> bool:
    return isinstance(node, syntax.Literal) and node.value is None


@compiles(syntax.RangeLiteral)
def range_literal(node: syntax.RangeLiteral, scope: Scope) -> Code:
    """Give a range. An end written ``null`` leaves it open; one that turns out null makes the range null."""
    start, end = scope.compile(node.start), scope.compile(node.end)
    where, included = scope.where(node.at), (node.start_included, node.end_included)
    open_start, open_end = _is_null(node.start), _is_null(node.end)
    if all(isinstance(part, syntax.Literal | syntax.AtLiteral) for part in (node.start, node.end)):
        made = range_of(silent := Run({}), where, start(silent, ()), end(silent, ()), *included)
        if made is not None and (made.start is not None or open_start) and (made.end is not None or open_end):
            return always(made)

    def make(run: Run, locals_: Locals) -> Any:
        low, high = start(run, locals_), end(run, locals_)
        if (low is None and not open_start) or (high is None and not open_end):
            return run.null(where, "an end of the range is null")
        return range_of(run, where, low, high, *included)

    return make


@compiles(syntax.ComparisonRange)
def comparison_range(node: syntax.ComparisonRange, scope: Scope) -> Code:
    """Give the range of the values that meet a comparison."""
    operand, operator, where = scope.compile(node.operand), node.operator, scope.where(node.at)

    def make(run: Run, locals_: Locals) -> Any:
        value = operand(run, locals_)
        if operator in ("=", "!="):
            return Range(value, value, True, True, operator)
        if kind(value) not in ORDERED:
            return run.null(where, "{operator} does not take {kind}", operator=operator, kind=kind(value))
        if operator in ("<", "<="):
            return Range(None, value, False, operator == "<=", operator)
        return Range(value, None, operator == ">=", False, operator)

    return make
