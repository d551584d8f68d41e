"""Finds versions of processes, decisions and forms, in the form that runs. Compiled ones are kept under keys that never change."""

from __future__ import annotations

from dataclasses import dataclass

from engine import forms
from engine.bpmn.definition import Binding, Definition, FormRef
from engine.bpmn.read import read
from engine.bpmn.rules.surroundings import RESULT, Part
from engine.errors import NotFound
from engine.feel.kinds import Kinds
from engine.forms import Form
from engine.services import decisions
from engine.services.engine import Engine
from engine.store import deployments, versions
from engine.store.database import UnitOfWork
from engine.store.versions import FormVersion, ProcessDefinition


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
    return engine.compiled.get(("process", key), lambda: _compile(uow, versions.process(uow, key)))


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
    row = versions.latest(
        uow,
        versions.PROCESSES,
        process_id,
        version=version,
        version_tag=version_tag if binding is Binding.VERSION_TAG else "",
        deployment=caller.deployment if caller and binding is Binding.DEPLOYMENT else None,
    )
    if row is None:
        raise NotFound("there is no process {id}; deploy it first", id=process_id)
    return process(engine, uow, row.key)


def form(engine: Engine, uow: UnitOfWork, asked: FormRef, *, caller: ProcessDefinition) -> Form:
    """Give the form that is meant: the one deployed with the caller, the newest, or the newest with a version tag.

    Raises:
        NotFound: there is none.
    """

    def newest() -> Form:
        tag = asked.version_tag if asked.binding is Binding.VERSION_TAG else ""
        deployment = caller.deployment if asked.binding is Binding.DEPLOYMENT else None
        row = versions.latest(uow, versions.FORMS, asked.id, version_tag=tag, deployment=deployment)
        if row is None and tag:
            raise NotFound("there is no form {id} with the version tag {tag}", id=asked.id, tag=tag)
        if row is None:
            raise NotFound("there is no form {id}; deploy it together with the process", id=asked.id)
        return _form(engine, uow, row)

    if asked.binding is not Binding.DEPLOYMENT:
        return newest()
    return engine.compiled.get(("form of", caller.deployment, asked.id), newest)  # a deployment never changes


def _form(engine: Engine, uow: UnitOfWork, row: FormVersion) -> Form:
    return engine.compiled.get(
        ("form", row.key), lambda: forms.read(deployments.read(uow, row.deployment, row.resource_name))
    )


def outline(engine: Engine, uow: UnitOfWork, part: Part, id_: str, version_tag: str) -> Kinds | None:
    """Give what the newest deployed version of a process, decision or form hands over, for the linter; None when there is none.

    Args:
        version_tag: only a version with this tag is meant, unless it is empty.
    """
    match part:
        case Part.PROCESS:
            return None if versions.latest(uow, versions.PROCESSES, id_, version_tag=version_tag) is None else {}
        case Part.DECISION:
            decision = versions.latest(uow, versions.DECISIONS, id_, version_tag=version_tag)
            return None if decision is None else {RESULT: decisions.compiled(engine, uow, decision).kind(id_)}
        case Part.FORM:
            form = versions.latest(uow, versions.FORMS, id_, version_tag=version_tag)
            return None if form is None else _form(engine, uow, form).kinds()
