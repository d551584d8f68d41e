"""Which open tasks want other eyes than those of an earlier step, and who that keeps away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.model.keys import UserKey
from engine.model.states import TaskState
from engine.model.values import actor_id
from engine.store.candidates import candidate
from engine.store.database import UnitOfWork
from engine.store.prepared import listed, spread
from engine.store.rows import many
from engine.store.tasks import task
from engine.store.types import Key, metadata

four_eyes = sa.Table(
    "four_eyes",
    metadata,
    sa.Column("task", Key, sa.ForeignKey(task.c.key), primary_key=True, autoincrement=False),
    sa.Column("element_id", sa.Text, primary_key=True, comment="the earlier step, in the same instance"),
    comment="A task that nobody does who did an earlier step. Most tasks have no row here.",
)

_checked = task.alias("checked")
_earlier = task.alias("earlier")
_EARLIER = (
    sa.select(_earlier.c.name, _earlier.c.holder, _earlier.c.changed_by, _earlier.c.state)
    .select_from(four_eyes)
    .join(_checked, _checked.c.key == four_eyes.c.task)
    .join(
        _earlier,
        sa.and_(
            _earlier.c.instance == _checked.c.instance,
            _earlier.c.element_id == four_eyes.c.element_id,
            _earlier.c.key != _checked.c.key,
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Did:
    """An earlier step that one of some people did or holds; ``holder``: in whose name."""

    step: str
    holder: UserKey | None
    changed_by: str
    state: TaskState

    def by(self, person: int) -> bool:
        """Say whether it was this person."""
        done = self.state is TaskState.COMPLETED and self.changed_by == actor_id(person)
        return done or self.holder == person


def add(uow: UnitOfWork, rows: Iterable[tuple[int, str]]) -> None:
    """Store (task, element id of the earlier step)."""
    if new := [{"task": key, "element_id": element_id} for key, element_id in rows]:
        uow.execute(sa.insert(four_eyes), new)


def asked(uow: UnitOfWork, keys: Sequence[int]) -> set[tuple[int, str]]:
    """Give the (task, element id of the earlier step) of some tasks."""
    query = sa.select(four_eyes.c.task, four_eyes.c.element_id).where(four_eyes.c.task.in_(keys))
    return {(row.task, row.element_id) for row in uow.execute(query)}


def did(uow: UnitOfWork, key: int, people: Sequence[int]) -> list[Did]:
    """List the earlier steps that keep one of some people from a task, the latest first."""
    query = _EARLIER.where(four_eyes.c.task == key, _by(people)).order_by(_earlier.c.key.desc())
    return many(Did, uow.execute(query))


def open_to(places: int) -> sa.ColumnElement[bool]:
    """Keep the candidate rows whose task none of so many people, whom ``asking`` names, is kept from.

    One look under a key where a task wants no other eyes.
    """
    completed = sa.and_(_earlier.c.state == TaskState.COMPLETED, listed(_earlier.c.changed_by, "b_actor", places))
    theirs = sa.or_(listed(_earlier.c.holder, "b_person", places), completed)
    return ~sa.exists(_EARLIER.where(four_eyes.c.task == candidate.c.task, theirs).correlate(candidate))


def asking(people: Sequence[int], places: int) -> dict[str, Any]:
    """Name the people of ``open_to``."""
    return spread("b_person", people, places) | spread("b_actor", [actor_id(each) for each in people], places)


def _by(people: Sequence[int]) -> sa.ColumnElement[bool]:
    # whoever is called away from a step that they held has worked on it too
    completed = sa.and_(
        _earlier.c.state == TaskState.COMPLETED, _earlier.c.changed_by.in_([actor_id(each) for each in people])
    )
    return sa.or_(_earlier.c.holder.in_(people), completed)
