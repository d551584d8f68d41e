"""Settings of a connector: declared in its manifest, read from the configuration and the environment, secrets kept out of sight."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.manifest import Manifest
from engine.errors import Problem, Text


class Secret:
    """A value that no log, page or error shows."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Give the value, for the one call that needs it."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__


class ConnectorSettings(Mapping[str, Any]):
    """The values of one connector's settings; ``secret`` gives those that are secret."""

    def __init__(self, connector: str, values: Mapping[str, Any], secrets: Mapping[str, Secret]) -> None:
        self.connector = connector
        self._values = dict(values)
        self._secrets = dict(secrets)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def secret(self, name: str) -> str:
        """Give a secret, or an empty text when none is set."""
        return self._secrets[name].reveal()

    def has_secret(self, name: str) -> bool:
        """Say whether the secret is set, which is all that a page may show of it."""
        return bool(self._secrets[name])

    def __repr__(self) -> str:
        return f"ConnectorSettings({self.connector!r}, {self._values!r}, {self._secrets!r})"


def resolve(
    manifest: Manifest, configured: Mapping[str, Any], environ: Mapping[str, str], problems: list[Problem]
) -> ConnectorSettings:
    """Read a connector's settings: the environment goes before the configuration, that before the default.

    Args:
        configured: the table ``[connectors.NAME]`` of the configuration: {setting: value}.
        environ: ``PROPFLOW_{CONNECTOR}_{SETTING}`` in capitals.
        problems: takes what is wrong, so that all settings of all connectors are reported together.
    """
    specs = {spec.name: spec for spec in manifest.settings}
    for name in configured:
        if name not in specs:
            known = ", ".join(sorted(specs)) or "none"
            message = Text("the connector has no setting {name}", name=name)
            problems.append(
                Problem(f"connectors.{manifest.name}.{name}", message, Text("it knows: {known}", known=known))
            )
    values: dict[str, Any] = {}
    secrets: dict[str, Secret] = {}
    for spec in specs.values():
        variable = f"PROPFLOW_{manifest.name}_{spec.name}".upper()
        given = environ.get(variable, configured.get(spec.name, spec.default))
        try:
            value = _READ[spec.type](given)
        except (LookupError, ValueError, TypeError, InvalidOperation):
            where = variable if variable in environ else f"connectors.{manifest.name}.{spec.name}"
            # the value itself is not repeated: it may be a secret in the wrong place
            problems.append(Problem(where, Text("is not of the type {type}", type=spec.type), spec.title["en"]))
            continue
        if spec.secret:
            secrets[spec.name] = Secret(value)
        else:
            values[spec.name] = value
    return ConnectorSettings(manifest.name, values, secrets)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _integer(value: Any) -> int:
    if isinstance(value, bool):
        raise TypeError(value)
    return int(value)


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}[
        _text(value).lower()
    ]


def _seconds(value: Any) -> timedelta:
    return timedelta(seconds=_integer(value))


def _list(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.split(",")
    return tuple(text for item in value if (text := _text(item).strip()))


def _table(value: Any) -> Mapping[str, str]:
    if isinstance(value, str):
        value = dict(pair.split("=", 1) for pair in _list(value))
    return {_text(key).strip(): _text(item).strip() for key, item in value.items()}


_READ: Mapping[str, Callable[[Any], Any]] = {
    "text": _text,
    "integer": _integer,
    "decimal": lambda value: Decimal(str(value)),
    "boolean": _boolean,
    "seconds": _seconds,
    "list": _list,
    "table": _table,
}
