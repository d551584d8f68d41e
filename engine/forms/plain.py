"""Values of FEEL as JSON: what an expression field stores."""

from __future__ import annotations

from typing import Any

from engine import feel
from engine.errors import Text
from engine.feel.values import kind
from engine.forms.field import Refused
from engine.model.json import MAX_DEPTH, Json, exact

_text = feel.compile_expression("string(value)", ("value",))


def plain(value: Any, depth: int = 0) -> Json:
    """Give a FEEL value as JSON: dates, times and durations as ISO text.

    Raises:
        Refused: it holds a range or a function, or is nested too deeply.
    """
    if depth > MAX_DEPTH:
        raise Refused(Text("This value is nested too deeply"))
    match kind(value):
        case "null":
            return None
        case "boolean" | "string":
            return value  # type: ignore[no-any-return] # the kind says what it is
        case "number":
            return value if isinstance(value, int) else exact(value)
        case "list":
            return [plain(item, depth + 1) for item in value]
        case "context":
            return {name: plain(item, depth + 1) for name, item in value.items()}
        case "range" | "function" | "Any":
            raise Refused(Text("This value cannot be stored"))
        case _:
            return str(_text.evaluate({"value": value}))
