"""The versions of processes, decisions and forms that were deployed: numbered from 1 for every id, never changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic

import sqlalchemy as sa

from engine.errors import NotFound
from engine.model.keys import DefinitionKey, DeploymentKey, UnitKey
from engine.store.database import UnitOfWork
from engine.store.deployments import resource
from engine.store.prepared import Prepared
from engine.store.rows import Record, many, one
from engine.store.types import Key, columns, metadata
from engine.store.units import Scope, unit, within


def _table(name: str, id_column: str, *more: sa.Column[Any], comment: str) -> sa.Table:
    return sa.Table(
        name,
        metadata,
        sa.Column("key", Key, primary_key=True, autoincrement=False),
        sa.Column(id_column, sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("version_tag", sa.Text, nullable=False),
        sa.Column("deployment", Key, nullable=False, index=True),
        sa.Column("resource_name", sa.Text, nullable=False),
        *more,
        sa.UniqueConstraint(id_column, "version"),
        sa.CheckConstraint("version > 0", name="version"),
        sa.ForeignKeyConstraint(["deployment", "resource_name"], [resource.c.deployment, resource.c.name]),
        comment=comment,
    )


definition = _table(
    "definition",
    "process_id",
    sa.Column("unit", Key, sa.ForeignKey(unit.c.key)),
    sa.Column("history_ttl", sa.Text, comment="ISO 8601 duration; null: the settings say"),
    comment="One version of a process.",
)
decision = _table("decision", "decision_id", comment="One version of a decision.")
form = _table("form", "form_id", comment="One version of a form.")


@dataclass(frozen=True, slots=True)
class ProcessDefinition:
    """One version of a process."""

    key: DefinitionKey
    process_id: str
    version: int
    name: str
    version_tag: str
    deployment: DeploymentKey
    resource_name: str
    unit: UnitKey | None
    history_ttl: str | None


@dataclass(frozen=True, slots=True)
class DecisionVersion:
    """One version of a decision."""

    key: int
    decision_id: str
    version: int
    name: str
    version_tag: str
    deployment: DeploymentKey
    resource_name: str


@dataclass(frozen=True, slots=True)
class FormVersion:
    """One version of a form."""

    key: int
    form_id: str
    version: int
    name: str
    version_tag: str
    deployment: DeploymentKey
    resource_name: str


@dataclass(frozen=True, slots=True, eq=False)
class Kind(Generic[Record]):
    """What is deployed in versions: its table, the column of its id, and its row as a record."""

    table: sa.Table
    id_column: str
    record: type[Record]

    @property
    def columns(self) -> list[sa.Column[Any]]:
        """The columns of a record, in its order."""
        return columns(self.table, self.record)


PROCESSES = Kind(definition, "process_id", ProcessDefinition)
DECISIONS = Kind(decision, "decision_id", DecisionVersion)
FORMS = Kind(form, "form_id", FormVersion)
KINDS: tuple[Kind[Any], ...] = (PROCESSES, DECISIONS, FORMS)


def add(uow: UnitOfWork, kind: Kind[Any], rows: Sequence[dict[str, Any]]) -> None:
    """Store versions."""
    if rows:
        uow.execute(sa.insert(kind.table), rows)


def last(uow: UnitOfWork, kind: Kind[Any], ids: Iterable[str]) -> dict[str, int]:
    """Give {id: highest version} of those that were deployed before."""
    table, column = kind.table, kind.table.c[kind.id_column]
    query = (
        sa.select(column.label("id"), sa.func.max(table.c.version).label("version"))
        .where(column.in_(list(ids)))
        .group_by(column)
    )
    return {row.id: row.version for row in uow.execute(query)}


def of_deployment(uow: UnitOfWork, kind: Kind[Record], deployment: int) -> list[Record]:
    """List the versions in a deployment, by id."""
    table = kind.table
    query = sa.select(*kind.columns).where(table.c.deployment == deployment).order_by(table.c[kind.id_column])
    return many(kind.record, uow.execute(query))


def latest(
    uow: UnitOfWork,
    kind: Kind[Record],
    id_: str,
    *,
    version: int | None = None,
    version_tag: str = "",
    deployment: int | None = None,
) -> Record | None:
    """Give the newest version, narrowed to a version, a version tag or a deployment."""
    given = {"version": version, "version_tag": version_tag or None, "deployment": deployment}
    narrowed = {name: value for name, value in given.items() if value is not None}
    values = {kind.id_column: id_, **narrowed}
    return one(kind.record, uow.fetch(_latest(kind, tuple(values)), {f"b_{name}": values[name] for name in values}))


@cache
def _latest(kind: Kind[Any], narrowed: tuple[str, ...]) -> Prepared:
    table = kind.table
    query = sa.select(*kind.columns).order_by(table.c.version.desc()).limit(1)
    return Prepared(query.where(*(table.c[name] == sa.bindparam(f"b_{name}") for name in narrowed)))


def keys_of_process(uow: UnitOfWork, process_id: str) -> list[DefinitionKey]:
    """List the keys of all versions of a process."""
    return list(uow.execute(sa.select(definition.c.key).where(definition.c.process_id == process_id)).scalars())


def process(uow: UnitOfWork, key: int) -> ProcessDefinition:
    """Give a version of a process.

    Raises:
        NotFound: there is none with this key.
    """
    query = sa.select(*PROCESSES.columns).where(definition.c.key == key)
    found = one(ProcessDefinition, uow.execute(query))
    if found is None:
        raise NotFound("there is no process definition {key}", key=key)
    return found


def processes(
    uow: UnitOfWork, scope: Scope, *, process_id: str = "", only_latest: bool = True
) -> list[ProcessDefinition]:
    """List versions of processes by id, the newest first; ``only_latest``: only the newest of each.

    A process that was deployed for no unit belongs to everyone.
    """
    query = sa.select(*PROCESSES.columns).where(sa.or_(definition.c.unit.is_(None), within(definition.c.unit, scope)))
    if process_id:
        query = query.where(definition.c.process_id == process_id)
    if only_latest:
        other = definition.alias()
        newer = sa.select(sa.literal(1)).where(
            other.c.process_id == definition.c.process_id, other.c.version > definition.c.version
        )
        query = query.where(~newer.exists())
    query = query.order_by(definition.c.process_id, definition.c.version.desc())
    return many(ProcessDefinition, uow.execute(query))
