"""The values that a form starts with: the server's, else the form's defaults, else empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.forms.field import Field
from engine.forms.tree import ABSENT, Tree, get


def initial_value(field: Field, context: Any) -> Any:
    """Give what a field starts with; a list starts with the server's items or with as many empty ones as it says."""
    found = get(context, field.path)
    if not field.is_list:
        return field.default if found is ABSENT else found
    if isinstance(found, list):
        return [item if isinstance(item, dict) else {} for item in found]
    return [{} for _ in range(field.limits[2])]


def initial_values(fields: Sequence[Field], context: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a form, or an item of a list, starts with, nested as its fields are."""
    tree = Tree({})
    for field in fields:
        value = initial_value(field, context)
        if field.is_list:
            value = [initial_values(field.items, item) for item in value]
        tree.put(field.path, value)
    return tree.root
