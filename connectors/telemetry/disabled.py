"""Switch a rule off for a while, for one device or for all of a type at a unit, and on again. It comes back by itself.

What a rule that is off would have raised is recorded only; what still holds when it comes back is raised then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from connectors.telemetry.causes import by_source
from connectors.telemetry.devices import Device
from connectors.telemetry.rules import SILENT, DeviceType
from connectors.telemetry.store import disabled
from connectors.telemetry.store.disabled import DisabledRule
from engine.errors import Invalid, Problem, Text
from engine.model.keys import UnitKey
from engine.model.values import Actor
from engine.services import audit, command, identity
from engine.services.engine import Engine
from engine.services.reasons import unsaid
from engine.store import units
from engine.store.database import UnitOfWork

STREAM = "telemetry"
KIND = "rule"
LONGEST = timedelta(days=92)
"""Nothing is switched off for good: a rule that nobody wants belongs out of the rules."""


def names(rules: DeviceType, standing: Iterable[str] = ()) -> list[str]:
    """List what can be switched off: the rules and trends of a type, its silence, and what ``standing`` says that sources judge."""
    silence = [SILENT] if rules.silence is not None else []
    judged = sorted(name for name in standing if name.startswith(by_source("")))
    return [*(each.id for each in rules.judges), *silence, *judged]


def disable(
    engine: Engine,
    rule: str,
    *,
    rules: DeviceType,
    where: Device | int,
    until: datetime,
    reason: str,
    actor: Actor,
    command_id: str | None = None,
) -> int:
    """Switch a rule off until ``until``; give the key under which it can be switched on before that.

    Args:
        rules: of the type of device that is meant.
        where: a device, or a unit: every device of the type there and beneath.

    Raises:
        NotAllowed: the actor may not switch rules off there.
        Invalid: there is no such rule, the time is past or too far ahead, or no reason is given.
    """
    code, unit = (where.code, where.unit) if isinstance(where, Device) else ("", where)
    problems = []
    if not rule.startswith(by_source("")) and rule not in names(rules):
        problems.append(Problem("rule", Text("devices of this type have no rule {rule}", rule=rule)))
    now = engine.clock.now()
    if not now < until <= now + LONGEST:
        problems.append(Problem("until", Text("name a moment from now on and within {days} days", days=LONGEST.days)))
    problems += unsaid(reason)
    if problems:
        raise Invalid(problems)

    def body(uow: UnitOfWork) -> int:
        identity.require(uow, actor, "disable", KIND, unit)
        row = disabled.add(
            uow,
            type=rules.name,
            rule=rule,
            device=code,
            unit=unit,
            reason=reason.strip(),
            until=until,
            by_name=actor.name,
        )
        data = {"rule": rule, "until": until.isoformat(), "reason": row.reason}
        audit.append(uow, STREAM, "rule.disable", code or rules.name, actor=actor, unit=unit, data=data)
        return row.key

    return command.run(engine, f"disable rule {rule}", body, actor=actor, command_id=command_id)


def enable(engine: Engine, key: int, *, reason: str = "", actor: Actor) -> None:
    """Switch a rule on again before its time. One that is on already stays on.

    Raises:
        NotFound: there is no such entry.
        NotAllowed: the actor may not switch rules off there, nor on.
    """

    def body(uow: UnitOfWork) -> None:
        row = disabled.get(uow, key)
        identity.require(uow, actor, "disable", KIND, row.unit)
        if disabled.end(uow, key):
            data = {"rule": row.rule, "reason": reason.strip()[:500]}
            audit.append(uow, STREAM, "rule.enable", row.device or row.type, actor=actor, unit=row.unit, data=data)

    command.run(engine, f"enable rule {key}", body, actor=actor)


def of_device(engine: Engine, device: Device, *, actor: Actor) -> list[DisabledRule]:
    """List what is off for a device now, what comes back first at the top.

    Raises:
        NotFound: the actor may not see the device.
    """
    with engine.store.read() as uow:
        identity.require_sight(uow, actor, "device", device.unit)
        lineage = identity.ancestors(uow, device.unit)
        found = disabled.in_force(uow, types=[device.type])
    return [each for each in found if each.covers(device.code, device.type, lineage)]


def select(engine: Engine, types: Collection[str], *, actor: Actor) -> list[DisabledRule]:
    """List what is off now for devices of some types, at units where the actor may see devices, what comes back first at the top."""
    with engine.store.read() as uow:
        found = disabled.in_force(uow, types=types)
        scope = identity.scope(uow, actor, "read", "device")
        paths = units.paths(uow, {each.unit for each in found})
    return [each for each in found if scope.covers(paths[UnitKey(each.unit)])]


def in_hand(uow: UnitOfWork, devices: Mapping[str, Device]) -> dict[str, frozenset[str]]:
    """Give {device: names of the rules that are off for it}, for devices where any is."""
    found = disabled.in_force(uow, types={device.type for device in devices.values()}) if devices else []
    lineages: dict[int, Collection[int]] = {}
    off: dict[str, frozenset[str]] = {}
    for code, device in devices.items() if found else ():
        if device.unit not in lineages:
            lineages[device.unit] = identity.ancestors(uow, device.unit)
        rules = {each.rule for each in found if each.covers(code, device.type, lineages[device.unit])}
        if rules:
            off[code] = frozenset(rules)
    return off
