"""Reads rows as records, and turns a broken rule of the database into the error that people read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import sqlalchemy as sa

from engine.errors import Conflict

Record = TypeVar("Record")


def one(record: type[Record], rows: Iterable[Any]) -> Record | None:
    """Give the only row as a record, whose fields are in the order of the columns; None if there is no row."""
    found = many(record, rows)
    if len(found) > 1:
        raise sa.exc.MultipleResultsFound(f"{len(found)} rows of {record.__name__} where one was to be")
    return found[0] if found else None


def many(record: type[Record], rows: Iterable[Any]) -> list[Record]:
    """Give rows as records, whose fields are in the order of the columns."""
    return [record(*row) for row in rows]


@contextmanager
def unique(template: str, /, **params: Any) -> Iterator[None]:
    """Raise ``Conflict`` with this text where a statement inside breaks a constraint; the transaction is then lost.

    Raises:
        Conflict: the rows break a unique key, a foreign key or a check.
    """
    try:
        yield
    except sa.exc.IntegrityError as error:
        raise Conflict(template, **params) from error
