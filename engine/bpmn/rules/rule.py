"""What a rule is, and what it looks at: one definition and what is known around it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from engine.bpmn.definition import Definition, Element, EventDefinition, EventKind, Flow, Kind
from engine.bpmn.rules.graph import Graph
from engine.bpmn.rules.judged import Judged, judge
from engine.bpmn.rules.surroundings import LintContext
from engine.errors import LimitExceeded, Problem, Text
from engine.feel import Expression
from engine.model.json import exact

ERROR = "error"
WARNING = "warning"


class Finding(NamedTuple):
    """One place where a rule is broken."""

    where: str
    message: Text
    remedy: Text


def known(expression: Expression | None) -> Any:
    """Give the value of an expression that depends on nothing; None when it does, or has none."""
    if expression is None or not expression.constant:
        return None
    try:
        value = expression.evaluate({})
    except LimitExceeded:
        return None
    return exact(value) if isinstance(value, Decimal) else value


class Subject:
    """A definition as the rules look at it: by kind, by scope, as a graph."""

    def __init__(self, definition: Definition, context: LintContext) -> None:
        self.definition = definition
        self.context = context
        self.elements = definition.elements
        self._by_kind: dict[Kind, list[Element]] = {}
        for element in definition.elements.values():
            self._by_kind.setdefault(element.kind, []).append(element)

    def of(self, *kinds: Kind) -> Iterator[Element]:
        """Give the elements of some kinds."""
        for kind in kinds:
            yield from self._by_kind.get(kind, ())

    def flows(self, ids: Iterable[str]) -> list[Flow]:
        """Give flows by id."""
        return [self.definition.flows[id] for id in ids]

    def children(self, scope: Element) -> list[Element]:
        """Give the elements of a scope."""
        return [self.elements[child] for child in scope.children]

    def events(self, *kinds: Kind) -> Iterator[tuple[Element, EventDefinition]]:
        """Give each event definition of the elements of some kinds."""
        for element in self.of(*kinds):
            for event in element.events:
                yield element, event

    def with_event(self, event_kind: EventKind, *kinds: Kind) -> Iterator[tuple[Element, EventDefinition]]:
        """Give each event definition of one kind on the elements of some kinds."""
        for element, event in self.events(*kinds):
            if event.kind is event_kind:
                yield element, event

    @cached_property
    def graph(self) -> Graph:
        """Who hands tokens to whom."""
        return Graph(self.definition)

    @cached_property
    def judged(self) -> list[Judged]:
        """What FEEL's own check says about the expressions."""
        return judge(self.definition, self.context)


Check = Callable[[Subject], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A way of being wrong: its stable id, how bad it is, and the function that finds it."""

    id: str
    severity: str
    title: str
    check: Check

    def problems(self, subject: Subject) -> Iterator[Problem]:
        """Find every place where the rule is broken."""
        for finding in self.check(subject):
            yield Problem(finding.where, finding.message, finding.remedy, self.id, self.severity)


def rule(rule_id: str, severity: str = ERROR) -> Callable[[Check], Rule]:
    """Make a rule of a function; the first line of its docstring says what should hold."""

    def make(check: Check) -> Rule:
        return Rule(rule_id, severity, (check.__doc__ or "").partition("\n")[0], check)

    return make
