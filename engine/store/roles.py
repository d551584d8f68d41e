"""Roles, and what each permits where it is held."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import sqlalchemy as sa

from engine.errors import NotFound
from engine.store.database import UnitOfWork
from engine.store.prepared import Prepared, listed, room, spread
from engine.store.rows import unique
from engine.store.types import metadata
from engine.store.units import unit

ANY = "*"
"""Stands for every resource kind, or every verb, in a permission."""

role = sa.Table(
    "role",
    metadata,
    sa.Column("code", sa.String(64), primary_key=True),
    sa.Column("name_zh", sa.String(100), nullable=False),
    sa.Column("name_en", sa.String(100), nullable=False),
    comment="A kind of work; candidate groups of tasks name it.",
)

permission = sa.Table(
    "permission",
    metadata,
    sa.Column("role", sa.String(64), sa.ForeignKey("role.code"), primary_key=True),
    sa.Column("kind", sa.String(64), primary_key=True, comment="resource kind, or *"),
    sa.Column("verb", sa.String(64), primary_key=True, comment="or *"),
    comment="What a role may do where it is held.",
)


@dataclass(frozen=True, slots=True)
class Role:
    """A kind of work, and the (resource kind, verb) pairs that it permits."""

    code: str
    name_zh: str
    name_en: str
    permissions: frozenset[tuple[str, str]]

    def name(self, locale: str) -> str:
        """Its name as a reader of ``locale`` calls it."""
        return self.name_zh if locale.startswith("zh") else self.name_en


def put(uow: UnitOfWork, row: Role, *, new: bool) -> None:
    """Store a role with exactly these permissions.

    Raises:
        Conflict: the role is new and its code is taken.
    """
    names = {"name_zh": row.name_zh, "name_en": row.name_en}
    if new:
        with unique("there is a role {code} already", code=row.code):
            uow.execute(sa.insert(role).values(code=row.code, **names))
    else:
        uow.execute(sa.update(role).where(role.c.code == row.code).values(**names))
        uow.execute(sa.delete(permission).where(permission.c.role == row.code))
    if row.permissions:
        rows = [{"role": row.code, "kind": kind, "verb": verb} for kind, verb in sorted(row.permissions)]
        uow.execute(sa.insert(permission), rows)


def select(uow: UnitOfWork, codes: Iterable[str] | None = None) -> dict[str, Role]:
    """Give {code: role}: those named, or all."""
    query = sa.select(role, permission.c.kind, permission.c.verb).join_from(role, permission, isouter=True)
    if codes is not None:
        query = query.where(role.c.code.in_(list(codes)))
    found: dict[str, tuple[str, str, set[tuple[str, str]]]] = {}
    for row in uow.execute(query.order_by(role.c.code)):
        pairs = found.setdefault(row.code, (row.name_zh, row.name_en, set()))[2]
        if row.kind is not None:
            pairs.add((row.kind, row.verb))
    return {code: Role(code, zh, en, frozenset(pairs)) for code, (zh, en, pairs) in found.items()}


def _permits(places: int) -> sa.ColumnElement[bool]:
    return sa.and_(
        listed(permission.c.role, "b_code", places),
        permission.c.kind.in_((sa.bindparam("b_kind"), ANY)),
        permission.c.verb.in_((sa.bindparam("b_verb"), ANY)),
    )


@cache
def _permitting(places: int) -> Prepared:
    return Prepared(sa.select(permission.c.role).where(_permits(places)))


@cache
def _permitting_at(places: int) -> Prepared:
    query = sa.select(unit.c.path, permission.c.role).join_from(unit, permission, _permits(places), isouter=True)
    return Prepared(query.where(unit.c.key == sa.bindparam("b_at")))


def _asked(codes: Iterable[str], kind: str, verb: str) -> tuple[int, dict[str, str]]:
    wanted = sorted(codes) or [""]
    places = room(len(wanted))
    return places, {**spread("b_code", wanted, places), "b_kind": kind, "b_verb": verb}


def permitting(uow: UnitOfWork, codes: Iterable[str], kind: str, verb: str) -> frozenset[str]:
    """Give those of the roles that permit a verb on a resource kind."""
    places, asked = _asked(codes, kind, verb)
    return frozenset(code for (code,) in uow.fetch(_permitting(places), asked))


def permitting_at(uow: UnitOfWork, codes: Iterable[str], kind: str, verb: str, at: int) -> tuple[str, frozenset[str]]:
    """Give (path of a unit, those of the roles that permit a verb on a resource kind), in one statement.

    Raises:
        NotFound: there is no such unit.
    """
    places, asked = _asked(codes, kind, verb)
    rows = uow.fetch(_permitting_at(places), {**asked, "b_at": at})
    if not rows:
        raise NotFound("there is no unit {key}", key=at)
    return rows[0][0], frozenset(code for _, code in rows if code is not None)
