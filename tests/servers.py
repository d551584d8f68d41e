"""Starts the real servers that tests run against. A missing server fails: nothing is skipped."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import psycopg

_SET_PARENT_DEATH_SIGNAL = 1
_libc = ctypes.CDLL(None)


def die_with_us() -> None:
    """In a child before it becomes the server: be killed when the tests are, however they end."""
    _libc.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def demote(user: str) -> Callable[[], None]:
    """Make a child run as another user when we are root, since some servers refuse root."""
    if os.getuid():
        return die_with_us
    entry = pwd.getpwnam(user)

    def become() -> None:
        os.initgroups(user, entry.pw_gid)
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
        die_with_us()

    return become


def newest(pattern: str) -> Path:
    """Find the newest of several installed versions of a program, such as ``/usr/lib/postgresql/*/bin/initdb``."""
    found = sorted(
        Path("/").glob(pattern.lstrip("/")), key=lambda path: [int(part) for part in path.parts if part.isdigit()]
    )
    if not found:
        raise FileNotFoundError(f"{pattern} is not installed; tests/system-packages.sh installs what the tests need")
    return found[-1]


class PostgreSQL:
    """A PostgreSQL server of its own: data in a temporary folder, reached by a unix socket in it only."""

    def __init__(self) -> None:
        self.bin = newest("/usr/lib/postgresql/*/bin/initdb").parent
        self.folder = Path(tempfile.mkdtemp(prefix="propflow-pg-"))
        self._as_postgres = demote("postgres")
        if not os.getuid():
            shutil.chown(self.folder, "postgres", "postgres")
        self._run(
            "initdb",
            "-D",
            self.folder / "data",
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        )
        self.process = self._start()
        self._databases = 0

    def _run(self, program: str, *words: object) -> None:
        command = [str(self.bin / program), *map(str, words)]
        done = subprocess.run(command, preexec_fn=self._as_postgres, cwd=self.folder, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")

    def _start(self) -> subprocess.Popen[bytes]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "max_connections": "200",
            "shared_buffers": "64MB",
            "fsync": "off",  # the machine is not going to lose power in the middle of a test
        }
        command = [str(self.bin / "postgres"), "-D", str(self.folder / "data")]
        command += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("wb") as log:
            process = subprocess.Popen(command, preexec_fn=self._as_postgres, cwd=self.folder, stdout=log, stderr=log)
        try:
            self._wait(process)
        except BaseException:
            process.kill()
            raise
        return process

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.dsn("postgres")).close()
                return
            except psycopg.OperationalError:
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError((self.folder / "log").read_text(encoding="utf-8")) from None
                time.sleep(0.02)

    def dsn(self, database: str) -> str:
        """Give the connection string of a database, for psycopg and for the programs of PostgreSQL."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def url(self, database: str) -> str:
        """Give the URL of a database, for the store."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def create(self, template: str = "template1") -> str:
        """Create a database as a copy of another one and give its name."""
        self._databases += 1
        name = f"test_{self._databases}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected."""
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def execute(self, statement: str) -> None:
        """Run a statement outside of any transaction."""
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def restart(self) -> None:
        """Kill the server without a checkpoint and start it again: every connection is lost, no commit is."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(30)
        self.process = self._start()

    def stop(self) -> None:
        """Stop the server and remove its data."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> PostgreSQL:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
