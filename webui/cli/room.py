"""``propflow room``: find rooms and the people in them, and enter who moves in and out, without the web."""

from __future__ import annotations

import argparse
import os
from datetime import date

from connectors.register import places
from connectors.register.store.people import Occupancy, Person, Relation
from connectors.register.store.places import Room
from engine.errors import NotFound, Text
from engine.model.values import SYSTEM
from engine.services import units
from webui import compose, settings
from webui.cli.out import Out
from webui.context import Parts

PAGE = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    commands = parser.add_subparsers(required=True, metavar="WHAT")
    listing = commands.add_parser("list", help="list the rooms of a project by code")
    people = commands.add_parser("people", help="list the people of a project")
    for each in (listing, people):
        each.add_argument("--text", default="", help="only those whose code, name or phone has it")
    listing.set_defaults(run=run_list)
    people.set_defaults(run=run_people)
    show = commands.add_parser("show", help="say what a room is, and who belongs to it today")
    show.set_defaults(run=run_show)
    enter = commands.add_parser("move-in", help="enter that a person belongs to a room")
    enter.add_argument("--name", required=True)
    enter.add_argument("--phone", required=True)
    enter.add_argument("--relation", required=True, choices=tuple(Relation))
    enter.add_argument("--from", dest="begin", required=True, type=date.fromisoformat, metavar="DAY")
    enter.add_argument("--to", dest="end", type=date.fromisoformat, metavar="DAY", help="the last day, if it is known")
    enter.add_argument("--pays", action="store_true", help="the bills go there")
    enter.set_defaults(run=run_move_in)
    leave = commands.add_parser("move-out", help="enter the last day on which a person belongs to a room")
    leave.add_argument("--phone", required=True, help="of the person")
    leave.add_argument("--last-day", required=True, type=date.fromisoformat, metavar="DAY")
    leave.set_defaults(run=run_move_out)
    for each in (show, enter, leave):
        each.add_argument("room", metavar="ROOM", help="its code, such as 1-1502")
    for each in (listing, people, show, enter, leave):
        each.add_argument("--project", required=True, metavar="CODE")


def run_list(given: argparse.Namespace, out: Out) -> int:
    """List rooms."""
    found: list[Room] = []
    with compose.parts(settings.load(os.environ)) as parts:
        project = units.by_code(parts.engine, given.project).key
        while page := places.select_rooms(
            parts.engine,
            project=project,
            text=given.text,
            after=found[-1].code if found else "",
            limit=PAGE,
            actor=SYSTEM,
        ):
            found += page
    for each in found:
        out.say(f"{each.code:12} {each.kind.value:8} {each.state.value:12} {each.name_zh}")
    listed = [{"code": each.code, "kind": each.kind.value, "state": each.state.value} for each in found]
    out.result({"rooms": listed}, Text("{count} room(s)", count=len(found)))
    return 0


def run_people(given: argparse.Namespace, out: Out) -> int:
    """List people."""
    found: list[Person] = []
    with compose.parts(settings.load(os.environ)) as parts:
        project = units.by_code(parts.engine, given.project).key
        while page := places.select_people(
            parts.engine,
            project=project,
            text=given.text,
            after=found[-1].key if found else 0,
            limit=PAGE,
            actor=SYSTEM,
        ):
            found += page
    for each in found:
        out.say(f"{each.phone:14} {each.name}")
    listed = [{"name": each.name, "phone": each.phone} for each in found]
    out.result({"people": listed}, Text("{count} people", count=len(found)))
    return 0


def _room(parts: Parts, given: argparse.Namespace) -> tuple[Room, list[tuple[Occupancy, Person]]]:
    project = units.by_code(parts.engine, given.project).key
    found = places.find_room(parts.engine, project, given.room, actor=SYSTEM)
    return places.room_with_people(parts.engine, found.key, actor=SYSTEM)


def run_show(given: argparse.Namespace, out: Out) -> int:
    """Say what a room is, and who belongs to it."""
    with compose.parts(settings.load(os.environ)) as parts:
        room, people = _room(parts, given)
    out.say(f"{room.code} {room.kind.value} {room.state.value} {room.name_zh}")
    for held, person in people:
        out.say(f"  {held.relation.value:8} {person.phone:14} {person.name}{' *' if held.pays else ''}")
    listed = [
        {"name": person.name, "phone": person.phone, "relation": held.relation.value, "pays": held.pays}
        for held, person in people
    ]
    out.result({"code": room.code, "kind": room.kind.value, "state": room.state.value, "people": listed})
    return 0


def run_move_in(given: argparse.Namespace, out: Out) -> int:
    """Enter that a person belongs to a room."""
    with compose.parts(settings.load(os.environ)) as parts:
        room, _ = _room(parts, given)
        places.move_in(
            parts.engine,
            room.key,
            name=given.name,
            phone=given.phone,
            relation=Relation(given.relation),
            valid_from=given.begin,
            valid_to=given.end,
            pays=given.pays,
            actor=SYSTEM,
        )
    told = Text("{name} belongs to {room}", name=given.name, room=room.code)
    out.result({"room": room.code, "name": given.name, "from": given.begin.isoformat()}, told)
    return 0


def run_move_out(given: argparse.Namespace, out: Out) -> int:
    """Enter the last day on which a person belongs to a room."""
    with compose.parts(settings.load(os.environ)) as parts:
        room, people = _room(parts, given)
        leaving = {person.key for _, person in people if person.phone == places.clean_phone(given.phone)}
        if not leaving:
            raise NotFound("nobody with the phone {phone} belongs to {room}", phone=given.phone, room=room.code)
        for person in leaving:
            places.move_out(parts.engine, room.key, person, last_day=given.last_day, actor=SYSTEM)
    told = Text("{count} people belong to {room} up to {day}", count=len(leaving), room=room.code, day=given.last_day)
    out.result({"room": room.code, "people": len(leaving), "to": given.last_day.isoformat()}, told)
    return 0
