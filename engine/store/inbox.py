"""Reads inboxes: a page is a merge of a few index ranges, one for each place from which a person may take tasks.

Neither the number of open tasks nor that of other people's work changes what a page costs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa

from engine.model.keys import UserTaskKey
from engine.model.states import TaskState
from engine.store.candidates import NO_DUE_DATE, candidate
from engine.store.database import UnitOfWork
from engine.store.four_eyes import asking, open_to
from engine.store.instances import instance
from engine.store.prepared import Prepared, listed, room, spread
from engine.store.tasks import COLUMNS, Task, task
from engine.store.units import Scope, beyond, unit, within
from engine.store.versions import definition


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

    ``text`` is looked for in the name of the task, the business key and the title. ``holder`` is an account, ``free`` means that nobody
    holds it, ``role`` is one of those that it is offered to.
    """

    process_id: str = ""
    element_id: str = ""
    text: str = ""
    unit_path: str = ""
    due_before: datetime | None = None
    holder: int | None = None
    free: bool = False
    role: str = ""

    def values(self) -> dict[str, Any]:
        """Give what narrows, by the names under which a query knows it."""
        found = {each.name: getattr(self, each.name) for each in fields(self) if getattr(self, each.name)}
        if self.unit_path:
            found["unit_end"] = beyond(self.unit_path)
        if self.text:
            found["text"] = "%" + re.sub(r"([%_/])", r"/\1", self.text) + "%"
        return found


@dataclass(frozen=True, slots=True)
class Found:
    """A task in an inbox, with what its row shows of the instance."""

    task: Task
    business_key: str
    title: str
    grade: str
    process_name: str


