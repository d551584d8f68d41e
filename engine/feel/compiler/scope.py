"""What is known while an expression is compiled: its text, the names it binds, what it reads from outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from engine.feel.lexer import where
from engine.feel.run import Code, Where
from engine.feel.syntax import Node, Tests
from engine.feel.types import Type

INPUT = "?"
"""The value under test in unary tests."""

ITEM = "item"
"""The item under test in a filter."""

FILTERED = ""
"""Marks the slot of a filter's item, whose own entries are names in scope."""


@dataclass(slots=True)
class Unit:
    """One expression on its way.

    Attributes:
        types: types of the surrounding model, by name.
        reads: names that are looked up in the context.
        changing: the value depends on the time or on chance.
        lines: the text has more than one line.
    """

    text: str
    types: Mapping[str, Type] = field(default_factory=dict)
    reads: set[str] = field(default_factory=set)
    changing: bool = False
    lines: bool = field(init=False)

    def __post_init__(self) -> None:
        self.lines = "\n" in self.text


@dataclass(frozen=True, slots=True)
class Scope:
    """The names bound at one place, by their position in the locals of a running evaluation."""

    unit: Unit
    slots: tuple[str, ...] = ()

    def inner(self, *names: str) -> Scope:
        """Bind more names."""
        return Scope(self.unit, self.slots + names)

    def where(self, at: int) -> Where:
        """Turn an offset into (line, column)."""
        return where(self.unit.text, at) if self.unit.lines else (1, at + 1)

    def resolve(self, name: str) -> tuple[tuple[int, ...], int | None]:
        """Find a name: the slots of filters whose item may have it, innermost first, and the slot that binds it, if one does."""
        filters: list[int] = []
        for position in range(len(self.slots) - 1, -1, -1):
            if self.slots[position] == name:
                return tuple(filters), position
            if self.slots[position] == FILTERED:
                filters.append(position)
        return tuple(filters), None

    def compile(self, node: Node | Tests) -> Code:
        """Compile a node."""
        return COMPILERS[type(node)](node, self)


COMPILERS: dict[type, Callable[[Any, Scope], Code]] = {}
"""{type of node: what compiles it}."""

N = TypeVar("N")


def compiles(type_: type[N]) -> Callable[[Callable[[N, Scope], Code]], Callable[[N, Scope], Code]]:
    """Register a function that compiles nodes of a type."""

    def register(function: Callable[[N, Scope], Code]) -> Callable[[N, Scope], Code]:
        COMPILERS[type_] = function
        return function

    return register
