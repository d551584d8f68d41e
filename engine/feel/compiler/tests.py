"""Tests of a value: ``in``, and the cells of decision tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.feel import syntax
from engine.feel.comparison import compare, contains, equal, satisfies
from engine.feel.compiler.operators import COMPARABLE, ORDERINGS
from engine.feel.compiler.scope import INPUT, Scope, compiles
from engine.feel.run import Code, Locals, Run
from engine.feel.syntax import parts
from engine.feel.values import BOOLEAN, Range, kind

Test = Callable[[Any, Run, Locals], bool | None]
"""(value under test, run, locals) -> whether it is met."""


def _mentions_input(node: syntax.Node) -> bool:
    open_: list[syntax.Node] = [node]
    while open_:
        seen = open_.pop()
        if isinstance(seen, syntax.Name) and seen.name == INPUT:
            return True
        open_.extend(parts(seen))
    return False


def _comparison(node: syntax.ComparisonRange, scope: Scope) -> Test:
    operand, sign, where = scope.compile(node.operand), node.operator, scope.where(node.at)
    ordering, wanted = ORDERINGS.get(sign), sign == "="

    def test(value: Any, run: Run, locals_: Locals) -> bool | None:
        other = operand(run, locals_)
        if ordering is None:
            same = equal(value, other, run)
            return None if same is None else same is wanted
        if (type(value), type(other)) in COMPARABLE:
            return ordering(value, other)
        order = compare(value, other, run)
        if order is None:
            run.null(where, "{left} {operator} {right}", left=kind(value), operator=sign, right=kind(other))
            return None
        return ordering(order, 0)

    return test


def _single(node: syntax.Node, scope: Scope, cell: bool) -> Test:
    """Compile one test; in a cell an expression may also say true or false itself."""
    if isinstance(node, syntax.ComparisonRange):
        return _comparison(node, scope)
    code = scope.compile(node)
    if isinstance(node, syntax.Literal):
        literal, literal_type = node.value, type(node.value)
        if literal_type is str:
            return lambda value, run, locals_: (value == literal if type(value) is str else equal(value, literal, run))
        return lambda value, run, locals_: equal(value, literal, run)
    if _mentions_input(node):

        def asks(value: Any, run: Run, locals_: Locals) -> bool | None:
            met = code(run, locals_)
            return met if met is True or met is False else None

        return asks

    def test(value: Any, run: Run, locals_: Locals) -> bool | None:
        expected = code(run, locals_)
        if type(expected) is Range:
            return contains(expected, value, run)
        if cell and kind(expected) == BOOLEAN and kind(value) != BOOLEAN:
            return expected is True
        return satisfies(value, expected, run)

    return test


def any_of(tests: tuple[Test, ...]) -> Test:
    """Combine tests, of which one must be met, three-valued."""
    if len(tests) == 1:
        return tests[0]

    def test(value: Any, run: Run, locals_: Locals) -> bool | None:
        unknown = False
        for single in tests:
            met = single(value, run, locals_)
            if met is True:
                return True
            unknown = unknown or met is None
        return None if unknown else False

    return test


@compiles(syntax.In)
def in_(node: syntax.In, scope: Scope) -> Code:
    """Tell whether a value meets one of the tests, which may call it ``?``."""
    value, inner = scope.compile(node.value), scope.inner(INPUT)
    test = any_of(tuple(_single(single, inner, cell=False) for single in node.tests))

    def apply(run: Run, locals_: Locals) -> bool | None:
        tested = value(run, locals_)
        return test(tested, run, (*locals_, tested))

    return apply


@compiles(syntax.Tests)
def tests(node: syntax.Tests, scope: Scope) -> Code:
    """Tell whether the value in the slot ``?``, the last local name, meets a cell."""
    if not node.tests:
        return lambda run, locals_: True
    test = any_of(tuple(_single(single, scope, cell=True) for single in node.tests))
    if not node.negated:
        return lambda run, locals_: test(locals_[-1], run, locals_)

    def apply(run: Run, locals_: Locals) -> bool | None:
        met = test(locals_[-1], run, locals_)
        return None if met is None else not met

    return apply
