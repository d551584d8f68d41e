"""Command ids and the answers that were given, so that a repeated request gets its first answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.errors import Conflict
from engine.store.database import UnitOfWork
from engine.store.types import Instant, JsonText, metadata

command = sa.Table(
    "command",
    metadata,
    sa.Column("actor", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column(
        "name", sa.Text, nullable=False, comment="which command, on what: the same id for another one is refused"
    ),
    sa.Column("answer", JsonText),
    sa.Column("at", Instant, nullable=False, index=True),
    comment="A command that was carried out, and its answer.",
)
_FIND = sa.select(command.c.name, command.c.answer).where(
    command.c.actor == sa.bindparam("actor"), command.c.id == sa.bindparam("id")
)
_INSERT = sa.insert(command)


def find(uow: UnitOfWork, actor: str, command_id: str, name: str) -> tuple[bool, Any]:
    """Say whether the command was carried out before, and with which answer.

    Raises:
        Conflict: the id was used for another command.
    """
    row = uow.execute(_FIND, {"actor": actor, "id": command_id}).one_or_none()
    if row is None:
        return False, None
    if row.name != name:
        raise Conflict("command id {id} was used for {name} before; make a new one", id=command_id[:80], name=row.name)
    return True, row.answer


def add(uow: UnitOfWork, actor: str, command_id: str, name: str, answer: Any) -> None:
    """Keep the answer of a command."""
    uow.execute(_INSERT, {"actor": actor, "id": command_id, "name": name, "answer": answer, "at": uow.now})


def forget(uow: UnitOfWork, until: datetime) -> int:
    """Delete answers that were given before ``until``; say how many."""
    return int(uow.execute(sa.delete(command).where(command.c.at < until)).rowcount)
