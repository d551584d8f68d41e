"""Which processes the public may start, by which message and form: their ``process.toml`` says so."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from engine.errors import NotFound
from engine.model.values import SYSTEM
from engine.services import repository
from engine.store.deployments import ProcessDefinition
from webui.context import engine
from webui.start.catalogue import Startable, startable

FILE = "process.toml"


@dataclass(frozen=True, slots=True)
class Offer:
    """A process that the public may start.

    Attributes:
        message: starts it; its correlation key is the number of the new case.
    """

    process: Startable
    message: str
    form_id: str


def every() -> list[Offer]:
    """List what the public may start."""
    found = []
    for row in repository.definitions(engine(), actor=SYSTEM):
        said = engine().compiled.get(("public", row.key), partial(_read, row))
        if said:
            _, definition = repository.definition(engine(), row.key, actor=SYSTEM)
            found.append(Offer(startable(row, definition), said["message"], said["form"]))
    return found


def get(process_id: str) -> Offer:
    """Give one of them.

    Raises:
        NotFound: the public may not start this process.
    """
    for offer in every():
        if offer.process.id == process_id:
            return offer
    raise NotFound("there is nothing to report here")


def _read(row: ProcessDefinition) -> Mapping[str, str]:
    """Give {message, form} when the public may start a process, else nothing."""
    try:
        said = tomllib.loads(repository.file(engine(), row.deployment, FILE, actor=SYSTEM).decode("utf-8"))
    except NotFound:
        return {}
    if said.get("key", row.process_id) != row.process_id:
        return {}  # the file speaks of another process of the same folder
    start: Any = said.get("start", ())
    for each in start if isinstance(start, list) else ():
        if each.get("by") == "public" and each.get("message") and each.get("form"):
            return {"message": each["message"], "form": each["form"]}
    return {}
