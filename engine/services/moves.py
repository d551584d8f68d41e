"""Moves an instance: what every command that touches one has in common. The caller holds its row and commits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from zoneinfo import ZoneInfo

from engine.bpmn import snapshot
from engine.bpmn.progress import Progress, RaiseIncident, Start, Surroundings, Trigger
from engine.bpmn.run import advance
from engine.bpmn.state import State
from engine.errors import IllegalTransition
from engine.model.keys import InstanceKey, UnitKey
from engine.model.states import InstanceState
from engine.model.values import Actor
from engine.services import command
from engine.services import progress as rows
from engine.services.decisions import decide
from engine.services.engine import Engine
from engine.services.versions import Version, process
from engine.store import history, instances, snapshots
from engine.store.database import UnitOfWork
from engine.store.history import Entry
from engine.store.instances import Instance, Locked
from engine.store.units import Unit

BUSINESS_KEY = "business_key"
"""Property of a process: the variable whose value is the business key of its instances."""


Effect = tuple[str, str]
"""Something that a command brought about: what happened, as in history, and the element where it did."""

_TOLD = frozenset(
    {
        "element_activated",
        "element_completed",
        "element_terminated",
        "element_migrated",
        "error_thrown",
        "escalation_thrown",
        "message_sent",
        "signal_sent",
        "variables_set",
    }
)


def effects(made: Progress) -> list[Effect]:
    """Sum up what a move brings about, for somebody who has tried it; the kind of an end is its outcome."""
    found = [(each.kind, each.element_id) for each in made.history if each.kind in _TOLD]
    found += [("incident_raised", ask.element_id) for ask in made.asks if isinstance(ask, RaiseIncident)]
    if made.ended is not None:
        found.append((f"instance_{made.ended.outcome}", ""))
    return found


def run(
    engine: Engine,
    name: str,
    body: Callable[[UnitOfWork], list[Effect]],
    *,
    actor: Actor,
    command_id: str | None,
    dry_run: bool,
) -> list[Effect]:
    """Run a command that gives what it brought about; a repeated one gives what was kept of the first."""
    done = command.run(engine, name, body, actor=actor, command_id=command_id, dry_run=dry_run)
    return [(kind, element_id) for kind, element_id in done]


def zone_of(engine: Engine, zone: str) -> tzinfo:
    """Give the zone of a unit, or the engine's where it names none."""
    return ZoneInfo(zone) if zone else engine.zone


def surroundings(engine: Engine, uow: UnitOfWork, version: Version, zone: str) -> Surroundings:
    """Make what a move may ask for."""
    own = zone_of(engine, zone)
    return Surroundings(uow.now, own, decide(engine, uow, version.row, own), engine.limits)


@dataclass(frozen=True, slots=True)
class Live:
    """A live instance whose row is held: its version, its stored nodes, and its state made of them. A move consumes the state."""

    locked: Locked
    version: Version
    before: Mapping[int, str]
    state: State


def load(engine: Engine, uow: UnitOfWork, locked: Locked) -> Live:
    """Give the state of a live instance.

    Raises:
        IllegalTransition: it has ended.
    """
    if locked.head is None:
        raise IllegalTransition("process instance {key} has ended", key=locked.row.key)
    before = snapshots.of(uow, locked.row.key)
    version = process(engine, uow, locked.row.definition)
    return Live(locked, version, before, snapshot.load(locked.head, before))


def stored_state(uow: UnitOfWork, key: int) -> State:
    """Give the state of a live instance to look at, without holding its row."""
    head, nodes = snapshots.some(uow, [key])[key]
    return snapshot.load(head, nodes)


def refuse_ended(row: Instance) -> None:
    """Refuse to move an instance that has ended or is suspended.

    Raises:
        IllegalTransition: it is in such a state.
    """
    if not row.is_live:
        raise IllegalTransition("process instance {key} is {state}", key=row.key, state=row.state.value)
    if row.state is InstanceState.SUSPENDED:
        raise IllegalTransition("process instance {key} is suspended; resume it first", key=row.key)


