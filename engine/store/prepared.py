"""Statements that change rows, compiled once for a database: for what every step of a process runs.

SQLAlchemy works out anew, at each execution and for each row, which value goes where and through which converter. That is most of what
a small insert costs; here it is found once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.dml import UpdateBase

Converter = Callable[[Any], Any]


class Prepared:
    """An insert, update or delete that returns no rows, and neither lists values (``IN``) nor leaves defaults to Python."""

    def __init__(self, statement: UpdateBase) -> None:
        self._statement = statement
        self._texts: dict[tuple[str, tuple[str, ...]], _Text] = {}

    def execute(
        self, connection: sa.Connection, rows: Mapping[str, Any] | Sequence[Mapping[str, Any]]
    ) -> sa.CursorResult[Any]:
        """Run it with the values of one row, or once for all rows of a list; they have the same keys."""
        first: Mapping[str, Any] = rows if isinstance(rows, Mapping) else rows[0]
        text = self._text(connection.dialect, tuple(first))
        given: Any = text.values(rows) if isinstance(rows, Mapping) else [text.values(row) for row in rows]
        return connection.exec_driver_sql(text.sql, given)

    def _text(self, dialect: Dialect, keys: tuple[str, ...]) -> _Text:
        found = self._texts.get((dialect.name, keys))
        if found is None:
            found = self._texts[dialect.name, keys] = _compile(self._statement, dialect, keys)
        return found


@dataclass(frozen=True, slots=True)
class _Text:
    """A statement in the words of a driver.

    Attributes:
        slots: the name and the converter of each value, in the order of the text where it counts them.
        constants: values that are part of the statement.
        positional: whether the driver counts values; else it names them.
    """

    sql: str
    slots: tuple[tuple[str, Converter | None], ...]
    constants: Mapping[str, Any]
    positional: bool

    def values(self, row: Mapping[str, Any]) -> tuple[Any, ...] | dict[str, Any]:
        given = {**self.constants, **row} if self.constants else row
        if self.positional:
            return tuple([convert(given[name]) if convert else given[name] for name, convert in self.slots])
        return {name: convert(given[name]) if convert else given[name] for name, convert in self.slots}


def _compile(statement: UpdateBase, dialect: Dialect, keys: tuple[str, ...]) -> _Text:
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(keys))
    binds = {name: bind for bind, name in compiled.bind_names.items()}
    positional = compiled.positiontup is not None
    names = compiled.positiontup if positional else list(binds)
    converters = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in binds.items()}
    constants = {name: value for name, value in compiled.params.items() if name not in keys}
    return _Text(str(compiled), tuple((name, converters[name]) for name in names), constants, positional)
