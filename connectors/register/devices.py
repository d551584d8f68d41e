"""Devices: found, listed in scope, moved between states, and resting while they are maintained."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from connectors.register.actor import STREAM
from connectors.register.store import devices, vendors
from connectors.register.store.devices import DEVICE_MOVES, Device, DeviceState
from connectors.register.store.vendors import Vendor
from engine.errors import Invalid, NotFound, Problem, Text
from engine.model.states import move
from engine.model.values import Actor
from engine.services import audit, command, identity
from engine.services.engine import Engine
from engine.store.database import UnitOfWork


def get(engine: Engine, code: str, *, actor: Actor) -> Device:
    """Give a device.

    Raises:
        NotFound: there is none with this code that the actor may see.
    """
    with engine.store.read() as uow:
        found = devices.get(uow, code)
        identity.require_sight(uow, actor, "device", found.unit)
    return found


def select(
    engine: Engine,
    *,
    project: int | None = None,
    types: Collection[str] = (),
    states: Collection[DeviceState] = (),
    text: str = "",
    after: str = "",
    limit: int = 100,
    actor: Actor,
) -> list[Device]:
    """List the devices that the actor may see by code, from the one after ``after``; ``text`` narrows them."""
    with engine.store.read() as uow:
        scope = identity.scope(uow, actor, "read", "device")
        return devices.select(
            uow,
            scope,
            project_unit=project,
            types=types,
            states=states,
            text=text.strip(),
            after=after,
            limit=min(limit, 1000),
        )


def count(engine: Engine, *, actor: Actor) -> dict[tuple[int, DeviceState], int]:
    """Give {(project, state): how many devices} among those that the actor may see."""
    with engine.store.read() as uow:
        return devices.count(uow, identity.scope(uow, actor, "read", "device"))


def set_state(engine: Engine, code: str, action: str, *, note: str = "", actor: Actor) -> DeviceState:
    """Move a device to another state: ``report``, ``repair``, ``restore``, ``give_up`` or ``stop``; give the new one.

    Raises:
        NotFound: there is no such device.
        NotAllowed: the actor may not change devices there.
        IllegalTransition: its state does not allow this.
    """

    def body(uow: UnitOfWork) -> DeviceState:
        row = devices.get(uow, code, lock=True)
        identity.require(uow, actor, "update", "device", row.unit)
        return shift(uow, row, action, note=note, actor=actor)

    return command.run(engine, f"{action} device {code}", body, actor=actor)


def shift(uow: UnitOfWork, row: Device, action: str, *, note: str = "", actor: Actor) -> DeviceState:
    """Move a locked device to another state in the caller's transaction; give the new one.

    Raises:
        IllegalTransition: its state does not allow this.
    """
    state = move(DEVICE_MOVES, row.state, action)
    if state is not row.state:
        devices.change(uow, row.code, state=state, state_since=uow.now)
        data = {"from": row.state.value, "to": state.value, "note": note[:500]}
        audit.append(uow, STREAM, f"device.{action}", row.code, actor=actor, unit=row.unit, data=data)
    return state


def plan_maintenance(engine: Engine, code: str, *, begin: datetime, end: datetime, reason: str, actor: Actor) -> Device:
    """Let a device rest for a while: what it reports meanwhile starts no ticket. Windows that have passed are dropped.

    Raises:
        NotFound: there is no such device.
        NotAllowed: the actor may not change devices there.
        Invalid: the window ends before it begins, or has no reason.
    """
    problems = []
    if end <= begin:
        problems.append(Problem("end", Text("the end lies before the beginning")))
    if not 0 < len(reason.strip()) <= 500:
        problems.append(Problem("reason", Text("say why, in 1 to 500 characters")))
    if problems:
        raise Invalid(problems)
    window = {"from": begin.isoformat(), "to": end.isoformat(), "reason": reason.strip()}

    def body(uow: UnitOfWork) -> Device:
        row = devices.get(uow, code, lock=True)
        identity.require(uow, actor, "update", "device", row.unit)
        current = [each for each in row.windows if datetime.fromisoformat(each["to"]) > uow.now]
        devices.change(uow, code, windows=[*current, window])
        audit.append(uow, STREAM, "device.maintenance", code, actor=actor, unit=row.unit, data=window)
        return devices.get(uow, code)

    return command.run(engine, f"plan maintenance {code}", body, actor=actor)


def part_changes(engine: Engine, code: str, *, actor: Actor) -> list[tuple[str, str, int, datetime]]:
    """List (ticket, item, thousandths, when) of the parts that were put into a device, the latest first.

    Raises:
        NotFound: there is none with this code that the actor may see.
    """
    get(engine, code, actor=actor)
    with engine.store.read() as uow:
        return devices.part_changes(uow, code)


def vendor(engine: Engine, code: str, *, actor: Actor) -> Vendor:
    """Give a vendor.

    Raises:
        NotFound: there is none with this code that the actor may see.
    """
    with engine.store.read() as uow:
        found = vendors.find(uow, [code]).get(code)
        if found is None:
            raise NotFound("there is no vendor {code}", code=code)
        identity.require_sight(uow, actor, "vendor", found.unit)
    return found


def select_vendors(engine: Engine, *, actor: Actor) -> list[Vendor]:
    """List the vendors that work where the actor may see them."""
    with engine.store.read() as uow:
        return vendors.select(uow, identity.scope(uow, actor, "read", "vendor"))
