"""Imports of rooms, people, devices, vendors and positions: all rows of a file, or none; what is there already is replaced, not doubled."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.register import sheet
from connectors.register.actor import STREAM
from connectors.register.columns import COLUMNS
from connectors.register.places import project_above
from connectors.register.sheet import Row, at
from connectors.register.store import devices, people, places, positions, vendors
from engine.errors import Invalid, NotFound, Problem, Text
from engine.model.values import Actor
from engine.services import audit, command, identity
from engine.services.engine import Engine
from engine.store import units
from engine.store.database import UnitOfWork
from engine.store.units import Scope, Unit

KINDS = {"rooms": "room", "people": "person", "devices": "device", "vendors": "vendor", "positions": "room"}
"""{what can be imported: the resource kind that permissions name}"""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, or would do."""

    new: int
    changed: int


def run(engine: Engine, what: str, content: bytes, *, unit: int, dry_run: bool = False, actor: Actor) -> Imported:
    """Import a CSV file into a project (vendors: into any unit).

    Args:
        what: ``rooms``, ``people``, ``devices``, ``vendors`` or ``positions``.
        dry_run: do it and keep nothing, to see what is wrong and how much would change.

    Raises:
        Invalid: something is wrong; every problem with its line, and nothing is stored.
        LimitExceeded: the file is too large.
        NotFound: there is no such unit.
        NotAllowed: the actor may not change such things there.
    """
    if what not in COLUMNS:
        raise NotFound("{what} cannot be imported", what=what[:40])
    rows = sheet.read(content, COLUMNS[what])

    def body(uow: UnitOfWork) -> Imported:
        place = units.get(uow, unit) if what == "vendors" else project_above(uow, unit)
        identity.require(uow, actor, "update", KINDS[what], place.key)
        new, changed = _STORE[what](uow, place, rows)
        audit.append(
            uow, STREAM, f"{what}.import", place.key, actor=actor, unit=place.key, data={"new": new, "changed": changed}
        )
        return Imported(new, changed)

    return command.run(engine, f"import {what}", body, actor=actor, dry_run=dry_run)


def _rooms(uow: UnitOfWork, project: Unit, rows: Sequence[Row]) -> tuple[int, int]:
    buildings = _buildings(uow, project)
    problems = [*_twice(rows, lambda row: row["code"], "房号 / Room"), *_unknown(rows, "building", buildings)]
    _stop(problems)
    complete = []
    for row in rows:
        values = dict(row.values)
        code, building = values["code"], buildings.get(values.pop("building") or project.code, project)
        values["name_zh"] = values["name_zh"] or code
        values["name_en"] = values["name_en"] or code
        complete.append({**values, "project": project.key, "unit": building.key})
    return places.put_rooms(uow, project.key, complete)


def _people(uow: UnitOfWork, project: Unit, rows: Sequence[Row]) -> tuple[int, int]:
    rooms = places.room_keys(uow, project.key)
    problems = [
        *_twice(rows, _relation_of, "房号、姓名、关系、起始日 / Room, name, relation, from"),
        *_unknown(rows, "room", rooms),
    ]
    problems.extend(
        Problem(at(row.line), Text("the end lies before the beginning"))
        for row in rows
        if row.values["valid_to"] and row.values["valid_to"] < row.values["valid_from"]
    )
    _stop(problems)
    who = dict.fromkeys((row.values["name"], row.values["phone"]) for row in rows)
    known = people.person_keys(uow, project.key)
    fresh = [
        {"project": project.key, "name": name, "phone": number, "note": ""}
        for name, number in who
        if (name, number) not in known
    ]
    people.put_people(uow, project.key, fresh)
    persons = people.person_keys(uow, project.key)
    relations = []
    for row in rows:
        values = dict(row.values)
        person = persons[values.pop("name"), values.pop("phone")]
        relations.append({**values, "room": rooms[values["room"]], "person": person})
    return people.put_occupancies(uow, relations)


def _relation_of(row: Mapping[str, Any]) -> Hashable:
    return row["room"], row["name"], row["phone"], row["relation"], row["valid_from"]


