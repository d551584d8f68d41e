"""The organisation: a tree of units with one root. A unit keeps its place for good, since the work done there refers to it."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.errors import Conflict, Invalid, NotAllowed, Problem, Text
from engine.model.values import Actor
from engine.services import audit, command, identity
from engine.services.engine import Engine
from engine.store import units
from engine.store.database import UnitOfWork
from engine.store.units import KINDS, Unit

CODE = re.compile(r"[a-z][a-z0-9_-]{0,63}")
DEFAULT_ZONE = "Asia/Shanghai"


def create(
    engine: Engine,
    *,
    kind: str,
    code: str,
    name_zh: str,
    name_en: str,
    parent: int | None = None,
    zone: str = "",
    actor: Actor,
) -> Unit:
    """Add a unit beneath another one, or the root of the organisation.

    Args:
        kind: group, company, project, building or area; not higher than its parent's.
        code: short and stable, such as ``yunting``; candidate groups name it as ``role@code``.
        zone: IANA time zone; the parent's when left out.

    Raises:
        Invalid: a field is wrong; one problem per field.
        Conflict: the code is taken, or there is a root already.
        NotFound: there is no such parent.
        NotAllowed: the actor may not create units there.
    """

    def body(uow: UnitOfWork) -> Unit:
        above = None if parent is None else units.get(uow, parent)
        problems = _problems(kind=kind, code=code, name_zh=name_zh, name_en=name_en, zone=zone)
        if above is None:
            if not actor.everything:
                raise NotAllowed("only the installation itself makes the root of the organisation")
            if units.root(uow) is not None:
                raise Conflict("the organisation has a root already; name a parent")
        else:
            identity.require(uow, actor, "create", "unit", above.key)
            if kind in KINDS and KINDS.index(kind) < KINDS.index(above.kind):
                problems.append(
                    Problem("kind", Text("a {kind} does not lie in a {above}", kind=kind, above=above.kind))
                )
        if problems:
            raise Invalid(problems)
        fields = {"kind": kind, "code": code, "name_zh": name_zh, "name_en": name_en}
        fields["zone"] = zone or (above.zone if above else DEFAULT_ZONE)
        unit = units.add(uow, parent=above, **fields)
        audit.append(uow, audit.ORGANISATION, "unit.create", unit.key, actor=actor, unit=unit.key, data=fields)
        return unit

    return command.run(engine, f"create unit {code}", body, actor=actor)


def update(
    engine: Engine,
    unit: int,
    *,
    name_zh: str | None = None,
    name_en: str | None = None,
    zone: str | None = None,
    valid: bool | None = None,
    actor: Actor,
) -> Unit:
    """Rename a unit, close or reopen it, or set the time zone of it and everything beneath it.

    Raises:
        Invalid: a field is wrong.
        NotFound: there is no such unit.
        NotAllowed: the actor may not change units there.
    """
    changes = {
        name: value
        for name, value in (("name_zh", name_zh), ("name_en", name_en), ("valid", valid))
        if value is not None
    }

    def body(uow: UnitOfWork) -> Unit:
        before = units.get(uow, unit)
        identity.require(uow, actor, "update", "unit", unit)
        if problems := _problems(
            name_zh=before.name_zh if name_zh is None else name_zh,
            name_en=before.name_en if name_en is None else name_en,
            zone=zone or "",
        ):
            raise Invalid(problems)
        if changes:
            units.change(uow, unit, **changes)
        if zone:
            units.set_zone(uow, before.path, zone)
        data = changes | ({"zone": zone} if zone else {})
        audit.append(uow, audit.ORGANISATION, "unit.update", unit, actor=actor, unit=unit, data=data)
        return units.get(uow, unit)

    return command.run(engine, f"update unit {unit}", body, actor=actor)


def by_code(engine: Engine, code: str) -> Unit:
    """Give the unit with this code, for configuration and diagrams, which name units by code.

    Raises:
        NotFound: there is none.
    """
    with engine.store.read() as uow:
        return units.by_code(uow, code)


def select(engine: Engine, *, kinds: tuple[str, ...] = (), closed: bool = False, actor: Actor) -> list[Unit]:
    """List the units that the actor may see, parents first."""
    with engine.store.read() as uow:
        return units.select(uow, identity.scope(uow, actor, "read", "unit"), kinds=kinds, closed=closed)


def _problems(*, name_zh: str, name_en: str, zone: str, kind: str = "project", code: str = "x") -> list[Problem]:
    problems = []
    if kind not in KINDS:
        problems.append(
            Problem(
                "kind",
                Text("there is no kind of unit {kind}", kind=kind),
                Text("one of: {kinds}", kinds=", ".join(KINDS)),
            )
        )
    if not CODE.fullmatch(code):
        remedy = Text("a small letter, then letters, digits, - or _, 64 at most")
        problems.append(Problem("code", Text("{code} is not a code", code=code[:80]), remedy))
    for where, name in (("name_zh", name_zh), ("name_en", name_en)):
        if not 0 < len(name.strip()) <= 200:
            problems.append(Problem(where, Text("a name has 1 to 200 characters")))
    if zone:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            problems.append(
                Problem("zone", Text("there is no time zone {zone}", zone=zone[:80]), Text("such as Asia/Shanghai"))
            )
    return problems
