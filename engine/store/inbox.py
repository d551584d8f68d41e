"""Reads inboxes: a page is a merge of a few index ranges, one for each place from which a person may take tasks.

Neither the number of open tasks nor that of other people's work changes what a page costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from engine.model.keys import UserTaskKey
from engine.model.states import TaskState
from engine.store.database import UnitOfWork
from engine.store.deployments import definition
from engine.store.four_eyes import open_to
from engine.store.instances import instance
from engine.store.tasks import COLUMNS, NO_DUE_DATE, Task, candidate, task
from engine.store.units import Scope, within


class View(StrEnum):
    """Which tasks a person looks at."""

    MINE = "mine"  #: held by the person, or by an absent colleague whose work it does
    OFFERED = "offered"  #: free, and offered to the person
    TODO = "todo"  #: both of them
    TEAM = "team"  #: offered to the person and held by somebody


class Sort(StrEnum):
    """The order of an inbox."""

    DUE = "due"  #: what is due first, first; what has no due date, last
    PRIORITY = "priority"  #: the most urgent first, then by due date
    OLDEST = "oldest"  #: the longest waiting first
    NEWEST = "newest"  #: the youngest first


@dataclass(frozen=True, slots=True)
class Filter:
    """Which of the tasks to list; what is not set does not narrow.

    ``text`` is looked for in the name of the task, the business key and the title.
    """

    process_id: str = ""
    element_id: str = ""
    text: str = ""
    unit_path: str = ""
    due_before: datetime | None = None

    @property
    def is_set(self) -> bool:
        """Whether it narrows anything."""
        return self != Filter()


@dataclass(frozen=True, slots=True)
class Found:
    """A task in an inbox, with what its row shows of the instance."""

    task: Task
    business_key: str
    title: str
    grade: str
    process_name: str


Place = tuple[str, int]
_RANK: sa.ColumnElement[int] = sa.literal_column("-task.priority", sa.Integer)
_DUE = sa.func.coalesce(task.c.due_at, sa.literal(NO_DUE_DATE, type_=task.c.due_at.type))


def page(
    uow: UnitOfWork,
    view: View,
    places: Iterable[Place],
    holders: Sequence[Any],
    *,
    wanted: Filter = Filter(),  # noqa: B008 - an immutable constant
    sort: Sort = Sort.DUE,
    after: Sequence[Any] = (),
    limit: int = 50,
) -> list[tuple[Any, ...]]:
    """Give the sort keys of the next tasks, the task's key last in each.

    Args:
        places: (role, unit) from which the person may take tasks.
        holders: accounts whose tasks are the person's own.
        after: the sort keys of the last task of the page before.
    """
    branches = [
        branch.limit(limit).subquery() for branch in _branches(view, places, holders, wanted, sort, tuple(after))
    ]
    if not branches:
        return []
    found: set[tuple[Any, ...]] = set()
    for row in uow.execute(sa.union_all(*(sa.select(branch) for branch in branches))):
        found.add(tuple(row))
    return sorted(found, reverse=sort is Sort.NEWEST)[:limit]


def count(
    uow: UnitOfWork,
    view: View,
    places: Iterable[Place],
    holders: Sequence[Any],
    *,
    wanted: Filter = Filter(),  # noqa: B008 - an immutable constant
    limit: int = 1000,
) -> int:
    """Count the tasks of a view, up to ``limit``: nobody reads more, and counting them would cost as much as they are."""
    branches = [
        sa.select(branch.limit(limit).subquery().c.task)
        for branch in _branches(view, places, holders, wanted, Sort.OLDEST, ())
    ]
    if not branches:
        return 0
    some = sa.union(*branches).limit(limit).subquery()
    return int(uow.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())


def _branches(
    view: View,
    places: Iterable[Place],
    holders: Sequence[Any],
    wanted: Filter,
    sort: Sort,
    after: tuple[Any, ...],
) -> list[sa.Select[Any]]:
    found: list[sa.Select[Any]] = []
    unbarred = open_to(holders) if holders and view is not View.TEAM else None
    if view in (View.MINE, View.TODO) and holders:
        held: dict[Sort, list[Any]] = {Sort.DUE: [_DUE], Sort.PRIORITY: [_RANK, _DUE]}
        sorts = held.get(sort, [])
        query: sa.Select[Any] = sa.select(
            *(each.label(f"s{n}") for n, each in enumerate(sorts)), task.c.key.label("task")
        )
        query = query.where(task.c.holder.in_(holders), task.c.state == sa.literal_column("'claimed'"))
        found.append(_ordered(_narrowed(query, wanted), [*sorts, task.c.key], sort, after))
    if view in (View.OFFERED, View.TODO, View.TEAM):
        own: list[Any] = {Sort.DUE: [candidate.c.due_at], Sort.PRIORITY: [candidate.c.rank, candidate.c.due_at]}.get(
            sort, []
        )
        for role, unit in places:
            query = sa.select(*(each.label(f"s{n}") for n, each in enumerate(own)), candidate.c.task)
            query = query.where(
                candidate.c.role == role, candidate.c.unit == unit, candidate.c.claimed == (view is View.TEAM)
            )
            if unbarred is not None:
                query = query.where(unbarred)
            if wanted.is_set:
                query = _narrowed(query.join(task, task.c.key == candidate.c.task), wanted)
            found.append(_ordered(query, [*own, candidate.c.task], sort, after))
    return found


def _narrowed(query: sa.Select[Any], wanted: Filter) -> sa.Select[Any]:
    if wanted.process_id:
        query = query.where(task.c.process_id == wanted.process_id)
    if wanted.element_id:
        query = query.where(task.c.element_id == wanted.element_id)
    if wanted.due_before is not None:
        query = query.where(task.c.due_at < wanted.due_before)
    if wanted.unit_path:
        query = query.where(within(task.c.unit, Scope((wanted.unit_path,))))
    if wanted.text:
        query = query.join(instance, instance.c.key == task.c.instance).where(
            sa.or_(
                task.c.name.icontains(wanted.text, autoescape=True),
                instance.c.business_key.icontains(wanted.text, autoescape=True),
                instance.c.title.icontains(wanted.text, autoescape=True),
            )
        )
    return query


def _ordered(query: sa.Select[Any], keys: list[Any], sort: Sort, after: tuple[Any, ...]) -> sa.Select[Any]:
    newest_first = sort is Sort.NEWEST
    if after:
        last = sa.tuple_(*(sa.literal(value, type_=key.type) for key, value in zip(keys, after, strict=True)))
        query = query.where(sa.tuple_(*keys) < last if newest_first else sa.tuple_(*keys) > last)
    return query.order_by(*(key.desc() if newest_first else key for key in keys))


def some(uow: UnitOfWork, keys: Sequence[int]) -> list[Found]:
    """Give tasks with what an inbox shows of their instances, in the order of their keys given."""
    if not keys:
        return []
    query = (
        sa.select(
            *COLUMNS,
            instance.c.business_key,
            instance.c.title,
            instance.c.grade,
            definition.c.name.label("process_name"),
        )
        .join(instance, instance.c.key == task.c.instance)
        .join(definition, definition.c.key == task.c.definition)
        .where(task.c.key.in_(keys))
    )
    own = len(COLUMNS)
    found = {
        row.key: Found(Task(*row[:own]), row.business_key, row.title, row.grade, row.process_name)
        for row in uow.execute(query)
    }
    return [found[key] for key in keys if key in found]


def done(uow: UnitOfWork, actor: str, *, before: datetime | None = None, limit: int = 50) -> list[UserTaskKey]:
    """List the tasks that an actor has completed, the latest first; ``before`` is the last time of the page before."""
    query = (
        sa.select(task.c.key)
        .where(task.c.changed_by == actor, task.c.state == TaskState.COMPLETED)
        .order_by(task.c.done_at.desc(), task.c.key.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(task.c.done_at < before)
    return list(uow.execute(query).scalars())


def open_in(
    uow: UnitOfWork, bound: Scope, *, wanted: Filter, after: int | None = None, limit: int = 50
) -> list[UserTaskKey]:
    """List the open tasks in a part of the organisation, oldest first, whoever they are offered to: for supervisors."""
    query = _narrowed(sa.select(task.c.key), wanted).where(
        within(task.c.unit, bound), sa.text("task.state IN ('created', 'claimed')")
    )
    if after is not None:
        query = query.where(task.c.key > after)
    return list(uow.execute(query.order_by(task.c.key).limit(limit)).scalars())
