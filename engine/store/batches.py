"""Batches: one order over many instances, worked off in the background, with what became of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from engine.errors import NotFound, Problem
from engine.model.keys import BatchKey, InstanceKey
from engine.model.states import BatchState
from engine.store.database import UnitOfWork
from engine.store.instances import instance
from engine.store.rows import many, one
from engine.store.sentences import problem, problem_json
from engine.store.types import Choice, Instant, JsonText, Key, columns, metadata, one_of


class BatchAction(StrEnum):
    """What a batch does to each of its instances."""

    CANCEL = "cancel"
    SUSPEND = "suspend"
    RESUME = "resume"
    RETRY = "retry"
    MODIFY = "modify"
    MIGRATE = "migrate"


class ItemState(StrEnum):
    """What became of one instance of a batch."""

    LEFT = "left"  #: not yet its turn
    DONE = "done"  #: the order was carried out; in a dry run, it could be
    REFUSED = "refused"  #: it was not, and the instance is as it was


batch = sa.Table(
    "batch",
    metadata,
    sa.Column("key", Key, primary_key=True, autoincrement=False),
    sa.Column("action", Choice(BatchAction), nullable=False),
    sa.Column("orders", JsonText, nullable=False, comment="what exactly is done to each instance, and why"),
    sa.Column("dry_run", sa.Boolean, nullable=False),
    sa.Column("state", Choice(BatchState), nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("refused", sa.Integer, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("actor_name", sa.Text, nullable=False),
    sa.Column(
        "acts_as", JsonText, nullable=False, comment="whose rights are asked for, as they are at each instance's turn"
    ),
    sa.Column("begun_at", Instant, nullable=False),
    sa.Column("ended_at", Instant, index=True),
    one_of("action", BatchAction),
    one_of("state", BatchState),
    sa.CheckConstraint("(state = 'running') = (ended_at IS NULL)", name="ended"),
    sa.CheckConstraint("done >= 0 AND refused >= 0 AND done + refused <= total", name="counts"),
    comment="One order over many process instances.",
)
sa.Index("ix_batch_actor", batch.c.actor, batch.c.key)

item = sa.Table(
    "batch_item",
    metadata,
    sa.Column("batch", Key, sa.ForeignKey(batch.c.key), primary_key=True),
    sa.Column("instance", Key, sa.ForeignKey(instance.c.key), primary_key=True),
    sa.Column("state", Choice(ItemState), nullable=False),
    sa.Column("reasons", JsonText, nullable=False, comment="why it was refused"),
    one_of("state", ItemState),
    comment="What became of one instance in a batch.",
)
sa.Index("ix_batch_item_state", item.c.batch, item.c.state, item.c.instance)
sa.Index("ix_batch_item_instance", item.c.instance)


@dataclass(frozen=True, slots=True)
class Batch:
    """One order over many instances, and how far it is.

    Attributes:
        orders: what exactly is done, as JSON.
        actor: id of who gave it; ``acts_as``: what is needed to know that actor's rights again.
    """

    key: BatchKey
    action: BatchAction
    orders: Mapping[str, Any]
    dry_run: bool
    state: BatchState
    total: int
    done: int
    refused: int
    actor: str
    actor_name: str
    acts_as: Mapping[str, Any]
    begun_at: datetime
    ended_at: datetime | None

    @property
    def left(self) -> int:
        """How many instances have not had their turn."""
        return self.total - self.done - self.refused


@dataclass(frozen=True, slots=True)
class Item:
    """What became of one instance; ``reasons`` say why it was refused."""

    instance: InstanceKey
    state: ItemState
    reasons: tuple[Problem, ...]


_COLUMNS = columns(batch, Batch)


def add(uow: UnitOfWork, row: Batch, instances: Sequence[int]) -> None:
    """Store a new batch over these instances."""
    uow.execute(sa.insert(batch), {column.name: getattr(row, column.name) for column in _COLUMNS})
    if instances:
        state = ItemState.LEFT
        uow.execute(
            sa.insert(item),
            [{"batch": row.key, "instance": key, "state": state, "reasons": []} for key in instances],
        )


def get(uow: UnitOfWork, key: int, *, lock: bool = False) -> Batch:
    """Give a batch; ``lock``: others wait for this transaction.

    Raises:
        NotFound: there is none with this key.
    """
    query = sa.select(*_COLUMNS).where(batch.c.key == key)
    found = one(Batch, uow.execute(query.with_for_update() if lock else query))
    if found is None:
        raise NotFound("there is no batch {key}", key=key)
    return found


def select(uow: UnitOfWork, *, actor: str | None = None, limit: int = 50) -> list[Batch]:
    """List batches, the newest first; ``actor``: those of one."""
    query = sa.select(*_COLUMNS).order_by(batch.c.key.desc()).limit(limit)
    return many(Batch, uow.execute(query if actor is None else query.where(batch.c.actor == actor)))


def items(
    uow: UnitOfWork, key: int, *, state: ItemState | None = None, after: int | None = None, limit: int = 100
) -> list[Item]:
    """List what became of the instances of a batch, oldest instance first; ``after`` is the last one of the page before."""
    query = sa.select(item.c.instance, item.c.state, item.c.reasons).where(item.c.batch == key)
    if state is not None:
        query = query.where(item.c.state == state)
    if after is not None:
        query = query.where(item.c.instance > after)
    rows = uow.execute(query.order_by(item.c.instance).limit(limit))
    return [Item(row.instance, row.state, tuple(map(problem, row.reasons))) for row in rows]


_MARK = (
    sa.update(item)
    .where(item.c.batch == sa.bindparam("b_batch"), item.c.instance == sa.bindparam("b_instance"))
    .values(state=sa.bindparam("b_state"), reasons=sa.bindparam("b_reasons"))
)


def mark(uow: UnitOfWork, key: int, results: Iterable[Item]) -> None:
    """Store what became of some instances, and count it."""
    rows = [
        {
            "b_batch": key,
            "b_instance": each.instance,
            "b_state": each.state,
            "b_reasons": [problem_json(reason) for reason in each.reasons],
        }
        for each in results
    ]
    if not rows:
        return
    uow.execute(_MARK, rows)
    done = sum(row["b_state"] is ItemState.DONE for row in rows)
    counted = {"done": batch.c.done + done, "refused": batch.c.refused + len(rows) - done}
    uow.execute(sa.update(batch).where(batch.c.key == key).values(**counted))


def end(uow: UnitOfWork, key: int, state: BatchState) -> None:
    """Store that a batch has come to its end."""
    uow.execute(sa.update(batch).where(batch.c.key == key).values(state=state, ended_at=uow.now))


def forget(uow: UnitOfWork, until: datetime) -> int:
    """Delete batches that ended before ``until``; what they did is in the histories. Say how many."""
    old = sa.select(batch.c.key).where(batch.c.ended_at < until)
    uow.execute(sa.delete(item).where(item.c.batch.in_(old)))
    return int(uow.execute(sa.delete(batch).where(batch.c.ended_at < until)).rowcount)
