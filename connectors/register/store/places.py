"""Projects, and their rooms: flats, offices, shops, parking spaces."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from engine.errors import NotFound
from engine.store.database import UnitOfWork
from engine.store.rows import many, one
from engine.store.types import Choice, Key, columns, metadata, one_of
from engine.store.units import Scope, within
from engine.store.upsert import upsert


class DispatchMode(StrEnum):
    """How a project gives work to its technicians unless the matter demands otherwise."""

    GRAB = "grab"  #: whoever comes first takes it (抢单)
    ROTATION = "rotation"  #: in turn (轮单)
    ASSIGN = "assign"  #: the dispatcher decides (指派)


class RoomKind(StrEnum):
    """What a room is for."""

    FLAT = "flat"  #: 住宅
    OFFICE = "office"  #: 写字间
    SHOP = "shop"  #: 商铺
    PARKING = "parking"  #: 车位


class RoomState(StrEnum):
    """What a room's owner has done with it."""

    UNSOLD = "unsold"  #: still the developer's (未售)
    HANDED_OVER = "handed_over"  #: owned, nobody has come yet (已交房)
    DECORATING = "decorating"  #: 装修中
    OCCUPIED = "occupied"  #: the owner lives or works there (已入住)
    LEASED = "leased"  #: a tenant does (已出租)
    VACANT = "vacant"  #: empty (空置)


project = sa.Table(
    "register_project",
    metadata,
    sa.Column("unit", Key, sa.ForeignKey("unit.key"), primary_key=True, autoincrement=False),
    sa.Column("dispatch_mode", Choice(DispatchMode), nullable=False),
    sa.Column("open_limit", sa.Integer, nullable=False, comment="open tickets that one technician may hold"),
    sa.Column("unpaid_limit", sa.Integer, nullable=False, comment="unpaid repair bills that stop paid work; 0: never"),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("phone", sa.String(32), nullable=False, comment="of its service desk"),
    one_of("dispatch_mode", DispatchMode),
    comment="What the register knows of a project beside its place in the organisation.",
)

room = sa.Table(
    "register_room",
    metadata,
    sa.Column("key", Key, primary_key=True, autoincrement=False),
    sa.Column("unit", Key, sa.ForeignKey("unit.key"), nullable=False, index=True, comment="building or project"),
    sa.Column("project", Key, sa.ForeignKey("unit.key"), nullable=False),
    sa.Column("code", sa.String(64), nullable=False, comment="unique in the project, such as 1-1502"),
    sa.Column("name_zh", sa.String(120), nullable=False),
    sa.Column("name_en", sa.String(120), nullable=False),
    sa.Column("kind", Choice(RoomKind), nullable=False),
    sa.Column("floor", sa.Integer, nullable=False),
    sa.Column("area_hundredths", sa.BigInteger, nullable=False, comment="gross, in 0.01 square metres"),
    sa.Column("state", Choice(RoomState), nullable=False),
    sa.Column("warranty_until", sa.Date, comment="last day of the developer's warranty"),
    sa.UniqueConstraint("project", "code"),
    one_of("kind", RoomKind),
    one_of("state", RoomState),
    sa.CheckConstraint("area_hundredths >= 0", name="area"),
    comment="A flat, an office, a shop or a parking space.",
)


@dataclass(frozen=True, slots=True)
class Project:
    """What the register knows of a project. ``unpaid_limit`` 0: unpaid bills stop nothing."""

    unit: int
    dispatch_mode: DispatchMode = DispatchMode.ASSIGN
    open_limit: int = 8
    unpaid_limit: int = 0
    address: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Room:
    """A flat, an office, a shop or a parking space. ``code`` is unique in its project, ``unit`` its building."""

    key: int
    unit: int
    project: int
    code: str
    name_zh: str
    name_en: str
    kind: RoomKind
    floor: int
    area_hundredths: int
    state: RoomState
    warranty_until: date | None


_PROJECT, _ROOM = columns(project, Project), columns(room, Room)


def put_project(uow: UnitOfWork, row: Project) -> None:
    """Insert or replace what is known of a project."""
    values = {name: getattr(row, name) for name in Project.__slots__}
    uow.execute(upsert(uow, project, [name for name in values if name != "unit"]), values)


def get_project(uow: UnitOfWork, unit: int, *, lock: bool = False) -> Project:
    """Give what is known of a project, the defaults where nothing is; ``lock``: others wait for this transaction."""
    query = sa.select(*_PROJECT).where(project.c.unit == unit)
    return one(Project, uow.execute(query.with_for_update() if lock else query)) or Project(unit)


def room_by_code(uow: UnitOfWork, project_unit: int, code: str) -> Room | None:
    """Give the room with this code in a project, if there is one."""
    return one(Room, uow.execute(sa.select(*_ROOM).where(room.c.project == project_unit, room.c.code == code)))


def get_room(uow: UnitOfWork, key: int) -> Room:
    """Give a room.

    Raises:
        NotFound: there is none with this key.
    """
    found = one(Room, uow.execute(sa.select(*_ROOM).where(room.c.key == key)))
    if found is None:
        raise NotFound("there is no room {key}", key=key)
    return found


def rooms(
    uow: UnitOfWork,
    scope: Scope,
    *,
    project_unit: int | None = None,
    kinds: Collection[RoomKind] = (),
    text: str = "",
    after: str = "",
    limit: int = 100,
) -> list[Room]:
    """List rooms in a scope by code, from the one after ``after``; ``text`` is in a code or name."""
    query = sa.select(*_ROOM).where(within(room.c.unit, scope), room.c.code > after)
    if project_unit is not None:
        query = query.where(room.c.project == project_unit)
    if kinds:
        query = query.where(room.c.kind.in_(list(kinds)))
    if text:
        searched = (room.c.code, room.c.name_zh, room.c.name_en)
        query = query.where(sa.or_(*(column.icontains(text, autoescape=True) for column in searched)))
    return many(Room, uow.execute(query.order_by(room.c.code, room.c.key).limit(limit)))


def room_keys(uow: UnitOfWork, project_unit: int) -> dict[str, int]:
    """Give {code: key} of every room in a project."""
    rows = uow.execute(sa.select(room.c.code, room.c.key).where(room.c.project == project_unit))
    return {row.code: row.key for row in rows}


def put_rooms(uow: UnitOfWork, project_unit: int, rows: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Insert rooms, or replace those with the same code in the project; give (new, changed)."""
    known = room_keys(uow, project_unit)
    return put_by_identity(uow, room, rows, known, lambda row: row["code"])


def put_by_identity(
    uow: UnitOfWork,
    table: sa.Table,
    rows: Iterable[Mapping[str, Any]],
    known: Mapping[Any, int],
    identity: Callable[[Mapping[str, Any]], Hashable],
) -> tuple[int, int]:
    """Insert or replace rows by what identifies them. ``known``: {identity: key of the row that is there}."""
    complete = [{"key": known.get(identity(row)) or uow.new_key(), **row} for row in rows]
    if complete:
        changing = [column.name for column in table.columns if not column.primary_key]
        uow.execute(upsert(uow, table, changing), complete)
    changed = sum(identity(row) in known for row in complete)
    return len(complete) - changed, changed
