"""What is known about each file: whose it is, its name, what its bytes are. The bytes lie in a ``FileStore``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from engine.errors import NotFound
from engine.model.keys import FileKey, InstanceKey, UnitKey, UserTaskKey
from engine.store import tasks
from engine.store.database import UnitOfWork
from engine.store.rows import many
from engine.store.types import Instant, Key, columns, metadata

_LOOSE = sa.text("instance IS NULL")

file = sa.Table(
    "file",
    metadata,
    sa.Column("key", Key, primary_key=True, autoincrement=False),
    sa.Column("unit", Key, sa.ForeignKey("unit.key")),
    sa.Column("instance", Key, comment="the process instance it belongs to; null: handed in before there was one"),
    sa.Column("task", Key, comment="the user task it was handed in with"),
    sa.Column("uploader", sa.String(64), nullable=False, comment="id of the actor"),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("media_type", sa.String(100), nullable=False, comment="what the bytes are, not what the sender said"),
    sa.Column("size", sa.BigInteger, nullable=False, comment="bytes"),
    sa.Column("sha256", sa.String(64), nullable=False, index=True),
    sa.Column("created_at", Instant, nullable=False),
    sa.Index("ix_file_instance", "instance", "key"),
    sa.Index("ix_file_loose", "created_at", sqlite_where=_LOOSE, postgresql_where=_LOOSE),
    comment="A file that somebody handed in.",
)


@dataclass(frozen=True, slots=True)
class File:
    """A file that somebody handed in; ``size`` is in bytes, ``uploader`` the id of an actor."""

    key: FileKey
    unit: UnitKey | None
    instance: InstanceKey | None
    task: UserTaskKey | None
    uploader: str
    name: str
    media_type: str
    size: int
    sha256: str
    created_at: datetime

    @property
    def is_image(self) -> bool:
        """Whether a page may show it in place."""
        return self.media_type.startswith("image/")


_COLUMNS = columns(file, File)


def add(uow: UnitOfWork, row: File) -> None:
    """Store what is known about a file."""
    uow.execute(sa.insert(file).values(**{name: getattr(row, name) for name in File.__slots__}))


def get(uow: UnitOfWork, key: int) -> File:
    """Give what is known about a file.

    Raises:
        NotFound: there is none with this key.
    """
    found = select(uow, [key])
    if not found:
        raise NotFound("there is no file {key}", key=key)
    return found[0]


def select(uow: UnitOfWork, keys: Sequence[int]) -> list[File]:
    """List files by their keys; unknown ones are left out."""
    return many(File, uow.execute(sa.select(*_COLUMNS).where(file.c.key.in_(list(keys))).order_by(file.c.key)))


def of_instance(uow: UnitOfWork, instance: int) -> list[File]:
    """List the files of a process instance, in the order in which they came."""
    return many(File, uow.execute(sa.select(*_COLUMNS).where(file.c.instance == instance).order_by(file.c.key)))


def bind(
    uow: UnitOfWork, keys: Iterable[int], *, uploader: str, instance: int, unit: int | None, task: int | None
) -> int:
    """Give files that belong to no instance yet, and that this actor handed in, to one; give how many there were."""
    return uow.execute(
        sa.update(file)
        .where(file.c.key.in_(list(keys)), file.c.instance.is_(None), file.c.uploader == uploader)
        .values(instance=instance, unit=unit, task=task)
    ).rowcount


def worked_on(uow: UnitOfWork, instance: int, *, user: int, actor: str) -> bool:
    """Say whether a person holds a task of the instance, or was the last to change one."""
    query = sa.select(sa.literal(1)).where(
        tasks.task.c.instance == instance, sa.or_(tasks.task.c.holder == user, tasks.task.c.changed_by == actor)
    )
    return uow.execute(query.limit(1)).first() is not None


def loose(uow: UnitOfWork, before: datetime, limit: int) -> list[File]:
    """List files that came before an instant and were never given to an instance."""
    query = (
        sa.select(*_COLUMNS).where(file.c.instance.is_(None), file.c.created_at < before).order_by(file.c.created_at)
    )
    return many(File, uow.execute(query.limit(limit)))


def remove(uow: UnitOfWork, keys: Sequence[int]) -> None:
    """Forget files."""
    uow.execute(sa.delete(file).where(file.c.key.in_(list(keys))))


def known(uow: UnitOfWork, digests: Sequence[str]) -> set[str]:
    """Give those of the digests that some file still has."""
    return {sha for (sha,) in uow.execute(sa.select(file.c.sha256).where(file.c.sha256.in_(list(digests))).distinct())}
