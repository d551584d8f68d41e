"""The syntax tree of an expression. Chains are flat, so that its depth is the depth of the brackets.

``at`` is the offset of a node in the text, in characters.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from engine.feel.types import Type


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a string, a boolean or null."""

    at: int
    value: int | Decimal | str | bool | None


@dataclass(frozen=True, slots=True)
class AtLiteral:
    """``@"2026-01-31"``: a temporal value."""

    at: int
    text: str


@dataclass(frozen=True, slots=True)
class Name:
    """A name in scope."""

    at: int
    name: str


@dataclass(frozen=True, slots=True)
class ListLiteral:
    """``[a, b]``."""

    at: int
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextLiteral:
    """``{a: 1, b: a + 1}``; an entry sees those before it."""

    at: int
    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class RangeLiteral:
    """``[1..10)``."""

    at: int
    start: Node
    end: Node
    start_included: bool
    end_included: bool


@dataclass(frozen=True, slots=True)
class ComparisonRange:
    """``(< 10)``: a range written as a test."""

    at: int
    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Span:
    """``1..10`` after ``in`` of a loop: counts from one to the other, up or down."""

    at: int
    start: Node
    end: Node


@dataclass(frozen=True, slots=True)
class If:
    """``if c then a else if d then b else e``."""

    at: int
    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node


@dataclass(frozen=True, slots=True)
class For:
    """``for x in a, y in b return c``."""

    at: int
    iterators: tuple[tuple[str, Node], ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Quantified:
    """``some x in a satisfies c``, or ``every``."""

    at: int
    quantifier: str
    iterators: tuple[tuple[str, Node], ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class Logic:
    """``a and b and c``, or with ``or``."""

    at: int
    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One link of a chain: an operator and what stands to its right."""

    at: int
    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Chain:
    """Operators of one rank from left to right: ``a + b - c``, ``a * b``, ``a ** b``, ``a < b``."""

    at: int
    first: Node
    rest: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """``-a``."""

    at: int
    operand: Node


@dataclass(frozen=True, slots=True)
class Between:
    """``a between b and c``."""

    at: int
    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In:
    """``a in b`` and ``a in (< 10, [20..30])``."""

    at: int
    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class InstanceOf:
    """``a instance of list<number>``."""

    at: int
    value: Node
    type: Type


@dataclass(frozen=True, slots=True)
class Property:
    """``.name`` in a path."""

    at: int
    name: str


@dataclass(frozen=True, slots=True)
class Filter:
    """``[condition or position]`` in a path."""

    at: int
    condition: Node


@dataclass(frozen=True, slots=True)
class Call:
    """``(a, b)`` or ``(x: a, y: b)`` in a path; ``names`` is None for positional arguments."""

    at: int
    arguments: tuple[Node, ...]
    names: tuple[str, ...] | None = None


Step: TypeAlias = Property | Filter | Call


@dataclass(frozen=True, slots=True)
class Path:
    """A value and what is done to it, from left to right: ``a.b[1](c)``."""

    at: int
    base: Node
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function definition."""

    name: str
    type: Type | None = None


@dataclass(frozen=True, slots=True)
class Function:
    """``function(a: number, b) a + b``; the body of an external one is a context that says where its code is."""

    at: int
    parameters: tuple[Parameter, ...]
    body: Node
    external: bool = False


@dataclass(frozen=True, slots=True)
class Tests:
    """Unary tests: a cell of a decision table. No tests at all are ``-``, which everything meets."""

    at: int
    tests: tuple[Node, ...]
    negated: bool = False


Node: TypeAlias = (
    Literal
    | AtLiteral
    | Name
    | ListLiteral
    | ContextLiteral
    | RangeLiteral
    | ComparisonRange
    | Span
    | If
    | For
    | Quantified
    | Logic
    | Chain
    | Negation
    | Between
    | In
    | InstanceOf
    | Path
    | Function
)


def parts(node: Node | Tests) -> tuple[Node, ...]:
    """Give the nodes directly inside a node."""
    match node:
        case ListLiteral(items=items):
            return items
        case ContextLiteral(entries=entries):
            return tuple(value for _, value in entries)
        case RangeLiteral(start=start, end=end) | Span(start=start, end=end):
            return start, end
        case ComparisonRange(operand=operand) | Negation(operand=operand):
            return (operand,)
        case If(branches=branches, otherwise=otherwise):
            return *(part for branch in branches for part in branch), otherwise
        case For(iterators=iterators, body=last) | Quantified(iterators=iterators, condition=last):
            return *(domain for _, domain in iterators), last
        case Logic(operands=operands):
            return operands
        case Chain(first=first, rest=rest):
            return first, *(operation.operand for operation in rest)
        case Between(value=value, low=low, high=high):
            return value, low, high
        case In(value=value, tests=tests):
            return value, *tests
        case InstanceOf(value=value):
            return (value,)
        case Path(base=base, steps=steps):
            return base, *(part for step in steps for part in _step_parts(step))
        case Function(body=body):
            return (body,)
        case Tests(tests=tests):
            return tests
    return ()


def _step_parts(step: Step) -> tuple[Node, ...]:
    match step:
        case Filter(condition=condition):
            return (condition,)
        case Call(arguments=arguments):
            return arguments
    return ()


_CALL = 4
"""What a call costs beside its arguments, in nodes."""


def size(node: Node | Tests) -> int:
    """Count the nodes of a tree, a call as several: what one evaluation of it costs, inner loops aside."""
    count, open_ = 0, [node]
    while open_:
        seen = open_.pop()
        count += 1
        if isinstance(seen, Path):
            count += _CALL * sum(isinstance(step, Call) for step in seen.steps)
        open_.extend(parts(seen))
    return count
