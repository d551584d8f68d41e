"""What one order does to one instance of a batch: the same commands that a person gives one by one, with the same refusals."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from engine.errors import ConcurrentUpdate, Invalid, Problem, PropflowError, Text, Unavailable
from engine.model.json import Variables
from engine.model.values import Actor
from engine.services import incidents, migration, runtime
from engine.services.answers import said
from engine.services.engine import Engine
from engine.store.batches import BatchAction

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Orders:
    """What is done to each instance, and why.

    Attributes:
        to_version, mapping: of ``migrate``: which version of its process, and where elements of another id go.
        activate, terminate, variables: of ``modify``: tokens to make and take away, and what to set.
    """

    action: BatchAction
    reason: str = ""
    to_version: int | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    activate: tuple[str, ...] = ()
    terminate: tuple[str, ...] = ()
    variables: Variables = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Give them as they are stored."""
        return asdict(self)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Orders:
        """Read them back."""
        lists = {name: tuple(stored[name]) for name in ("activate", "terminate")}
        return cls(**{**stored, **lists, "action": BatchAction(stored["action"])})


def carry_out(
    engine: Engine, orders: Orders, instance: int, *, actor: Actor, command_id: str | None, dry_run: bool
) -> tuple[Problem, ...]:
    """Do it to one instance; give the reasons why not, none when it is done.

    Args:
        command_id: makes a second try after a crash harmless.

    Raises:
        ConcurrentUpdate: other commands came first each time; to be tried again.
        Unavailable: the database cannot do it now; to be tried again.
    """
    try:
        return tuple(_DO[orders.action](engine, orders, instance, actor, command_id, dry_run))
    except (ConcurrentUpdate, Unavailable):
        raise
    except Invalid as refusal:
        return refusal.problems
    except PropflowError as refusal:
        return (Problem(str(instance), refusal.text),)
    except Exception as fault:
        # a fault of ours with this one instance: it is told, and the others have their turn
        log.exception("%s of instance %s failed", orders.action, instance)
        return (Problem(str(instance), said(fault), Text("ask the operator to look into the log")),)


_Done = list[Problem]
_Do = Callable[[Engine, Orders, int, Actor, str | None, bool], _Done]


def _cancel(engine: Engine, orders: Orders, key: int, actor: Actor, command_id: str | None, dry_run: bool) -> _Done:
    runtime.cancel(engine, key, actor=actor, reason=orders.reason, command_id=command_id, dry_run=dry_run)
    return []


def _suspend(engine: Engine, orders: Orders, key: int, actor: Actor, command_id: str | None, dry_run: bool) -> _Done:
    runtime.suspend(engine, key, actor=actor, reason=orders.reason, command_id=command_id, dry_run=dry_run)
    return []


def _resume(engine: Engine, orders: Orders, key: int, actor: Actor, command_id: str | None, dry_run: bool) -> _Done:
    runtime.resume(engine, key, actor=actor, reason=orders.reason, command_id=command_id, dry_run=dry_run)
    return []


def _retry(engine: Engine, orders: Orders, key: int, actor: Actor, command_id: str | None, dry_run: bool) -> _Done:
    incidents.resolve_all(engine, key, actor=actor, reason=orders.reason, command_id=command_id, dry_run=dry_run)
    return []


def _modify(engine: Engine, orders: Orders, key: int, actor: Actor, command_id: str | None, dry_run: bool) -> _Done:
    runtime.modify(
        engine,
        key,
        actor=actor,
        activate=orders.activate,
        terminate=orders.terminate,
        variables=orders.variables,
        reason=orders.reason,
        command_id=command_id,
        dry_run=dry_run,
    )
    return []


def _migrate(engine: Engine, orders: Orders, key: int, actor: Actor, command_id: str | None, dry_run: bool) -> _Done:
    assert orders.to_version is not None
    return migration.migrate(
        engine,
        key,
        orders.to_version,
        orders.mapping,
        actor=actor,
        reason=orders.reason,
        command_id=command_id,
        dry_run=dry_run,
    )


_DO: Mapping[BatchAction, _Do] = {
    BatchAction.CANCEL: _cancel,
    BatchAction.SUSPEND: _suspend,
    BatchAction.RESUME: _resume,
    BatchAction.RETRY: _retry,
    BatchAction.MODIFY: _modify,
    BatchAction.MIGRATE: _migrate,
}