Place = tuple[str, int]
"""From where tasks may be taken: a role at a unit, or one person."""
_RANK: sa.ColumnElement[int] = sa.literal_column("-task.priority", sa.Integer)
_CLAIMED = task.c.state == sa.literal_column("'claimed'")
_DUE = sa.func.coalesce(task.c.due_at, sa.literal(NO_DUE_DATE, type_=task.c.due_at.type))
_HELD: dict[Sort, list[Any]] = {Sort.DUE: [_DUE], Sort.PRIORITY: [_RANK, _DUE]}
_FREE: dict[Sort, list[Any]] = {Sort.DUE: [candidate.c.due_at], Sort.PRIORITY: [candidate.c.rank, candidate.c.due_at]}


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the text of a query depends on: not who asks, but at how many places, for how many people, narrowed by what."""

    view: View
    places: int
    holders: int
    people: int
    sort: Sort
    after: bool
    filters: frozenset[str]
    limit: int


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
    shape, values = _shape(view, places, holders, wanted, sort, after, limit)
    query = _page(shape)
    found = set(uow.fetch(query, values)) if query else set()
    return sorted(found, reverse=sort is Sort.NEWEST)[:limit]


def counts(
    uow: UnitOfWork, views: Sequence[View], places: Iterable[Place], holders: Sequence[Any], *, limit: int = 1000
) -> dict[View, int]:
    """Count the tasks of some views in one statement, each up to ``limit``: nobody reads more, and counting them would cost as much."""
    asked = [_shape(view, list(places), holders, Filter(), Sort.OLDEST, (), limit) for view in views]
    query = _counts(tuple(shape for shape, _ in asked))
    known = {name: value for _, values in asked for name, value in values.items()}
    found = {View(view): int(count) for view, count in uow.fetch(query, known)} if query else {}
    return {view: found.get(view, 0) for view in views}


def _shape(
    view: View,
    places: Iterable[Place],
    holders: Sequence[Any],
    wanted: Filter,
    sort: Sort,
    after: Sequence[Any],
    limit: int,
) -> tuple[_Shape, dict[str, Any]]:
    filters = wanted.values()
    values = {f"b_{name}": value for name, value in filters.items()}
    people = room(len(holders)) if holders and view is not View.TEAM else 0
    held = people if view in (View.MINE, View.TODO) else 0
    if held:
        values |= spread("b_holder", holders, held)
    offers = list(places) if view in (View.OFFERED, View.TODO, View.TEAM) else []
    if people and offers:
        values |= asking(holders, people)
    for number, (role, at) in enumerate(offers):
        values |= {f"b_role{number}": role, f"b_unit{number}": at}
    values |= {f"b_after{number}": value for number, value in enumerate(after)}
    return _Shape(view, len(offers), held, people, sort, bool(after), frozenset(filters), limit), values


@lru_cache(maxsize=500)
def _page(shape: _Shape) -> Prepared | None:
    branches = [sa.select(branch.limit(shape.limit).subquery()) for branch in _branches(shape)]
    return Prepared(sa.union_all(*branches)) if branches else None


@lru_cache(maxsize=500)
def _counts(shapes: tuple[_Shape, ...]) -> Prepared | None:
    counted = []
    for shape in shapes:
        branches = [sa.select(branch.limit(shape.limit).subquery().c.task) for branch in _branches(shape)]
        if branches:
            some = sa.union(*branches).limit(shape.limit).subquery()
            view = sa.literal_column(f"'{shape.view.value}'", sa.Text)
            counted.append(sa.select(view.label("view"), sa.func.count().label("count")).select_from(some))
    return Prepared(sa.union_all(*counted)) if counted else None


def _branches(shape: _Shape) -> list[sa.Select[Any]]:
    found: list[sa.Select[Any]] = []
    if shape.holders:
        keys = _HELD.get(shape.sort, [])
        query = sa.select(*(each.label(f"s{n}") for n, each in enumerate(keys)), task.c.key.label("task"))
        query = query.where(listed(task.c.holder, "b_holder", shape.holders), _CLAIMED)
        found.append(_ordered(_narrowed(query, shape.filters), [*keys, task.c.key], shape))
    for number in range(shape.places):
        keys = _FREE.get(shape.sort, [])
        query = sa.select(*(each.label(f"s{n}") for n, each in enumerate(keys)), candidate.c.task)
        query = query.where(
            candidate.c.role == sa.bindparam(f"b_role{number}"),
            candidate.c.unit == sa.bindparam(f"b_unit{number}"),
            candidate.c.claimed == (shape.view is View.TEAM),
        )
        if shape.people:
            query = query.where(open_to(shape.people))
        if shape.filters:
            query = _narrowed(query.join(task, task.c.key == candidate.c.task), shape.filters)
        found.append(_ordered(query, [*keys, candidate.c.task], shape))
    return found


def _narrowed(query: sa.Select[Any], filters: frozenset[str]) -> sa.Select[Any]:
    for name in ("process_id", "element_id"):
        if name in filters:
            query = query.where(task.c[name] == sa.bindparam(f"b_{name}"))
    if "holder" in filters:
        query = query.where(task.c.holder == sa.bindparam("b_holder"), _CLAIMED)
    if "free" in filters:
        query = query.where(task.c.state == sa.literal_column("'created'"))
    if "role" in filters:
        asked = candidate.alias("asked")
        query = query.where(
            sa.exists(sa.select(1).where(asked.c.task == task.c.key, asked.c.role == sa.bindparam("b_role")))
        )
    if "due_before" in filters:
        query = query.where(task.c.due_at < sa.bindparam("b_due_before"))
    if "unit_path" in filters:
        at = sa.select(unit.c.key).where(
            unit.c.path >= sa.bindparam("b_unit_path"), unit.c.path < sa.bindparam("b_unit_end")
        )
        query = query.where(task.c.unit.in_(at))
    if "text" in filters:
        looked_in = (task.c.name, instance.c.business_key, instance.c.title)
        query = query.join(instance, instance.c.key == task.c.instance).where(
            sa.or_(
                *(sa.func.lower(column).like(sa.func.lower(sa.bindparam("b_text")), escape="/") for column in looked_in)
            )
        )
    return query


def _ordered(query: sa.Select[Any], keys: list[Any], shape: _Shape) -> sa.Select[Any]:
    newest_first = shape.sort is Sort.NEWEST
    if shape.after:
        last = sa.tuple_(*(sa.bindparam(f"b_after{number}", type_=key.type) for number, key in enumerate(keys)))
        query = query.where(sa.tuple_(*keys) < last if newest_first else sa.tuple_(*keys) > last)
    return query.order_by(*(key.desc() if newest_first else key for key in keys))


def some(uow: UnitOfWork, keys: Sequence[int]) -> list[Found]:
    """Give tasks with what an inbox shows of their instances, in the order of their keys given."""
    if not keys:
        return []
    places = room(len(keys))
    own = len(COLUMNS)
    rows = [Found(Task(*row[:own]), *row[own:]) for row in uow.fetch(_some(places), spread("b_key", keys, places))]
    found = {row.task.key: row for row in rows}
    return [found[UserTaskKey(key)] for key in keys if key in found]


def _rows() -> sa.Select[Any]:
    return (
        sa.select(*COLUMNS, instance.c.business_key, instance.c.title, instance.c.grade, definition.c.name)
        .join(instance, instance.c.key == task.c.instance)
        .join(definition, definition.c.key == task.c.definition)
    )


@cache
def _some(places: int) -> Prepared:
    return Prepared(_rows().where(listed(task.c.key, "b_key", places)))


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


def everybodys(
    uow: UnitOfWork,
    bound: Scope,
    *,
    wanted: Filter,
    newest_first: bool = False,
    after: int | None = None,
    limit: int = 50,
) -> list[Found]:
    """List the open tasks in a part of the organisation by age, whoever they are offered to, in one statement: for supervisors."""
    filters = wanted.values()
    chosen = _narrowed(sa.select(task.c.key), frozenset(filters)).where(
        within(task.c.unit, bound), sa.text("task.state IN ('created', 'claimed')")
    )
    if after is not None:
        chosen = chosen.where(task.c.key > after)
    query = _rows().where(task.c.key.in_(chosen.order_by(task.c.key).limit(limit))).order_by(task.c.key)
    values = {f"b_{name}": value for name, value in filters.items()}
    own = len(COLUMNS)
    return [Found(Task(*row[:own]), *row[own:]) for row in uow.execute(query, values)]
