"""Settings of an installation: from ``PROPFLOW_*`` in the environment, else ``propflow.toml``, else a default that works.

Every problem is reported together. What belongs to a connector is read by the connector itself (``connectors.settings``).
"""

from __future__ import annotations

import os
import secrets
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.bpmn.progress import Limits
from engine.errors import Invalid, Problem, Text

PREFIX = "PROPFLOW_"
CONFIG = "propflow.toml"
EXECUTORS = ("in-process", "celery", "none")


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation is told.

    Attributes:
        data_dir: where the database, the files and the keys live.
        database_url: SQLAlchemy URL; SQLite in the data folder by default.
        secret_key: signs sessions, and makes the link that answers a public report; made in the data folder when none is given.
        seal_key: seals the histories; made in the data folder when none is given. Whoever has it can forge seals.
        host, port: where the server listens.
        public_url: how browsers reach it, without a slash at the end; links in messages begin with it.
        trusted_proxies: how many proxies in front add ``X-Forwarded-*``.
        threads: of the web server.
        executor: who runs jobs and timers: ``in-process``, ``celery`` or ``none`` (another process does).
        executor_threads: of the in-process executor.
        broker_url: of Celery.
        timezone: in which times are shown and calendars counted.
        upload_max_bytes: of one file.
        organisation: the name that residents read at the top of their pages.
        rate_limits: whether sign-in and public pages count how often somebody tries.
        history_days: how long finished instances are kept where their process says nothing; 0: for ever.
        connectors_dir: a folder with connectors of the customer's own.
        limits: bounds of one process instance: the ``[limits]`` table, or ``PROPFLOW_LIMITS_*``.
        connectors: {connector: {setting: value}} of the configuration file.
    """

    data_dir: Path
    database_url: str
    secret_key: str = field(repr=False)
    seal_key: str = field(default="", repr=False)
    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = ""
    trusted_proxies: int = 0
    threads: int = 8
    executor: str = "in-process"
    executor_threads: int = 2
    broker_url: str = "redis://127.0.0.1:6379/0"
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    upload_max_bytes: int = 10_000_000
    organisation: str = ""
    rate_limits: bool = True
    history_days: int = 0
    connectors_dir: Path | None = None
    limits: Limits = field(default_factory=Limits)
    connectors: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def https_only(self) -> bool:
        """Whether browsers come by HTTPS, so that cookies may say so."""
        return self.public_url.startswith("https://")

    @property
    def address(self) -> str:
        """How browsers reach the server."""
        return self.public_url or f"http://{self.host}:{self.port}"


def load(environ: Mapping[str, str], folder: Path | None = None) -> Settings:
    """Read the settings; make the data folder and the keys where they are missing.

    Args:
        environ: the environment.
        folder: where ``propflow.toml`` and ``./data`` are looked for; the current one by default.

    Raises:
        Invalid: one problem per setting that is wrong, all together.
    """
    folder = folder or Path.cwd()
    problems: list[Problem] = []
    config = _config(Path(environ.get(PREFIX + "CONFIG", folder / CONFIG)), problems)
    values: dict[str, Any] = {}
    for name, read in _READ.items():
        variable = PREFIX + name.upper()
        given = environ.get(variable, config.get(name))
        if given is None:
            continue
        where = variable if variable in environ else name
        try:
            values[name] = read(given)
        except (ValueError, TypeError, ZoneInfoNotFoundError) as error:
            problems.append(Problem(where, error.args[0] if isinstance(error, _Wrong) else Text("is not understood")))
    values["data_dir"] = values.get("data_dir", folder / "data").absolute()
    values["connectors"] = config.get("connectors", {})
    values["limits"] = _limits(environ, config.get("limits", {}), problems)
    _unknown(config, problems)
    if problems:
        raise Invalid(problems)
    try:
        values["data_dir"].mkdir(parents=True, exist_ok=True)
        for name, file in (("secret_key", "secret.key"), ("seal_key", "seal.key")):
            if name not in values:
                values[name] = _key_in(values["data_dir"] / file)
    except OSError as error:
        raise Invalid(
            Problem("data_dir", Text("cannot be written: {reason}", reason=error.strerror or str(error)))
        ) from error
    values.setdefault("database_url", f"sqlite:///{values['data_dir'] / 'propflow.db'}")
    return Settings(**values)


def _config(path: Path, problems: list[Problem]) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(Problem(path.name, Text("cannot be read: {reason}", reason=str(error))))
        return {}


def _limits(environ: Mapping[str, str], table: Any, problems: list[Problem]) -> Limits:
    """Read the bounds of an instance; what is not said stays as it is."""
    if not isinstance(table, Mapping):
        problems.append(Problem("limits", Text("must be a table")))
        return Limits()
    given = {name: table[name] for name in _LIMITS if name in table}
    variables = {name: f"{PREFIX}LIMITS_{name.upper()}" for name in _LIMITS}
    given |= {name: environ[variable] for name, variable in variables.items() if variable in environ}
    values = {}
    for name, value in given.items():
        try:
            values[name] = _LIMITS[name](value)
        except (ValueError, TypeError) as error:
            where = variables[name] if variables[name] in environ else f"limits.{name}"
            problems.append(Problem(where, error.args[0] if isinstance(error, _Wrong) else Text("is not understood")))
    message, remedy = Text("there is no such setting"), Text("see docs/reference/settings.md")
    problems.extend(Problem(f"limits.{name}", message, remedy) for name in table if name not in _LIMITS)
    return Limits(**values)


def _unknown(config: Mapping[str, Any], problems: list[Problem]) -> None:
    known = {setting.name for setting in fields(Settings)}
    message, remedy = Text("there is no such setting"), Text("see docs/reference/settings.md")
    problems.extend(Problem(name, message, remedy) for name in config if name not in known)


def _key_in(path: Path) -> str:
    """Give the key in the file; the first process to ask makes it, whole and for its owner's eyes only."""
    if not path.exists():
        made = path.with_suffix(f".{os.getpid()}")
        file = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.write(file, secrets.token_urlsafe(48).encode("ascii"))
        os.close(file)
        with suppress(FileExistsError):  # made by a process that started together with this one
            os.link(made, path)
        made.unlink()
    return path.read_text(encoding="ascii").strip()


