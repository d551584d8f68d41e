"""How many tokens stand at each element and how many passed it, kept as small additions that are folded later.

A page that shows a diagram with its numbers never counts instances, and no two commands ever wait for one counter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

import sqlalchemy as sa

from engine.store.database import UnitOfWork
from engine.store.prepared import Prepared
from engine.store.types import Choice, Key, metadata, one_of
from engine.store.upsert import upsert
from engine.store.versions import definition


class Count(StrEnum):
    """What is counted at an element."""

    LIVE = "live"  #: element instances that are there now
    COMPLETED = "completed"  #: that went through
    TERMINATED = "terminated"  #: that were ended early
    INCIDENTS = "incidents"  #: that are stopped by an incident now


counter = sa.Table(
    "counter",
    metadata,
    sa.Column("definition", Key, sa.ForeignKey(definition.c.key), primary_key=True),
    sa.Column("element_id", sa.Text, primary_key=True),
    sa.Column("what", Choice(Count), primary_key=True),
    sa.Column("n", sa.BigInteger, nullable=False),
    one_of("what", Count),
    comment="Folded counts of one version's elements.",
)
delta = sa.Table(
    "counter_delta",
    metadata,
    sa.Column("key", Key, primary_key=True, autoincrement=False),
    sa.Column("definition", Key, sa.ForeignKey(definition.c.key), nullable=False, index=True),
    sa.Column("element_id", sa.Text, nullable=False),
    sa.Column("what", Choice(Count), nullable=False),
    sa.Column("n", sa.Integer, nullable=False),
    one_of("what", Count),
    comment="What is still to be added to the counts.",
)
_INSERT = Prepared(sa.insert(delta))


def add(uow: UnitOfWork, definition_key: int, changes: Mapping[tuple[str, Count], int]) -> None:
    """Note by how much counts change."""
    rows = [
        {"key": uow.new_key(), "definition": definition_key, "element_id": element_id, "what": what, "n": n}
        for (element_id, what), n in changes.items()
        if n
    ]
    if rows:
        uow.execute(_INSERT, rows)


def of(uow: UnitOfWork, definition_keys: Sequence[int]) -> dict[str, dict[Count, int]]:
    """Give the counts of some versions of a process together: {element id: {what: how many}}."""
    total: Counter[tuple[str, Count]] = Counter()
    for table in (counter, delta):
        query = (
            sa.select(table.c.element_id, table.c.what, sa.func.sum(table.c.n).label("n"))
            .where(table.c.definition.in_(definition_keys))
            .group_by(table.c.element_id, table.c.what)
        )
        for row in uow.execute(query):
            total[row.element_id, row.what] += int(row.n)
    found: dict[str, dict[Count, int]] = {}
    for (element_id, what), n in sorted(total.items()):
        found.setdefault(element_id, {})[what] = n
    return found


def unfolded(uow: UnitOfWork) -> int:
    """Count the changes that are still to be folded."""
    return int(uow.execute(sa.select(sa.func.count()).select_from(delta)).scalar_one())


def fold(uow: UnitOfWork, *, limit: int = 5000) -> int:
    """Add the oldest pending changes to the counts; say how many there were. Two at once take different ones."""
    rows = uow.execute(
        sa.delete(delta)
        .where(
            delta.c.key.in_(sa.select(delta.c.key).order_by(delta.c.key).limit(limit).with_for_update(skip_locked=True))
        )
        .returning(delta.c.definition, delta.c.element_id, delta.c.what, delta.c.n)
    ).all()
    total: Counter[tuple[int, str, Count]] = Counter()
    for row in rows:
        total[row.definition, row.element_id, row.what] += row.n
    if total:
        _add_up(uow, ((*key, n) for key, n in sorted(total.items()) if n))
    return len(rows)


def _add_up(uow: UnitOfWork, sums: Iterable[tuple[int, str, Count, int]]) -> None:
    rows = [{"definition": d, "element_id": e, "what": what, "n": n} for d, e, what, n in sums]
    if rows:
        uow.execute(upsert(uow, counter, (), add=("n",)), rows)
