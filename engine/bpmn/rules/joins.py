"""Rules about joins: whether the tokens that they wait for, or do not wait for, can come."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.definition import ACTIVITIES, SCOPES, Element, Kind
from engine.bpmn.rules.graph import JOINS, MAX_STEPS
from engine.bpmn.rules.rule import WARNING, Finding, Subject, rule
from engine.errors import Text


class _Split:
    """The nearest element on every way to a join from which several ways lead: which of them reach which of its flows."""

    def __init__(self, subject: Subject, join: Element, split: Element) -> None:
        self.subject = subject
        self.split = split
        self.steps = 0
        self.reached = [self._reached(way, join) for way in subject.graph.after[split.id]]

    def _reached(self, way: str, join: Element) -> set[str]:
        """Give the elements that a token on this way can come to before the join."""
        after = self.subject.graph.after
        seen = {way} - {join.id, self.split.id}
        pending = list(seen)
        while pending:
            for other in after[pending.pop()]:
                self.steps += 1
                if other not in seen and other not in (join.id, self.split.id):
                    seen.add(other)
                    pending.append(other)
        return seen

    def arrivals(self, join: Element) -> list[set[str]]:
        """Give for each way the incoming flows of the join that it can fill."""
        flows = self.subject.flows(join.incoming)
        ways = self.subject.graph.after[self.split.id]
        return [
            {flow.id for flow in flows if flow.source in seen or (flow.source == self.split.id and way == join.id)}
            for way, seen in zip(ways, self.reached, strict=True)
        ]

    @property
    def is_choice(self) -> bool:
        """Only one of the ways is taken."""
        split = self.split
        if split.kind in (Kind.EXCLUSIVE_GATEWAY, Kind.EVENT_BASED_GATEWAY):
            return split.exclusive_event_gateway or split.kind is Kind.EXCLUSIVE_GATEWAY
        boundary = [self.subject.elements[event] for event in split.boundary]
        return split.kind in ACTIVITIES and len(split.outgoing) < 2 and all(event.interrupting for event in boundary)

    @property
    def is_parallel(self) -> bool:
        """All of the ways are taken."""
        if self.split.kind is Kind.PARALLEL_GATEWAY:
            return True
        if self.is_choice:
            return False
        flows = self.subject.flows(self.split.outgoing)
        return (
            not self.split.boundary and self.split.kind not in JOINS and all(flow.condition is None for flow in flows)
        )


def _splits(subject: Subject, kinds: frozenset[Kind]) -> Iterator[tuple[Element, _Split]]:
    """Give each join of some kinds with its split, until the effort for this diagram is spent."""
    steps = 0
    for scope in subject.of(*SCOPES):
        joins = [child for child in subject.children(scope) if child.kind in kinds and len(child.incoming) > 1]
        if not joins:
            continue
        nearest = subject.graph.dominators(scope)
        for join in joins:
            at = nearest.get(join.id, "")
            while at:
                element = subject.elements[at]
                if len(subject.graph.after[at]) > 1 or (element.kind in JOINS and len(element.incoming) > 1):
                    break
                at = nearest.get(at, "")
            if at and len(subject.graph.after[at]) > 1:
                split = _Split(subject, join, subject.elements[at])
                yield join, split
                steps += split.steps
            if steps > MAX_STEPS:
                return


def _comes_once(subject: Subject, split: Element) -> bool:
    """Say whether at most one token can ever come to an element while its scope lives."""
    graph = subject.graph
    scope = subject.elements[split.scope]
    entries = graph.entries(scope)
    if len(entries) > 1 and not any(subject.elements[entry].kind is Kind.START_EVENT for entry in entries):
        return False
    seen: set[str] = set()
    pending = [split.id]
    while pending:
        for other in graph.before[pending.pop()]:
            if other == split.id:
                return False
            if other not in seen:
                seen.add(other)
                pending.append(other)
    return not any(_multiplies(subject, subject.elements[other]) for other in seen | {split.id})


def _multiplies(subject: Subject, element: Element) -> bool:
    if element.completion_quantity > 1 or any(not subject.elements[event].interrupting for event in element.boundary):
        return True
    return len(element.outgoing) > 1 and element.kind not in (Kind.EXCLUSIVE_GATEWAY, Kind.EVENT_BASED_GATEWAY)


@rule("join-impossible")
def join_impossible(subject: Subject) -> Iterator[Finding]:
    """A parallel join gets a token on every incoming flow."""
    for join, split in _splits(subject, frozenset({Kind.PARALLEL_GATEWAY})):
        filled = split.arrivals(join)
        never = split.is_choice and any(filled) and all(len(each) < len(join.incoming) for each in filled)
        if never and _comes_once(subject, split.split):
            yield Finding(
                join.id,
                Text(
                    "{join} waits for all its incoming flows, but {split} lets only one of them have a token",
                    join=join.name or join.id,
                    split=split.split.name or split.split.id,
                ),
                Text("join with an exclusive gateway, or split with a parallel one"),
            )


@rule("join-may-wait", WARNING)
def join_may_wait(subject: Subject) -> Iterator[Finding]:
    """A parallel join does not depend on conditions."""
    for join, split in _splits(subject, frozenset({Kind.PARALLEL_GATEWAY})):
        if split.is_choice or split.is_parallel:
            continue
        if all(len(filled) < len(join.incoming) for filled in split.arrivals(join)):
            yield Finding(
                join.id,
                Text(
                    "{join} waits for all its incoming flows, but {split} may leave some of them without a token",
                    join=join.name or join.id,
                    split=split.split.name or split.split.id,
                ),
                Text("join with an inclusive gateway"),
            )


@rule("merge-repeats", WARNING)
def merge_repeats(subject: Subject) -> Iterator[Finding]:
    """Parallel ways are joined before they are merged."""
    for merge, split in _splits(subject, frozenset({Kind.EXCLUSIVE_GATEWAY})):
        filled = split.arrivals(merge)
        if split.is_parallel and sum(bool(each) for each in filled) > 1:
            yield Finding(
                merge.id,
                Text(
                    "what follows {merge} runs once for each parallel way that comes from {split}",
                    merge=merge.name or merge.id,
                    split=split.split.name or split.split.id,
                ),
                Text("join with a parallel gateway, unless it is meant so"),
            )
