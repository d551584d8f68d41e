"""Proposes where the elements of one version of a process belong in another, and says which of them a person has to decide about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.bpmn.definition import Definition, Element, Kind
from engine.bpmn.migrate import another_kind
from engine.bpmn.waits import ARMED


class Why(StrEnum):
    """Why two elements are taken for the same."""

    SAME_ID = "same_id"  #: it kept its id
    SAME_NAME = "same_name"  #: of its kind, nothing else there has its name
    SAME_NEIGHBOURS = "same_neighbours"  #: of its kind, nothing else stands between the same elements


@dataclass(frozen=True, slots=True)
class Pair:
    """An element and its place in the other version."""

    source: str
    target: str
    why: Why


@dataclass(frozen=True, slots=True)
class Undecided:
    """An element without a proposal. ``candidates`` are elements there that it could become, since nothing else does."""

    source: str
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Where the elements of one version belong in another, both lists in the order of the diagram left."""

    pairs: tuple[Pair, ...]
    undecided: tuple[Undecided, ...]

    @property
    def mapping(self) -> dict[str, str]:
        """The pairs whose ids differ: what a migration has to be told."""
        return {pair.source: pair.target for pair in self.pairs if pair.source != pair.target}


def propose(source: Definition, target: Definition) -> Proposal:
    """Propose a mapping of one version to another.

    An element keeps its place where its id leads to one of the same kind in the same scope; else the only one there with its name is
    taken, else the only one beside the same neighbours. What was found helps to find more, until nothing is found any more.
    """
    work = _Matching(source, target)
    while any(work.take(why, key) for why, key in work.rules):
        pass
    return Proposal(
        tuple(Pair(id, there, why) for id in work.wanted if id in work.found for there, why in [work.found[id]]),
        tuple(Undecided(id, tuple(work.free_for(id))) for id in work.wanted if id not in work.found),
    )


def could_be(source: Definition, target: Definition, id: str, place: Mapping[str, str]) -> list[str]:
    """List the elements there that one here could become: of its kind, and in the scope that its own has become.

    Args:
        place: {element id here: element id there} as far as it is decided; the process is in it.
    """
    here = source.elements[id]
    return [
        each.id
        for each in target.elements.values()
        if another_kind(here, each) is None and place.get(here.scope) == each.scope and each.kind is not Kind.PROCESS
    ]


_Key = Callable[[str], Iterable[str]]
"""Gives the elements there that may be the same as one here."""


class _Matching:
    def __init__(self, source: Definition, target: Definition) -> None:
        self.source, self.target = source, target
        self.wanted = [id for id, each in source.elements.items() if each.kind is not Kind.PROCESS]
        self.place: dict[str, str] = {source.process_id: target.process_id}
        self.found: dict[str, tuple[str, Why]] = {}
        self.taken: set[str] = {target.process_id}
        self.rules: tuple[tuple[Why, _Key], ...] = (
            (Why.SAME_ID, self._same_id),
            (Why.SAME_NAME, self._same_name),
            (Why.SAME_NEIGHBOURS, self._beside_the_same),
        )
        self._near_here, self._near_there = _neighbours(source), _neighbours(target)

    def take(self, why: Why, key: _Key) -> bool:
        """Take the pairs that a rule gives and that nothing contradicts; say whether there were any."""
        chosen = {id: set(key(id)) for id in self.wanted if id not in self.found}
        claims: dict[str, int] = {}
        for targets in chosen.values():
            for there in targets:
                claims[there] = claims.get(there, 0) + 1
        sure = [(id, next(iter(there))) for id, there in chosen.items() if len(there) == 1]
        new = [(id, there) for id, there in sure if claims[there] == 1]
        for id, there in new:
            self.found[id] = (there, why)
            self.place[id] = there
            self.taken.add(there)
        return bool(new)

    def free_for(self, id: str) -> list[str]:
        """List the elements there that nothing has become yet and that fit one here, in the order of the diagram."""
        return [there for there in self.target.elements if there not in self.taken and self._fits(id, there)]

    def _same_id(self, id: str) -> Iterable[str]:
        return [id] if id in self.target.elements and id not in self.taken and self._fits(id, id) else []

    def _same_name(self, id: str) -> Iterable[str]:
        name = self.source.elements[id].name
        return [there for there in self.free_for(id) if name and self.target.elements[there].name == name]

    def _beside_the_same(self, id: str) -> Iterable[str]:
        before, after = ({self.place[each] for each in side if each in self.place} for side in self._near_here[id])
        near = self._near_there
        return [there for there in self.free_for(id) if before & near[there][0] or after & near[there][1]]

    def _fits(self, id: str, there_id: str) -> bool:
        here, there = self.source.elements[id], self.target.elements[there_id]
        return (
            another_kind(here, there) is None
            and self.place.get(here.scope) == there.scope
            and (here.attached_to is None or self.place.get(here.attached_to) == there.attached_to)
            and _waits_for(here) <= _waits_for(there)
        )


def _waits_for(element: Element) -> set[str]:
    return {event.kind.value for event in element.events if event.kind in ARMED}


def _neighbours(definition: Definition) -> Mapping[str, tuple[set[str], set[str]]]:
    """Give (what stands before, what stands after) by element id. A boundary event stands after its activity."""
    near: dict[str, tuple[set[str], set[str]]] = {id: (set(), set()) for id in definition.elements}
    for flow in definition.flows.values():
        near[flow.source][1].add(flow.target)
        near[flow.target][0].add(flow.source)
    for element in definition.elements.values():
        if element.attached_to:
            near[element.id][0].add(element.attached_to)
    return near
