"""Orders over many instances: begun once, worked off in the background, with what became of each. A dry run first, if one likes.

The instances are fixed when the batch begins. Each has its turn in a transaction of its own, under a command id, so that after a crash
nothing is done twice; a dry run does the same and keeps nothing. The rights asked for are those that the actor has at that turn.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.errors import IllegalTransition, Invalid, NotAllowed, NotFound, Problem, Text
from engine.model import faults
from engine.model.keys import BatchKey, parse_key
from engine.model.states import BATCH_MOVES, BatchState, move
from engine.model.values import SYSTEM, Actor
from engine.services import access, audit, command, identity
from engine.services.chores import let_go
from engine.services.engine import Engine
from engine.services.payload import checked
from engine.services.steering import Orders, carry_out
from engine.store import batches, instances, jobs, units, versions
from engine.store.batches import Batch, BatchAction, Item, ItemState
from engine.store.database import UnitOfWork
from engine.store.instances import LIVE, Filter
from engine.store.jobs import Job, JobKind

__all__ = [
    "Batch",
    "BatchAction",
    "Item",
    "ItemState",
    "Orders",
    "begin",
    "get",
    "items",
    "listed",
    "repeat",
    "stop",
    "work",
]

KIND = "batch"
MOST = 100_000  # instances of one batch
AT_ONCE, SECONDS = 100, 1.0  # of one job: then other work has its turn
VERBS = {
    BatchAction.CANCEL: "cancel",
    BatchAction.SUSPEND: "suspend",
    BatchAction.RESUME: "suspend",
    BatchAction.RETRY: "read",  # of the instance; each incident asks for its own
    BatchAction.MODIFY: "update",
    BatchAction.MIGRATE: "migrate",
}


def begin(
    engine: Engine,
    orders: Orders,
    *,
    actor: Actor,
    wanted: Filter | None = None,
    keys: Sequence[int | str] = (),
    dry_run: bool = False,
    command_id: str | None = None,
) -> Batch:
    """Begin to carry out an order over many instances.

    Args:
        wanted: which instances, of those that the actor may see; live ones where it names no states.
        keys: further instances by their keys.
        dry_run: do it and keep nothing: what would be refused is refused, for the same reasons.

    Raises:
        NotAllowed: the actor may do this nowhere.
        NotFound: there is no such instance, or not that version of the process.
        Invalid: the order lacks something, or there are too many instances.
    """
    given = replace(orders, variables=checked(orders.variables, engine.limits))

    def body(uow: UnitOfWork) -> int:
        access.require_somewhere(uow, actor, VERBS[orders.action], access.KIND)
        chosen = _chosen(uow, wanted, keys, actor)
        _refuse_incomplete(uow, given, chosen)
        return _store(engine, uow, given, [row.key for row in chosen], actor, dry_run=dry_run)

    name = f"{orders.action} many"
    key = command.run(engine, name, body, actor=actor, command_id=command_id)
    return get(engine, key, actor=actor)


def repeat(engine: Engine, key: str | int, *, actor: Actor, command_id: str | None = None) -> Batch:
    """Carry out what a dry run has tried, over the same instances.

    Raises:
        NotFound: there is no such batch, or it is not the actor's to see.
        IllegalTransition: it was no dry run, or is not over.
    """
    number = parse_key(key)

    def body(uow: UnitOfWork) -> int:
        tried = _visible(uow, number, actor)
        if not tried.dry_run or tried.state is not BatchState.COMPLETED:
            raise IllegalTransition("batch {key} is no dry run that is over", key=number)
        orders = Orders.of(tried.orders)
        access.require_somewhere(uow, actor, VERBS[orders.action], access.KIND)
        again = [each.instance for each in batches.items(uow, number, limit=MOST)]
        return _store(engine, uow, orders, again, actor, dry_run=False)

    return get(
        engine, command.run(engine, f"repeat batch {number}", body, actor=actor, command_id=command_id), actor=actor
    )


def stop(engine: Engine, key: str | int, *, actor: Actor) -> Batch:
    """Leave the instances alone that have not had their turn; what is done stays done.

    Raises:
        NotFound: there is no such batch, or it is not the actor's to see.
        IllegalTransition: it is over.
    """
    number = parse_key(key)

    def body(uow: UnitOfWork) -> None:
        row = _visible(uow, batches.get(uow, number, lock=True).key, actor)
        batches.end(uow, number, move(BATCH_MOVES, row.state, "stop"))
        _audit(uow, "stop", row, actor, {"left": row.left})

    command.run(engine, f"stop batch {number}", body, actor=actor)
    return get(engine, number, actor=actor)


# ---- beginning -----------------------------------------------------------------------------------------------------------


def _chosen(
    uow: UnitOfWork, wanted: Filter | None, keys: Sequence[int | str], actor: Actor
) -> list[instances.Instance]:
    named = instances.some(uow, [access.visible(uow, key, actor).key for key in keys])
    found = {row.key: row for row in named}
    if wanted is not None:
        scope = identity.scope(uow, actor, "read", access.KIND)
        narrowed = replace(wanted, states=wanted.states or LIVE)
        found |= {row.key: row for row in instances.select(uow, scope, narrowed, oldest_first=True, limit=MOST + 1)}
    if len(found) > MOST:
        message = Text("these are more than {limit} instances", limit=MOST)
        remedy = Text("narrow the choice and do it in several batches")
        raise Invalid(Problem("", message, remedy))
    return [found[key] for key in sorted(found)]


def _refuse_incomplete(uow: UnitOfWork, orders: Orders, chosen: Sequence[instances.Instance]) -> None:
    if orders.action is BatchAction.MIGRATE:
        processes = {row.process_id for row in chosen}
        if orders.to_version is None or len(processes) > 1:
            message = Text("a migration leads from one process to one version of it")
            remedy = Text("choose one process, and say which version")
            raise Invalid(Problem("to_version", message, remedy))
        for process_id in processes:
            if versions.latest(uow, versions.PROCESSES, process_id, version=orders.to_version) is None:
                version = orders.to_version
                raise NotFound("there is no version {version} of {process}", version=version, process=process_id)
    if orders.action is BatchAction.MODIFY and not (orders.activate or orders.terminate or orders.variables):
        message = Text("there is nothing to change")
        remedy = Text("say what to activate, to terminate or to set")
        raise Invalid(Problem("", message, remedy))


def _store(
    engine: Engine, uow: UnitOfWork, orders: Orders, keys: Sequence[int], actor: Actor, *, dry_run: bool
) -> BatchKey:
    row = Batch(
        key=BatchKey(uow.new_key()),
        action=orders.action,
        orders=orders.as_json(),
        dry_run=dry_run,
        state=BatchState.RUNNING if keys else BatchState.COMPLETED,
        total=len(keys),
        done=0,
        refused=0,
        actor=actor.id,
        actor_name=actor.name,
        acts_as=_identity(actor),
        begun_at=uow.now,
        ended_at=None if keys else uow.now,
    )
    batches.add(uow, row, keys)
    if not dry_run:
        _audit(uow, "begin", row, actor, {"action": orders.action, "instances": len(keys), "reason": orders.reason})
    if keys:
        _queue(engine, uow, row.key, keys[0])
    return row.key


def _queue(engine: Engine, uow: UnitOfWork, key: int, instance: int) -> None:
    # a job belongs to an instance or to a process; one that goes on over many belongs to the process of the next
    owner = instances.get(uow, instance).definition
    jobs.add(uow, [jobs.row(uow, JobKind.BATCH, definition_key=owner, payload={"batch": key})])
    uow.after_commit(engine.wake)


def _audit(uow: UnitOfWork, verb: str, row: Batch, actor: Actor, data: Mapping[str, Any]) -> None:
    root = units.root(uow)
    unit = root.key if root else None
    audit.append(uow, audit.ORGANISATION, f"{KIND}.{verb}", row.key, actor=actor, unit=unit, data=data)


def _identity(actor: Actor) -> dict[str, Any]:
    only = None if actor.only is None else sorted(map(list, actor.only))
    return {"user": actor.user, "everything": actor.everything, "only": only}


def _actor(uow: UnitOfWork, row: Batch) -> Actor:
    """Give the actor with the rights held now.

    Raises:
        NotAllowed: the account is disabled.
    """
    said: Mapping[str, Any] = row.acts_as
    if said["user"] is None:
        return Actor(row.actor, row.actor_name, everything=said["everything"])
    only = None if said["only"] is None else frozenset((kind, verb) for kind, verb in said["only"])
    return replace(identity.actor(uow, said["user"]), only=only)


# ---- working -------------------------------------------------------------------------------------------------------------


def work(engine: Engine, job: Job) -> None:
    """Let the next instances of a batch have their turn, each in a transaction of its own; then make the job for those after them.

    Raises:
        LeaseLost: another worker has the job; it finds by the command ids what was done.
    """
    key: int = job.payload["batch"]
    results: list[Item] = []
    until = time.monotonic() + SECONDS
    with engine.store.read() as uow:
        row = batches.get(uow, key)
        turn = batches.items(uow, key, state=ItemState.LEFT, limit=AT_ONCE) if row.state is BatchState.RUNNING else []
    for each in turn:
        if results and time.monotonic() > until:
            break
        reasons = _turn(engine, row, each.instance)
        results.append(Item(each.instance, ItemState.REFUSED if reasons else ItemState.DONE, reasons))
        faults.point("batch_item")

    def body(uow: UnitOfWork) -> None:
        now = batches.get(uow, key, lock=True)
        let_go(uow, job)
        batches.mark(uow, key, results)
        following = batches.items(uow, key, state=ItemState.LEFT, limit=1)
        if now.state is not BatchState.RUNNING:
            return
        if following:
            _queue(engine, uow, key, following[0].instance)
        else:
            batches.end(uow, key, move(BATCH_MOVES, now.state, "complete"))

    command.run(engine, f"batch {key}", body, actor=SYSTEM)


def _turn(engine: Engine, row: Batch, instance: int) -> tuple[Problem, ...]:
    try:
        with engine.store.read() as uow:
            actor = _actor(uow, row)
    except (NotAllowed, NotFound) as refusal:
        return (Problem(str(instance), refusal.text),)
    command_id = None if row.dry_run else f"batch {row.key} {instance}"
    orders = Orders.of(row.orders)
    return carry_out(engine, orders, instance, actor=actor, command_id=command_id, dry_run=row.dry_run).problems


# ---- reading -------------------------------------------------------------------------------------------------------------


def get(engine: Engine, key: str | int, *, actor: Actor) -> Batch:
    """Give a batch and how far it is.

    Raises:
        NotFound: there is none with this key, or it is not the actor's to see.
    """
    with engine.store.read() as uow:
        return _visible(uow, parse_key(key), actor)


def listed(engine: Engine, *, actor: Actor, limit: int = 50) -> list[Batch]:
    """List the batches that the actor may see, the newest first: those of its own, or all for who may read all."""
    with engine.store.read() as uow:
        return batches.select(uow, actor=None if _sees_all(uow, actor) else actor.id, limit=limit)


def items(
    engine: Engine,
    key: str | int,
    *,
    actor: Actor,
    state: ItemState | None = None,
    after: int | None = None,
    limit: int = 100,
) -> list[Item]:
    """List what became of the instances of a batch, oldest instance first.

    Args:
        after: the last instance of the page before.

    Raises:
        NotFound: there is no such batch, or it is not the actor's to see.
    """
    with engine.store.read() as uow:
        row = _visible(uow, parse_key(key), actor)
        return batches.items(uow, row.key, state=state, after=after, limit=limit)


def _visible(uow: UnitOfWork, key: int, actor: Actor) -> Batch:
    row = batches.get(uow, key)
    if row.actor != actor.id and not _sees_all(uow, actor):
        raise NotFound("there is no batch {key}", key=key)
    return row


def _sees_all(uow: UnitOfWork, actor: Actor) -> bool:
    root = units.root(uow)
    return identity.allowed(uow, actor, "read", KIND, root.key if root else None)
