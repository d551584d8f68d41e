"""Devices: found, listed in scope, moved between states, and resting while they are maintained."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from connectors.register.actor import STREAM
from connectors.register.store import devices, vendors
from connectors.register.store.devices import DEVICE_MOVES, Device, DeviceState
from connectors.register.store.vendors import Vendor
from engine.errors import Invalid, Problem, Text
from engine.model.states import move
from engine.model.values import Actor
from engine.services import audit, command, identity, reasons
from engine.services.engine import Engine
from engine.store import audit as entries
from engine.store.audit import Entry
from engine.store.database import UnitOfWork
from engine.store.units import Scope

LONGEST = timedelta(days=92)
"""A longer rest is a device out of use."""


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


def with_windows(engine: Engine, *, actor: Actor) -> list[Device]:
    """List the devices that the actor may see and for which maintenance is planned or going on, by code."""
    with engine.store.read() as uow:
        found = devices.with_windows(uow, identity.scope(uow, actor, "read", "device"))
    now = engine.clock.now()
    return [each for each in found if any(datetime.fromisoformat(window["to"]) > now for window in each.windows)]


def count(engine: Engine, *, actor: Actor) -> dict[tuple[int, DeviceState], int]:
    """Give {(project, state): how many devices} among those that the actor may see."""
    with engine.store.read() as uow:
        return devices.count(uow, identity.scope(uow, actor, "read", "device"))


def ways(state: DeviceState) -> dict[DeviceState, str]:
    """Give {state that a device can be moved to: the action that does it}."""
    return {to: action for (at, action), to in DEVICE_MOVES.items() if at is state and to is not state}


def set_state(
    engine: Engine, code: str, action: str, *, reason: str, actor: Actor, command_id: str | None = None
) -> DeviceState:
    """Move a device to another state: ``report``, ``repair``, ``restore``, ``give_up`` or ``stop``; give the new one.

    Raises:
        NotFound: there is no such device.
        NotAllowed: the actor may not change devices there.
        IllegalTransition: its state does not allow this.
        Invalid: no reason is given.
    """
    why = reasons.given(reason)

    def body(uow: UnitOfWork) -> DeviceState:
        row = devices.get(uow, code, lock=True)
        identity.require(uow, actor, "update", "device", row.unit)
        return shift(uow, row, action, note=why, actor=actor)

    return DeviceState(command.run(engine, f"{action} device {code}", body, actor=actor, command_id=command_id))


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


def plan_maintenance(
    engine: Engine,
    code: str,
    *,
    begin: datetime,
    end: datetime,
    reason: str,
    actor: Actor,
    command_id: str | None = None,
) -> Mapping[str, str]:
    """Let a device rest for a while: what it reports meanwhile starts no ticket. Windows that have passed are dropped; give the new one.

    Raises:
        NotFound: there is no such device.
        NotAllowed: the actor may not change devices there.
        Invalid: the window ends before it begins or has passed, is too long, or has no reason.
    """
    problems = reasons.unsaid(reason)
    if end <= begin:
        problems.append(Problem("end", Text("the end lies before the beginning")))
    elif end <= engine.clock.now():
        problems.append(Problem("end", Text("the end has passed")))
    elif end - begin > LONGEST:
        problems.append(Problem("end", Text("a window lasts at most {days} days", days=LONGEST.days)))
    if problems:
        raise Invalid(problems)

    def body(uow: UnitOfWork) -> Mapping[str, str]:
        row = devices.get(uow, code, lock=True)
        identity.require(uow, actor, "update", "device", row.unit)
        current = [each for each in row.windows if datetime.fromisoformat(each["to"]) > uow.now]
        window = {
            "id": str(uow.new_key()),
            "from": begin.isoformat(),
            "to": end.isoformat(),
            "reason": reason.strip(),
            "by": actor.name,
        }
        devices.change(uow, code, windows=sorted([*current, window], key=lambda each: each["from"]))
        audit.append(uow, STREAM, "device.maintenance", code, actor=actor, unit=row.unit, data=window)
        return window

    return command.run(engine, f"plan maintenance {code}", body, actor=actor, command_id=command_id)


def cancel_maintenance(engine: Engine, code: str, window: str, *, reason: str, actor: Actor) -> None:
    """Take a planned window back, or end one that has begun; cancelling it twice is cancelling it once.

    Raises:
        NotFound: there is no such device.
        NotAllowed: the actor may not change devices there.
        Invalid: no reason is given.
    """
    why = reasons.given(reason)

    def body(uow: UnitOfWork) -> None:
        row = devices.get(uow, code, lock=True)
        identity.require(uow, actor, "update", "device", row.unit)
        gone = [each for each in row.windows if each["id"] == window]
        if gone:
            devices.change(uow, code, windows=[each for each in row.windows if each not in gone])
            data = {**gone[0], "reason": why}
            audit.append(uow, STREAM, "device.maintenance_cancel", code, actor=actor, unit=row.unit, data=data)

    command.run(engine, f"cancel maintenance {code}", body, actor=actor)


def history(engine: Engine, code: str, *, actor: Actor, limit: int = 50) -> list[Entry]:
    """List who did what to a device, and why, the latest first.

    Raises:
        NotFound: there is none with this code that the actor may see.
    """
    get(engine, code, actor=actor)
    with engine.store.read() as uow:
        found = entries.select(uow, Scope(everything=True), subject=code, limit=limit)
    return [entry for entry in found if entry.action.startswith(("device.", "rule."))]


def part_changes(engine: Engine, code: str, *, actor: Actor) -> list[tuple[str, str, int, datetime]]:
    """List (ticket, item, thousandths, when) of the parts that were put into a device, the latest first.

    Raises:
        NotFound: there is none with this code that the actor may see.
    """
    get(engine, code, actor=actor)
    with engine.store.read() as uow:
        return devices.part_changes(uow, code)


def select_vendors(engine: Engine, *, actor: Actor) -> list[Vendor]:
    """List the vendors that work where the actor may see them."""
    with engine.store.read() as uow:
        return vendors.select(uow, identity.scope(uow, actor, "read", "vendor"))
