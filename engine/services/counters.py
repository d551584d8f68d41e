"""How many tokens stand at each element of a process and how many went through it. Costs the same at any number of instances."""

from __future__ import annotations

from collections.abc import Sequence

from engine.model.values import Actor
from engine.services import access
from engine.services.engine import Engine
from engine.store import counters
from engine.store.counters import Count

__all__ = ["Count", "of"]


def of(engine: Engine, definitions: Sequence[int], *, actor: Actor) -> dict[str, dict[Count, int]]:
    """Give the counts of some versions of a process together: {element id: {what: how many}}; the process counts its instances.

    Raises:
        NotAllowed: the actor may not read processes anywhere. The counts are of the whole installation.
    """
    with engine.store.read() as uow:
        access.require_somewhere(uow, actor, "read", "process_definition")
        return counters.of(uow, definitions)
