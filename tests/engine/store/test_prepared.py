"""Prepared statements do on both databases what SQLAlchemy would have done."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
import sqlalchemy as sa

from engine.store.database import Clash
from engine.store.prepared import Prepared
from engine.store.types import Instant, JsonText

NOTE = sa.Table(
    "prepared_note",
    sa.MetaData(),
    sa.Column("key", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", Instant),
    sa.Column("data", JsonText),
    sa.Column("n", sa.Integer, server_default="7"),
)
AT = datetime(2026, 3, 1, 8, 30, tzinfo=timezone(timedelta(hours=8)))
ADD = Prepared(sa.insert(NOTE))
BUMP = Prepared(sa.update(NOTE).where(NOTE.c.key == sa.bindparam("b_key")).values(n=NOTE.c.n + 3))
REMOVE = Prepared(sa.delete(NOTE).where(NOTE.c.key == sa.bindparam("b_key")))


@pytest.fixture
def uow(store):
    with store.begin() as uow:
        uow.execute(sa.schema.CreateTable(NOTE))
        yield uow


def rows(uow):
    return [tuple(row) for row in uow.execute(sa.select(NOTE).order_by(NOTE.c.key))]


def test_values_go_through_the_types_of_their_columns(uow):
    uow.execute(ADD, {"key": 1, "at": AT, "data": {"rate": Decimal("1.10"), "百分号": "100%"}, "n": None})

    assert rows(uow) == [(1, AT, {"rate": Decimal("1.1"), "百分号": "100%"}, None)]


def test_a_list_of_rows_is_stored_at_once_and_counts_as_one_statement(uow):
    before = uow.statements

    uow.execute(ADD, [{"key": key, "at": None, "data": [key]} for key in (1, 2, 3)])

    assert uow.statements == before + 1
    assert rows(uow) == [(key, None, [key], 7) for key in (1, 2, 3)]


def test_other_columns_make_another_text(uow):
    uow.execute(ADD, {"key": 1, "n": 1})
    uow.execute(ADD, {"key": 2})

    assert [(key, n) for key, _, _, n in rows(uow)] == [(1, 1), (2, 7)]


def test_what_the_statement_itself_holds_is_given_along_and_the_rows_are_counted(uow):
    uow.execute(ADD, [{"key": 1, "n": 1}, {"key": 2, "n": 2}])

    assert uow.execute(BUMP, {"b_key": 2}).rowcount == 1
    assert uow.execute(BUMP, {"b_key": 9}).rowcount == 0
    uow.execute(REMOVE, [{"b_key": 1}])
    assert [(key, n) for key, _, _, n in rows(uow)] == [(2, 5)]


def test_a_naive_time_is_refused_here_too(uow):
    with pytest.raises(TypeError, match="no time zone"):
        uow.execute(ADD, {"key": 1, "at": AT.replace(tzinfo=None)})


def test_a_key_that_is_taken_is_a_clash(store):
    with pytest.raises(Clash), store.begin() as uow:
        uow.execute(sa.schema.CreateTable(NOTE))
        uow.execute(ADD, [{"key": 1}, {"key": 1}])
