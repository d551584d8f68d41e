"""The tree of units (group, company, project, building, area), and the scope that every other query is narrowed to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa

from engine.errors import NotFound
from engine.model.keys import UnitKey
from engine.store.database import UnitOfWork
from engine.store.prepared import Prepared, listed, room, spread
from engine.store.rows import many, one, unique
from engine.store.types import Key, columns, metadata

KINDS = ("group", "company", "project", "building", "area")
"""Kinds of units, from the top down: a unit lies beneath one whose kind stands earlier, or is the same."""

# a prefix search is a range search only where characters are compared as bytes
Path = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

unit = sa.Table(
    "unit",
    metadata,
    sa.Column("key", Key, primary_key=True, autoincrement=False),
    sa.Column("parent", Key, sa.ForeignKey("unit.key"), index=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("code", sa.String(64), nullable=False, unique=True),
    sa.Column("name_zh", sa.String(200), nullable=False),
    sa.Column("name_en", sa.String(200), nullable=False),
    sa.Column("zone", sa.String(64), nullable=False, comment="IANA time zone of its calendars and dates"),
    sa.Column("path", Path, nullable=False, unique=True, comment="/grandparent/parent/key/"),
    sa.Column("valid", sa.Boolean, nullable=False),
    sa.CheckConstraint(sa.column("kind").in_(KINDS), name="kind"),
    comment="A node of the organisation.",
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A node of the organisation.

    Attributes:
        path: ``/grandparent/parent/key/``.
        valid: whether new work may belong to it.
    """

    key: UnitKey
    parent: UnitKey | None
    kind: str
    code: str
    name_zh: str
    name_en: str
    zone: str
    path: str
    valid: bool

    @property
    def lineage(self) -> tuple[UnitKey, ...]:
        """The unit itself, its parent, and so on up to the root."""
        return lineage(self.path)

    def name(self, locale: str) -> str:
        """Its name as a reader of ``locale`` calls it."""
        return self.name_zh if locale.startswith("zh") else self.name_en


def lineage(path: str) -> tuple[UnitKey, ...]:
    """Read a path: the unit itself first, the root last."""
    return tuple(UnitKey(int(part)) for part in reversed(path.strip("/").split("/")))


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of the organisation that a query may show.

    Attributes:
        paths: the subtrees that are visible; none of them lies in another.
        everything: no bound at all.
    """

    paths: tuple[str, ...] = ()
    everything: bool = False

    @staticmethod
    def of(paths: Iterable[str]) -> Scope:
        """Keep the highest subtrees."""
        kept: list[str] = []
        for path in sorted(set(paths)):
            if not kept or not path.startswith(kept[-1]):
                kept.append(path)
        return Scope(tuple(kept))

    @property
    def is_empty(self) -> bool:
        """Nowhere: no query with it finds anything."""
        return not self.everything and not self.paths

    def covers(self, path: str) -> bool:
        """Say whether the unit at ``path`` is visible."""
        return self.everything or any(path.startswith(root) for root in self.paths)


def beneath(scope: Scope) -> sa.ColumnElement[bool]:
    """Narrow a query of ``unit`` to a scope."""
    if scope.everything:
        return sa.true()
    return sa.or_(sa.false(), *(sa.and_(unit.c.path >= root, unit.c.path < beyond(root)) for root in scope.paths))


def beyond(path: str) -> str:
    """Give the end of a path's range: "0" follows "/", so everything that starts with "/1/2/" lies between "/1/2/" and "/1/20"."""
    return path[:-1] + "0"


def within(column: sa.ColumnElement[Any], scope: Scope) -> sa.ColumnElement[bool]:
    """Narrow a query of anything whose unit's key is in ``column`` to a scope."""
    if scope.everything:
        return sa.true()
    if not scope.paths:
        return sa.false()
    return column.in_(sa.select(unit.c.key).where(beneath(scope)))


