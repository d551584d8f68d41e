"""The plan of a migration as a file: proposed, looked through and completed by a person, and handed back."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.bpmn.definition import Definition
from engine.bpmn.proposal import Why
from engine.errors import Invalid
from engine.services.migration import Plan

WHY = {Why.SAME_ID: "same id", Why.SAME_NAME: "same name", Why.SAME_NEIGHBOURS: "same neighbours"}


@dataclass(frozen=True, slots=True)
class Written:
    """A plan that was read from a file. ``mapping``: {element id now: element id there, empty where it is left open}."""

    process: str
    from_version: int
    to_version: int
    mapping: Mapping[str, str]


def write(plan: Plan) -> str:
    """Write a plan as TOML that a person can edit: each element with its place, why, and how many instances stand there."""
    return "\n".join(_lines(plan)) + "\n"


def _lines(plan: Plan) -> Iterator[str]:
    here, there = plan.source.row, plan.target.row
    yield f"# {here.process_id}: from version {here.version} to version {there.version}"
    yield "# Where an element is left open, instances that stand there are refused."
    yield f"process = {json.dumps(here.process_id)}"
    yield f"from_version = {here.version}"
    yield f"to_version = {there.version}"
    yield ""
    yield "[mapping]"
    definition = plan.source.definition
    for undecided in plan.proposal.undecided:
        id = undecided.source
        could = f"; could be {', '.join(undecided.candidates)}" if undecided.candidates else ""
        yield f'{_key(id)} = ""  # {_what(definition, id)}: needs a person{could}{_live(plan, id)}'
    for pair in plan.proposal.pairs:
        yield f"{_key(pair.source)} = {json.dumps(pair.target)}  # {WHY[pair.why]}{_live(plan, pair.source)}"


def _key(id: str) -> str:
    return json.dumps(id, ensure_ascii=False)


def _what(definition: Definition, id: str) -> str:
    element = definition.elements[id]
    return f"{element.kind.value} {element.name}".strip().replace("\n", " ")


def _live(plan: Plan, id: str) -> str:
    return f"; {plan.live[id]} live" if id in plan.live else ""


def read(path: str) -> Written:
    """Read a plan.

    Raises:
        Invalid: the file is no plan.
    """
    try:
        found: dict[str, Any] = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Invalid(f"{path} is not a plan that can be read: {error}") from error
    mapping = found.get("mapping", {})
    whole = [found.get(name) for name in ("from_version", "to_version")]
    sound = isinstance(found.get("process"), str) and all(isinstance(each, int) for each in whole)
    if not sound or not isinstance(mapping, dict) or not all(isinstance(each, str) for each in mapping.values()):
        raise Invalid(
            f"{path} is no plan: it wants process, from_version, to_version, and [mapping] from element id to element id"
        )
    return Written(found["process"], found["from_version"], found["to_version"], mapping)
