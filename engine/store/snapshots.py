"""Snapshots of live instances: one row for each live node; the head is in the instance's own row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from engine.store.database import UnitOfWork
from engine.store.instances import instance
from engine.store.prepared import Prepared
from engine.store.types import Key, metadata
from engine.store.upsert import upsert

scope = sa.Table(
    "scope",
    metadata,
    sa.Column("instance", Key, sa.ForeignKey(instance.c.key), primary_key=True),
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("text", sa.Text, nullable=False),
    comment="A live node of an instance's snapshot.",
)
_SCOPES = Prepared(sa.select(scope.c.id, scope.c.text).where(scope.c.instance == sa.bindparam("b_instance")))
_REMOVE_SCOPE = Prepared(
    sa.delete(scope).where(scope.c.instance == sa.bindparam("b_instance"), scope.c.id == sa.bindparam("b_id"))
)
_CLEAR_SCOPES = Prepared(sa.delete(scope).where(scope.c.instance == sa.bindparam("b_instance")))


def of(uow: UnitOfWork, key: int) -> dict[int, str]:
    """Give the stored nodes of a snapshot: {id: text}."""
    return dict(uow.fetch(_SCOPES, {"b_instance": key}))


def some(uow: UnitOfWork, keys: Sequence[int]) -> dict[int, tuple[str, dict[int, str]]]:
    """Give the snapshots of live instances: {key: (head, {id: text})}."""
    heads = uow.execute(
        sa.select(instance.c.key, instance.c.head).where(instance.c.key.in_(keys), instance.c.head.is_not(None))
    )
    found: dict[int, tuple[str, dict[int, str]]] = {row.key: (row.head, {}) for row in heads}
    for row in uow.execute(sa.select(scope).where(scope.c.instance.in_(found))):
        found[row.instance][1][row.id] = row.text
    return found


def put(uow: UnitOfWork, key: int, changed: Mapping[int, str], removed: frozenset[int]) -> None:
    """Store the nodes of a snapshot that changed and let go of those that are gone."""
    if removed:
        uow.execute(_REMOVE_SCOPE, [{"b_instance": key, "b_id": id_} for id_ in sorted(removed)])
    if changed:
        rows = [{"instance": key, "id": id_, "text": text} for id_, text in changed.items()]
        uow.execute(upsert(uow, scope, ("text",)), rows)


def clear(uow: UnitOfWork, key: int) -> None:
    """Let go of the snapshot of an instance that has ended."""
    uow.execute(_CLEAR_SCOPES, {"b_instance": key})
