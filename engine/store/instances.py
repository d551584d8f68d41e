"""Process instances: one row each, with the head of its snapshot; the nodes are in `snapshots`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.errors import NotFound
from engine.model.keys import DefinitionKey, InstanceKey, UnitKey
from engine.model.states import InstanceState
from engine.store.database import Clash, UnitOfWork
from engine.store.prepared import Prepared
from engine.store.rows import many, one
from engine.store.types import Choice, Instant, JsonText, Key, columns, in_text, metadata, one_of
from engine.store.units import Scope, unit, within
from engine.store.versions import definition

LIVE = (InstanceState.ACTIVE, InstanceState.SUSPENDED)

instance = sa.Table(
    "instance",
    metadata,
    sa.Column("key", Key, primary_key=True, autoincrement=False),
    sa.Column("definition", Key, sa.ForeignKey(definition.c.key), nullable=False),
    sa.Column("process_id", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, comment="of the definition"),
    sa.Column("state", Choice(InstanceState), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False, comment="counts the commands that moved it; guards every update"),
    sa.Column("unit", Key, sa.ForeignKey(unit.c.key)),
    sa.Column("business_key", sa.Text, nullable=False, comment="the caller's own identifier; empty when there is none"),
    sa.Column("start_key", sa.Text, comment="correlation key of the message that started it"),
    sa.Column("parent", Key, sa.ForeignKey("instance.key")),
    sa.Column("parent_ref", sa.Integer, comment="id of the call activity's element instance in the parent"),
    sa.Column("root", Key, nullable=False, comment="the outermost caller, or itself"),
    sa.Column("depth", sa.Integer, nullable=False),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("started_by", sa.Text, nullable=False),
    sa.Column("started_by_name", sa.Text, nullable=False),
    sa.Column("ended_at", Instant),
    sa.Column("incidents", sa.Integer, nullable=False, comment="how many are open"),
    sa.Column("events", sa.Integer, nullable=False, comment="how long its history is"),
    sa.Column("event_hash", sa.String(64), nullable=False, comment="head of its history's chain"),
    sa.Column("head", sa.Text, comment="head of the snapshot; null once it has ended"),
    sa.Column("result", JsonText, comment="its variables when it ended"),
    sa.Column("title", sa.Text, nullable=False, server_default="", comment="what it is about, as the process says it"),
    sa.Column(
        "grade", sa.Text, nullable=False, server_default="", comment="how urgent it is, in the process's own words"
    ),
    one_of("state", InstanceState),
    sa.CheckConstraint(f"({in_text('state', LIVE)}) = (ended_at IS NULL)", name="ended"),
    sa.CheckConstraint("(ended_at IS NULL) = (head IS NOT NULL)", name="head"),
    sa.CheckConstraint("(parent IS NULL) = (parent_ref IS NULL)", name="parent"),
    sa.CheckConstraint("incidents >= 0", name="incidents"),
    sa.CheckConstraint("depth > 0", name="depth"),
    comment="A process instance.",
)
sa.Index("ix_instance_process", instance.c.process_id, instance.c.state, instance.c.key)
sa.Index("ix_instance_unit", instance.c.unit, instance.c.key)
sa.Index("ix_instance_definition", instance.c.definition, instance.c.state)
sa.Index("ix_instance_business_key", instance.c.business_key, instance.c.key)
_has_parent = instance.c.parent.is_not(None)
sa.Index(
    "ix_instance_parent",
    instance.c.parent,
    instance.c.parent_ref,
    sqlite_where=_has_parent,
    postgresql_where=_has_parent,
)
_troubled = instance.c.incidents > 0
sa.Index("ix_instance_troubled", instance.c.key, sqlite_where=_troubled, postgresql_where=_troubled)
# a message with a correlation key starts no second instance of a process while the first one lives
_started_by_key = sa.and_(instance.c.start_key.is_not(None), instance.c.ended_at.is_(None))
sa.Index(
    "uq_instance_start_key",
    instance.c.process_id,
    instance.c.start_key,
    unique=True,
    sqlite_where=_started_by_key,
    postgresql_where=_started_by_key,
)


@dataclass(frozen=True, slots=True)
class Instance:
    """A process instance; ``started_by`` is the id of an actor."""

    key: InstanceKey
    definition: DefinitionKey
    process_id: str
    version: int
    state: InstanceState
    revision: int
    unit: UnitKey | None
    business_key: str
    title: str
    grade: str
    start_key: str | None
    parent: InstanceKey | None
    parent_ref: int | None
    root: InstanceKey
    depth: int
    started_at: datetime
    started_by: str
    started_by_name: str
    ended_at: datetime | None
    incidents: int
    events: int
    event_hash: str

    @property
    def is_live(self) -> bool:
        """Whether it has not ended."""
        return self.state in LIVE


@dataclass(frozen=True, slots=True)
class Locked:
    """An instance whose row this transaction holds, with what a move needs: its snapshot's head, its unit's path and zone."""

    row: Instance
    head: str | None
    unit_path: str
    zone: str


COLUMNS = columns(instance, Instance)
_INSERT = Prepared(sa.insert(instance))
_GET = Prepared(sa.select(*COLUMNS).where(instance.c.key == sa.bindparam("b_key")))
_LOCK = Prepared(
    sa.select(*COLUMNS, instance.c.head, unit.c.path, unit.c.zone)
    .outerjoin(unit, unit.c.key == instance.c.unit)
    .where(instance.c.key == sa.bindparam("b_key"))
    .with_for_update(of=instance)
)
_SAVE = Prepared(
    sa.update(instance)
    .where(instance.c.key == sa.bindparam("b_key"), instance.c.revision == sa.bindparam("b_revision"))
    .values(
        revision=instance.c.revision + 1,
        state=sa.bindparam("b_state"),
        head=sa.bindparam("b_head"),
        ended_at=sa.bindparam("b_ended_at"),
        result=sa.bindparam("b_result"),
        incidents=instance.c.incidents + sa.bindparam("b_incidents"),
        events=sa.bindparam("b_events"),
        event_hash=sa.bindparam("b_event_hash"),
        title=sa.bindparam("b_title"),
        grade=sa.bindparam("b_grade"),
    )
)


def new(
    uow: UnitOfWork,
    version: Any,
    *,
    key: int | None = None,
    unit_key: UnitKey | None,
    business_key: str,
    start_key: str | None,
    parent: Locked | Instance | None,
    parent_ref: int | None,
    actor_id: str,
    actor_name: str,
) -> Instance:
    """Make the row of a new instance of a process version; ``insert`` stores it once its first move is made."""
    own = InstanceKey(key if key is not None else uow.new_key())
    caller = parent.row if isinstance(parent, Locked) else parent
    return Instance(
        key=own,
        definition=version.key,
        process_id=version.process_id,
        version=version.version,
        state=InstanceState.ACTIVE,
        revision=0,
        unit=unit_key,
        business_key=business_key,
        title="",
        grade="",
        start_key=start_key,
        parent=caller.key if caller else None,
        parent_ref=parent_ref,
        root=caller.root if caller else own,
        depth=caller.depth + 1 if caller else 1,
        started_at=uow.now,
        started_by=actor_id,
        started_by_name=actor_name,
        ended_at=None,
        incidents=0,
        events=0,
        event_hash="",
    )


def insert(uow: UnitOfWork, row: Instance) -> None:
    """Store a new instance, with an empty snapshot until ``save`` stores the first."""
    uow.execute(_INSERT, {**{column.name: getattr(row, column.name) for column in COLUMNS}, "head": ""})


def get(uow: UnitOfWork, key: int) -> Instance:
    """Give an instance.

    Raises:
        NotFound: there is none with this key.
    """
    found = one(Instance, uow.fetch(_GET, {"b_key": key}))
    if found is None:
        raise NotFound("there is no process instance {key}", key=key)
    return found


def some(uow: UnitOfWork, keys: Sequence[int]) -> list[Instance]:
    """Give instances by their keys, in the order of age."""
    return many(Instance, uow.execute(sa.select(*COLUMNS).where(instance.c.key.in_(keys)).order_by(instance.c.key)))


def lock(uow: UnitOfWork, key: int) -> Locked:
    """Give an instance and hold its row until the transaction ends: one writer at a time moves it.

    Raises:
        NotFound: there is none with this key.
    """
    rows = uow.fetch(_LOCK, {"b_key": key})
    if not rows:
        raise NotFound("there is no process instance {key}", key=key)
    *fields, head, path, zone = rows[0]
    return Locked(Instance(*fields), head, path or "", zone or "")


def save(
    uow: UnitOfWork,
    row: Instance,
    *,
    state: InstanceState,
    head: str | None,
    result: Any,
    incidents: int,
    events: int,
    event_hash: str,
    about: tuple[str, str] | None = None,
) -> None:
    """Store what a command did to an instance.

    Args:
        incidents: by how many more are open.
        about: its title and grade; None leaves them as they are.

    Raises:
        Clash: another command moved it since it was read.
    """
    changed = uow.execute(
        _SAVE,
        {
            "b_key": row.key,
            "b_revision": row.revision,
            "b_state": state,
            "b_head": head,
            "b_ended_at": None if state in LIVE else row.ended_at or uow.now,
            "b_result": result,
            "b_incidents": incidents,
            "b_events": events,
            "b_event_hash": event_hash,
            "b_title": row.title if about is None else about[0],
            "b_grade": row.grade if about is None else about[1],
        },
    )
    if changed.rowcount != 1:
        raise Clash("another command moved process instance {key} first; try again", key=row.key)


def result(uow: UnitOfWork, key: int) -> Any:
    """Give the variables that an instance had when it ended; None while it is live."""
    return uow.execute(sa.select(instance.c.result).where(instance.c.key == key)).scalar_one_or_none()


@dataclass(frozen=True, slots=True)
class Filter:
    """Which instances to list; what is not set does not narrow.

    ``business_key`` is looked for as a prefix, ``text`` in it and in the title.
    """

    process_id: str = ""
    states: tuple[InstanceState, ...] = ()
    business_key: str = ""
    text: str = ""
    definition: int | None = None
    unit_path: str = ""
    started_by: str = ""
    with_incident: bool = False
    roots_only: bool = False
    started_from: datetime | None = None
    started_until: datetime | None = None


def select(
    uow: UnitOfWork,
    bound: Scope,
    wanted: Filter,
    *,
    after: int | None = None,
    oldest_first: bool = False,
    limit: int = 50,
) -> list[Instance]:
    """List the instances in a scope, the newest first unless ``oldest_first``; ``after`` is the last key of the page before."""
    query = sa.select(*COLUMNS).where(within(instance.c.unit, bound))
    if wanted.process_id:
        query = query.where(instance.c.process_id == wanted.process_id)
    if wanted.states:
        query = query.where(instance.c.state.in_(wanted.states))
    if wanted.business_key:
        query = query.where(instance.c.business_key.startswith(wanted.business_key, autoescape=True))
    if wanted.text:
        searched = (instance.c.business_key, instance.c.title)
        query = query.where(sa.or_(*(column.icontains(wanted.text, autoescape=True) for column in searched)))
    if wanted.definition is not None:
        query = query.where(instance.c.definition == wanted.definition)
    if wanted.unit_path:
        query = query.where(within(instance.c.unit, Scope((wanted.unit_path,))))
    if wanted.started_by:
        query = query.where(instance.c.started_by == wanted.started_by)
    if wanted.with_incident:
        query = query.where(instance.c.incidents > 0)
    if wanted.roots_only:
        query = query.where(instance.c.parent.is_(None))
    if wanted.started_from is not None:
        query = query.where(instance.c.started_at >= wanted.started_from)
    if wanted.started_until is not None:
        query = query.where(instance.c.started_at < wanted.started_until)
    if after is not None:
        query = query.where(instance.c.key > after if oldest_first else instance.c.key < after)
    query = query.order_by(instance.c.key if oldest_first else instance.c.key.desc()).limit(limit)
    return many(Instance, uow.execute(query))


def children(uow: UnitOfWork, key: int, *, ref: int | None = None, live: bool = False) -> list[Instance]:
    """List the instances that this one called, oldest first; ``ref``: by one of its call activities."""
    query = sa.select(*COLUMNS).where(instance.c.parent == key).order_by(instance.c.key)
    if ref is not None:
        query = query.where(instance.c.parent_ref == ref)
    if live:
        query = query.where(instance.c.ended_at.is_(None))
    return many(Instance, uow.execute(query))


def started_with(uow: UnitOfWork, process_ids: Sequence[str], start_key: str) -> frozenset[str]:
    """Say which of these processes have a live instance that a message with this correlation key started."""
    query = sa.select(instance.c.process_id).where(
        instance.c.process_id.in_(process_ids), instance.c.start_key == start_key, instance.c.ended_at.is_(None)
    )
    return frozenset(uow.execute(query).scalars())
