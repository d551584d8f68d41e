"""Values in nested contexts and lists: reading by path, building without touching what was handed in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from engine.forms.field import Field

ABSENT: Any = object()
"""What ``get`` gives where there is nothing, which is not the same as null."""

At = tuple[str | int, ...]


def get(value: Any, path: At) -> Any:
    """Give the value at a path, or ``ABSENT``."""
    for step in path:
        if isinstance(step, int):
            if not isinstance(value, list) or step >= len(value):
                return ABSENT
        elif not isinstance(value, Mapping) or step not in value:
            return ABSENT
        value = value[step]
    return value


class Tree:
    """A context under construction. What it starts with is copied only where something is put into it."""

    def __init__(self, start: Mapping[str, Any]) -> None:
        self.root: dict[str, Any] = dict(start)
        self._owned = {id(self.root)}

    def put(self, at: At, value: Any) -> None:
        """Put a value at a path; what is in its way is replaced."""
        holder: Any = self.root
        for step, following in pairwise(at):
            holder[step] = self._own(get(holder, (step,)), is_list=isinstance(following, int))
            holder = holder[step]
        holder[at[-1]] = value

    def _own(self, found: Any, *, is_list: bool) -> Any:
        if id(found) in self._owned:
            return found
        own: Any = _as_list(found) if is_list else _as_dict(found)
        self._owned.add(id(own))
        return own


def _as_list(found: Any) -> list[Any]:
    return list(found) if isinstance(found, list) else []


def _as_dict(found: Any) -> dict[str, Any]:
    return dict(found) if isinstance(found, Mapping) else {}


def undeclared(values: Any, fields: Sequence[Field], base: str = "") -> Iterator[str]:
    """Name everything in submitted values that is no field's value."""
    declared: dict[str, Any] = {}
    for field in fields:
        node = declared
        for name in field.path[:-1]:
            node = node.setdefault(name, {})
        node[field.path[-1]] = field
    yield from _strangers(values, declared, base)


def _strangers(values: Any, declared: Mapping[str, Any], base: str) -> Iterator[str]:
    if not isinstance(values, Mapping):
        yield base.removesuffix(".")
        return
    for name, value in values.items():
        known = declared.get(name) if isinstance(name, str) else None
        where = f"{base}{name[:100]}" if isinstance(name, str) else f"{base}?"
        if known is None:
            yield where
        elif isinstance(known, dict):
            yield from _strangers(value, known, where + ".")
        elif known.is_list and isinstance(value, list):
            for number, item in enumerate(value[: known.limits[1]]):
                yield from undeclared(item, known.items, f"{where}.{number}.")
