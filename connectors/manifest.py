"""A connector's manifest: what it serves, emits and needs, read from ``manifest.toml`` and checked against its JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

from engine import schemas
from engine.errors import Invalid, Problem, Text

SCHEMA = Path(__file__).parent / "manifest.schema.json"


class Effect(StrEnum):
    """What an operation does outside."""

    NONE = "none"  #: nothing: it works on our own database
    REPEATABLE = "repeatable"  #: something, at a peer that tells a repeat by the idempotency key
    ONCE = "once"  #: something, at a peer that cannot tell a repeat: an uncertain outcome goes to a person


@dataclass(frozen=True, slots=True)
class InputSpec:
    """A variable that an operation takes."""

    name: str
    title: Mapping[str, str]
    required: bool


@dataclass(frozen=True, slots=True)
class OperationSpec:
    """A job type that the connector serves.

    Attributes:
        name: the part behind the colon of the job type.
        call: ``module:function`` inside the connector's folder.
        inputs, outputs: the variables that it takes and gives.
        errors: codes of the BPMN errors with which it may end its job.
    """

    name: str
    call: str
    title: Mapping[str, str]
    effect: Effect
    inputs: tuple[InputSpec, ...] = ()
    outputs: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChoreSpec:
    """Something that is done every so often."""

    name: str
    call: str
    every: timedelta


@dataclass(frozen=True, slots=True)
class MessageSpec:
    """A message that the connector publishes; ``correlation`` says in words what its correlation key is."""

    name: str
    title: Mapping[str, str]
    correlation: str


@dataclass(frozen=True, slots=True)
class SettingSpec:
    """A setting: its type, what holds without it, and whether it is secret."""

    name: str
    title: Mapping[str, str]
    type: str
    default: Any
    secret: bool


@dataclass(frozen=True, slots=True)
class Manifest:
    """One connector.

    Attributes:
        title, summary: {language: text}.
        ports: what the composition root must supply, by name.
        daemons: ``module:function`` of what runs beside everything else.
        folder: where it lies.
    """

    name: str
    title: Mapping[str, str]
    summary: Mapping[str, str]
    operations: tuple[OperationSpec, ...]
    messages: tuple[MessageSpec, ...]
    settings: tuple[SettingSpec, ...]
    ports: tuple[str, ...]
    chores: tuple[ChoreSpec, ...]
    daemons: tuple[str, ...]
    folder: Path


@cache
def schema() -> dict[str, Any]:
    """Give the JSON Schema of a manifest."""
    found: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return found


@cache
def _validator() -> Any:
    return jsonschema.Draft202012Validator(schema())


def read(folder: Path) -> Manifest:
    """Read the manifest of a connector folder.

    Raises:
        Invalid: it is not TOML, or breaks the schema; one problem per place.
    """
    where = f"{folder.name}/manifest.toml"
    try:
        content = (folder / "manifest.toml").read_bytes()
    except OSError as error:
        message = Text("this file cannot be read: {reason}", reason=str(error.strerror))
        raise Invalid(Problem(where, message, Text("a connector is a folder with a manifest.toml"))) from error
    raw = schemas.toml(content, where)
    if wrong := schemas.judge(_validator(), raw, where):
        raise Invalid(wrong)
    return Manifest(
        name=raw["name"],
        title=raw["title"],
        summary=raw["summary"],
        operations=tuple(_operation(item) for item in raw.get("operation", ())),
        messages=tuple(
            MessageSpec(item["name"], item["title"], item["correlation"]) for item in raw.get("message", ())
        ),
        settings=tuple(
            SettingSpec(item["name"], item["title"], item.get("type", "text"), item.get("default", ""), secret)
            for kind, secret in (("setting", False), ("secret", True))
            for item in raw.get(kind, ())
        ),
        ports=tuple(raw.get("ports", ())),
        chores=tuple(
            ChoreSpec(item["name"], item["call"], timedelta(seconds=item["every_s"])) for item in raw.get("chore", ())
        ),
        daemons=tuple(item["call"] for item in raw.get("daemon", ())),
        folder=folder,
    )


def _operation(item: Mapping[str, Any]) -> OperationSpec:
    return OperationSpec(
        name=item["name"],
        call=item["call"],
        title=item["title"],
        effect=Effect(item.get("effect", "repeatable")),
        inputs=tuple(
            InputSpec(each["name"], each["title"], each.get("required", False)) for each in item.get("inputs", ())
        ),
        outputs=tuple(item.get("outputs", ())),
        errors=tuple(item.get("errors", ())),
    )
