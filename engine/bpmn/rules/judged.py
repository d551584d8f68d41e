"""What FEEL's own check says about every expression of a definition, given what its forms, decisions and scripts set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import NamedTuple

from engine.bpmn.definition import Definition, Element, EventKind, MultiInstance, StandardLoop
from engine.bpmn.rules.sources import Sources, kind_of, sources
from engine.bpmn.rules.surroundings import LintContext
from engine.errors import Problem
from engine.feel import Expression
from engine.feel.check import check
from engine.feel.kinds import Kind, Kinds

# what people type with a Chinese keyboard and mean as a sign; in FEEL it is part of a name
_FULL_WIDTH = frozenset("，（）：；。＋－＊／＝＜＞！")


class Judged(NamedTuple):
    """One finding about one expression, at the element or flow that it belongs to."""

    where: str
    text: str
    problem: Problem


def judge(definition: Definition, context: LintContext) -> list[Judged]:
    """Check every calculated expression.

    Where a caller, a worker or a message may bring variables too, a name that nothing in the process sets counts as there, unless
    it is one slip away from a name that is set.
    """
    judge_ = _Judge(sources(definition, context))
    for flow in definition.flows.values():
        judge_.check(flow.id, flow.condition, judge_.known, condition=True)
    for element in definition.elements.values():
        judge_.element(element)
    return judge_.found


class _Judge:
    def __init__(self, set_: Sources) -> None:
        self.sources = set_
        self.known = set_.kinds
        self.found: list[Judged] = []

    def element(self, element: Element) -> None:
        """Check the expressions of one element, each with what it can see."""
        inside = dict(self.known)
        for mapping in element.inputs:  # one sees what those before it made
            self.check(element.id, mapping.source, inside)
            name, _, member = mapping.target.partition(".")
            inside[name] = None if member else kind_of(mapping.source, inside)
        for expression in _expressions(element):
            self.check(element.id, expression, inside)
        for event in element.events:
            if event.kind is EventKind.CONDITIONAL:
                self.check(element.id, event.condition, inside, condition=True)
        handed = self.sources.handed[element.id]
        for mapping in element.outputs:
            if handed is None:
                self.check(element.id, mapping.source, dict.fromkeys(mapping.source.names))
            else:
                self.check(element.id, mapping.source, inside | dict(handed))
                inside[mapping.target.partition(".")[0]] = None

    def check(self, where: str, expression: Expression | None, known: Kinds, *, condition: bool = False) -> None:
        """Check one expression."""
        if expression is None or not expression.text.startswith("="):
            return
        text = expression.text[1:].strip()
        self.found += [
            Judged(where, expression.text, problem)
            for problem in check(text, self._names(expression, known), condition=condition)
        ]

    def _names(self, expression: Expression, known: Kinds) -> Kinds:
        """Give the names that an expression may read, and what it could have meant by the others."""
        names: dict[str, Kind] = {}
        for name in expression.names:
            near = "" if name in known else self.sources.near(name)
            if near:
                names[near] = known.get(near)
            elif name in known or (not self.sources.complete and _FULL_WIDTH.isdisjoint(name)):
                names[name] = known.get(name)
        return names


def _expressions(element: Element) -> Iterator[Expression | None]:
    """Give the expressions that are calculated once the element's own variables are there."""
    yield from (expression for event in element.events for expression in (event.key, event.timer))
    yield element.activation
    if element.work is not None:
        values = (getattr(element.work, each.name) for each in fields(element.work))
        yield from (value for value in values if isinstance(value, Expression))
    if isinstance(element.loop, MultiInstance):
        yield from (element.loop.collection, element.loop.output_element)
    elif isinstance(element.loop, StandardLoop):
        yield element.loop.condition
