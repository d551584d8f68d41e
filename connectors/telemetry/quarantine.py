"""What telemetry could not take in, for those who look after it: messages that cannot be read, and devices that nobody knows.

It belongs to no unit, since nobody knows whose it is: only those who may change devices at the top unit see it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.telemetry.store import arrivals
from connectors.telemetry.store.arrivals import Aside
from engine.model.values import Actor
from engine.services import audit, command, identity
from engine.store import units
from engine.store.database import UnitOfWork

if TYPE_CHECKING:
    from engine.services.engine import Engine

STREAM = "telemetry"


@dataclass(frozen=True, slots=True)
class Overview:
    """What lies in quarantine, and how much came.

    Attributes:
        asides: the newest first, as many as were asked for.
        total: how many there are.
        counts: {source: {accepted, repeated, late, unreadable or unknown_device: how many}}.
    """

    asides: list[Aside]
    total: int
    counts: Mapping[str, Mapping[str, int]]


def overview(engine: Engine, *, limit: int = 100, actor: Actor) -> Overview:
    """Give what lies in quarantine, and how much came from each source.

    Raises:
        NotAllowed: the actor may not change devices at the top unit.
    """
    with engine.store.read() as uow:
        _require(uow, actor)
        return Overview(arrivals.quarantined(uow, limit), arrivals.in_quarantine(uow), arrivals.counts(uow))


def size(engine: Engine, *, actor: Actor) -> int | None:
    """Count what lies in quarantine; None for whom it is not to see."""
    with engine.store.read() as uow:
        if not identity.allowed(uow, actor, "update", "device", _top(uow)):
            return None
        return arrivals.in_quarantine(uow)


def let_go(engine: Engine, digest: str, *, actor: Actor) -> None:
    """Drop what a person has seen to; doing it twice is doing it once. The same trouble is listed anew when it comes again.

    Raises:
        NotAllowed: the actor may not change devices at the top unit.
    """

    def body(uow: UnitOfWork) -> None:
        _require(uow, actor)
        gone = arrivals.let_go(uow, digest)
        if gone is not None:
            data = {"source": gone.source, "topic": gone.topic, "device": gone.device, "count": gone.count}
            audit.append(uow, STREAM, "quarantine.let_go", digest, actor=actor, data=data)

    command.run(engine, f"let go of {digest}", body, actor=actor)


def _require(uow: UnitOfWork, actor: Actor) -> None:
    identity.require(uow, actor, "update", "device", _top(uow))


def _top(uow: UnitOfWork) -> int | None:
    top = units.root(uow)
    return None if top is None else top.key
