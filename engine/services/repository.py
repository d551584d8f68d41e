"""Deploys files, all or nothing, and gives what was deployed: versions of processes, decisions and forms, and the files themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from engine.bpmn.definition import Definition
from engine.errors import Invalid, NotFound, Problem
from engine.model.keys import DeploymentKey, UnitKey, parse_key
from engine.model.values import Actor, Resource
from engine.services import command, identity, starts, versions
from engine.services.engine import Engine
from engine.services.reading import Contents, Deployed, once_deployed, read_all
from engine.store import deployments, roles, units
from engine.store import versions as version_rows
from engine.store.database import UnitOfWork
from engine.store.deployments import DeploymentRow
from engine.store.versions import DECISIONS, FORMS, PROCESSES, DecisionVersion, FormVersion, ProcessDefinition

KIND = "process_definition"


@dataclass(frozen=True, slots=True)
class Deployment:
    """What a deployment holds. ``is_new`` is False when exactly the same was the newest already.

    Attributes:
        warnings: what is allowed and may still be a mistake.
    """

    key: DeploymentKey
    unit: UnitKey | None
    deployed_at: datetime
    actor: str
    actor_name: str
    processes: tuple[ProcessDefinition, ...]
    decisions: tuple[DecisionVersion, ...]
    forms: tuple[FormVersion, ...]
    files: tuple[str, ...]
    is_new: bool = True
    warnings: tuple[Problem, ...] = ()


def check(engine: Engine, resources: Sequence[Resource], *, beside: Iterable[Sequence[Resource]] = ()) -> Contents:
    """Read files as ``deploy`` would and say everything that is wrong with them; store nothing.

    Args:
        beside: files of other deployments that count as deployed already.
    """
    with engine.store.read() as uow:
        return _read(engine, uow, resources, beside)


def _read(
    engine: Engine, uow: UnitOfWork, resources: Sequence[Resource], beside: Iterable[Sequence[Resource]] = ()
) -> Contents:
    deployed: Deployed = partial(versions.outline, engine, uow)
    for others in beside:
        deployed = once_deployed(others, deployed)
    return read_all(resources, deployed, engine.job_types(), roles.select(uow).keys())


def deploy(
    engine: Engine,
    resources: Sequence[Resource],
    *,
    actor: Actor,
    unit: int | None = None,
    command_id: str | None = None,
) -> Deployment:
    """Store files as new versions of the processes, decisions and forms in them, all or nothing.

    Every file is read and judged first, in the light of all of them. Files that are no diagram, decision or form are kept as they
    are. When exactly these files are the newest already, nothing is stored. The start events of the new versions take over from
    those of the older ones.

    Args:
        unit: to which part of the organisation the processes belong; None: to all of it.

    Raises:
        NotAllowed: the actor may not deploy there.
        Invalid: something is wrong with a file; ``problems`` lists everything.
    """

    def body(uow: UnitOfWork) -> dict[str, Any]:
        top = units.place_of(uow, unit)
        identity.require(uow, actor, "deploy", KIND, top.key if top else None)
        known = deployments.newest_with(uow, deployments.digest(resources))
        if known is not None and known.unit == unit and _is_newest(uow, known.key):
            return {"key": known.key, "new": False}
        contents = _read(engine, uow, resources)
        if contents.errors:
            raise Invalid(sorted(contents.problems, key=lambda each: each.severity != "error"))
        key = _store(engine, uow, resources, contents, actor, UnitKey(unit) if unit is not None else None)
        warnings = [[each.where, each.message, each.remedy, each.rule, each.severity] for each in contents.problems]
        return {"key": key, "new": True, "warnings": warnings}

    answer = command.run(engine, "deploy", body, actor=actor, command_id=command_id)
    with engine.store.read() as uow:
        return _deployment(
            uow,
            deployments.get(uow, answer["key"]),
            is_new=answer["new"],
            warnings=tuple(Problem(*each) for each in answer.get("warnings", ())),
        )


def _is_newest(uow: UnitOfWork, key: DeploymentKey) -> bool:
    """Say whether nothing of a deployment was replaced since."""
    for kind in version_rows.KINDS:
        mine = {getattr(each, kind.id_column): each.version for each in version_rows.of_deployment(uow, kind, key)}
        if mine != version_rows.last(uow, kind, mine):
            return False
    return True


def _store(
    engine: Engine,
    uow: UnitOfWork,
    resources: Sequence[Resource],
    contents: Contents,
    actor: Actor,
    unit: UnitKey | None,
) -> DeploymentKey:
    key = deployments.add(uow, resources, actor=actor, unit_key=unit)
    found: dict[str, list[dict[str, Any]]] = {
        "process_id": [
            {
                "process_id": each.process_id,
                "name": each.name or each.process_id,
                "version_tag": each.version_tag,
                "resource_name": name,
                "unit": unit,
                "history_ttl": each.history_ttl,
            }
            for name, each in contents.processes
        ],
        "decision_id": [
            {"decision_id": each.id, "name": each.name, "version_tag": each.version_tag, "resource_name": each.file}
            for each in contents.decisions
        ],
        "form_id": [
            {"form_id": each.id, "name": each.name, "version_tag": each.version_tag, "resource_name": each.file}
            for each in contents.forms
        ],
    }
    for kind in version_rows.KINDS:
        rows = found[kind.id_column]
        last = version_rows.last(uow, kind, [row[kind.id_column] for row in rows])
        for row in rows:
            row |= {"key": uow.new_key(), "deployment": key, "version": last.get(row[kind.id_column], 0) + 1}
        version_rows.add(uow, kind, rows)
    keys = {row["process_id"]: row["key"] for row in found["process_id"]}
    for _, definition in contents.processes:
        starts.replace(engine, uow, keys[definition.process_id], definition)
    return key


def _deployment(
    uow: UnitOfWork, row: DeploymentRow, *, is_new: bool = True, warnings: tuple[Problem, ...] = ()
) -> Deployment:
    return Deployment(
        key=row.key,
        unit=row.unit,
        deployed_at=row.deployed_at,
        actor=row.actor,
        actor_name=row.actor_name,
        processes=tuple(version_rows.of_deployment(uow, PROCESSES, row.key)),
        decisions=tuple(version_rows.of_deployment(uow, DECISIONS, row.key)),
        forms=tuple(version_rows.of_deployment(uow, FORMS, row.key)),
        files=tuple(deployments.resource_names(uow, row.key)),
        is_new=is_new,
        warnings=warnings,
    )


# ---- reading -----------------------------------------------------------------------------------------------------------


def definitions(engine: Engine, *, actor: Actor, process_id: str = "", latest: bool = True) -> list[ProcessDefinition]:
    """List versions of processes that the actor may see, by id, the newest first; ``latest``: only the newest of each."""
    with engine.store.read() as uow:
        scope = identity.scope(uow, actor, "read", KIND)
        return version_rows.processes(uow, scope, process_id=process_id, only_latest=latest)


def definition(engine: Engine, key: str | int, *, actor: Actor) -> tuple[ProcessDefinition, Definition]:
    """Give one version of a process: its row and what was read from its diagram.

    Raises:
        NotFound: there is none with this key, or it is not the actor's to see.
    """
    with engine.store.read() as uow:
        found = versions.process(engine, uow, parse_key(key))
        _may_read(uow, actor, found.row.unit, "process definition", found.row.key)
        return found.row, found.definition


def latest(engine: Engine, process_id: str, *, actor: Actor, version: int | None = None) -> ProcessDefinition:
    """Give the newest version of a process, or one by its number.

    Raises:
        NotFound: there is none, or it is not the actor's to see.
    """
    with engine.store.read() as uow:
        row = version_rows.latest(uow, PROCESSES, process_id, version=version)
        if row is None:
            raise NotFound("there is no process {id}; deploy it first", id=process_id)
        _may_read(uow, actor, row.unit, "process", row.process_id)
        return row


def xml(engine: Engine, key: str | int, *, actor: Actor) -> bytes:
    """Give the diagram of a version of a process, byte for byte.

    Raises:
        NotFound: there is none with this key, or it is not the actor's to see.
    """
    with engine.store.read() as uow:
        row = versions.process(engine, uow, parse_key(key)).row
        _may_read(uow, actor, row.unit, "process definition", row.key)
        return deployments.read(uow, row.deployment, row.resource_name)


def file(engine: Engine, deployment_key: str | int, name: str, *, actor: Actor) -> bytes:
    """Give a file of a deployment, byte for byte.

    Raises:
        NotFound: there is none, or it is not the actor's to see.
    """
    with engine.store.read() as uow:
        row = deployments.get(uow, parse_key(deployment_key))
        _may_read(uow, actor, row.unit, "deployment", row.key)
        return deployments.read(uow, row.key, name)


def files(engine: Engine, deployment_key: str | int, suffix: str = "", *, actor: Actor) -> list[Resource]:
    """Give the files of a deployment whose names end in ``suffix``.

    Raises:
        NotFound: there is no such deployment, or it is not the actor's to see.
    """
    with engine.store.read() as uow:
        row = deployments.get(uow, parse_key(deployment_key))
        _may_read(uow, actor, row.unit, "deployment", row.key)
        return deployments.resources(uow, row.key, suffix=suffix)


def _may_read(uow: UnitOfWork, actor: Actor, unit: UnitKey | None, what: str, key: object) -> None:
    # whatever belongs to no unit belongs to everybody who is somebody here
    if unit is not None and not identity.allowed(uow, actor, "read", KIND, unit):
        raise NotFound("there is no {what} {key}", what=what, key=key)
