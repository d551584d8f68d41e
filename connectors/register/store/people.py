"""People, and what each is to which room from when to when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from connectors.register.store.places import Room, put_by_identity, room
from engine.store.database import UnitOfWork
from engine.store.rows import many
from engine.store.types import Choice, Key, columns, metadata, one_of
from engine.store.units import Scope, within


class Relation(StrEnum):
    """What a person is to a room."""

    OWNER = "owner"  #: 业主
    FAMILY = "family"  #: 家庭成员
    TENANT = "tenant"  #: 租户
    CARD = "card"  #: holds the monthly card of a parking space (月卡)


person = sa.Table(
    "register_person",
    metadata,
    sa.Column("key", Key, primary_key=True, autoincrement=False),
    sa.Column("project", Key, sa.ForeignKey("unit.key"), nullable=False),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("phone", sa.String(32), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.UniqueConstraint("project", "phone", "name"),
    comment="A resident, tenant or owner. No identity numbers: nothing here needs them.",
)

occupancy = sa.Table(
    "register_occupancy",
    metadata,
    sa.Column("key", Key, primary_key=True, autoincrement=False),
    sa.Column("room", Key, sa.ForeignKey(room.c.key), nullable=False, index=True),
    sa.Column("person", Key, sa.ForeignKey(person.c.key), nullable=False, index=True),
    sa.Column("relation", Choice(Relation), nullable=False),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_to", sa.Date, comment="last day; null: open"),
    sa.Column("pays", sa.Boolean, nullable=False, comment="bills for the room go to this person"),
    sa.UniqueConstraint("room", "person", "relation", "valid_from"),
    one_of("relation", Relation),
    sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="order"),
    comment="What a person is to a room, from when to when.",
)


@dataclass(frozen=True, slots=True)
class Person:
    """A resident, tenant or owner."""

    key: int
    project: int
    name: str
    phone: str
    note: str


@dataclass(frozen=True, slots=True)
class Occupancy:
    """What a person is to a room, from when to when (last day included); ``pays``: the bills go there."""

    key: int
    room: int
    person: int
    relation: Relation
    valid_from: date
    valid_to: date | None
    pays: bool


_ROOM = columns(room, Room)
_PERSON, _OCCUPANCY = columns(person, Person), columns(occupancy, Occupancy)


def person_keys(uow: UnitOfWork, project_unit: int) -> dict[tuple[str, str], int]:
    """Give {(name, phone): key} of everybody in a project."""
    rows = uow.execute(sa.select(person.c.name, person.c.phone, person.c.key).where(person.c.project == project_unit))
    return {(row.name, row.phone): row.key for row in rows}


def put_people(uow: UnitOfWork, project_unit: int, rows: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Insert people, or replace those with the same name and phone in the project; give (new, changed)."""
    return put_by_identity(uow, person, rows, person_keys(uow, project_unit), lambda row: (row["name"], row["phone"]))


def put_occupancies(uow: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Insert relations, or replace those of the same person, room, kind and first day; give (new, changed)."""
    chosen = sorted({row["room"] for row in rows})
    known = {
        (row.room, row.person, row.relation, row.valid_from): row.key
        for start in range(0, len(chosen), 500)
        for row in many(
            Occupancy, uow.execute(sa.select(*_OCCUPANCY).where(occupancy.c.room.in_(chosen[start : start + 500])))
        )
    }
    return put_by_identity(
        uow, occupancy, rows, known, lambda row: (row["room"], row["person"], row["relation"], row["valid_from"])
    )


def end_occupancies(uow: UnitOfWork, room_key: int, person_key: int, last_day: date) -> int:
    """Let the open relations of a person to a room end on a day, or never begin; give how many there were."""
    mine = (occupancy.c.room == room_key, occupancy.c.person == person_key)
    never = sa.delete(occupancy).where(*mine, occupancy.c.valid_from > last_day)
    open_ = sa.or_(occupancy.c.valid_to.is_(None), occupancy.c.valid_to > last_day)
    ended = sa.update(occupancy).where(*mine, occupancy.c.valid_from <= last_day, open_).values(valid_to=last_day)
    return int(uow.execute(never).rowcount) + int(uow.execute(ended).rowcount)


def select(
    uow: UnitOfWork, scope: Scope, *, project_unit: int | None = None, text: str = "", after: int = 0, limit: int = 100
) -> list[Person]:
    """List people in the projects of a scope, from the one after ``after``; ``text`` is in a name or phone."""
    query = sa.select(*_PERSON).where(within(person.c.project, scope), person.c.key > after)
    if project_unit is not None:
        query = query.where(person.c.project == project_unit)
    if text:
        query = query.where(
            sa.or_(person.c.name.icontains(text, autoescape=True), person.c.phone.contains(text, autoescape=True))
        )
    return many(Person, uow.execute(query.order_by(person.c.key).limit(limit)))


def people_with_phone(uow: UnitOfWork, project_unit: int, phone: str) -> list[Person]:
    """List the people of a project with this phone number: a family may share one."""
    query = sa.select(*_PERSON).where(person.c.project == project_unit, person.c.phone == phone)
    return many(Person, uow.execute(query.order_by(person.c.key)))


def occupants(uow: UnitOfWork, room_key: int, day: date) -> list[tuple[Occupancy, Person]]:
    """List (relation, person) of those who belong to a room on a day, those who pay first."""
    query = (
        sa.select(*_OCCUPANCY, *_PERSON)
        .join_from(occupancy, person)
        .where(occupancy.c.room == room_key, _on(day))
        .order_by(occupancy.c.pays.desc(), occupancy.c.valid_from, occupancy.c.key)
    )
    width = len(_OCCUPANCY)
    rows = [tuple(row) for row in uow.execute(query)]
    return [(Occupancy(*row[:width]), Person(*row[width:])) for row in rows]


def rooms_of(uow: UnitOfWork, person_key: int, day: date) -> list[tuple[Occupancy, Room]]:
    """List (relation, room) of the rooms that a person belongs to on a day."""
    query = (
        sa.select(*_OCCUPANCY, *_ROOM)
        .join_from(occupancy, room)
        .where(occupancy.c.person == person_key, _on(day))
        .order_by(room.c.code)
    )
    width = len(_OCCUPANCY)
    rows = [tuple(row) for row in uow.execute(query)]
    return [(Occupancy(*row[:width]), Room(*row[width:])) for row in rows]


def _on(day: date) -> sa.ColumnElement[bool]:
    return sa.and_(occupancy.c.valid_from <= day, sa.or_(occupancy.c.valid_to.is_(None), occupancy.c.valid_to >= day))
