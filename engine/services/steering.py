"""What one order does to one instance: the same commands, with the same refusals, for a person and for a batch; and what can be chosen."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from engine.bpmn import modification
from engine.bpmn.progress import Activation
from engine.bpmn.state import ElementInstance
from engine.errors import ConcurrentUpdate, Invalid, Problem, PropflowError, Text, Unavailable
from engine.model.json import Variables
from engine.model.values import Actor
from engine.services import access, incidents, migration, moves, runtime, versions
from engine.services.answers import said
from engine.services.engine import Engine
from engine.services.moves import Effect
from engine.store.batches import BatchAction

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Orders:
    """What is done to each instance, and why.

    Attributes:
        to_version, mapping: of ``migrate``: which version of its process, and where elements of another id go.
        activate, terminate, variables: of ``modify``: tokens to make and take away, and what to set. A live scope or element instance
            that they name by its id is one of the instance in question, so they fit an order for one.
        element_id: of ``retry``: only what stopped at this element; all that stopped where it is empty.
        skip: of ``retry``: what stopped counts as completed, with ``variables`` as what it handed back, and is not tried again.
    """

    action: BatchAction
    reason: str = ""
    to_version: int | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    activate: tuple[str | Activation, ...] = ()
    terminate: tuple[str | int, ...] = ()
    variables: Variables = field(default_factory=dict)
    element_id: str = ""
    skip: bool = False

    def as_json(self) -> dict[str, Any]:
        """Give them as they are stored."""
        return asdict(self)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Orders:
        """Read them back."""
        places = tuple(each if isinstance(each, str) else Activation(**each) for each in stored["activate"])
        more = {"activate": places, "terminate": tuple(stored["terminate"]), "action": BatchAction(stored["action"])}
        return cls(**{**stored, **more})


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of an order for one instance: the reasons why not, or else what it brought about, or would have."""

    problems: tuple[Problem, ...] = ()
    effects: tuple[Effect, ...] = ()


def carry_out(
    engine: Engine, orders: Orders, instance: int, *, actor: Actor, command_id: str | None, dry_run: bool
) -> Attempt:
    """Do it to one instance, and say what came of it.

    Args:
        command_id: makes a second try after a crash harmless.

    Raises:
        ConcurrentUpdate: other commands came first each time; to be tried again.
        Unavailable: the database cannot do it now; to be tried again.
    """
    try:
        done = _DO[orders.action](
            engine,
            orders,
            instance,
            {"actor": actor, "reason": orders.reason, "command_id": command_id, "dry_run": dry_run},
        )
    except (ConcurrentUpdate, Unavailable):
        raise
    except Invalid as refusal:
        return Attempt(refusal.problems)
    except PropflowError as refusal:
        return Attempt((Problem(str(instance), refusal.text),))
    except Exception as fault:
        # a fault of ours with this one instance: it is told, and the others have their turn
        log.exception("%s of instance %s failed", orders.action, instance)
        return Attempt((Problem(str(instance), said(fault), Text("ask the operator to look into the log")),))
    return Attempt(effects=tuple(done))


_Do = Callable[[Engine, Orders, int, dict[str, Any]], list[Effect]]
"""Does an order to one instance; the last argument holds who, why, the command id and whether it is only tried."""


def _modify(engine: Engine, orders: Orders, key: int, more: dict[str, Any]) -> list[Effect]:
    return runtime.modify(
        engine, key, activate=orders.activate, terminate=orders.terminate, variables=orders.variables, **more
    )


def _migrate(engine: Engine, orders: Orders, key: int, more: dict[str, Any]) -> list[Effect]:
    assert orders.to_version is not None
    migration.refuse_or_move(engine, key, orders.to_version, orders.mapping, **more)
    return [("instance_migrated", "")]


_DO: Mapping[BatchAction, _Do] = {
    BatchAction.CANCEL: lambda engine, _, key, more: runtime.cancel(engine, key, **more),
    BatchAction.SUSPEND: lambda engine, _, key, more: runtime.suspend(engine, key, **more),
    BatchAction.RESUME: lambda engine, _, key, more: runtime.resume(engine, key, **more),
    BatchAction.RETRY: lambda engine, orders, key, more: incidents.resolve_all(
        engine, key, element_id=orders.element_id, output=orders.variables if orders.skip else None, **more
    ),
    BatchAction.MODIFY: _modify,
    BatchAction.MIGRATE: _migrate,
}


# ---- what can be chosen ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """An element that can be activated. ``within``: the live scope instances of which one has to be named; empty where it is clear."""

    element_id: str
    within: tuple[ElementInstance, ...] = ()


def choices(engine: Engine, instance: str | int, *, actor: Actor) -> list[Choice]:
    """List the elements that can be activated in an instance, in the order of the diagram; none when it has ended.

    Raises:
        NotFound: there is no such instance, or it is not the actor's to see.
    """
    with engine.store.read() as uow:
        row = access.visible(uow, instance, actor)
        if not row.is_live:
            return []
        state = moves.stored_state(uow, row.key)
        definition = versions.process(engine, uow, row.definition).definition
    return [Choice(id, tuple(within)) for id, within in modification.choices(definition, state).items()]
