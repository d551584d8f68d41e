"""Moves live instances to another version of their process, or says why it cannot be done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from engine.bpmn import migrate as migrations
from engine.bpmn import snapshot
from engine.bpmn.state import ElementInstance
from engine.errors import Invalid, Problem
from engine.model.keys import DefinitionKey, parse_key
from engine.model.values import Actor
from engine.services import access, command, four_eyes, moves, progress, versions
from engine.services.engine import Engine
from engine.services.moves import Live
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
        mapping: {element id now: element id there}, where they differ.
        dry_run: do it and keep nothing, to see whether it could.

    Raises:
        NotFound: there is no such instance or version, or it is not the actor's to see.
        NotAllowed: the actor may not migrate it.
        IllegalTransition: it has ended.
    """
    number = parse_key(key)
    places = dict(mapping or {})

    def body(uow: UnitOfWork) -> list[list[str]]:
        locked = instances.lock(uow, number)
        access.require(uow, actor, "migrate", locked.row)
        live = moves.load(engine, uow, locked)
        target = versions.find(engine, uow, locked.row.process_id, version=to_version)
        source = live.version.definition
        found = migrations.problems(source, target.definition, live.state, places)
        if found:
            return [[each.where, each.message, each.remedy] for each in found]
        around = moves.surroundings(engine, uow, target, locked.zone)
        made = migrations.migrate(source, target.definition, live.state, places, around)
        relocate(uow, locked.row.key, target.row, places)
        four_eyes.add_missing(uow, target.definition, tasks.of_instance(uow, locked.row.key))
        _move_counts(uow, live, target.row.key, places)
        note = Entry(
            "instance_migrated",
            data={"from": locked.row.version, "to": to_version, "mapping": places, "reason": reason},
        )
        row = replace(locked.row, definition=target.row.key, version=target.row.version)
        moved = replace(locked, row=row)
        progress.record(engine, uow, moved, target.definition, made, before=live.before, actor=actor, notes=(note,))
        return []

    name = f"migrate {number} to {to_version}"
    try:
        told = command.run(engine, name, body, actor=actor, command_id=command_id, dry_run=dry_run)
    except Invalid as refusal:
        return list(refusal.problems)
    return [Problem(*each) for each in told]


def _move_counts(uow: UnitOfWork, live: Live, target: DefinitionKey, places: Mapping[str, str]) -> None:
    """Count the live elements at the version that they belong to now."""
    here: Counter[tuple[str, Count]] = Counter()
    there: Counter[tuple[str, Count]] = Counter()
    for id_, text in live.before.items():
        node = snapshot.decode(id_, text)
        if isinstance(node, ElementInstance):
            here[node.element_id, Count.LIVE] -= 1
            there[places.get(node.element_id, node.element_id), Count.LIVE] += 1
    counters.add(uow, live.version.row.key, here)
    counters.add(uow, target, there)
