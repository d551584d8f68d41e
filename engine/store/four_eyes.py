"""Which open tasks want other eyes than those of an earlier step, and who that keeps away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from engine.model.keys import UserKey
from engine.model.states import TaskState
from engine.model.values import actor_id
from engine.store.database import UnitOfWork
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


# written out: it stands in every branch of an inbox, and SQLAlchemy would walk through all of its parts for each page
_NOBODY_DID = """NOT EXISTS (
    SELECT 1 FROM four_eyes
    JOIN task AS checked ON checked.key = four_eyes.task
    JOIN task AS earlier ON earlier.instance = checked.instance AND earlier.element_id = four_eyes.element_id
    WHERE four_eyes.task = candidate.task AND earlier.key <> checked.key
    AND (earlier.holder IN :people OR earlier.state = 'completed' AND earlier.changed_by IN :actors)
)"""


def open_to(people: Sequence[int]) -> sa.TextClause:
    """Keep the candidate rows whose task none of some people is kept from; one look under a key where it wants no other eyes."""
    return sa.text(_NOBODY_DID).bindparams(
        sa.bindparam("people", people, expanding=True),
        sa.bindparam("actors", [actor_id(each) for each in people], expanding=True),
    )


def _by(people: Sequence[int]) -> sa.ColumnElement[bool]:
    # whoever is called away from a step that they held has worked on it too
    completed = sa.and_(
        _earlier.c.state == TaskState.COMPLETED, _earlier.c.changed_by.in_([actor_id(each) for each in people])
    )
    return sa.or_(_earlier.c.holder.in_(people), completed)
