"""What was deployed: the files under their SHA-256, and the versions of processes, decisions and forms that they hold."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from engine.errors import NotFound
from engine.model.keys import DefinitionKey, DeploymentKey, UnitKey
from engine.model.values import Actor, Resource
from engine.store.database import UnitOfWork
from engine.store.prepared import Prepared
from engine.store.rows import Record, many, one
from engine.store.types import Instant, Key, columns, metadata
from engine.store.units import Scope, unit, within

content = sa.Table(
    "content",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("bytes", sa.LargeBinary, nullable=False),
    comment="The original bytes of a deployed file, once however often it was deployed.",
)

deployment = sa.Table(
    "deployment",
    metadata,
    sa.Column("key", Key, primary_key=True, autoincrement=False),
    sa.Column("unit", Key, sa.ForeignKey(unit.c.key)),
    sa.Column(
        "digest", sa.String(64), nullable=False, index=True, comment="of the names and contents of all its files"
    ),
    sa.Column("deployed_at", Instant, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("actor_name", sa.Text, nullable=False),
    comment="Files that were deployed together, all or none.",
)

resource = sa.Table(
    "resource",
    metadata,
    sa.Column("deployment", Key, sa.ForeignKey(deployment.c.key), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("sha256", sa.String(64), sa.ForeignKey(content.c.sha256), nullable=False),
    comment="A file of a deployment.",
)


def _versioned(name: str, id_column: str, *more: sa.Column[Any], comment: str) -> sa.Table:
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


definition = _versioned(
    "definition",
    "process_id",
    sa.Column("unit", Key, sa.ForeignKey(unit.c.key)),
    sa.Column("history_ttl", sa.Text, comment="ISO 8601 duration; null: the settings say"),
    comment="One version of a process.",
)
decision = _versioned("decision", "decision_id", comment="One version of a decision.")
form = _versioned("form", "form_id", comment="One version of a form.")


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


@dataclass(frozen=True, slots=True)
class DeploymentRow:
    """Files that were deployed together; ``actor`` is the id of who did."""

    key: DeploymentKey
    unit: UnitKey | None
    digest: str
    deployed_at: datetime
    actor: str
    actor_name: str


_DEFINITION = columns(definition, ProcessDefinition)
_DECISION = columns(decision, DecisionVersion)
_FORM = columns(form, FormVersion)
_DEPLOYMENT = columns(deployment, DeploymentRow)


def sha256(data: bytes) -> str:
    """Name content by its hash."""
    return hashlib.sha256(data).hexdigest()


def digest(resources: Sequence[Resource]) -> str:
    """Name a set of files by their names and contents, whatever their order."""
    lines = sorted(f"{each.name}\0{sha256(each.content)}" for each in resources)
    return sha256("\n".join(lines).encode())


def add(uow: UnitOfWork, resources: Sequence[Resource], *, actor: Actor, unit_key: UnitKey | None) -> DeploymentKey:
    """Store a deployment and its files."""
    key = DeploymentKey(uow.new_key())
    hashes = {each.name: sha256(each.content) for each in resources}
    known = set(uow.execute(sa.select(content.c.sha256).where(content.c.sha256.in_(hashes.values()))).scalars())
    new = {hashes[each.name]: each.content for each in resources if hashes[each.name] not in known}
    if new:
        uow.execute(sa.insert(content), [{"sha256": sha, "bytes": data} for sha, data in new.items()])
    uow.execute(
        sa.insert(deployment),
        {
            "key": key,
            "unit": unit_key,
            "digest": digest(resources),
            "deployed_at": uow.now,
            "actor": actor.id,
            "actor_name": actor.name,
        },
    )
    uow.execute(sa.insert(resource), [{"deployment": key, "name": name, "sha256": sha} for name, sha in hashes.items()])
    return key


def add_versions(uow: UnitOfWork, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """Store versions of processes, decisions or forms."""
    if rows:
        uow.execute(sa.insert(table), rows)


def last_versions(uow: UnitOfWork, table: sa.Table, id_column: str, ids: Iterable[str]) -> dict[str, int]:
    """Give {id: highest version} of those that were deployed before."""
    column = table.c[id_column]
    query = (
        sa.select(column.label("id"), sa.func.max(table.c.version).label("version"))
        .where(column.in_(list(ids)))
        .group_by(column)
    )
    return {row.id: row.version for row in uow.execute(query)}


def of_deployment(uow: UnitOfWork, table: sa.Table, id_column: str, key: int) -> dict[str, int]:
    """Give {id: version} of the processes, decisions or forms of a deployment."""
    query = sa.select(table.c[id_column].label("id"), table.c.version).where(table.c.deployment == key)
    return {row.id: row.version for row in uow.execute(query)}


def keys_of_process(uow: UnitOfWork, process_id: str) -> list[DefinitionKey]:
    """List the keys of all versions of a process."""
    return list(uow.execute(sa.select(definition.c.key).where(definition.c.process_id == process_id)).scalars())


def newest_with(uow: UnitOfWork, digest_text: str) -> DeploymentRow | None:
    """Give the newest deployment of exactly these files, if there is one."""
    query = sa.select(*_DEPLOYMENT).where(deployment.c.digest == digest_text).order_by(deployment.c.key.desc()).limit(1)
    return one(DeploymentRow, uow.execute(query))


def get(uow: UnitOfWork, key: int) -> DeploymentRow:
    """Give a deployment.

    Raises:
        NotFound: there is none with this key.
    """
    found = one(DeploymentRow, uow.execute(sa.select(*_DEPLOYMENT).where(deployment.c.key == key)))
    if found is None:
        raise NotFound("there is no deployment {key}", key=key)
    return found


def resources(uow: UnitOfWork, key: int, *, suffix: str = "") -> list[Resource]:
    """Give the files of a deployment by name, those that end in ``suffix``."""
    query = (
        sa.select(resource.c.name, content.c.bytes)
        .join(content, content.c.sha256 == resource.c.sha256)
        .where(resource.c.deployment == key)
        .order_by(resource.c.name)
    )
    if suffix:
        query = query.where(resource.c.name.endswith(suffix, autoescape=True))
    return [Resource(row.name, bytes(row.bytes)) for row in uow.execute(query)]


def resource_names(uow: UnitOfWork, key: int) -> list[str]:
    """List the names of the files of a deployment."""
    query = sa.select(resource.c.name).where(resource.c.deployment == key).order_by(resource.c.name)
    return list(uow.execute(query).scalars())


def read(uow: UnitOfWork, key: int, name: str) -> bytes:
    """Give the bytes of one file of a deployment.

    Raises:
        NotFound: it has no such file.
    """
    found = uow.execute(
        sa.select(content.c.bytes)
        .join(resource, resource.c.sha256 == content.c.sha256)
        .where(resource.c.deployment == key, resource.c.name == name)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("deployment {key} has no file {name}", key=key, name=name)
    return bytes(found)


def process(uow: UnitOfWork, key: int) -> ProcessDefinition:
    """Give a version of a process.

    Raises:
        NotFound: there is none with this key.
    """
    found = one(ProcessDefinition, uow.execute(sa.select(*_DEFINITION).where(definition.c.key == key)))
    if found is None:
        raise NotFound("there is no process definition {key}", key=key)
    return found


def latest_process(
    uow: UnitOfWork,
    process_id: str,
    *,
    version: int | None = None,
    version_tag: str = "",
    deployment_key: int | None = None,
) -> ProcessDefinition | None:
    """Give the newest version of a process, narrowed to a version, a version tag or a deployment."""
    return _latest(
        uow, definition, _DEFINITION, ProcessDefinition, "process_id", process_id, version, version_tag, deployment_key
    )


def latest_decision(
    uow: UnitOfWork, decision_id: str, *, version_tag: str = "", deployment_key: int | None = None
) -> DecisionVersion | None:
    """Give the newest version of a decision, narrowed to a version tag or a deployment."""
    return _latest(
        uow, decision, _DECISION, DecisionVersion, "decision_id", decision_id, None, version_tag, deployment_key
    )


def latest_form(
    uow: UnitOfWork, form_id: str, *, version_tag: str = "", deployment_key: int | None = None
) -> FormVersion | None:
    """Give the newest version of a form, narrowed to a version tag or a deployment."""
    return _latest(uow, form, _FORM, FormVersion, "form_id", form_id, None, version_tag, deployment_key)


def _latest(
    uow: UnitOfWork,
    table: sa.Table,
    wanted: list[sa.Column[Any]],
    record: type[Record],
    id_column: str,
    id_: str,
    version: int | None,
    version_tag: str,
    deployment_key: int | None,
) -> Record | None:
    given = {"version": version, "version_tag": version_tag or None, "deployment": deployment_key}
    narrowed = {name: value for name, value in given.items() if value is not None}
    query = _newest(table, tuple(wanted), id_column, tuple(narrowed))
    return one(record, uow.fetch(query, {f"b_{name}": value for name, value in {id_column: id_, **narrowed}.items()}))


@cache
def _newest(table: sa.Table, wanted: tuple[sa.Column[Any], ...], id_column: str, narrowed: tuple[str, ...]) -> Prepared:
    query = sa.select(*wanted).order_by(table.c.version.desc()).limit(1)
    return Prepared(query.where(*(table.c[name] == sa.bindparam(f"b_{name}") for name in (id_column, *narrowed))))


def processes(
    uow: UnitOfWork, scope: Scope, *, process_id: str = "", latest: bool = True, deployment_key: int | None = None
) -> list[ProcessDefinition]:
    """List versions of processes by id, the newest first; ``latest``: only the newest of each.

    A process that was deployed for no unit belongs to everyone.
    """
    query = sa.select(*_DEFINITION).where(sa.or_(definition.c.unit.is_(None), within(definition.c.unit, scope)))
    if process_id:
        query = query.where(definition.c.process_id == process_id)
    if deployment_key is not None:
        query = query.where(definition.c.deployment == deployment_key)
    if latest:
        other = definition.alias()
        newer = sa.select(sa.literal(1)).where(
            other.c.process_id == definition.c.process_id, other.c.version > definition.c.version
        )
        query = query.where(~newer.exists())
    query = query.order_by(definition.c.process_id, definition.c.version.desc())
    return many(ProcessDefinition, uow.execute(query))


def decisions(uow: UnitOfWork, deployment_key: int) -> list[DecisionVersion]:
    """List the versions of decisions in a deployment, by id."""
    query = sa.select(*_DECISION).where(decision.c.deployment == deployment_key).order_by(decision.c.decision_id)
    return many(DecisionVersion, uow.execute(query))


def forms(uow: UnitOfWork, deployment_key: int) -> list[FormVersion]:
    """List the versions of forms in a deployment, by id."""
    query = sa.select(*_FORM).where(form.c.deployment == deployment_key).order_by(form.c.form_id)
    return many(FormVersion, uow.execute(query))
