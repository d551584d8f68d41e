"""Who works on a job: look for what is due, lease it, and answer under the lease."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

import sqlalchemy as sa

from engine.model.keys import JobKey
from engine.model.states import JobState
from engine.store.database import UnitOfWork
from engine.store.jobs import COLUMNS, PENDING, Job, claimable, job, next_at
from engine.store.prepared import Prepared, room, spread
from engine.store.rows import many


def waiting(
    uow: UnitOfWork, *, types: Sequence[str] | None, until: datetime, limit: int
) -> list[tuple[JobKey, datetime]]:
    """List jobs that could be taken by ``until``, in due order: (key, when). ``types``: None for the engine's own."""
    wanted = [""] if types is None else types
    if not wanted:
        return []
    places = room(len(wanted))
    rows = uow.fetch(_waiting(places, limit), {"b_until": until, **spread("b_type", wanted, places)})
    return [(JobKey(key), at) for key, at in rows]


@lru_cache(maxsize=200)
def _waiting(places: int, limit: int) -> Prepared:
    # one ordered range of the index per type, merged: sorting a long queue at every poll would cost more than the work
    branches = [
        sa.select(job.c.key, next_at.label("at"))
        .where(job.c.type == sa.bindparam(f"b_type{place}"), claimable, next_at <= sa.bindparam("b_until"))
        .order_by(next_at, job.c.key)
        .limit(limit)
        for place in range(places)
    ]
    if len(branches) == 1:
        return Prepared(branches[0])
    union = sa.union(*(sa.select(branch.subquery()) for branch in branches)).subquery()
    return Prepared(sa.select(union.c.key, union.c.at).order_by(union.c.at, union.c.key).limit(limit))


def next_due(uow: UnitOfWork) -> datetime | None:
    """Say when the engine's own next job can be taken."""
    query = sa.select(next_at).where(job.c.type == "", claimable).order_by(next_at, job.c.key).limit(1)
    return uow.execute(query).scalar_one_or_none()


def take(uow: UnitOfWork, keys: Sequence[JobKey], *, worker: str, lease: timedelta) -> list[Job]:
    """Lease those of these jobs that nobody else took meanwhile, in due order; attempts are counted now, before they run."""
    still = (
        sa.select(job.c.key).where(job.c.key.in_(keys), claimable, next_at <= uow.now).with_for_update(skip_locked=True)
    )
    taken = uow.execute(
        sa.update(job)
        .where(job.c.key.in_(still))
        .values(
            state=JobState.RUNNING,
            lease_until=uow.now + lease,
            lease_no=job.c.lease_no + 1,
            attempts=job.c.attempts + 1,
            crashes=sa.case((job.c.state == JobState.RUNNING, job.c.crashes + 1), else_=job.c.crashes),
            worker=worker,
        )
        .returning(*COLUMNS)
    )
    order = {key: place for place, key in enumerate(keys)}
    return sorted(many(Job, taken), key=lambda each: order[each.key])


_MINE = sa.and_(
    job.c.key == sa.bindparam("b_key"),
    job.c.state == sa.literal_column("'running'"),
    job.c.lease_no == sa.bindparam("b_lease_no"),
)
_REMOVE = sa.delete(job).where(_MINE)
_FINISH = (
    sa.update(job)
    .where(_MINE)
    .values(
        state=sa.bindparam("b_state"),
        lease_until=None,
        done_at=sa.bindparam("b_done_at"),
        due_at=sa.bindparam("b_due_at"),
        retries=sa.bindparam("b_retries"),
        error=sa.bindparam("b_error"),
        held=sa.bindparam("b_held"),
        crashes=0,
    )
)
_EXTEND = sa.update(job).where(_MINE).values(lease_until=sa.bindparam("b_until"))


def remove(uow: UnitOfWork, row: Job) -> bool:
    """Let go of a job of the engine's own that is done; False when the lease is no longer ours."""
    return bool(uow.execute(_REMOVE, {"b_key": row.key, "b_lease_no": row.lease_no}).rowcount)


def finish(
    uow: UnitOfWork,
    row: Job,
    state: JobState,
    *,
    due_at: datetime | None = None,
    retries: int | None = None,
    error: str = "",
    held: bool = False,
) -> bool:
    """Store how a leased job went; False when the lease is no longer ours."""
    done = uow.execute(
        _FINISH,
        {
            "b_key": row.key,
            "b_lease_no": row.lease_no,
            "b_state": state,
            "b_done_at": None if state in PENDING else uow.now,
            "b_due_at": due_at or row.due_at,
            "b_retries": row.retries if retries is None else retries,
            "b_error": error[:2000],
            "b_held": held,
        },
    )
    return bool(done.rowcount)


def extend(uow: UnitOfWork, row: Job, until: datetime) -> bool:
    """Prolong a lease; False when it is no longer ours."""
    return bool(uow.execute(_EXTEND, {"b_key": row.key, "b_lease_no": row.lease_no, "b_until": until}).rowcount)
