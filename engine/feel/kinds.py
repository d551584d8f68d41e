"""Kinds of values that are known before anything runs: of variables, of what expressions give, of what forms and decisions hand over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, cast

from engine.feel.values import (
    BOOLEAN,
    CONTEXT,
    DATE,
    DATE_TIME,
    DAYS_TIME,
    LIST,
    NUMBER,
    STRING,
    TIME,
    YEARS_MONTHS,
)


@dataclass(frozen=True, slots=True)
class Shape:
    """A context whose entries are known; ``closed`` says that it has no others."""

    entries: Mapping[str, Kind]
    closed: bool = True


Kind: TypeAlias = str | Shape | None
"""The name of a FEEL type, or a context with what is in it; None where it is not known."""

Kinds: TypeAlias = Mapping[str, Kind]
"""{name: kind of its value}."""

_TEXT = frozenset({STRING, DATE, TIME, DATE_TIME, DAYS_TIME, YEARS_MONTHS})
_KEPT = frozenset({NUMBER, BOOLEAN, LIST, CONTEXT})


def plain(kind: Kind) -> str | None:
    """Give the name of the type alone."""
    return CONTEXT if isinstance(kind, Shape) else kind


def stored(kind: Kind) -> Kind:
    """Give the kind that a value has once a process variable holds it: dates, times and durations become text."""
    if isinstance(kind, Shape):
        return Shape({name: stored(entry) for name, entry in kind.entries.items()}, kind.closed)
    return STRING if kind in _TEXT else kind if kind in _KEPT else None


def merged(kinds: Iterable[Kind]) -> Kind:
    """Give the kind of a value that comes from one of several places; None where they differ or one is not known.

    Contexts from several places count as open: an entry of one may be missing in the other.
    """
    found = list(kinds)
    if not found or any(each is None for each in found):
        return None
    if all(each == found[0] for each in found):
        return found[0]
    if any(plain(each) != CONTEXT for each in found):
        return None
    shapes = [each for each in found if isinstance(each, Shape)]
    if len(shapes) < len(found):
        return CONTEXT
    names = {name for shape in shapes for name in shape.entries}
    return Shape(
        {name: merged(shape.entries[name] for shape in shapes if name in shape.entries) for name in sorted(names)},
        closed=False,
    )


def nested(kinds: Mapping[tuple[str, ...], Kind]) -> Kinds:
    """Give kinds by path as kinds by name: ``("a", "b")`` becomes the entry ``b`` of ``a``, which may have others."""
    tree: dict[str, Kind | dict[str, object]] = {}
    for path, kind in kinds.items():
        inside: dict[str, object] = cast("dict[str, object]", tree)
        for name in path[:-1]:
            held = inside.setdefault(name, {})
            if not isinstance(held, dict):
                break
            inside = held
        else:
            inside.setdefault(path[-1], kind)
    return _shapes(cast("dict[str, object]", tree))


def _shapes(tree: Mapping[str, object]) -> Kinds:
    return {
        name: Shape(_shapes(held), closed=False) if isinstance(held, dict) else cast("Kind", held)
        for name, held in tree.items()
    }
