"""What FEEL's own check says about every expression of a definition, with the kinds of values that the definition itself fixes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import NamedTuple

from engine.bpmn.definition import Definition, Element, EventKind, MultiInstance, StandardLoop
from engine.errors import Problem
from engine.feel import Expression, kind
from engine.feel.check import check
from engine.model.json import Json

# what people type with a Chinese keyboard and mean as a sign; in FEEL it is part of a name
_FULL_WIDTH = frozenset("，（）：；。＋－＊／＝＜＞！")


class Judged(NamedTuple):
    """One finding about one expression, at the element or flow that it belongs to."""

    where: str
    text: str
    problem: Problem


def judge(definition: Definition) -> list[Judged]:
    """Check every calculated expression.

    Variables come from forms, jobs and callers too, so that every name counts as there, unless a sign hides in it. The kind of
    a value is known of a list that a multi-instance activity collects, of ``loopCounter``, and of constants mapped to an element.
    """
    known = _kinds(definition)
    found: list[Judged] = []
    for flow in definition.flows.values():
        found += _check(flow.id, flow.condition, known, condition=True)
    for element in definition.elements.values():
        local = known | {each.target: _kind(each.source) for each in element.inputs}
        for expression in _expressions(element):
            found += _check(element.id, expression, local)
        for event in element.events:
            if event.kind is EventKind.CONDITIONAL:
                found += _check(element.id, event.condition, local, condition=True)
        for mapping in element.inputs:  # they are calculated before there are any locals
            found += _check(element.id, mapping.source, known)
    return found


def _check(
    where: str, expression: Expression | None, known: Mapping[str, str | None], *, condition: bool = False
) -> Iterator[Judged]:
    if expression is None or not expression.text.startswith("="):
        return
    names = {name: known.get(name) for name in expression.names if _FULL_WIDTH.isdisjoint(name)}
    for problem in check(expression.text[1:].strip(), names, condition=condition):
        yield Judged(where, expression.text, problem)


def _expressions(element: Element) -> Iterator[Expression | None]:
    """Give the expressions that are calculated once the element's own variables are there."""
    yield from (mapping.source for mapping in element.outputs)
    yield from (expression for event in element.events for expression in (event.key, event.timer))
    yield element.activation
    if element.work is not None:
        values = (getattr(element.work, each.name) for each in fields(element.work))
        yield from (value for value in values if isinstance(value, Expression))
    if isinstance(element.loop, MultiInstance):
        yield from (element.loop.collection, element.loop.output_element)
    elif isinstance(element.loop, StandardLoop):
        yield element.loop.condition


def _kinds(definition: Definition) -> dict[str, str | None]:
    loops = [each.loop for each in definition.elements.values() if isinstance(each.loop, MultiInstance)]
    kinds: dict[str, str | None] = {each.output_collection: "list" for each in loops if each.output_collection}
    return kinds | {"loopCounter": "number"}


def _kind(expression: Expression) -> str | None:
    """Give the kind of a constant as a variable holds it; None of anything else."""
    if not expression.constant:
        return None
    value: Json = expression.evaluate({})
    return kind(value) if isinstance(value, bool | int | str | list | dict) else None
