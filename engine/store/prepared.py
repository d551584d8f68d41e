"""Statements compiled once for a database and run by its driver: for what every step of a process and every page runs.

SQLAlchemy works out anew, at each execution and for each row, which value goes where and through which converter. That is most of what
a small statement costs; here it is found once. The statements are still written with SQLAlchemy, on the one model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.dml import UpdateBase

Converter = Callable[[Any], Any]
Row = Mapping[str, Any]


class Done(Protocol):
    """What is left of a statement that changed rows."""

    @property
    def rowcount(self) -> int:
        """How many rows it has changed."""


class Prepared:
    """A statement whose values all have names (``sa.bindparam``); Python gives no defaults, and lists are spelled out: see ``listed``."""

    def __init__(self, statement: sa.Select[Any] | sa.CompoundSelect[Any] | UpdateBase) -> None:
        self._statement = statement
        self._texts: dict[tuple[str, tuple[str, ...]], _Text] = {}

    def execute(self, connection: sa.Connection, rows: Row | Sequence[Row]) -> Done:
        """Change rows: with the values of one row, or once for all rows of a list; they have the same keys."""
        one = isinstance(rows, Mapping)
        first: Row = rows if isinstance(rows, Mapping) else rows[0]
        text = self._text(connection.dialect, tuple(first))
        given: Any = text.values(rows) if isinstance(rows, Mapping) else [text.values(row) for row in rows]
        done: Done = _run(connection, text.sql, given, many=not one)
        return done

    def fetch(self, connection: sa.Connection, values: Row) -> list[tuple[Any, ...]]:
        """Read rows: all of them, each with its values in the order of the columns."""
        text = self._text(connection.dialect, tuple(values))
        cursor = _run(connection, text.sql, text.values(values), many=False)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        if text.readers is None:
            text.readers = _readers(self._statement, connection.dialect, cursor)
        readers = text.readers
        if not any(readers):
            return rows
        return [
            tuple([read(value) if read else value for read, value in zip(readers, row, strict=True)]) for row in rows
        ]

    def _text(self, dialect: Dialect, keys: tuple[str, ...]) -> _Text:
        found = self._texts.get((dialect.name, keys))
        if found is None:
            found = self._texts[dialect.name, keys] = _compile(self._statement, dialect, keys)
        return found


def listed(column: sa.ColumnElement[Any], name: str, count: int) -> sa.ColumnElement[bool]:
    """State that a column holds one of so many values, which ``spread`` names."""
    return column.in_([sa.bindparam(f"{name}{number}", type_=column.type) for number in range(count)])


def spread(name: str, values: Sequence[Any], count: int) -> dict[str, Any]:
    """Name values for ``listed``; the last one is repeated where there are fewer than places."""
    return {f"{name}{number}": values[min(number, len(values) - 1)] for number in range(count)}


def room(count: int) -> int:
    """Give how many places a list of so many values takes: a power of two, so that few statements are compiled."""
    return 1 << max(0, count - 1).bit_length()


@dataclass(slots=True)
class _Text:
    """A statement in the words of a driver.

    Attributes:
        slots: the name and the converter of each value, in the order of the text where it counts them.
        constants: values that are part of the statement.
        positional: whether the driver counts values; else it names them.
        readers: the converter of each column; None until rows were read, since a driver says its types only then.
    """

    sql: str
    slots: tuple[tuple[str, Converter | None], ...]
    constants: Row
    positional: bool
    readers: tuple[Converter | None, ...] | None = None

    def values(self, row: Row) -> tuple[Any, ...] | dict[str, Any]:
        given = {**self.constants, **row} if self.constants else row
        if self.positional:
            return tuple([convert(given[name]) if convert else given[name] for name, convert in self.slots])
        return {name: convert(given[name]) if convert else given[name] for name, convert in self.slots}


def _run(connection: sa.Connection, sql: str, values: Any, *, many: bool) -> Any:
    cursor = connection.connection.cursor()
    try:
        if many:
            cursor.executemany(sql, values)
        else:
            cursor.execute(sql, values)
    except connection.dialect.loaded_dbapi.Error as error:
        kind = connection.dialect.loaded_dbapi.Error
        raise sa.exc.DBAPIError.instance(sql, values, error, kind, dialect=connection.dialect) from error
    return cursor


def _compile(statement: Any, dialect: Dialect, keys: tuple[str, ...]) -> _Text:
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(keys))
    binds = {name: bind for bind, name in compiled.bind_names.items()}
    positional = compiled.positiontup is not None
    names = compiled.positiontup if positional else list(binds)
    converters = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in binds.items()}
    constants = {name: value for name, value in compiled.params.items() if name not in keys}
    return _Text(str(compiled), tuple((name, converters[name]) for name in names), constants, positional)


def _readers(statement: Any, dialect: Dialect, cursor: Any) -> tuple[Converter | None, ...]:
    return tuple(
        column.type.dialect_impl(dialect).result_processor(dialect, told[1])
        for column, told in zip(statement.selected_columns, cursor.description, strict=True)
    )
