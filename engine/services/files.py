"""Files that people hand in: what they are is found out from their bytes, and who may read them follows the process instance."""

from __future__ import annotations

import io
import unicodedata
from datetime import timedelta
from pathlib import PurePath
from typing import BinaryIO

from engine.errors import Invalid, LimitExceeded, NotAllowed, NotFound, Problem, Text
from engine.model.keys import FileKey, InstanceKey, UnitKey, UserTaskKey
from engine.model.values import SYSTEM, Actor
from engine.services import audit, command, identity, sniff
from engine.services.engine import Engine
from engine.store import files, instances, tasks
from engine.store.database import UnitOfWork
from engine.store.files import File

MAX_BYTES = 10_000_000
LOOSE_FOR = timedelta(days=1)
"""How long a file may wait for the instance that it is handed in with."""


def upload(
    engine: Engine,
    source: BinaryIO,
    *,
    name: str,
    unit: int | None = None,
    instance: int | None = None,
    task: int | None = None,
    actor: Actor,
) -> File:
    """Keep a file for a process instance, a user task, or one that is about to start at a unit.

    The type is taken from the bytes; the name is cleaned and gets the ending of the type.

    Args:
        unit: where it belongs when there is no instance yet; ``attachments.hand_in`` gives it to the instance afterwards.

    Raises:
        LimitExceeded: it has more than 10 MB.
        Invalid: it is empty, or of a kind that is not accepted.
        NotFound: there is no such instance, task or unit.
        NotAllowed: the actor may not hand in files there.
    """
    content = source.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise LimitExceeded("a file has at most {limit} MB; make it smaller", limit=MAX_BYTES // 1_000_000)
    if not content:
        raise Invalid(Problem("file", Text("the file is empty")))
    media_type = sniff.media_type(content)
    with engine.store.read() as uow:  # nobody fills the disk who may not
        instance, unit = _place(uow, instance=instance, task=task, unit=unit)
        _require_upload(uow, actor, instance, unit)
    digest, size = engine.files.put(io.BytesIO(content), max_bytes=MAX_BYTES)

    def body(uow: UnitOfWork) -> File:
        row = File(
            key=FileKey(uow.new_key()),
            unit=None if unit is None else UnitKey(unit),
            instance=None if instance is None else InstanceKey(instance),
            task=None if task is None else UserTaskKey(task),
            uploader=actor.id,
            name=clean_name(name, media_type),
            media_type=media_type,
            size=size,
            sha256=digest,
            created_at=uow.now,
        )
        files.add(uow, row)
        return row

    return command.run(engine, "upload", body, actor=actor)


def _place(
    uow: UnitOfWork, *, instance: int | None, task: int | None, unit: int | None
) -> tuple[int | None, int | None]:
    """Give (instance, unit): a task decides the instance, an instance its unit."""
    if task is not None:
        instance = tasks.get(uow, task).instance
    if instance is not None:
        unit = instances.get(uow, instance).unit
    return instance, unit


def _require_upload(uow: UnitOfWork, actor: Actor, instance: int | None, unit: int | None) -> None:
    if actor.bound is not None:
        if instance != actor.bound.instance or actor.bound.purpose == "track":
            raise NotAllowed("this link does not take files")
    elif not _works_on(uow, actor, instance):
        identity.require(uow, actor, "create", "file", unit)


def _works_on(uow: UnitOfWork, actor: Actor, instance: int | None) -> bool:
    if instance is None or actor.user is None:
        return False
    return files.worked_on(uow, instance, user=actor.user, actor=actor.id)


def get(engine: Engine, key: int, *, actor: Actor) -> File:
    """Give what is known about a file.

    Raises:
        NotFound: there is none with this key that the actor may read.
    """
    with engine.store.read() as uow:
        return _readable(uow, key, actor)


def open_file(engine: Engine, key: int, *, actor: Actor) -> tuple[File, BinaryIO]:
    """Give a file and its bytes, open for reading. Serve what is not an image as a download, and nothing with another type.

    Raises:
        NotFound: there is none with this key that the actor may read.
    """
    row = get(engine, key, actor=actor)
    return row, engine.files.open(row.sha256)


def of_instance(engine: Engine, instance: int, *, actor: Actor) -> list[File]:
    """List those files of a process instance that the actor may read, in the order in which they came."""
    with engine.store.read() as uow:
        rows = files.of_instance(uow, instance)
        if not rows or (actor.bound is None and may_read(uow, rows[0], actor)):
            return rows
        return [row for row in rows if may_read(uow, row, actor)]


def may_read(uow: UnitOfWork, row: File, actor: Actor) -> bool:
    """Say whether an actor may read a file.

    Who handed it in may; so may who works on its instance, and who may read files where it belongs. A link reads the files of its
    instance: a vendor all of them, others the photos.
    """
    if actor.everything or row.uploader == actor.id:
        return True
    if actor.bound is not None:
        return row.instance == actor.bound.instance and (actor.bound.purpose == "vendor" or row.is_image)
    if row.instance is None:
        return False
    return identity.allowed(uow, actor, "read", "file", row.unit) or (
        actor.may("file", "read") and _works_on(uow, actor, row.instance)
    )


def _readable(uow: UnitOfWork, key: int, actor: Actor) -> File:
    row = files.get(uow, key)
    if not may_read(uow, row, actor):
        raise NotFound("there is no file {key}", key=key)
    return row


def sweep(engine: Engine, *, limit: int = 500) -> int:
    """Forget files that were handed in a day ago for nothing that ever started, and their bytes; give how many."""
    before = engine.clock.now() - LOOSE_FOR

    def body(uow: UnitOfWork) -> tuple[list[File], set[str]]:
        rows = files.loose(uow, before, limit)
        if not rows:
            return rows, set()
        files.remove(uow, [row.key for row in rows])
        data = {"files": [{"key": str(row.key), "sha256": row.sha256, "uploader": row.uploader} for row in rows]}
        audit.append(uow, audit.FILES, "file.sweep", len(rows), actor=SYSTEM, data=data)
        return rows, files.known(uow, [row.sha256 for row in rows])

    rows, kept = command.run(engine, "sweep files", body, actor=SYSTEM)
    for digest in {row.sha256 for row in rows} - kept:
        engine.files.remove(digest, stored_before=before)
    return len(rows)


def clean_name(name: str, media_type: str) -> str:
    """Give a name that is safe in a header, on a page and on a disk, with an ending that fits the type.

    Control and direction characters go (they can hide the real ending), so does any path; letters of every language stay.
    """
    flat = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    kept = "".join(char for char in flat if unicodedata.category(char)[0] != "C" and char not in '<>:"|?*').strip(" .")
    endings = sniff.EXTENSIONS[media_type]
    stem, ending = PurePath(kept).stem, PurePath(kept).suffix
    if ending.lower() not in endings:
        stem, ending = kept, endings[0]
    return f"{stem[:150] or 'file'}{ending}"
