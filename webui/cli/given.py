"""Reads what is given to commands as text and means more."""

from __future__ import annotations

from typing import Any

from engine.errors import Invalid
from engine.model.json import loads


def variables(text: str) -> dict[str, Any]:
    """Read the JSON object of ``--variables``.

    Raises:
        Invalid: it is none.
    """
    try:
        found = loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Invalid("--variables wants a JSON object")
    return found
