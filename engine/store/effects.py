"""Effects on outside systems: a row under a unique key before each call, so that no call is made twice unknowingly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from engine.model.keys import InstanceKey, JobKey
from engine.store.database import UnitOfWork
from engine.store.instances import instance
from engine.store.rows import many, one
from engine.store.types import Choice, Instant, JsonText, Key, columns, metadata, one_of
from engine.store.upsert import insert_new


class EffectState(StrEnum):
    """How far a call to an outside system came."""

    BEGUN = "begun"  #: the call is being made, or its caller died
    DONE = "done"  #: final: the outside system confirmed it
    FAILED = "failed"  #: the outside system refused it: nothing happened there


effect = sa.Table(
    "effect",
    metadata,
    sa.Column("key", sa.Text, primary_key=True, comment="instance:element instance, sent as idempotency key"),
    sa.Column("instance", Key, sa.ForeignKey(instance.c.key), nullable=False, index=True),
    sa.Column("job", Key, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("state", Choice(EffectState), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("begun_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.Column("result", JsonText),
    one_of("state", EffectState),
    sa.CheckConstraint("(state = 'begun') = (ended_at IS NULL)", name="ended"),
    comment="A call to an outside system.",
)


@dataclass(frozen=True, slots=True)
class Effect:
    """A call to an outside system; ``key`` is its idempotency key."""

    key: str
    instance: InstanceKey
    job: JobKey
    type: str
    state: EffectState
    attempts: int
    begun_at: datetime
    ended_at: datetime | None
    result: Any


_COLUMNS = columns(effect, Effect)


def find(uow: UnitOfWork, key: str) -> Effect | None:
    """Give an effect, if its call was ever begun."""
    return one(Effect, uow.execute(sa.select(*_COLUMNS).where(effect.c.key == key)))


def add(uow: UnitOfWork, key: str, *, instance_key: int, job_key: int, type_: str) -> bool:
    """Note that a call is about to be made for the first time; False when it was begun before."""
    done = uow.execute(
        insert_new(uow, effect).returning(effect.c.key),
        {
            "key": key,
            "instance": instance_key,
            "job": job_key,
            "type": type_,
            "state": EffectState.BEGUN,
            "attempts": 1,
            "begun_at": uow.now,
        },
    )
    return done.one_or_none() is not None


def again(uow: UnitOfWork, key: str, *, job_key: int) -> None:
    """Note that the call is about to be made once more."""
    uow.execute(
        sa.update(effect)
        .where(effect.c.key == key)
        .values(state=EffectState.BEGUN, ended_at=None, job=job_key, attempts=effect.c.attempts + 1)
    )


def end(uow: UnitOfWork, key: str, state: EffectState, result: Any = None) -> bool:
    """Note how a call ended; False when it had ended already."""
    done = uow.execute(
        sa.update(effect)
        .where(effect.c.key == key, effect.c.state == EffectState.BEGUN)
        .values(state=state, ended_at=uow.now, result=result)
    )
    return bool(done.rowcount)


def of_instance(uow: UnitOfWork, instance_key: int) -> list[Effect]:
    """List the calls that an instance made, oldest first."""
    query = sa.select(*_COLUMNS).where(effect.c.instance == instance_key).order_by(effect.c.begun_at, effect.c.key)
    return many(Effect, uow.execute(query))
