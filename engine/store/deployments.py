"""What was deployed: sets of files, each under its SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from engine.errors import NotFound
from engine.model.keys import DeploymentKey, UnitKey
from engine.model.values import Actor, Resource
from engine.store.database import UnitOfWork
from engine.store.rows import one
from engine.store.types import Instant, Key, columns, metadata
from engine.store.units import unit

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


@dataclass(frozen=True, slots=True)
class DeploymentRow:
    """Files that were deployed together; ``actor`` is the id of who did."""

    key: DeploymentKey
    unit: UnitKey | None
    digest: str
    deployed_at: datetime
    actor: str
    actor_name: str


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
