"""Decisions as they were deployed: which version is meant, and its value with what history keeps of how it came about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from engine import dmn
from engine.bpmn.definition import Binding
from engine.bpmn.progress import Decide
from engine.dmn import Decisions
from engine.dmn.reader import read
from engine.errors import NotFound
from engine.model.values import Resource
from engine.services.engine import Engine
from engine.store import deployments, versions
from engine.store.database import UnitOfWork
from engine.store.versions import DecisionVersion, ProcessDefinition

SUFFIX = ".dmn"


def load(resources: Sequence[Resource], name: str) -> Decisions:
    """Load one DMN file of a deployment together with those that it imports.

    Raises:
        Invalid: it is not DMN, or does not fit together.
    """
    own = next(each for each in resources if each.name == name)
    wanted = {each.namespace for each in read(own.content).imports}
    if not wanted:
        return dmn.load(own.content)
    others = {each.name: (read(each.content), each.content) for each in resources if each.name != name}
    taken: dict[str, bytes] = {}
    while wanted:  # what is imported may import in turn
        new = {key: each for key, each in others.items() if key not in taken and each[0].namespace in wanted}
        taken |= {key: content for key, (_, content) in new.items()}
        wanted = {each.namespace for model, _ in new.values() for each in model.imports}
    return dmn.load(own.content, *taken.values())


def compiled(engine: Engine, uow: UnitOfWork, row: DecisionVersion) -> Decisions:
    """Give the file of a decision version, ready to run."""

    def make() -> Decisions:
        return load(deployments.resources(uow, row.deployment, suffix=SUFFIX), row.resource_name)

    return engine.compiled.get(("decisions", row.deployment, row.resource_name), make)


def find(
    uow: UnitOfWork, decision_id: str, *, binding: Binding, version_tag: str, caller: ProcessDefinition | None
) -> DecisionVersion:
    """Give the version of a decision that is meant.

    Raises:
        NotFound: there is none.
    """
    row = versions.latest(
        uow,
        versions.DECISIONS,
        decision_id,
        version_tag=version_tag if binding is Binding.VERSION_TAG else "",
        deployment=caller.deployment if caller and binding is Binding.DEPLOYMENT else None,
    )
    if row is None and binding is Binding.VERSION_TAG:
        raise NotFound("there is no decision {id} with the version tag {tag}", id=decision_id, tag=version_tag)
    if row is None:
        raise NotFound("there is no decision {id}; deploy it together with the process", id=decision_id)
    return row


def decide(engine: Engine, uow: UnitOfWork, caller: ProcessDefinition, zone: tzinfo) -> Decide:
    """Make the port through which a process evaluates decisions."""

    def port(
        decision_id: str, context: Mapping[str, Any], *, binding: Binding, version_tag: str
    ) -> tuple[Any, Mapping[str, Any]]:
        row = find(uow, decision_id, binding=binding, version_tag=version_tag, caller=caller)
        explained = compiled(engine, uow, row).explain(decision_id, context, now=uow.now, zone=zone)
        record = {"decision": decision_id, "version": row.version, **explained.as_json()}
        return explained.value, record

    return port
