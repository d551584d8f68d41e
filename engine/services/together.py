"""What a changed diagram is deployed together with: the forms, decisions and settings that its process was deployed with last."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.bpmn.read import read
from engine.model.keys import UnitKey
from engine.model.values import Actor, Resource
from engine.services import identity
from engine.services.engine import Engine
from engine.services.repository import KIND
from engine.store import deployments, versions

__all__ = ["Together", "together"]


@dataclass(frozen=True, slots=True)
class Together:
    """The files of one deployment.

    Attributes:
        resources: the diagram first, then what goes with it.
        unit: to which part of the organisation they belong; None: to all of it.
        is_known: the process is deployed already, so that the unit is the one that it has.
    """

    resources: tuple[Resource, ...]
    unit: UnitKey | None
    is_known: bool

    @property
    def others(self) -> tuple[str, ...]:
        """The names of the files that go with the diagram."""
        return tuple(each.name for each in self.resources[1:])


def together(engine: Engine, diagram: Resource, *, actor: Actor) -> Together:
    """Put a diagram in the place of the one that its process was deployed with last, beside the other files of that deployment.

    Forms and translations are pinned to the process that they were deployed with: a diagram alone would be without them. Where its
    processes were deployed apart, the files of the last deployment go with it. A process that is not deployed goes alone.
    """
    ids = [definition.process_id for definition in read(diagram.content).definitions if definition.executable]
    with engine.store.read() as uow:
        rows = [row for each in ids if (row := versions.latest(uow, versions.PROCESSES, each)) is not None]
        mine = [row for row in rows if row.unit is None or identity.allowed(uow, actor, "read", KIND, row.unit)]
        if not mine:
            return Together((diagram,), None, is_known=False)
        last = max(mine, key=lambda row: row.deployment)
        replaced = {row.resource_name for row in mine if row.deployment == last.deployment}
        kept = [each for each in deployments.resources(uow, last.deployment) if each.name not in replaced]
    return Together((replace(diagram, name=last.resource_name), *kept), last.unit, is_known=True)
