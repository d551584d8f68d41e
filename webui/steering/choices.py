"""What the forms of an intervention offer: the live steps, those that can begin, the places of values, the other versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.bpmn.definition import Definition, Kind
from engine.bpmn.proposal import Why, could_be
from engine.bpmn.state import ElementInstance
from engine.model import json
from engine.model.values import SYSTEM, Actor
from engine.services import migration, repository, runtime, steering
from engine.services.migration import Plan
from webui.case.view import Case
from webui.context import engine
from webui.i18n import gettext
from webui.i18n.process import translator


@dataclass(frozen=True, slots=True)
class Live:
    """A live element instance. ``where``: in which run of what it lies, empty where there is one only."""

    id: int
    element_id: str
    name: str
    where: str


@dataclass(frozen=True, slots=True)
class Begin:
    """A step that can begin.

    Attributes:
        where: the part of the diagram that it lies in; empty for the process itself.
        within: the live scope instances of which one must be chosen, as (id, words).
    """

    element_id: str
    name: str
    where: str
    within: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a case, as JSON, and the scope that holds it."""

    scope: int
    where: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """An element and its place in another version.

    Attributes:
        target: the proposed or chosen place; empty where there is none.
        why: why it is proposed, in words.
        live: how many instances stand there, or whether this case does.
        others: what it could become, as (element id, name): of its kind, where what it lies in has gone.
    """

    source: str
    name: str
    target: str
    why: str
    live: int
    others: tuple[tuple[str, str], ...]


class Tree:
    """The live element instances of a case, by name."""

    def __init__(self, case: Case, *, actor: Actor) -> None:
        self._case = case
        self.nodes = {node.id: node for node in runtime.tree(engine(), case.row.key, actor=actor)}

    def live(self) -> list[Live]:
        """List what can be ended: all but the process itself."""
        return [
            Live(node.id, node.element_id, self.name(node), self.where(node))
            for node in self.nodes.values()
            if node.parent
        ]

    def name(self, node: ElementInstance) -> str:
        """Say what an element instance is called, and which run of a loop it is."""
        name = self._case.step_name(node.element_id)
        if node.inner:
            return gettext("%(step)s, run %(number)s", step=name, number=node.position)
        return gettext("%(step)s, all runs", step=name) if node.run is not None else name

    def where(self, node: ElementInstance) -> str:
        """Say in what an element instance lies."""
        parent = self.nodes.get(node.parent)
        while parent is not None and parent.run is not None:
            parent = self.nodes.get(parent.parent)
        return self.name(parent) if parent is not None and parent.parent else ""

    def values(self) -> list[Value]:
        """List the values of all live scopes, those of the case first."""
        return [
            Value(node.id, self.name(node) if node.parent else "", name, json.dumps(value))
            for node in self.nodes.values()
            for name, value in sorted(node.variables.items())
        ]

    def scopes(self) -> list[tuple[int, str]]:
        """List where a value can be set, as (id, words): the case, its live parts, and steps that have values of their own."""
        found = [node for node in self.nodes.values() if node.parent]
        return [(node.id, f"{self.name(node)}{_in(self.where(node))}") for node in found]


def _in(where: str) -> str:
    return f" ({where})" if where else ""


def begins(case: Case, tree: Tree, *, actor: Actor) -> list[Begin]:
    """List the steps that can begin, in the order of the diagram."""
    return [
        Begin(
            each.element_id,
            case.step_name(each.element_id),
            _part(case, each.element_id),
            tuple(
                (node.id, tree.name(tree.nodes[node.id]) + _in(tree.where(node)))
                for node in each.within
                if node.id in tree.nodes
            ),
        )
        for each in steering.choices(engine(), case.row.key, actor=actor)
        if case.definition.elements[each.element_id].kind is not Kind.START_EVENT
    ]


def _part(case: Case, element_id: str) -> str:
    scope = case.definition.elements[element_id].scope
    return "" if scope == case.definition.process_id else case.step_name(scope)


def versions(process_id: str, besides: int) -> list[int]:
    """List the other versions of a process, the newest first."""
    found = repository.definitions(engine(), process_id=process_id, latest=False, actor=SYSTEM)
    return sorted((row.version for row in found if row.version != besides), reverse=True)


def plan(process_id: str, from_version: int, to_version: int) -> Plan:
    """Propose where the elements of one version belong in another; who may migrate may see both."""
    return migration.propose(engine(), process_id, from_version, to_version, actor=SYSTEM)


def rows(found: Plan, live: Mapping[str, int], chosen: Mapping[str, str] | None = None) -> list[Row]:
    """Make a plan into rows: what needs a person first, then where something stands now, then the rest.

    Args:
        live: {element id: how many instances stand there} of whatever is to move.
        chosen: what the reader has chosen so far, if that was sent.
    """
    here, there = (namer(side.definition, side.row.deployment) for side in (found.source, found.target))
    before, after = found.source.definition, found.target.definition
    proposed = {pair.source: (pair.target, _why(pair.why)) for pair in found.proposal.pairs}
    place = {pair.source: pair.target for pair in found.proposal.pairs} | dict(chosen or {})
    place[before.process_id] = after.process_id
    made = []
    for source, element in before.elements.items():
        if element.kind is Kind.PROCESS:
            continue
        target, why = proposed.get(source, ("", ""))
        target = (chosen or {}).get(source, target)
        others = tuple((id, here_or(there, id)) for id in could_be(before, after, source, place))
        made.append(Row(source, here_or(here, source), target, why, live.get(source, 0), others))
    return sorted(made, key=lambda row: (bool(row.target) or not row.live, not row.live, bool(row.target)))


def here_or(name: Callable[[str], str], id: str) -> str:
    """Give the name of an element with its id, where they differ."""
    said = name(id)
    return said if said == id else f"{said} ({id})"


def namer(definition: Definition, deployment: int) -> Callable[[str], str]:
    """Give what says the names of a version's elements in the reader's language."""
    say = translator(engine(), deployment)

    def name(id: str) -> str:
        element = definition.elements[id]
        return say(element.name) if element.name else id

    return name


def _why(why: Why) -> str:
    return {
        Why.SAME_ID: gettext("same id"),
        Why.SAME_NAME: gettext("same name"),
        Why.SAME_NEIGHBOURS: gettext("same neighbours"),
    }[why]
