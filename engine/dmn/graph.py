"""The requirement graph of a load: which element needs which, in which order decisions are evaluated, and no circles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.dmn.model import Decision, Element, InputData, KnowledgeModel, Model, Service, Table
from engine.errors import Invalid, Problem, Text


class Graph:
    """The elements of all models of a load by key, ``namespace#id``.

    Raises:
        Invalid: decisions require one another in a circle.
    """

    def __init__(self, models: Mapping[str, Model], problems: list[Problem]) -> None:
        self.models = models
        self.elements: dict[str, Element] = {
            f"{space}#{id_}": element for space, model in models.items() for id_, element in model.elements.items()
        }
        self.elements = {key: self._grounded(element, problems) for key, element in self.elements.items()}
        circles = list(self._circles())
        if circles:
            raise Invalid(circles)
        self._orders: dict[tuple[tuple[str, ...], tuple[str, ...]], tuple[str, ...]] = {}

    def _grounded(self, element: Element, problems: list[Problem]) -> Element:
        """Give an element without its references to what does not exist, or is not of the kind that is meant."""
        kept: dict[str, Any] = {}
        for name, kinds in _REFERENCES.get(type(element), ()):
            keys: tuple[str, ...] = getattr(element, name)
            kept[name] = tuple(key for key in keys if isinstance(self.elements.get(key), kinds))
            for key in keys:
                if key not in kept[name]:
                    message = Text("{name} requires {key}, which does not exist", name=element.name, key=key[:300])
                    problems.append(Problem(element.at, message, Text("remove the requirement or add what it needs")))
        return replace(element, **kept)

    def order(self, wanted: tuple[str, ...], given: tuple[str, ...] = ()) -> tuple[str, ...]:
        """List the decisions to evaluate for these, each after what it requires; ``given`` ones are left out."""
        found = self._orders.get((wanted, given))
        if found is None:
            found = self._orders[wanted, given] = tuple(self._sorted(wanted, set(given)))
        return found

    def _sorted(self, wanted: Sequence[str], done: set[str]) -> Iterator[str]:
        stack = [iter(wanted)]
        path: list[str] = []
        while stack:
            key = next(stack[-1], None)
            if key is None:
                stack.pop()
                if path:
                    yield path.pop()
                continue
            element = self.elements[key]
            if key not in done and isinstance(element, Decision):
                done.add(key)
                path.append(key)
                stack.append(iter(element.decisions))

    def _circles(self) -> Iterator[Problem]:
        """Find the groups of elements that need one another; knowledge models alone may, since functions may recur."""
        for group in _groups({key: _needs(element) for key, element in self.elements.items()}):
            members = [self.elements[key] for key in group]
            alone = len(group) == 1 and group[0] not in _needs(members[0])
            if not alone and not all(isinstance(member, KnowledgeModel) for member in members):
                names = ", ".join(sorted(member.name for member in members))
                message = Text("these require one another in a circle: {names}", names=names[:500])
                yield Problem(members[0].at, message, Text("remove one of the requirements"))


_REFERENCES: dict[type[Element], tuple[tuple[str, tuple[type[Element], ...]], ...]] = {
    Decision: (
        ("inputs", (InputData,)),
        ("decisions", (Decision,)),
        ("knowledge", (KnowledgeModel, Service)),
    ),
    KnowledgeModel: (("knowledge", (KnowledgeModel, Service)),),
    Service: (
        ("outputs", (Decision,)),
        ("encapsulated", (Decision,)),
        ("decisions", (Decision,)),
        ("inputs", (InputData,)),
    ),
}
"""{kind of element: its references and the kinds that each may lead to}."""


def _needs(element: Element) -> tuple[str, ...]:
    match element:
        case Decision():
            return (*element.inputs, *element.decisions, *element.knowledge)
        case KnowledgeModel():
            return element.knowledge
        case Service():
            return (*element.outputs, *element.encapsulated)
        case _:
            return ()


def _groups(edges: Mapping[str, Iterable[str]]) -> Iterator[list[str]]:
    """Give the strongly connected components of a graph (Tarjan's algorithm, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    waiting: list[str] = []
    for root in edges:
        if root in index:
            continue
        work = [(root, iter(edges[root]))]
        index[root] = low[root] = len(index)
        waiting.append(root)
        while work:
            key, following = work[-1]
            target = next((found for found in following if found in edges), None)
            if target is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[key])
                if low[key] == index[key]:
                    at = waiting.index(key)
                    yield waiting[at:]
                    for member in waiting[at:]:
                        low[member] = len(edges)  # closed: it no longer lowers others
                    del waiting[at:]
            elif target not in index:
                index[target] = low[target] = len(index)
                waiting.append(target)
                work.append((target, iter(edges[target])))
            else:
                low[key] = min(low[key], low[target])


def seen_names(element: Element) -> tuple[str, ...]:
    """Give the names under which an element that is required can be seen.

    A decision without a ``variable`` of its own is seen by its id as well, as Camunda 8 expects, and a table with one output by the
    name of the output, as Camunda 7 does.
    """
    if element.declared or isinstance(element, InputData):
        return (element.variable.name,)
    names = [element.variable.name, element.id]
    if isinstance(element, Decision) and isinstance(element.logic, Table) and len(element.logic.outputs) == 1:
        names.append(element.logic.outputs[0].name)
    return tuple(dict.fromkeys(name for name in names if name))
