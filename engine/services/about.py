"""What an instance is about, in one line for lists: the process says it by its properties ``title`` and ``grade``.

Each is the name of a variable, or a FEEL expression ``=...`` over the variables of the process scope. They are worked out with every
move and stored beside the instance, so that no list ever loads one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from engine.bpmn.definition import Definition
from engine.errors import Invalid, LimitExceeded
from engine.feel import Expression, compile_expression

LONGEST = 200  # characters of a title
LONGEST_GRADE = 12


def say(
    definition: Definition, variables: Mapping[str, Any], *, now: datetime, zone: tzinfo, before: tuple[str, str]
) -> tuple[str, str]:
    """Give (title, grade); what the process does not say, or cannot say now, stays as it was before."""
    title, grade = _expressions(definition)
    return (
        _text(title, variables, now, zone, LONGEST) or before[0],
        _text(grade, variables, now, zone, LONGEST_GRADE) or before[1],
    )


def _expressions(definition: Definition) -> tuple[Expression | None, Expression | None]:
    if "about" not in definition.cache:
        properties = definition.process.properties
        definition.cache["about"] = (_compiled(properties.get("title", "")), _compiled(properties.get("grade", "")))
    found: tuple[Expression | None, Expression | None] = definition.cache["about"]
    return found


def _compiled(text: str) -> Expression | None:
    if not text:
        return None
    try:
        return compile_expression(text.removeprefix("="))
    except (Invalid, LimitExceeded):
        return None  # a list shows the name of the process instead; nothing else depends on it


def _text(
    expression: Expression | None, variables: Mapping[str, Any], now: datetime, zone: tzinfo, longest: int
) -> str:
    if expression is None:
        return ""
    try:
        value = expression.evaluate(variables, now=now, zone=zone)
    except LimitExceeded:
        return ""
    return " ".join(str(value).split())[:longest] if isinstance(value, str | int) and value != "" else ""