def _devices(uow: UnitOfWork, project: Unit, rows: Sequence[Row]) -> tuple[int, int]:
    buildings = _buildings(uow, project)
    codes = {row.values["code"] for row in rows}
    contracts = vendors.find(uow, {row.values["vendor"] for row in rows if row.values["vendor"]})
    there = devices.find(uow, codes | {row.values["parent"] for row in rows if row.values["parent"]})
    aliases = devices.by_alias(uow, [row.values["alias"] for row in rows if row.values["alias"]])
    problems = [
        *_twice(rows, lambda row: row["code"], "设备编号 / Code"),
        *_twice(rows, lambda row: row["alias"], "遥测名称 / Telemetry name"),
        *_unknown(rows, "building", buildings),
        *_unknown(rows, "vendor", contracts),
        *_unknown(rows, "parent", codes | there.keys()),
    ]
    for row in rows:
        code, alias, parent = (row.values[name] for name in ("code", "alias", "parent"))
        if code in there and there[code].project != project.key:
            problems.append(Problem(at(row.line), Text("the device {code} belongs to another project", code=code)))
        if alias in aliases and aliases[alias].code != code:
            problems.append(Problem(at(row.line), Text("another device has the telemetry name {name}", name=alias)))
        if parent == code:
            problems.append(Problem(at(row.line), Text("a device is not its own gateway")))
    _stop(problems)
    complete = []
    for row in rows:
        values = dict(row.values)
        building = buildings.get(values.pop("building") or project.code, project)
        values["name_en"] = values["name_en"] or values["name_zh"]
        values["location_en"] = values["location_en"] or values["location_zh"]
        windows = there[values["code"]].windows if values["code"] in there else []
        complete.append({**values, "project": project.key, "unit": building.key, "windows": list(windows)})
    return devices.put(uow, complete)


def _vendors(uow: UnitOfWork, place: Unit, rows: Sequence[Row]) -> tuple[int, int]:
    there = vendors.find(uow, [row.values["code"] for row in rows])
    problems = _twice(rows, lambda row: row["code"], "编码 / Code")
    problems.extend(
        Problem(at(row.line), Text("the vendor {code} works for another unit", code=row.values["code"]))
        for row in rows
        if row.values["code"] in there and there[row.values["code"]].unit != place.key
    )
    _stop(problems)
    return vendors.put(
        uow,
        [
            {
                **row.values,
                "unit": place.key,
                "name_en": row.values["name_en"] or row.values["name_zh"],
                "services": list(row.values["services"]),
            }
            for row in rows
        ],
    )


def _positions(uow: UnitOfWork, project: Unit, rows: Sequence[Row]) -> tuple[int, int]:
    """Store where buildings and devices stand; a line that names neither speaks of the project itself."""
    buildings = _buildings(uow, project)
    there = devices.find(uow, {row.values["device"] for row in rows if row.values["device"]})
    mine = {code for code, row in there.items() if row.project == project.key}
    problems = [
        *_twice(rows, lambda row: (row["building"], row["device"]), "楼栋编码、设备编号 / Building, device"),
        *_unknown(rows, "building", buildings),
        *_unknown(rows, "device", mine),
    ]
    problems.extend(
        Problem(at(row.line), Text("a line is for a building or for a device, not for both"))
        for row in rows
        if row.values["building"] and row.values["device"]
    )
    _stop(problems)
    complete = []
    for row in rows:
        building, device = row.values["building"], row.values["device"]
        place = {"device": device} if device else {"unit": buildings.get(building or "", project).key}
        where = {"latitude_micro": row.values["latitude"], "longitude_micro": row.values["longitude"]}
        complete.append({**place, **where})
    return positions.put(uow, complete)


_STORE: Mapping[str, Callable[[UnitOfWork, Unit, Sequence[Row]], tuple[int, int]]] = {
    "rooms": _rooms,
    "people": _people,
    "devices": _devices,
    "vendors": _vendors,
    "positions": _positions,
}


def _buildings(uow: UnitOfWork, project: Unit) -> dict[str, Unit]:
    """Give {code: unit} of a project and everything beneath it."""
    return {unit.code: unit for unit in units.select(uow, Scope((project.path,)))}


def _twice(rows: Sequence[Row], identity_of: Callable[[Mapping[str, Any]], Hashable], column: str) -> list[Problem]:
    first: dict[Hashable, int] = {}
    problems = []
    for row in rows:
        named = identity_of(row.values)
        if named is None:
            continue
        if named in first:
            message = Text("{column}: the same as in line {other}", column=column, other=first[named])
            problems.append(Problem(at(row.line), message))
        else:
            first[named] = row.line
    return problems


def _unknown(rows: Sequence[Row], field: str, known: Iterable[str]) -> list[Problem]:
    names = set(known)
    return [
        Problem(at(row.line), Text("there is no {field} {code} here", field=field, code=str(row.values[field])))
        for row in rows
        if row.values[field] and row.values[field] not in names
    ]


def _stop(problems: Sequence[Problem]) -> None:
    if problems:
        raise Invalid(sorted(problems, key=lambda problem: int(problem.where.removeprefix("line "))))
