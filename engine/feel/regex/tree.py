"""The syntax tree of a regular expression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from engine.feel.regex.charset import CharSet


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of a set."""

    set: CharSet


@dataclass(frozen=True, slots=True)
class Anchor:
    """``^`` or ``$``."""

    start: bool


@dataclass(frozen=True, slots=True)
class Group:
    """``(a)``; ``number`` is None for one that does not capture."""

    number: int | None
    body: Tree


@dataclass(frozen=True, slots=True)
class BackReference:
    """What an earlier group matched."""

    number: int


@dataclass(frozen=True, slots=True)
class Sequence:
    """One part after the other."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several, the first preferred."""

    options: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """``a{low,high}``; ``high`` is None without bound; a lazy one prefers few."""

    body: Tree
    low: int
    high: int | None
    lazy: bool


Tree: TypeAlias = Chars | Anchor | Group | BackReference | Sequence | Choice | Repeat
