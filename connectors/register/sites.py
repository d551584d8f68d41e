"""Where the work of a ticket is, so that whoever comes can show to be there: a position, and the codes on the spot."""

from __future__ import annotations

from typing import Any

from connectors.register.store import positions
from connectors.register.store.devices import Device
from connectors.register.store.places import Room
from engine.store import units
from engine.store.database import UnitOfWork
from engine.store.units import Scope, Unit


def site(
    uow: UnitOfWork, project: Unit, *, room: Room | None, device: Device | None, named: tuple[str, str]
) -> dict[str, Any]:
    """Give what is known of the place of a ticket.

    Args:
        room, device: as the register has them, if it does.
        named: the codes of room and device as they were reported; empty where none was.

    Returns:
        ``latitude`` and ``longitude`` in degrees, null where nothing around it has a position; ``codes``: of the room and the device, for a
        place that is neither those of the project and its buildings.
    """
    inner = device.unit if device else room.unit if room else project.key
    above = units.get(uow, inner).lineage
    around = above[: above.index(project.key) + 1] if project.key in above else (project.key,)
    found = positions.nearest(uow, device=device.code if device else None, units=around)
    codes = [code for code in named if code]
    if not codes:
        codes = [unit.code for unit in units.select(uow, Scope((project.path,)))]
    latitude, longitude = found or (None, None)
    return {"latitude": latitude, "longitude": longitude, "codes": codes}
