"""``if``, ``for``, ``some`` and ``every``."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from engine.feel import syntax
from engine.feel.bounds import check_items
from engine.feel.compiler.scope import Scope, compiles
from engine.feel.run import Code, Locals, Run, Where
from engine.feel.syntax import parts, size
from engine.feel.temporal.parts import date_of, days
from engine.feel.values import DATE, LIST, NULL, NUMBER, RANGE, Range, kind

PARTIAL = "partial"
"""Inside ``for``: the list of the results so far."""


@compiles(syntax.If)
def if_(node: syntax.If, scope: Scope) -> Code:
    """Give the value of the first branch whose condition is true, else the last value."""
    branches = tuple((scope.compile(condition), scope.compile(value)) for condition, value in node.branches)
    otherwise, where = scope.compile(node.otherwise), scope.where(node.at)

    def choose(run: Run, locals_: Locals) -> Any:
        for condition, value in branches:
            met = condition(run, locals_)
            if met is True:
                return value(run, locals_)
            if met is not False:
                run.null(where, "the condition is {kind}, so else holds", kind=kind(met))
        return otherwise(run, locals_)

    return choose


def count(start: Any, end: Any, run: Run) -> list[Any] | None:
    """List what lies between two integers or dates, in steps of one or a day, both included; None for anything else."""
    if kind(start) == kind(end) == NUMBER:
        if start != int(start) or end != int(end) or max(abs(start), abs(end)) >= Decimal("1e34"):
            return None
        low, high = int(start), int(end)
    elif kind(start) == kind(end) == DATE:
        low, high = days(start), days(end)
    else:
        return None
    step = 1 if high >= low else -1
    check_items(abs(high - low) + 1)
    run.spend(abs(high - low) + 1)
    whole = range(low, high + step, step)
    return list(whole) if kind(start) == NUMBER else [date_of(day) for day in whole]


def _members(value: Any, run: Run, where: Where) -> Any:
    """List what a loop runs over: a list, a range of integers or dates, or a single value."""
    of = kind(value)
    if of == LIST:
        return value if isinstance(value, list) else list(value)
    if of == NULL:
        return run.null(where, "a loop runs over null")
    if of != RANGE:
        return [value]
    members = _range_members(value, run)
    return run.null(where, "a loop cannot run over this range") if members is None else members


def _range_members(value: Range, run: Run) -> list[Any] | None:
    if value.start is None or value.end is None or value.operator:
        return None
    members = count(value.start, value.end, run)
    if members and not value.start_included:
        members = members[1:]
    if members and not value.end_included:
        members = members[:-1]
    return members


def _domain(node: syntax.Node, scope: Scope) -> Code:
    where = scope.where(node.at)
    if isinstance(node, syntax.Span):
        start, end = scope.compile(node.start), scope.compile(node.end)

        def spanned(run: Run, locals_: Locals) -> Any:
            low, high = start(run, locals_), end(run, locals_)
            members = count(low, high, run)
            if members is None:
                return run.null(where, "a loop cannot run from {start} to {end}", start=kind(low), end=kind(high))
            return members

        return spanned
    value = scope.compile(node)
    return lambda run, locals_: _members(value(run, locals_), run, where)


class _Iteration:
    """The rounds of nested iterators; ``broken`` once one of them had nothing to run over."""

    __slots__ = ("broken", "domains")

    def __init__(self, domains: tuple[Code, ...]) -> None:
        self.domains = domains
        self.broken = False

    def rounds(self, run: Run, locals_: Locals, level: int = 0) -> Iterator[Locals]:
        """Give the locals of every round."""
        members = self.domains[level](run, locals_)
        if members is None:
            self.broken = True
            return
        if level == len(self.domains) - 1:
            for member in members:
                yield (*locals_, member)
            return
        for member in members:
            run.spend(4)
            yield from self.rounds(run, (*locals_, member), level + 1)
            if self.broken:
                return


def _iterators(node: syntax.For | syntax.Quantified, scope: Scope) -> tuple[tuple[Code, ...], Scope]:
    domains: list[Code] = []
    for name, domain in node.iterators:
        domains.append(_domain(domain, scope))
        scope = scope.inner(name)
    return tuple(domains), scope


def _mentions(node: syntax.Node, name: str) -> bool:
    open_ = [node]
    while open_:
        seen = open_.pop()
        if isinstance(seen, syntax.Name) and seen.name == name:
            return True
        open_.extend(parts(seen))
    return False


@compiles(syntax.For)
def for_(node: syntax.For, scope: Scope) -> Code:
    """Give the list of the body's values, one per round; null when there is nothing to run over."""
    needs_partial = _mentions(node.body, PARTIAL)
    domains, inner = _iterators(node, scope)
    body = (inner.inner(PARTIAL) if needs_partial else inner).compile(node.body)
    weight = size(node.body) + 1

    def loop(run: Run, locals_: Locals) -> list[Any] | None:
        results: list[Any] = []
        iteration = _Iteration(domains)
        for names in iteration.rounds(run, locals_):
            run.spend(weight)
            if needs_partial:
                run.spend(len(results) // 8)
                names = (*names, list(results))  # a copy: the body may keep it
            results.append(body(run, names))
        check_items(len(results))
        return None if iteration.broken else results

    return loop


@compiles(syntax.Quantified)
def quantified(node: syntax.Quantified, scope: Scope) -> Code:
    """Tell whether some round, or every round, meets the condition, three-valued."""
    domains, inner = _iterators(node, scope)
    condition, weight, decisive = inner.compile(node.condition), size(node.condition) + 1, node.quantifier == "some"

    def test(run: Run, locals_: Locals) -> bool | None:
        unknown = False
        iteration = _Iteration(domains)
        for names in iteration.rounds(run, locals_):
            run.spend(weight)
            met = condition(run, names)
            if met is decisive:
                return decisive
            unknown = unknown or met is not (not decisive)
        return None if unknown or iteration.broken else not decisive

    return test
