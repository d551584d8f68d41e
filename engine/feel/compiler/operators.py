"""Arithmetic, comparison, logic and ``instance of``."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.feel import syntax
from engine.feel.arithmetic import calculate, negate
from engine.feel.comparison import compare, equal
from engine.feel.compiler.scope import Scope, compiles
from engine.feel.numbers import EXACT, LIMIT
from engine.feel.run import Code, Locals, Run, Where
from engine.feel.types import is_instance, resolve
from engine.feel.values import kind

ORDERED_TYPES = frozenset({int, Decimal, str})
"""Types whose values Python orders and equates among themselves as FEEL does."""

COMPARABLE = frozenset({(int, int), (int, Decimal), (Decimal, int), (Decimal, Decimal), (str, str)})
"""Pairs of types that Python orders and equates as FEEL does."""

_NUMBERS = frozenset({(int, Decimal), (Decimal, int), (Decimal, Decimal)})
_WHOLE: dict[str, Callable[[int, int], int]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}
_EXACT: dict[str, Callable[[Any, Any], Decimal]] = {
    "+": EXACT.add,
    "-": EXACT.subtract,
    "*": EXACT.multiply,
    "/": EXACT.divide,
}
ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _explain(run: Run, where: Where, sign: str, left: Any, right: Any) -> None:
    if run.listening:
        run.null(
            where, "{operator} has no result for {left} and {right}", operator=sign, left=kind(left), right=kind(right)
        )


def _arithmetic(sign: str, left: Code, right: Code, where: Where) -> Code:
    whole, exact = _WHOLE.get(sign), _EXACT.get(sign)

    def apply(run: Run, locals_: Locals) -> Any:
        one, other = left(run, locals_), right(run, locals_)
        pair = (type(one), type(other))
        if pair == (int, int):
            if whole is not None:
                total = whole(one, other)
                if -LIMIT < total < LIMIT:
                    return total
        elif exact is not None and pair in _NUMBERS:
            number = exact(one, other)
            if number.is_finite():
                return number
        result = calculate(sign, one, other, run)
        if result is None:
            _explain(run, where, sign, one, other)
        return result

    return apply


def _ordering(sign: str, left: Code, right: Code, where: Where) -> Code:
    ordering = ORDERINGS[sign]

    def apply(run: Run, locals_: Locals) -> bool | None:
        one, other = left(run, locals_), right(run, locals_)
        of = type(one)
        if of in ORDERED_TYPES and (of is type(other) or (of, type(other)) in COMPARABLE):
            return ordering(one, other)
        order = compare(one, other, run)
        if order is None:
            _explain(run, where, sign, one, other)
            return None
        return ordering(order, 0)

    return apply


def _equality(sign: str, left: Code, right: Code, where: Where) -> Code:
    wanted = sign == "="

    def apply(run: Run, locals_: Locals) -> bool | None:
        one, other = left(run, locals_), right(run, locals_)
        of = type(one)
        if of in ORDERED_TYPES and (of is type(other) or (of, type(other)) in COMPARABLE):
            return (one == other) is wanted
        same = equal(one, other, run)
        if same is None:
            _explain(run, where, sign, one, other)
            return None
        return same is wanted

    return apply


def _link(sign: str, left: Code, right: Code, where: Where) -> Code:
    if sign in ("=", "!="):
        return _equality(sign, left, right, where)
    return (_ordering if sign in ORDERINGS else _arithmetic)(sign, left, right, where)


@compiles(syntax.Chain)
def chain(node: syntax.Chain, scope: Scope) -> Code:
    """Apply operators from left to right."""
    first = scope.compile(node.first)
    if len(node.rest) == 1:
        link = node.rest[0]
        return _link(link.operator, first, scope.compile(link.operand), scope.where(link.at))
    # what is known so far rides as the last local name, so that a long chain is a loop and not a tower of calls
    depth = len(scope.slots)
    inner = scope.inner(" so far")
    links = tuple(
        _link(link.operator, lambda run, locals_: locals_[depth], inner.compile(link.operand), scope.where(link.at))
        for link in node.rest
    )

    def apply(run: Run, locals_: Locals) -> Any:
        value = first(run, locals_)
        for link in links:
            value = link(run, (*locals_, value))
        return value

    return apply


@compiles(syntax.Negation)
def negation(node: syntax.Negation, scope: Scope) -> Code:
    """Give the negative of a number or duration."""
    operand, where = scope.compile(node.operand), scope.where(node.at)

    def apply(run: Run, locals_: Locals) -> Any:
        value = operand(run, locals_)
        result = negate(value)
        return run.null(where, "{kind} has no negative", kind=kind(value)) if result is None else result

    return apply


@compiles(syntax.Logic)
def logic(node: syntax.Logic, scope: Scope) -> Code:
    """Give the conjunction or disjunction of three-valued operands; what is no boolean counts as null."""
    operands = tuple(map(scope.compile, node.operands))
    where, sign, decisive = scope.where(node.at), node.operator, node.operator == "or"

    def apply(run: Run, locals_: Locals) -> bool | None:
        unknown = False
        for operand in operands:
            value = operand(run, locals_)
            if value is decisive:
                return decisive
            if value is not (not decisive):
                unknown = True
                if value is not None:
                    run.null(where, "{operator} takes booleans, not {kind}", operator=sign, kind=kind(value))
        return None if unknown else not decisive

    return apply


@compiles(syntax.InstanceOf)
def instance_of(node: syntax.InstanceOf, scope: Scope) -> Code:
    """Tell whether a value is of a type."""
    value, type_ = scope.compile(node.value), resolve(node.type, scope.unit.types)
    return lambda run, locals_: is_instance(value(run, locals_), type_)


def between(low: Any, value: Any, high: Any, run: Run) -> bool | None:
    """Tell whether ``low <= value <= high``, three-valued."""
    above, below = compare(value, low, run), compare(value, high, run)
    if (above is not None and above < 0) or (below is not None and below > 0):
        return False
    return None if above is None or below is None else True


@compiles(syntax.Between)
def between_node(node: syntax.Between, scope: Scope) -> Code:
    """Tell whether a value is between two others, both included."""
    value, low, high = scope.compile(node.value), scope.compile(node.low), scope.compile(node.high)
    where = scope.where(node.at)

    def apply(run: Run, locals_: Locals) -> bool | None:
        tested, least, most = value(run, locals_), low(run, locals_), high(run, locals_)
        result = between(least, tested, most, run)
        return (
            run.null(
                where,
                "{value} cannot be between {low} and {high}",
                value=kind(tested),
                low=kind(least),
                high=kind(most),
            )
            if result is None
            else result
        )

    return apply