_COLUMNS = columns(unit, Unit)


def add(uow: UnitOfWork, *, kind: str, code: str, name_zh: str, name_en: str, zone: str, parent: Unit | None) -> Unit:
    """Store a unit.

    Raises:
        Conflict: the code is taken.
    """
    key = UnitKey(uow.new_key())
    row = Unit(
        key=key,
        parent=parent.key if parent else None,
        kind=kind,
        code=code,
        name_zh=name_zh,
        name_en=name_en,
        zone=zone,
        path=f"{parent.path if parent else '/'}{key}/",
        valid=True,
    )
    with unique("there is a unit with the code {code} already; choose another", code=code):
        uow.execute(sa.insert(unit).values(**{name: getattr(row, name) for name in Unit.__slots__}))
    return row


_GET = Prepared(sa.select(*_COLUMNS).where(unit.c.key == sa.bindparam("b_key")))


def get(uow: UnitOfWork, key: int) -> Unit:
    """Give a unit.

    Raises:
        NotFound: there is none with this key.
    """
    found = one(Unit, uow.fetch(_GET, {"b_key": key}))
    if found is None:
        raise NotFound("there is no unit {key}", key=key)
    return found


def by_code(uow: UnitOfWork, code: str) -> Unit:
    """Give the unit with this code.

    Raises:
        NotFound: there is none.
    """
    found = one(Unit, uow.execute(sa.select(*_COLUMNS).where(unit.c.code == code)))
    if found is None:
        raise NotFound("there is no unit with the code {code}", code=code)
    return found


@cache
def _paths(places: int) -> Prepared:
    return Prepared(sa.select(unit.c.key, unit.c.path).where(listed(unit.c.key, "b_key", places)))


def paths(uow: UnitOfWork, keys: Iterable[int]) -> dict[UnitKey, str]:
    """Give {unit: path}."""
    wanted = sorted(keys)
    if not wanted:
        return {}
    places = room(len(wanted))
    return {UnitKey(key): path for key, path in uow.fetch(_paths(places), spread("b_key", wanted, places))}


def lineages(uow: UnitOfWork, codes: Iterable[str]) -> dict[str, tuple[UnitKey, ...]]:
    """Give {code: the unit with this code, its parent, and so on up to the root}, of those that exist."""
    rows = uow.execute(sa.select(unit.c.code, unit.c.path).where(unit.c.code.in_(sorted(codes))))
    return {row.code: lineage(row.path) for row in rows}


def root(uow: UnitOfWork) -> Unit | None:
    """Give the top of the tree, if the organisation has been set up."""
    return one(Unit, uow.execute(sa.select(*_COLUMNS).where(unit.c.parent.is_(None))))


def place_of(uow: UnitOfWork, key: int | None) -> Unit | None:
    """Give the unit that is named, or else the root of the organisation, if it has been set up.

    Raises:
        NotFound: there is no such unit.
    """
    return root(uow) if key is None else get(uow, key)


def select(uow: UnitOfWork, scope: Scope, *, kinds: Sequence[str] = (), closed: bool = False) -> list[Unit]:
    """List the units in a scope, parents before children; ``closed`` ones only if asked for."""
    query = sa.select(*_COLUMNS).where(beneath(scope))
    if kinds:
        query = query.where(unit.c.kind.in_(kinds))
    if not closed:
        query = query.where(unit.c.valid)
    rows = many(Unit, uow.execute(query))
    return sorted(rows, key=lambda row: (row.path.count("/"), row.code))


def change(uow: UnitOfWork, key: int, **values: Any) -> None:
    """Store new names or validity of one unit."""
    uow.execute(sa.update(unit).where(unit.c.key == key).values(**values))


def set_zone(uow: UnitOfWork, path: str, zone: str) -> None:
    """Give a unit and everything beneath it a time zone."""
    uow.execute(sa.update(unit).where(beneath(Scope((path,)))).values(zone=zone))
