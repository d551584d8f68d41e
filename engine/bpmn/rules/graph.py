"""The graph of a definition: who hands tokens to whom, what can be reached, what lies on every way to an element."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from engine.bpmn.definition import Definition, Element, EventKind, Kind

MAX_STEPS = 1_000_000
JOINS = frozenset({Kind.PARALLEL_GATEWAY, Kind.INCLUSIVE_GATEWAY, Kind.COMPLEX_GATEWAY})


class Graph:
    """Successors of every element: by flow, from an activity to its boundary events, from link to link, never out of a scope.

    Attributes:
        after: {element id: element ids}.
    """

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self._catches = _link_catches(definition)
        self.after: dict[str, list[str]] = {
            element.id: self._after(element) for element in definition.elements.values() if element.scope
        }

    @cached_property
    def before(self) -> Mapping[str, list[str]]:
        """Predecessors of every element: {element id: element ids}."""
        before: dict[str, list[str]] = {element_id: [] for element_id in self.after}
        for element_id, following in self.after.items():
            for other in following:
                before[other].append(element_id)
        return before

    def _after(self, element: Element) -> list[str]:
        flows, elements = self.definition.flows, self.definition.elements
        following = [flows[flow].target for flow in element.outgoing]
        following += element.boundary
        if element.kind is Kind.THROW_EVENT and (link := element.event(EventKind.LINK)):
            following += self._catches.get((element.scope, link.link), ())
        # flows across scopes are another rule's matter
        return [other for other in following if elements[other].scope == element.scope]

    def entries(self, scope: Element) -> list[str]:
        """Give the elements at which a scope begins: its start events, else what nothing leads to.

        Source: BPMN 2.0.2, 13.3.4 (a subprocess without start event begins at everything without incoming flows).
        """
        children = [self.definition.elements[child] for child in scope.children]
        if scope.kind is not Kind.AD_HOC_SUB_PROCESS:
            starts = [child.id for child in children if child.kind is Kind.START_EVENT or child.instantiate]
            if starts:
                return starts
        return [
            child.id
            for child in children
            if not child.incoming
            and not child.triggered_by_event
            and not child.is_for_compensation
            and child.kind not in (Kind.BOUNDARY_EVENT, Kind.START_EVENT)
            and not (child.kind is Kind.CATCH_EVENT and child.event(EventKind.LINK))
        ]

    @cached_property
    def reachable(self) -> set[str]:
        """Everything that an instance can come to; scopes open at their entries and arm their event subprocesses."""
        elements = self.definition.elements
        seen = {self.definition.process_id}
        pending = [self.definition.process_id]
        while pending:
            element = elements[pending.pop()]
            following = list(self.after.get(element.id, ()))
            if element.is_scope:
                following += self.entries(element)
                following += element.event_subprocesses
            if element.compensation_handler:
                following.append(element.compensation_handler)
            for other in following:
                if other not in seen:
                    seen.add(other)
                    pending.append(other)
        return seen

    def components(self) -> list[list[str]]:
        """Give the cycles: the strongly connected components with more than one element, or one that follows itself.

        Source: R. Tarjan, Depth-first search and linear graph algorithms (1972), with a stack in place of recursion.
        """
        index: dict[str, int] = {}
        low: dict[str, int] = {}
        stack: list[str] = []
        on_stack: dict[str, int] = {}  # {element: its place on the stack}
        found = []
        for root in self.after:
            if root in index:
                continue
            work = [(root, iter(self.after[root]))]
            index[root] = low[root] = len(index)
            on_stack[root] = len(stack)
            stack.append(root)
            while work:
                element, following = work[-1]
                other = next(following, None)
                if other is None:
                    work.pop()
                    if work:
                        low[work[-1][0]] = min(low[work[-1][0]], low[element])
                    if low[element] == index[element]:
                        at = on_stack[element]
                        component = stack[at:]
                        del stack[at:]
                        for each in component:
                            del on_stack[each]
                        if len(component) > 1 or element in self.after[element]:
                            found.append(component)
                elif other not in index:
                    index[other] = low[other] = len(index)
                    on_stack[other] = len(stack)
                    stack.append(other)
                    work.append((other, iter(self.after[other])))
                elif other in on_stack:
                    low[element] = min(low[element], index[other])
        return found

    def dominators(self, scope: Element) -> dict[str, str]:
        """Give for each reachable element of a scope the nearest one that lies on every way to it; entries have ``""``.

        A tangle that would take too long gives nothing.

        Source: K. Cooper, T. Harvey, K. Kennedy, A simple, fast dominance algorithm (2001).
        """
        order = self._reverse_postorder(self.entries(scope))
        number = {element: position for position, element in enumerate(order, 1)}
        number[""] = 0
        entries = set(self.entries(scope))
        nearest: dict[str, str] = {element: "" for element in order if element in entries}
        changed, steps = True, 0
        while changed:
            changed = False
            for element in order:
                if element in entries:
                    continue
                known = [other for other in self.before[element] if other in nearest]
                best = known[0]
                steps += len(known)
                for other in known[1:]:
                    while best != other:  # climb from the later one until both are the same
                        steps += 1
                        if number[best] > number[other]:
                            best = nearest[best]
                        else:
                            other = nearest[other]
                if steps > MAX_STEPS:
                    return {}
                if nearest.get(element) != best:
                    nearest[element] = best
                    changed = True
        return nearest

    def _reverse_postorder(self, entries: Iterable[str]) -> list[str]:
        seen: set[str] = set()
        done: list[str] = []
        for entry in entries:
            if entry in seen:
                continue
            seen.add(entry)
            work = [(entry, iter(self.after[entry]))]
            while work:
                element, following = work[-1]
                other = next((each for each in following if each not in seen), None)
                if other is None:
                    work.pop()
                    done.append(element)
                else:
                    seen.add(other)
                    work.append((other, iter(self.after[other])))
        return done[::-1]


def _link_catches(definition: Definition) -> dict[tuple[str, str], list[str]]:
    catches: dict[tuple[str, str], list[str]] = {}
    for element in definition.elements.values():
        if element.kind is Kind.CATCH_EVENT and (link := element.event(EventKind.LINK)):
            catches.setdefault((element.scope, link.link), []).append(element.id)
    return catches
