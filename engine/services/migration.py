"""Moves live instances to another version of their process, or says why it cannot be done; proposes where their elements belong there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.bpmn import migrate as migrations
from engine.bpmn import proposal as proposals
from engine.bpmn import run as runs
from engine.bpmn import snapshot
from engine.bpmn.proposal import Proposal, Undecided
from engine.bpmn.state import ElementInstance
from engine.errors import Invalid, Problem
from engine.model.keys import DefinitionKey, parse_key
from engine.model.values import Actor
from engine.services import access, command, four_eyes, moves, progress, repository, versions
from engine.services.engine import Engine
from engine.services.moves import Live
from engine.services.versions import Version
from engine.store import counters, instances, tasks
from engine.store.counters import Count
from engine.store.database import UnitOfWork
from engine.store.history import Entry
from engine.store.relocation import relocate


def migrate(
    engine: Engine,
    key: str | int,
    to_version: int,
    mapping: Mapping[str, str] | None = None,
    *,
    actor: Actor,
    dry_run: bool = False,
    reason: str = "",
    command_id: str | None = None,
) -> list[Problem]:
    """Move an instance to another version of its process; give the reasons why it cannot, none when it can.

    Its open tasks, jobs, timers and waits stay open under their keys.

    Args:
        mapping: {element id now: element id there}, where they differ; an empty id there leaves the element without a place.
        dry_run: do it and keep nothing, to see whether it could.

    Raises:
        NotFound: there is no such instance or version, or it is not the actor's to see.
        NotAllowed: the actor may not migrate it.
        IllegalTransition: it has ended.
    """
    more: dict[str, Any] = {"actor": actor, "dry_run": dry_run, "reason": reason, "command_id": command_id}
    try:
        refuse_or_move(engine, key, to_version, mapping, **more)
    except Invalid as refusal:
        return list(refusal.problems)
    return []


def refuse_or_move(
    engine: Engine,
    key: str | int,
    to_version: int,
    mapping: Mapping[str, str] | None = None,
    *,
    actor: Actor,
    dry_run: bool = False,
    reason: str = "",
    command_id: str | None = None,
) -> None:
    """Move an instance to another version of its process, as ``migrate`` does.

    Raises:
        Invalid: it cannot move.
        NotFound, NotAllowed, IllegalTransition: as ``migrate``.
    """
    number = parse_key(key)
    places = {here: there for here, there in (mapping or {}).items() if here != there}

    def body(uow: UnitOfWork) -> None:
        locked = instances.lock(uow, number)
        access.require(uow, actor, "migrate", locked.row)
        live = moves.load(engine, uow, locked)
        target = versions.find(engine, uow, locked.row.process_id, version=to_version)
        source = live.version.definition
        before = runs.active(live.state)
        around = moves.surroundings(engine, uow, target, locked.zone)
        made = migrations.migrate(source, target.definition, live.state, places, around)
        relocate(uow, locked.row.key, target.row, places)
        four_eyes.add_missing(uow, target.definition, tasks.of_instance(uow, locked.row.key))
        stored = _stored_there(uow, live, target.row.key, places)
        data = {
            "from": locked.row.version,
            "to": to_version,
            "mapping": places,
            "before": before,
            "after": runs.active(made.state),
            "reason": reason,
        }
        row = replace(locked.row, definition=target.row.key, version=target.row.version)
        moved = replace(locked, row=row)
        note = Entry("instance_migrated", data=data)
        progress.record(engine, uow, moved, target.definition, made, before=stored, actor=actor, notes=(note,))

    name = f"migrate {number} to {to_version}"
    command.run(engine, name, body, actor=actor, command_id=command_id, dry_run=dry_run)


def _stored_there(uow: UnitOfWork, live: Live, target: DefinitionKey, places: Mapping[str, str]) -> dict[int, str]:
    """Count what is live at the version that it belongs to now, and give the stored nodes with their ids there."""
    here: Counter[tuple[str, Count]] = Counter()
    there: Counter[tuple[str, Count]] = Counter()
    stored: dict[int, str] = {}
    for id_, text in live.before.items():
        node = snapshot.decode(id_, text)
        place = places.get(node.element_id, node.element_id)
        if isinstance(node, ElementInstance):
            for what in (Count.LIVE, *((Count.INCIDENTS,) if node.incident else ())):
                here[node.element_id, what] -= 1
                there[place, what] += 1
        node.element_id = place
        stored[id_] = snapshot.encode(node)
    counters.add(uow, live.version.row.key, here)
    counters.add(uow, target, there)
    return stored


# ---- proposing -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Plan:
    """Where elements belong in another version, for a person to look through and complete.

    Attributes:
        source, target: the two versions.
        proposal: the pairs that were found, and what is left to decide.
        live: {element id now: how many instances stand there}, where any do.
    """

    source: Version
    target: Version
    proposal: Proposal
    live: Mapping[str, int]

    @property
    def needed(self) -> list[Undecided]:
        """What nobody has found a place for and where instances stand now: these cannot move before a person decides."""
        return [each for each in self.proposal.undecided if each.source in self.live]


def propose(engine: Engine, process_id: str, from_version: int, to_version: int, *, actor: Actor) -> Plan:
    """Propose where the elements of one version of a process belong in another.

    Raises:
        NotFound: there is no such process or version, or it is not the actor's to see.
    """
    here = repository.latest(engine, process_id, version=from_version, actor=actor)
    there = repository.latest(engine, process_id, version=to_version, actor=actor)
    with engine.store.read() as uow:
        source, target = (versions.process(engine, uow, row.key) for row in (here, there))
        counted = counters.of(uow, [here.key])
    live = {id: counts[Count.LIVE] for id, counts in counted.items() if counts.get(Count.LIVE)}
    return Plan(source, target, proposals.propose(source.definition, target.definition), live)