def move(
    engine: Engine,
    uow: UnitOfWork,
    instance: Locked | Live,
    trigger: Trigger,
    *,
    actor: Actor,
    notes: Sequence[Entry] = (),
    tell_caller: bool = True,
) -> Progress:
    """Make one move of an instance whose row is held, and store everything that it brings about.

    Args:
        notes: what history says before the move's own lines.
        tell_caller: when it ends and was called, tell the caller.

    Raises:
        IllegalTransition: it has ended, or what the trigger names does not wait (any more).
    """
    live = instance if isinstance(instance, Live) else load(engine, uow, instance)
    made = make(engine, uow, live, trigger)
    keep(engine, uow, live, made, actor=actor, notes=notes, tell_caller=tell_caller)
    return made


def make(engine: Engine, uow: UnitOfWork, live: Live, trigger: Trigger) -> Progress:
    """Make one move and store nothing of it yet: for who wants to say in history what came of it. Consumes the state.

    Raises:
        IllegalTransition: what the trigger names does not wait (any more).
    """
    around = surroundings(engine, uow, live.version, live.locked.zone)
    return advance(live.version.definition, live.state, trigger, around)


def keep(
    engine: Engine,
    uow: UnitOfWork,
    live: Live,
    made: Progress,
    *,
    actor: Actor,
    notes: Sequence[Entry] = (),
    tell_caller: bool = True,
) -> None:
    """Store everything that a move brings about, as ``move`` does."""
    rows.record(
        engine,
        uow,
        live.locked,
        live.version.definition,
        made,
        before=live.before,
        actor=actor,
        notes=notes,
        tell_caller=tell_caller,
    )


def begin(
    engine: Engine,
    uow: UnitOfWork,
    version: Version,
    trigger: Start,
    *,
    actor: Actor,
    unit: Unit | None,
    key: InstanceKey | None = None,
    business_key: str = "",
    start_key: str | None = None,
    parent: Instance | None = None,
    parent_ref: int | None = None,
) -> Instance:
    """Begin an instance and make its first move.

    Raises:
        NotFound: the trigger names an element that the process does not have.
        Invalid: it names one at which nothing can begin.
    """
    numbered = version.definition.process.properties.get(BUSINESS_KEY)
    if numbered and not business_key:
        # a message or a timer brings no business key of its own: the process says which of its variables is one
        business_key = str(trigger.variables.get(numbered) or "")
    row = instances.new(
        uow,
        version.row,
        key=key,
        unit_key=UnitKey(unit.key) if unit else None,
        business_key=business_key,
        start_key=start_key,
        parent=parent,
        parent_ref=parent_ref,
        actor_id=actor.id,
        actor_name=actor.name,
    )
    locked = Locked(row, "", unit.path if unit else "", unit.zone if unit else "")
    made = advance(version.definition, None, trigger, surroundings(engine, uow, version, locked.zone))
    instances.insert(uow, row)
    note = Entry(
        "instance_started",
        trigger.event or "",
        data={"version": row.version, "before": list(trigger.before), "variables": dict(trigger.variables)},
    )
    rows.record(engine, uow, locked, version.definition, made, before={}, actor=actor, notes=(note,))
    return row


def note(
    uow: UnitOfWork,
    locked: Locked,
    entry: Entry,
    actor: Actor,
    *,
    state: InstanceState | None = None,
    incidents: int = 0,
) -> None:
    """Write one line of history of an instance whose row is held, and store its new state if there is one.

    It can be done once in a transaction, since it uses the instance's version guard up.
    """
    row = locked.row
    events, event_hash = history.append(
        uow, row.key, row.events, row.event_hash, [entry], actor_id=actor.id, actor_name=actor.name
    )
    instances.save(
        uow,
        row,
        state=state or row.state,
        head=locked.head,
        result=None,
        incidents=incidents,
        events=events,
        event_hash=event_hash,
    )
