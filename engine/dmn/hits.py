"""Hit policies: what a decision table answers with when these rules matched.

Source: DMN 1.5, 8.2.10 (hit policies) and 8.2.11 (default output).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine import feel

Outputs = Sequence[tuple[Any, ...]]
"""For each matched rule in order, its value for each output clause."""

Priorities = Sequence[Sequence[Any]]
"""For each output clause, its values from the most to the least important."""


class Clash(Exception):
    """The matched rules contradict the hit policy; the message says how."""


def choose(policy: str, matched: Outputs, priorities: Priorities) -> Outputs:
    """Give the outputs that the policy answers with: one for single-hit policies, all in order for the others.

    Raises:
        Clash: several rules matched where one may, or they disagree.
    """
    match policy:
        case "U":
            if len(matched) > 1:
                raise Clash("{count} rules match, but the hit policy Unique allows one")
            return matched
        case "A":
            if any(outputs != matched[0] for outputs in matched):
                raise Clash("{count} rules match with different outputs, but the hit policy Any wants them equal")
            return matched[:1]
        case "F":
            return matched[:1]
        case "P":
            return sorted(matched, key=_rank(priorities))[:1]
        case "O":
            return sorted(matched, key=_rank(priorities))
        case _:
            return matched


def is_single(policy: str) -> bool:
    """Say whether a policy answers with one output, not with a list."""
    return policy in "UAPF"


def _rank(priorities: Priorities) -> Callable[[tuple[Any, ...]], tuple[int, ...]]:
    def rank(outputs: tuple[Any, ...]) -> tuple[int, ...]:
        # an output that is not listed comes after those that are
        return tuple(
            values.index(output) if output in values else len(values)
            for output, values in zip(outputs, priorities, strict=True)
        )

    return rank


def aggregate(aggregation: str, values: list[Any]) -> Any:
    """Give the sum, the number, the least or the greatest of the collected values, as the function of FEEL does.

    Raises:
        Clash: they have none: they are not all numbers or durations, or of no common order.
    """
    value = _AGGREGATES[aggregation].evaluate({"values": values})
    if value is None:
        raise Clash("the collected values have no aggregate")
    return value


_AGGREGATES = {
    name: feel.compile_expression(f"{name.lower()}(values)", ("values",)) for name in ("SUM", "COUNT", "MIN", "MAX")
}
