"""What a run of decisions tells about itself: for each decision its inputs, the rules that matched, and its output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.errors import Invalid
from engine.feel import kind, to_json
from engine.model.json import Json


@dataclass(frozen=True, slots=True)
class Evaluated:
    """One decision of a run.

    Attributes:
        inputs: {name or label of a table's column: value}.
        matched: numbers of the rules that matched, from 1; empty where the logic is no table.
        rules: ids of the same rules.
        messages: why a null came about.
    """

    id: str
    name: str
    inputs: Mapping[str, Any]
    matched: tuple[int, ...]
    rules: tuple[str, ...]
    output: Any
    messages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The result of a run and how it came about; ``decisions`` are in the order of their evaluation."""

    value: Any
    messages: tuple[str, ...]
    decisions: tuple[Evaluated, ...]

    def as_json(self) -> dict[str, Json]:
        """Give it as JSON, to be stored: dates, times and durations as ISO text, functions and ranges by their kind."""
        return {
            "value": _json(self.value),
            "messages": list(self.messages),
            "decisions": [
                {
                    "id": each.id,
                    "name": each.name,
                    "inputs": {name: _json(value) for name, value in each.inputs.items()},
                    "matched": list(each.matched),
                    "rules": list(each.rules),
                    "output": _json(each.output),
                    "messages": list(each.messages),
                }
                for each in self.decisions
            ],
        }


def _json(value: Any) -> Json:
    try:
        return to_json(value)
    except (
        Invalid
    ):  # there is a function or a range in it, which no variable could hold; its kind is all that can be kept
        return f"({kind(value)})"


@dataclass(slots=True)
class Note:
    """What is written down while one decision is evaluated."""

    inputs: dict[str, Any] = field(default_factory=dict)
    matched: list[int] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
