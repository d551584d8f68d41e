"""Copies of a database and its files in a folder, with the digest of each; and putting one back.

SQLite is copied while it is in use; PostgreSQL by its own ``pg_dump`` and ``pg_restore``.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from engine.errors import Conflict, NotFound, PropflowError, Unavailable
from engine.model import json

FORMAT = 1
MANIFEST = "manifest.json"
FILES = "files"
DATABASES = {"sqlite": "propflow.db", "postgresql": "propflow.dump"}
"""{dialect: name of its copy}"""

_NAME = re.compile(rf"{FILES}/[0-9a-f]{{2}}/[0-9a-f]{{2}}/[0-9a-f]{{64}}")

Tell = Callable[[int, int], None]
"""Is told (how many files are done, how many there are)."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What a folder holds. ``digests``: {path in the folder: SHA-256 in hex}, of the database and of every file."""

    made_at: datetime
    dialect: str
    digests: Mapping[str, str]


class Damaged(PropflowError):
    """A backup is incomplete, or not as it was made; take another one."""


def make(database_url: str, files: Path, folder: Path, *, now: datetime, tell: Tell) -> Backup:
    """Copy a database and its files into a folder that is empty or not there yet.

    (1) The database comes first: files are stored before the rows that name them and never change, so that what it knows of is then in
    the folder of files. (2) The files. (3) The list of digests comes last: a folder without one is no backup.

    Raises:
        Conflict: there is something in the folder.
        NotFound: there is no such database, or ``pg_dump`` is not installed.
        Unavailable: the database could not be copied.
    """
    url = sa.make_url(database_url)
    dialect = url.get_backend_name()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # it holds what people told
    if any(folder.iterdir()):
        raise Conflict("{path} is not empty; name a new folder", path=str(folder))
    copy = folder / DATABASES[dialect]
    if dialect == "sqlite":  # (1)
        _copy_sqlite(Path(url.database or ""), copy)
    else:
        _run("pg_dump", "--format=custom", f"--file={copy}", url=url)
    digests = {copy.name: _digest(copy)}
    stored = list(_stored(files))
    for number, path in enumerate(stored, start=1):  # (2)
        target = folder / FILES / path.relative_to(files)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
        digests[str(target.relative_to(folder))] = _digest(target)
        tell(number, len(stored))
    made = Backup(now, dialect, digests)
    document = {"format": FORMAT, "made_at": now.isoformat(), "database": dialect, "sha256": digests}
    (folder / MANIFEST).write_text(json.dumps(document), encoding="utf-8")  # (3)
    return made


def read(folder: Path) -> Backup:
    """Give what a folder holds, once every digest has been compared.

    Raises:
        NotFound: there is no backup in the folder.
        Damaged: something is missing or was changed, or another version made it in another form.
    """
    try:
        said = json.loads((folder / MANIFEST).read_bytes())
    except FileNotFoundError as error:
        raise NotFound("there is no backup in {path}", path=str(folder)) from error
    except ValueError as error:
        raise Damaged("the list of the backup cannot be read: {reason}", reason=str(error)[:200]) from error
    if not isinstance(said, dict) or said.get("format") != FORMAT or said.get("database") not in DATABASES:
        raise Damaged("this backup has another form; restore it with the version that made it")
    found = Backup(datetime.fromisoformat(said["made_at"]), said["database"], said["sha256"])
    for name, digest in found.digests.items():
        if name != DATABASES[found.dialect] and not _NAME.fullmatch(name):  # a name may not lead out of the folder
            raise Damaged("{name} is no part of a backup", name=name[:200])
        path = folder / name
        if not path.is_file() or _digest(path) != digest:
            raise Damaged("{name} is missing from the backup, or was changed", name=name)
    return found


def put_back(folder: Path, database_url: str, files: Path, *, tell: Tell) -> Backup:
    """Put a backup into a database and a folder of files that are empty, once all of it has been compared.

    Raises:
        NotFound: there is no backup in the folder, or ``pg_restore`` is not installed.
        Damaged: the backup is not as it was made.
        Conflict: the target is not empty, or another kind of database.
        Unavailable: the database could not be restored.
    """
    found = read(folder)
    url = sa.make_url(database_url)
    if url.get_backend_name() != found.dialect:
        raise Conflict(
            "the backup is of {theirs} and the setting database_url names {ours}",
            theirs=found.dialect,
            ours=url.get_backend_name(),
        )
    if any(_stored(files)):
        raise Conflict("{path} is not empty; restore into a new place", path=str(files))
    copy = folder / DATABASES[found.dialect]
    if found.dialect == "sqlite":
        target = Path(url.database or "")
        if target.exists():
            raise Conflict("{path} is not empty; restore into a new place", path=str(target))
        _copy_sqlite(copy, target)
    else:
        _require_empty(url)
        _run("pg_restore", "--exit-on-error", "--no-owner", "--single-transaction", str(copy), url=url)
    names = [name for name in found.digests if name != copy.name]
    for number, name in enumerate(names, start=1):
        target = files / Path(name).relative_to(FILES)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(folder / name, target)
        tell(number, len(names))
    return found


def _stored(files: Path) -> Iterator[Path]:
    """List the files that are stored whole: ``ab/cd/abcd...``; a lock and what is just coming in are not."""
    return (path for path in sorted(files.glob("??/??/*")) if path.is_file())


def _copy_sqlite(source: Path, target: Path) -> None:
    if not source.is_file():
        raise NotFound("there is no database {path}", path=str(source))
    target.parent.mkdir(parents=True, exist_ok=True)
    incoming = target.with_name(f"{target.name}.incoming")
    incoming.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(incoming)) as there:
        here.backup(there)
    incoming.replace(target)


def _require_empty(url: sa.URL) -> None:
    engine = sa.create_engine(url)
    try:
        if sa.inspect(engine).get_table_names():
            raise Conflict("{path} is not empty; restore into a new place", path=str(url.database))
    finally:
        engine.dispose()


def _run(program: str, *words: str, url: sa.URL) -> None:
    found = shutil.which(program)
    if found is None:
        raise NotFound("{program} is not installed; install the package postgresql-client", program=program)
    # the password goes by the environment: arguments are seen by everybody on the machine
    plain = sa.URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    environ = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    command = [found, "--no-password", f"--dbname={plain.render_as_string()}", *words]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    if done.returncode:
        raise Unavailable("{program} could not do it: {reason}", program=program, reason=done.stderr.strip()[-500:])


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
