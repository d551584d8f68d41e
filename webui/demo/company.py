"""Makes the demo company: the organisation, its people with their roles, rooms, residents, devices, vendors, shifts.

A fixed seed and dates relative to today: it looks the same whenever it is made. Making it again adds only what is missing.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.register import roles as company_roles
from connectors.register.store import crew, places, positions
from connectors.register.store import devices as device_rows
from connectors.register.store import people as person_rows
from connectors.register.store import vendors as vendor_rows
from connectors.register.store.places import Project
from engine.errors import Conflict, NotFound
from engine.model.values import SYSTEM
from engine.services import accounts, command, grants, passwords, units
from engine.services.accounts import NewAccount
from engine.services.engine import Engine
from engine.services.passwords import PasswordHash
from engine.store import accounts as account_rows
from engine.store.accounts import Account
from engine.store.database import UnitOfWork
from engine.store.units import Unit
from webui.demo import devices as device_data
from webui.demo import places as place_data
from webui.demo.staff import ABSENT, DEPUTY, STAFF, UNITS, Member

PASSWORD = "demo"  # noqa: S105 - everybody may know it: the company is made up
SEED = 20260101
DAYS_OF_SHIFTS = 30
ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody whom a visitor may sign in as; the password is ``PASSWORD``."""

    login: str
    name_zh: str
    name_en: str
    roles: tuple[str, ...]
    unit: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What the company has: everybody's login, and {what: how many}."""

    logins: tuple[Login, ...]
    counts: Mapping[str, int]


def create(engine: Engine, today: date) -> Summary:
    """Make the demo company in an installation that has no organisation yet, or complete it where it is.

    Raises:
        Conflict: there is another organisation; the demo does not mix with real data.
    """
    tree = _units(engine)
    company_roles.install(engine, actor=SYSTEM)
    stored = passwords.hashed(PASSWORD)  # one for all: a hash takes a tenth of a second
    people = command.run(engine, "demo staff", lambda uow: _staff(uow, tree, stored, today), actor=SYSTEM)
    _leave(engine, people, today)
    counts = command.run(engine, "demo register", lambda uow: _register(uow, tree, people, today), actor=SYSTEM)
    logins = tuple(Login(one.login, one.zh, one.en, _roles(one), one.unit) for one in STAFF)
    return Summary(logins, {"units": len(tree), "staff": len(people), **counts})


def _roles(member: Member) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*member.roles, *(role for role, _ in member.elsewhere))))


def _units(engine: Engine) -> dict[str, Unit]:
    tree: dict[str, Unit] = {}
    for kind, code, zh, en, parent in UNITS:
        try:
            tree[code] = units.by_code(engine, code)
        except NotFound:
            if parent is None and units.select(engine, actor=SYSTEM):
                raise Conflict(
                    "there is an organisation already; the demo company needs an empty installation"
                ) from None
            above = tree[parent].key if parent else None
            tree[code] = units.create(
                engine, kind=kind, code=code, name_zh=zh, name_en=en, parent=above, zone=str(ZONE), actor=SYSTEM
            )
    return tree


def _staff(uow: UnitOfWork, tree: Mapping[str, Unit], stored: PasswordHash, today: date) -> dict[str, Account]:
    people: dict[str, Account] = {}
    for number, member in enumerate(STAFF, 1):
        try:
            people[member.login] = account_rows.by_login(uow, member.login)
            continue
        except NotFound:
            pass
        person = NewAccount(
            login=member.login,
            unit=tree[member.unit].key,
            name_zh=member.zh,
            name_en=member.en,
            phone=f"1390000{number:04d}",
            email=f"{member.login}@demo.example",
        )
        account = accounts.add(uow, person, password=stored, must_change_password=False, actor=SYSTEM)
        people[member.login] = account
        since = uow.now if member.since is None else _at(today - timedelta(days=member.since), 9)
        until = None if member.leaves_in is None else _at(today + timedelta(days=member.leaves_in), 18)
        for role, unit in (*((role, member.unit) for role in member.roles), *member.elsewhere):
            at = tree[unit].key
            grants.add(uow, account=account.key, role=role, unit=at, valid_from=since, valid_to=until, actor=SYSTEM)
    return people


def _leave(engine: Engine, people: Mapping[str, Account], today: date) -> None:
    absent = people[ABSENT].key
    if not grants.substitutions(engine, absent, actor=SYSTEM):
        grants.stand_in(
            engine,
            absent=absent,
            deputy=people[DEPUTY].key,
            valid_from=_at(today - timedelta(days=2), 8),
            valid_to=_at(today + timedelta(days=5), 20),
            reason="年休假",
            actor=SYSTEM,
        )


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), ZONE).astimezone(UTC)


