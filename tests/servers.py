"""Starts the real servers that tests run against. A missing server fails: nothing is skipped."""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

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


_candidates = itertools.count(os.getpid() * 97)


def free_port() -> int:
    """Find a port on the loopback that nobody uses now.

    It lies below those that the system gives to whoever connects, and each process looks from another place on: what is
    free now is so still when its server starts.
    """
    while True:
        port = 20_000 + next(_candidates) % 12_000
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class _OnPort:
    """A server on a loopback port of its own, with its files in a temporary folder."""

    program = ""

    def __init__(self) -> None:
        found = shutil.which(self.program) or shutil.which(self.program, path="/usr/sbin:/usr/local/sbin")
        if found is None:
            raise FileNotFoundError(
                f"{self.program} is not installed; tests/system-packages.sh installs what the tests need"
            )
        self.path = found
        self.folder = Path(tempfile.mkdtemp(prefix=f"propflow-{self.program}-"))
        self.port = free_port()
        self.process = self._start()

    def command(self) -> list[str]:
        """Give the command line."""
        raise AssertionError("each server has its own")

    def _start(self) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                self.command(),
                preexec_fn=die_with_us,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        until = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return process
            except OSError:
                if process.poll() is not None or time.monotonic() > until:
                    process.kill()
                    raise RuntimeError((self.folder / "log").read_text(encoding="utf-8")) from None
                time.sleep(0.02)

    def kill(self) -> None:
        """Kill the server: what it had not written is lost."""
        self.process.kill()
        self.process.wait(30)

    def start_again(self) -> None:
        """Start it again on the same port."""
        self.process = self._start()

    def stop(self) -> None:
        """Stop the server and remove its files."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class Mosquitto(_OnPort):
    """An MQTT broker that keeps every message for a subscriber that is away, also over a restart."""

    program = "mosquitto"

    def command(self) -> list[str]:
        """Give the command line; writes the configuration."""
        settings = [
            f"listener {self.port} 127.0.0.1",
            "allow_anonymous true",
            "persistence true",
            f"persistence_location {self.folder}/",
            "max_queued_messages 0",  # the default drops whatever is above a thousand
            "max_inflight_messages 0",
            "autosave_interval 1",
            "log_type error",
            *([] if os.getuid() else ["user root"]),
        ]
        (self.folder / "mosquitto.conf").write_text("\n".join(settings) + "\n", encoding="utf-8")
        return [self.path, "-c", str(self.folder / "mosquitto.conf")]

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"mqtt://127.0.0.1:{self.port}"


class Redis(_OnPort):
    """A Redis (or Valkey) that keeps nothing on disk, as the least that an operator may have set up."""

    program = "redis-server"

    def command(self) -> list[str]:
        """Give the command line."""
        return [self.path, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"redis://127.0.0.1:{self.port}/0"


class Hledger(_OnPort):
    """hledger-web, which reads and checks a journal and answers over HTTP."""

    program = "hledger-web"

    def __init__(self, journal: str) -> None:
        self._journal = journal
        super().__init__()

    def command(self) -> list[str]:
        """Give the command line; writes the journal."""
        (self.folder / "books.journal").write_text(self._journal, encoding="utf-8")
        return [
            self.path,
            "--serve-api",
            "--host=127.0.0.1",
            f"--port={self.port}",
            "--capabilities=view,add",
            "-f",
            str(self.folder / "books.journal"),
        ]
