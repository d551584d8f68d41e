"""Insert or update in one statement, in the words of either database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from engine.store.database import UnitOfWork
from engine.store.prepared import Prepared


def upsert(uow: UnitOfWork, table: sa.Table, update: Sequence[str], *, add: Sequence[str] = ()) -> Prepared:
    """Make a statement that inserts a row, or updates the row that has its primary key: replaces columns, adds to others."""
    return _upsert(uow.is_sqlite, table, tuple(update), tuple(add))


def insert_new(uow: UnitOfWork, table: sa.Table, unique: Iterable[str] = (), where: Any = None) -> Any:
    """Make a statement that inserts a row unless one with the same unique columns is there.

    Args:
        unique: the columns; the primary key when left out.
        where: the condition of the partial index, where it is one.
    """
    statement = (sqlite if uow.is_sqlite else postgresql).insert(table)
    elements = list(unique) or [column.name for column in table.primary_key]
    return statement.on_conflict_do_nothing(index_elements=elements, index_where=where)


@lru_cache(maxsize=100)
def _upsert(is_sqlite: bool, table: sa.Table, update: tuple[str, ...], add: tuple[str, ...]) -> Prepared:
    statement = (sqlite if is_sqlite else postgresql).insert(table)
    new = statement.excluded
    changes = {name: new[name] for name in update} | {name: table.c[name] + new[name] for name in add}
    key = [column.name for column in table.primary_key]
    return Prepared(statement.on_conflict_do_update(index_elements=key, set_=changes))
