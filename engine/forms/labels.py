"""The texts of a form that people read, for translation."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_TEXTS = ("label", "dateLabel", "timeLabel", "description", "text", "content", "alt", "title", "placeholder")
_INNER = (
    ("appearance", "prefixAdorner"),
    ("appearance", "suffixAdorner"),
    ("validate", "patternErrorMessage"),
)

Place = tuple[dict[str, Any], str]
"""An object of the schema and the name in it whose value is a text."""


def texts(schema: Mapping[str, Any]) -> list[str]:
    """List the texts of a form, each once, in the order of the form; expressions are not texts."""
    return list(dict.fromkeys(holder[name] for holder, name in _places(schema)))


def localized(schema: Mapping[str, Any], translate: Callable[[str], str]) -> dict[str, Any]:
    """Give a copy of the schema with its texts translated."""
    translated = copy.deepcopy(dict(schema))
    for holder, name in _places(translated):
        holder[name] = translate(holder[name])
    return translated


def _places(schema: Mapping[str, Any]) -> Iterator[Place]:
    """Walk the places of texts. How deep components are nested was bounded when the form was read."""
    for component in schema.get("components", ()):
        holders: list[Place] = [(component, name) for name in _TEXTS]
        for outer, name in _INNER:
            if isinstance(component.get(outer), dict):
                holders.append((component[outer], name))
        for listed in ("values", "columns"):
            if isinstance(component.get(listed), list):
                holders.extend((option, "label") for option in component[listed] if isinstance(option, dict))
        for holder, name in holders:
            text = holder.get(name)
            if isinstance(text, str) and text.strip() and not text.startswith("="):
                yield holder, name
        yield from _places(component)
