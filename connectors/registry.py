"""Which connectors there are, and which function serves which job type."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from connectors import manifest as manifests
from connectors.calls import Operation
from connectors.manifest import Manifest, OperationSpec
from connectors.settings import ConnectorSettings, resolve
from engine.errors import Invalid, NotFound, Problem, Text

BUILT_IN = Path(__file__).parent
ENTRY_POINTS = "propflow.connectors"


@dataclass(frozen=True, slots=True)
class Connector:
    """A connector with its settings; ``package`` is the import name of its folder."""

    manifest: Manifest
    settings: ConnectorSettings
    package: str

    def function(self, call: str) -> Any:
        """Give the function that ``module:function`` names inside the folder."""
        module, _, name = call.partition(":")
        return getattr(importlib.import_module(f"{self.package}.{module}"), name)


@dataclass(frozen=True, slots=True)
class Served:
    """The operation behind a job type."""

    connector: Connector
    spec: OperationSpec
    run: Operation


class Registry:
    """The connectors of an installation.

    Args:
        configured: {connector: {setting: value}}, the ``[connectors.*]`` tables of the configuration.
        environ: the environment; see ``connectors.settings.resolve``.
        directory: a folder with a customer's own connectors, one folder each.
        ports: what the composition root supplies to connectors, by name; ``supply`` gives the rest.

    Raises:
        Invalid: a manifest or a setting is wrong, or two connectors bear one name; every problem of every connector together.
    """

    def __init__(
        self,
        *,
        configured: Mapping[str, Mapping[str, Any]] | None = None,
        environ: Mapping[str, str] | None = None,
        directory: Path | None = None,
        ports: Mapping[str, Any] | None = None,
    ) -> None:
        self.ports: dict[str, Any] = dict(ports or {})
        problems: list[Problem] = []
        self._connectors: dict[str, Connector] = {}
        for folder, package in _folders(directory):
            try:
                read = manifests.read(folder)
            except Invalid as error:
                problems.extend(error.problems)
                continue
            if read.name in self._connectors:
                problems.append(Problem(str(folder), Text("there is already a connector {name}", name=read.name)))
                continue
            settings = resolve(read, (configured or {}).get(read.name, {}), environ or {}, problems)
            self._connectors[read.name] = Connector(read, settings, package)
        problems.extend(
            Problem(f"connectors.{name}", Text("there is no such connector"))
            for name in configured or {}
            if name not in self._connectors
        )
        if problems:
            raise Invalid(problems)
        self._served = cache(self._load)

    @property
    def connectors(self) -> Sequence[Connector]:
        """Every connector, by name."""
        return [self._connectors[name] for name in sorted(self._connectors)]

    @property
    def job_types(self) -> frozenset[str]:
        """Every job type that is served here; other types belong to external workers."""
        return frozenset(
            f"{name}:{spec.name}"
            for name, connector in self._connectors.items()
            for spec in connector.manifest.operations
        )

    def supply(self, **ports: Any) -> None:
        """Give connectors what the composition root can make only when the engine is there."""
        self.ports |= ports

    def settings(self, connector: str) -> ConnectorSettings:
        """Give a connector's settings. Raises NotFound."""
        return self._connector(connector).settings

    def operation(self, job_type: str) -> Served:
        """Give the operation that serves a job type. Raises NotFound."""
        return self._served(job_type)

    def _connector(self, name: str) -> Connector:
        try:
            return self._connectors[name]
        except KeyError:
            raise NotFound("there is no connector {name}", name=name) from None

    def _load(self, job_type: str) -> Served:
        name, _, operation = job_type.partition(":")
        connector = self._connector(name)
        spec = next((spec for spec in connector.manifest.operations if spec.name == operation), None)
        if spec is None:
            raise NotFound("the connector {name} has no operation {operation}", name=name, operation=operation)
        return Served(connector, spec, cast("Operation", connector.function(spec.call)))


def _folders(directory: Path | None) -> list[tuple[Path, str]]:
    """List (folder, import name of its package) of every connector: ours, those of installed packages, those of the directory."""
    found = [(path.parent, f"connectors.{path.parent.name}") for path in sorted(BUILT_IN.glob("*/manifest.toml"))]
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name):
        module = point.load()
        found.append((Path(module.__file__).parent, module.__name__))
    if directory is not None:
        found.extend((path.parent, _adopt(path.parent)) for path in sorted(directory.glob("*/manifest.toml")))
    return found


def _adopt(folder: Path) -> str:
    """Make a folder outside the import path importable; give its import name."""
    name = f"propflow_connector_{folder.name}"
    init = folder / "__init__.py"
    if init.exists():
        spec = importlib.util.spec_from_file_location(name, init, submodule_search_locations=[str(folder)])
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    else:
        module = ModuleType(name)
        module.__path__ = [str(folder)]
        sys.modules[name] = module
    return name
