"""The metadata that all tables share, and the column types whose values must survive SQLite and PostgreSQL alike."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from engine.model import json

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Key = sa.BigInteger
"""A 63-bit key made by ``UnitOfWork.new_key``."""


class Instant(TypeDecorator[datetime]):
    """An aware instant, stored in UTC with microseconds."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times: nobody knows which instant they mean."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError(f"{value} has no time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give UTC back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class JsonText(TypeDecorator[Any]):
    """JSON as text: numbers stay exact and keys keep their order, which JSONB would not do."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write with the one codec."""
        return None if value is None else json.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read with the one codec."""
        return None if value is None else json.loads(value)


class Choice(TypeDecorator[StrEnum]):
    """A member of a ``StrEnum``, stored as its text; ``one_of`` makes the check that goes with it."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, enum: type[StrEnum]) -> None:
        super().__init__()
        self.enum = enum

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        """Write the member's text."""
        return None if value is None else self.enum(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        """Give the member back."""
        return None if value is None else self.enum(value)


def one_of(column: str, enum: type[StrEnum]) -> sa.CheckConstraint:
    """State that a column holds a member of an enum."""
    return sa.CheckConstraint(in_text(column, enum), name=column)


def in_text(column: str, members: Any) -> str:
    """Write ``column IN (...)`` for members of a ``StrEnum``, as text for checks and partial indexes."""
    return f"{column} IN ({', '.join(repr(member.value) for member in members)})"


def columns(table: sa.Table, record: type[Any]) -> list[sa.Column[Any]]:
    """Give the columns of a table that the fields of a dataclass name, in its order, so that ``record(*row)`` reads a row."""
    return [table.c[field.name] for field in fields(record)]
