"""Diagram drafts: files that people work on before they are deployed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from engine.errors import NotFound
from engine.model.keys import DiagramDraftKey, UnitKey
from engine.store.database import UnitOfWork
from engine.store.rows import many, one
from engine.store.types import Instant, Key, columns, metadata
from engine.store.units import Scope, unit, within

diagram_draft = sa.Table(
    "diagram_draft",
    metadata,
    sa.Column("key", Key, primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text, nullable=False, comment="of the file"),
    sa.Column("unit", Key, sa.ForeignKey(unit.c.key), index=True),
    sa.Column("bytes", sa.LargeBinary, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False, comment="counts how often it was saved; guards every update"),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("changed_by", sa.Text, nullable=False),
    sa.Column("changed_by_name", sa.Text, nullable=False),
    sa.CheckConstraint("revision > 0", name="revision"),
    comment="A diagram that is worked on; it may hold anything.",
)


@dataclass(frozen=True, slots=True)
class DiagramDraft:
    """What is known about a diagram draft; ``changed_by`` is the id of an actor."""

    key: DiagramDraftKey
    name: str
    unit: UnitKey | None
    revision: int
    changed_at: datetime
    changed_by: str
    changed_by_name: str


_COLUMNS = columns(diagram_draft, DiagramDraft)


def add(uow: UnitOfWork, row: DiagramDraft, content: bytes) -> None:
    """Store a new draft."""
    values = {column.name: getattr(row, column.name) for column in _COLUMNS}
    uow.execute(sa.insert(diagram_draft), {**values, "bytes": content})


def get(uow: UnitOfWork, key: int) -> DiagramDraft:
    """Give a draft.

    Raises:
        NotFound: there is none with this key.
    """
    found = one(DiagramDraft, uow.execute(sa.select(*_COLUMNS).where(diagram_draft.c.key == key)))
    if found is None:
        raise NotFound("there is no diagram draft {key}", key=key)
    return found


def exists(uow: UnitOfWork, key: int) -> bool:
    """Say whether there is a draft with this key."""
    return bool(uow.execute(sa.select(sa.exists().where(diagram_draft.c.key == key))).scalar())


def read(uow: UnitOfWork, key: int) -> bytes:
    """Give the bytes of a draft."""
    content: bytes = uow.execute(sa.select(diagram_draft.c.bytes).where(diagram_draft.c.key == key)).scalar_one()
    return content


def select(uow: UnitOfWork, bound: Scope) -> list[DiagramDraft]:
    """List the drafts in a scope, those changed last first."""
    query = sa.select(*_COLUMNS).where(within(diagram_draft.c.unit, bound))
    order = (diagram_draft.c.changed_at.desc(), diagram_draft.c.key.desc())
    return many(DiagramDraft, uow.execute(query.order_by(*order)))


def save(uow: UnitOfWork, row: DiagramDraft, content: bytes, *, actor_id: str, actor_name: str) -> bool:
    """Store what became of a draft; False when somebody else saved it since it was read."""
    done = uow.execute(
        sa.update(diagram_draft)
        .where(diagram_draft.c.key == row.key, diagram_draft.c.revision == row.revision)
        .values(
            bytes=content,
            revision=row.revision + 1,
            changed_at=uow.now,
            changed_by=actor_id,
            changed_by_name=actor_name,
        )
    )
    return bool(done.rowcount)


def remove(uow: UnitOfWork, key: int) -> None:
    """Delete a draft."""
    uow.execute(sa.delete(diagram_draft).where(diagram_draft.c.key == key))
