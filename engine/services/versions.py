"""Finds versions of processes, decisions and forms, in the form that runs. Compiled ones are kept under keys that never change."""

from __future__ import annotations

from dataclasses import dataclass

from engine.bpmn.definition import Binding, Definition
from engine.bpmn.read import read
from engine.errors import NotFound
from engine.services.engine import Engine
from engine.store import deployments
from engine.store.database import UnitOfWork
from engine.store.deployments import ProcessDefinition


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a process: its row, and its diagram ready to run."""

    row: ProcessDefinition
    definition: Definition


def process(engine: Engine, uow: UnitOfWork, key: int) -> Version:
    """Give a version of a process by its key.

    Raises:
        NotFound: there is none with this key.
    """
    return engine.compiled.get(("process", key), lambda: _compile(uow, deployments.process(uow, key)))


def _compile(uow: UnitOfWork, row: ProcessDefinition) -> Version:
    found = read(deployments.read(uow, row.deployment, row.resource_name))
    return Version(row, next(each for each in found.definitions if each.process_id == row.process_id))


def find(
    engine: Engine,
    uow: UnitOfWork,
    process_id: str,
    *,
    version: int | None = None,
    binding: Binding = Binding.LATEST,
    version_tag: str = "",
    caller: ProcessDefinition | None = None,
) -> Version:
    """Give the version of a process that is meant: by number, or as a caller in another process is bound to it.

    Raises:
        NotFound: there is none.
    """
    row = deployments.latest_process(
        uow,
        process_id,
        version=version,
        version_tag=version_tag if binding is Binding.VERSION_TAG else "",
        deployment_key=caller.deployment if caller and binding is Binding.DEPLOYMENT else None,
    )
    if row is None:
        raise NotFound("there is no process {id}; deploy it first", id=process_id)
    return process(engine, uow, row.key)