class _Wrong(ValueError):
    """A value that is understood and still cannot be."""


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _whole(lowest: int, highest: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if isinstance(value, bool):
            raise TypeError
        number = int(value)
        if not lowest <= number <= highest:
            raise _Wrong(Text("must be from {lowest} to {highest}", lowest=lowest, highest=highest))
        return number

    return read


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    flag = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}.get(_text(value).lower())
    if flag is None:
        raise _Wrong(Text("must be true or false"))
    return flag


def _one_of(*choices: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in choices:
            raise _Wrong(Text("must be one of {choices}", choices=", ".join(choices)))
        return _text(value)

    return read


def _url(value: Any) -> str:
    parts = urlsplit(_text(value))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _Wrong(Text("must be an address such as https://work.example.com"))
    return _text(value).rstrip("/")


def _key(value: Any) -> str:
    if len(_text(value)) < 32:
        raise _Wrong(Text("must have at least {count} characters", count=32))
    return _text(value)


_LIMITS: Mapping[str, Callable[[Any], int]] = {
    "steps_per_transaction": _whole(1, 100_000),
    "steps_per_instance": _whole(1, 100_000_000),
    "multi_instance": _whole(1, 100_000),
    "variable_bytes": _whole(100, 100_000_000),
    "variable_depth": _whole(1, 60),  # FEEL's own values end there
    "snapshot_bytes": _whole(10_000, 1_000_000_000),
    "call_depth": _whole(1, 100),
}
_READ: Mapping[str, Callable[[Any], Any]] = {
    "data_dir": lambda value: Path(_text(value)).expanduser(),
    "database_url": _text,
    "secret_key": _key,
    "seal_key": _key,
    "host": _text,
    "port": _whole(1, 65535),
    "public_url": _url,
    "trusted_proxies": _whole(0, 5),
    "threads": _whole(1, 256),
    "executor": _one_of(*EXECUTORS),
    "executor_threads": _whole(1, 64),
    "broker_url": _text,
    "timezone": lambda value: ZoneInfo(_text(value)),
    "upload_max_bytes": _whole(1, 1_000_000_000),
    "organisation": _text,
    "rate_limits": _flag,
    "history_days": _whole(0, 36_500),
    "connectors_dir": lambda value: Path(_text(value)).expanduser(),
}
