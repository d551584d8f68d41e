"""Bytes under their SHA-256: in a folder, or in memory for tests. Which file they belong to is in ``engine.store.files``."""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from engine.errors import LimitExceeded, NotFound

_DIGEST = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1 << 16


def _chunks(source: BinaryIO, max_bytes: int) -> Iterator[bytes]:
    size = 0
    while chunk := source.read(_CHUNK):
        size += len(chunk)
        if size > max_bytes:
            raise LimitExceeded("a file has at most {limit} MB; make it smaller", limit=max_bytes // 1_000_000)
        yield chunk


class FolderFiles:
    """A folder: ``ab/cd/abcd...``. Bytes are on disk before their digest is given out; a crash leaves whole files or none.

    Several processes may share the folder: a lock file orders storing and removing the same bytes.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)

    def _path(self, sha256: str) -> Path:
        if not _DIGEST.fullmatch(sha256):
            raise NotFound("{digest} is not a digest", digest=sha256[:80])
        return self._root / sha256[:2] / sha256[2:4] / sha256

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self._root / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield  # closing the file lets go of the lock

    def put(self, source: BinaryIO, *, max_bytes: int) -> tuple[str, int]:
        """Store bytes; give (sha256 in hex, size in bytes). Bytes that are there already are only marked as stored anew.

        Raises:
            LimitExceeded: there are more than ``max_bytes``.
        """
        digest, size = hashlib.sha256(), 0
        handle, name = tempfile.mkstemp(dir=self._incoming)
        incoming = Path(name)
        try:
            with os.fdopen(handle, "wb") as out:
                for chunk in _chunks(source, max_bytes):
                    digest.update(chunk)
                    size += len(chunk)
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
            path = self._path(digest.hexdigest())
            with self._locked():
                path.parent.mkdir(parents=True, exist_ok=True)
                incoming.replace(path)
                for folder in (path.parent, path.parent.parent, self._root):
                    _sync(folder)
        finally:
            incoming.unlink(missing_ok=True)
        return digest.hexdigest(), size

    def open(self, sha256: str) -> BinaryIO:
        """Open stored bytes for reading.

        Raises:
            NotFound: there are no such bytes.
        """
        try:
            return self._path(sha256).open("rb")
        except FileNotFoundError:
            raise NotFound("the bytes {digest} are gone; take them from a backup", digest=sha256) from None

    def remove(self, sha256: str, *, stored_before: datetime) -> bool:
        """Remove bytes, unless somebody stored them (again) since; say whether they are gone."""
        path = self._path(sha256)
        with self._locked():
            if not path.exists():
                return True
            if datetime.fromtimestamp(path.stat().st_mtime, UTC) >= stored_before:
                return False
            path.unlink()
        return True


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class MemoryFiles:
    """Bytes in memory: for tests, and for stores that live in memory themselves."""

    def __init__(self) -> None:
        self._bytes: dict[str, bytes] = {}

    def put(self, source: BinaryIO, *, max_bytes: int) -> tuple[str, int]:
        """Store bytes; give (sha256 in hex, size in bytes). Raises LimitExceeded above ``max_bytes``."""
        content = b"".join(_chunks(source, max_bytes))
        digest = hashlib.sha256(content).hexdigest()
        self._bytes[digest] = content
        return digest, len(content)

    def open(self, sha256: str) -> BinaryIO:
        """Open stored bytes for reading. Raises NotFound."""
        if sha256 not in self._bytes:
            raise NotFound("the bytes {digest} are gone; take them from a backup", digest=sha256[:80])
        return io.BytesIO(self._bytes[sha256])

    def remove(self, sha256: str, *, stored_before: datetime) -> bool:
        """Remove bytes; memory keeps no times, so nothing holds them back."""
        self._bytes.pop(sha256, None)
        return True