def _register(uow: UnitOfWork, tree: Mapping[str, Unit], people: Mapping[str, Account], today: date) -> dict[str, int]:
    dice = random.Random(SEED)  # noqa: S311 - a fixed seed is the point
    for code, facts in place_data.PROJECTS.items():
        places.put_project(uow, Project(tree[code].key, **facts))
    counts = _rooms(uow, tree, today, dice) | _devices(uow, tree, today, dice)
    positions.put(uow, [{"unit": tree[code].key, **where} for code, where in place_data.positions()])
    crew.put_technicians(
        uow,
        [
            {
                "account": people[one.login].key,
                "project": tree[one.unit].key,
                "skills": list(one.skills),
                "open_limit": None,
            }
            for one in STAFF
            if one.skills
        ],
    )
    certificates = [
        {
            "account": people[one.login].key,
            "type": type_,
            "number": f"DEMO-{number:04d}",
            "issuer": "演示发证机关",
            "valid_to": today + timedelta(days=days),
            "review_on": None,
        }
        for number, one in enumerate(STAFF, 1)
        for type_, days in one.certificates
    ]
    crew.put_certificates(uow, certificates)
    shifts = _shifts(tree, people, today)
    crew.put_shifts(uow, shifts)
    return counts | {"certificates": len(certificates), "shifts": len(shifts)}


def _rooms(uow: UnitOfWork, tree: Mapping[str, Unit], today: date, dice: random.Random) -> dict[str, int]:
    spaces = list(place_data.rooms(today))
    belongings = place_data.settle(spaces, today, dice)
    for code in place_data.PROJECTS:
        project = tree[code].key
        if places.room_keys(uow, project):  # what visitors changed stays
            continue
        mine = [space for space in spaces if space.project == code]
        places.put_rooms(uow, project, [{"project": project, "unit": tree[one.unit].key, **one.row} for one in mine])
        here = [one for one in belongings if one.project == code]
        who = {(one.name, one.phone) for one in here}
        person_rows.put_people(
            uow,
            project,
            [{"project": project, "name": name, "phone": phone, "note": ""} for name, phone in sorted(who)],
        )
        rooms, persons = places.room_keys(uow, project), person_rows.person_keys(uow, project)
        person_rows.put_occupancies(
            uow,
            [
                {
                    "room": rooms[one.room],
                    "person": persons[one.name, one.phone],
                    "relation": one.relation,
                    "valid_from": one.valid_from,
                    "valid_to": one.valid_to,
                    "pays": one.pays,
                }
                for one in here
            ],
        )
    parking = sum(space.row["floor"] < 0 for space in spaces)
    living = {(one.project, one.name, one.phone) for one in belongings}
    return {"rooms": len(spaces) - parking, "parking_spaces": parking, "people": len(living), "cards": place_data.CARDS}


def _devices(uow: UnitOfWork, tree: Mapping[str, Unit], today: date, dice: random.Random) -> dict[str, int]:
    vendors = [{"unit": tree["chengdu"].key, **row} for row in device_data.vendors(today)]
    rows: list[dict[str, Any]] = [
        {"project": tree[project].key, "unit": tree[unit].key, **row}
        for project, unit, row in device_data.devices(today, dice)
    ]
    if not device_rows.find(uow, [rows[0]["code"]]):
        vendor_rows.put(uow, vendors)
        device_rows.put(uow, rows)
    return {"devices": len(rows), "vendors": len(vendors)}


def _shifts(tree: Mapping[str, Unit], people: Mapping[str, Account], today: date) -> list[dict[str, Any]]:
    """Plan two shifts a day: at every hour somebody of each project works, and at day most do."""
    rows = []
    for code in place_data.PROJECTS:
        team = [people[one.login].key for one in STAFF if one.skills and one.unit == code]
        for offset in range(-2, DAYS_OF_SHIFTS):
            day = today + timedelta(days=offset)
            at_night = team[day.toordinal() % len(team)]
            # who works at night has the day before and after off, as far as the team is large enough
            at_day = [
                who
                for who in team
                if who != at_night and (len(team) < 3 or who != team[(day.toordinal() - 1) % len(team)])
            ]
            rows += [_shift(tree[code], who, _at(day, 8), 12) for who in at_day]
            rows.append(_shift(tree[code], at_night, _at(day, 20), 12))
    return rows


def _shift(project: Unit, who: int, begin: datetime, hours: int) -> dict[str, Any]:
    return {"account": who, "starts_at": begin, "ends_at": begin + timedelta(hours=hours), "project": project.key}
