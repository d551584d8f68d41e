"""Projects, rooms and the people in them: found, listed in scope, and changed by those who may."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from connectors.register.actor import STREAM
from connectors.register.store import people, places
from connectors.register.store.people import Occupancy, Person, Relation
from connectors.register.store.places import DispatchMode, Project, Room, RoomKind
from engine.errors import Invalid, NotFound, Problem, Text
from engine.model.values import Actor
from engine.services import audit, command, identity
from engine.services.engine import Engine
from engine.store import units
from engine.store.database import UnitOfWork
from engine.store.units import Unit

_PHONE = re.compile(r"1\d{10}|0\d{9,11}|400\d{7}")


def project_above(uow: UnitOfWork, unit: int) -> Unit:
    """Give the project that a unit lies in; the unit itself when it lies in none.

    Raises:
        NotFound: there is no such unit.
    """
    here = units.get(uow, unit)
    for key in here.lineage:
        above = here if key == here.key else units.get(uow, key)
        if above.kind == "project":
            return above
    return here


def zone_of(unit: Unit) -> tzinfo:
    """Give the time zone of a unit."""
    return ZoneInfo(unit.zone)


def today(unit: Unit, now: datetime) -> date:
    """Give the day that a unit has at an instant."""
    return now.astimezone(zone_of(unit)).date()


def clean_phone(text: str) -> str:
    """Give a Chinese mobile or landline number as bare digits, without +86; an empty text when it is none."""
    digits = re.sub(r"[\s()\-]", "", text)
    digits = re.sub(r"^(\+|00)86", "", digits)
    return digits if _PHONE.fullmatch(digits) else ""


def set_project(
    engine: Engine,
    unit: int,
    *,
    dispatch_mode: DispatchMode | None = None,
    open_limit: int | None = None,
    unpaid_limit: int | None = None,
    address: str | None = None,
    phone: str | None = None,
    actor: Actor,
) -> Project:
    """Change how a project is run.

    Raises:
        Invalid: a limit is out of range.
        NotFound: there is no such unit.
        NotAllowed: the actor may not change rooms there.
    """
    given: dict[str, Any] = {
        "dispatch_mode": dispatch_mode,
        "open_limit": open_limit,
        "unpaid_limit": unpaid_limit,
        "address": address,
        "phone": phone,
    }
    changes = {name: value for name, value in given.items() if value is not None}

    def body(uow: UnitOfWork) -> Project:
        identity.require(uow, actor, "update", "room", unit)
        row = replace(places.get_project(uow, unit), **changes)
        problems = [
            Problem(name, Text("this limit lies between {low} and {high}", low=low, high=100))
            for name, low, value in (("open_limit", 1, row.open_limit), ("unpaid_limit", 0, row.unpaid_limit))
            if not low <= value <= 100
        ]
        if problems:
            raise Invalid(problems)
        places.put_project(uow, row)
        audit.append(uow, STREAM, "project.update", unit, actor=actor, unit=unit, data=changes)
        return row

    return command.run(engine, f"set project {unit}", body, actor=actor)


def find_room(engine: Engine, project: int, code: str, *, actor: Actor) -> Room:
    """Give the room with this code in a project.

    Raises:
        NotFound: there is none that the actor may see.
    """
    with engine.store.read() as uow:
        room = places.room_by_code(uow, project, code.strip())
        if room is None:
            raise NotFound("there is no room {code}", code=code[:80])
        identity.require_sight(uow, actor, "room", room.unit)
    return room


def room_with_people(engine: Engine, key: int, *, actor: Actor) -> tuple[Room, list[tuple[Occupancy, Person]]]:
    """Give a room and those who belong to it today; nobody for an actor who may not read people there.

    Raises:
        NotFound: there is no such room that the actor may see.
    """
    with engine.store.read() as uow:
        room = places.get_room(uow, key)
        identity.require_sight(uow, actor, "room", room.unit)
        if not identity.allowed(uow, actor, "read", "person", room.unit):
            return room, []
        return room, people.occupants(uow, key, today(units.get(uow, room.unit), uow.now))


def select_rooms(
    engine: Engine,
    *,
    project: int | None = None,
    kinds: Collection[RoomKind] = (),
    text: str = "",
    after: str = "",
    limit: int = 100,
    actor: Actor,
) -> list[Room]:
    """List the rooms that the actor may see by code, from the one after ``after``; ``text`` narrows them."""
    with engine.store.read() as uow:
        scope = identity.scope(uow, actor, "read", "room")
        return places.rooms(
            uow, scope, project_unit=project, kinds=kinds, text=text.strip(), after=after, limit=min(limit, 1000)
        )


def select_people(
    engine: Engine, *, project: int | None = None, text: str = "", after: int = 0, limit: int = 100, actor: Actor
) -> list[Person]:
    """List the people whom the actor may see, from the one after ``after``; ``text`` narrows them by name or phone."""
    with engine.store.read() as uow:
        scope = identity.scope(uow, actor, "read", "person")
        return people.select(uow, scope, project_unit=project, text=text.strip(), after=after, limit=min(limit, 1000))


def relation_on(uow: UnitOfWork, room: int, day: date, *, phone: str) -> tuple[Occupancy, Person] | None:
    """Give what the person with this phone number is to a room on a day, if anything; a family may share a number."""
    wanted = clean_phone(phone)
    found = (pair for pair in people.occupants(uow, room, day) if wanted and pair[1].phone == wanted)
    return next(found, None)


def move_in(
    engine: Engine,
    room: int,
    *,
    name: str,
    phone: str,
    relation: Relation,
    valid_from: date,
    valid_to: date | None = None,
    pays: bool = False,
    actor: Actor,
) -> None:
    """Enter that a person belongs to a room, and the person, unless known.

    Raises:
        Invalid: a field is wrong; one problem per field.
        NotFound: there is no such room.
        NotAllowed: the actor may not change people there.
    """
    problems = []
    if not 0 < len(name.strip()) <= 100:
        problems.append(Problem("name", Text("a name has 1 to 100 characters")))
    if not clean_phone(phone):
        problems.append(
            Problem("phone", Text("this is not a phone number"), Text("11 digits, or area code and number"))
        )
    if valid_to is not None and valid_to < valid_from:
        problems.append(Problem("valid_to", Text("the end lies before the beginning")))
    if problems:
        raise Invalid(problems)
    who = {"name": name.strip(), "phone": clean_phone(phone)}

    def body(uow: UnitOfWork) -> None:
        place = places.get_room(uow, room)
        identity.require(uow, actor, "update", "person", place.unit)
        known = people.person_keys(uow, place.project)
        if (who["name"], who["phone"]) not in known:
            people.put_people(uow, place.project, [{"project": place.project, "note": "", **who}])
            known = people.person_keys(uow, place.project)
        values = {"relation": relation, "valid_from": valid_from, "valid_to": valid_to, "pays": pays}
        people.put_occupancies(uow, [{"room": room, "person": known[who["name"], who["phone"]], **values}])
        data = {"room": place.code, "relation": relation.value, "from": valid_from.isoformat()}
        audit.append(uow, STREAM, "occupancy.create", room, actor=actor, unit=place.unit, data=data)

    command.run(engine, f"move in {room}", body, actor=actor)


def move_out(engine: Engine, room: int, person: int, *, last_day: date, actor: Actor) -> int:
    """Enter that a person belongs to a room up to a day; give how many relations ended.

    Raises:
        NotFound: there is no such room.
        NotAllowed: the actor may not change people there.
    """

    def body(uow: UnitOfWork) -> int:
        place = places.get_room(uow, room)
        identity.require(uow, actor, "update", "person", place.unit)
        ended = people.end_occupancies(uow, room, person, last_day)
        data = {"room": place.code, "person": str(person), "to": last_day.isoformat()}
        audit.append(uow, STREAM, "occupancy.end", room, actor=actor, unit=place.unit, data=data)
        return ended

    return command.run(engine, f"move out {room}", body, actor=actor)
