"""Diagrams to look at, to work on and to take along: drawings of what was deployed, drafts of what may be, files to and fro."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from engine.bpmn.importers import convert
from engine.bpmn.layout import drawn
from engine.bpmn.lint import lint
from engine.bpmn.read import read
from engine.bpmn.read.parts import bpmn
from engine.bpmn.validate import parse
from engine.errors import ConcurrentUpdate, Conflict, Invalid, NotFound, Problem, Text
from engine.model.keys import DiagramDraftKey, UnitKey, parse_key
from engine.model.values import Actor, Resource
from engine.services import command, identity, repository
from engine.services.engine import Engine
from engine.services.reading import DIAGRAMS
from engine.store import commands, diagrams, units
from engine.store.database import UnitOfWork
from engine.store.diagrams import DiagramDraft
from engine.store.sentences import problem, problem_json

__all__ = [
    "DiagramDraft",
    "Opened",
    "Opening",
    "discard",
    "draft",
    "drafts",
    "drawing",
    "export",
    "open_draft",
    "opened",
    "opening",
    "save",
]

KIND = repository.KIND
OPEN = "open a diagram draft"


@dataclass(frozen=True, slots=True)
class Opened:
    """A file from elsewhere, ready to be worked on.

    Attributes:
        content: the same bytes where nothing was translated and a diagram was there; else with what was missing.
        laid_out: it had no diagram and got one.
        report: what was translated (severity ``info``) and what needs a person (``warning``).
        problems: what is not executable, and whatever else a deployment of it alone would refuse or warn about.
    """

    content: bytes
    laid_out: bool
    report: tuple[Problem, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """What was told when a file was opened as a draft, as ``Opened`` says it."""

    laid_out: bool
    report: tuple[Problem, ...]


def drawing(engine: Engine, key: str | int, *, actor: Actor) -> bytes:
    """Give the diagram of a version of a process to look at: as it was deployed, or laid out where it was deployed without one.

    Raises:
        NotFound: there is none with this key, or it is not the actor's to see.
    """
    content = repository.xml(engine, key, actor=actor)
    return engine.compiled.get(("drawing", parse_key(key)), lambda: drawn(content))


def opened(name: str, content: bytes, *, translate: bool = True) -> Opened:
    """Make a BPMN 2.0 file ready to be worked on, whatever it holds: what is not executable is only told.

    Args:
        translate: put what it says for another engine into our dialect.

    Raises:
        Invalid: it is no BPMN, or not safe to read.
    """
    if parse(content).tag != bpmn("definitions"):
        message = Text("{file} is not a BPMN 2.0 file", file=name)
        remedy = Text("give a file that begins with definitions in the BPMN namespace")
        raise Invalid(Problem("line 1", message, remedy))
    imported = convert(content) if translate else None
    ours = imported.xml if imported else content
    shown = drawn(ours)
    return Opened(shown, shown != ours, imported.report if imported else (), tuple(_problems(shown)))


def _problems(content: bytes) -> Iterator[Problem]:
    found = read(content)
    yield from found.problems
    for definition in found.definitions:
        yield from lint(definition)


def file_name(name: str) -> str:
    """Give a file a name that says that it is a diagram."""
    return name if name.lower().endswith(DIAGRAMS) else f"{name.rpartition('.')[0] or name}.bpmn"


# ---- drafts --------------------------------------------------------------------------------------------------------------


def open_draft(
    engine: Engine,
    name: str,
    content: bytes,
    *,
    actor: Actor,
    unit: int | None = None,
    translate: bool = True,
    command_id: str | None = None,
) -> tuple[DiagramDraft, Opened]:
    """Keep a file as a draft, so that it can be worked on. With a command id, ``opening`` tells later what was said about it.

    Args:
        name: of the file.
        unit: to which part of the organisation it belongs; None: to the root.
        translate: put what it says for another engine into our dialect.

    Raises:
        NotAllowed: the actor may not deploy there.
        Invalid: it is no BPMN, or not safe to read.
    """
    found = opened(name, content, translate=translate)

    def body(uow: UnitOfWork) -> dict[str, Any]:
        place = units.place_of(uow, unit)
        identity.require(uow, actor, "deploy", KIND, place.key if place else None)
        row = DiagramDraft(
            key=DiagramDraftKey(uow.new_key()),
            name=file_name(name),
            unit=UnitKey(place.key) if place else None,
            revision=1,
            changed_at=uow.now,
            changed_by=actor.id,
            changed_by_name=actor.name,
        )
        diagrams.add(uow, row, found.content)
        report = [problem_json(each) for each in found.report]
        return {"draft": row.key, "laid_out": found.laid_out, "report": report}

    done = command.run(engine, OPEN, body, actor=actor, command_id=command_id)
    with engine.store.read() as uow:
        return diagrams.get(uow, done["draft"]), found


def opening(engine: Engine, key: str | int, command_id: str, *, actor: Actor) -> Opening | None:
    """Say what was told when the actor opened a file as this draft; None where that is not known any more."""
    with engine.store.read() as uow:
        try:
            known, done = commands.find(uow, actor.id, command_id, OPEN)
        except Conflict:  # it is the id of another command
            return None
    if not known or done["draft"] != parse_key(key):
        return None
    return Opening(done["laid_out"], tuple(map(problem, done["report"])))


def save(engine: Engine, key: str | int, content: bytes, *, revision: int, actor: Actor) -> DiagramDraft:
    """Store what became of a draft.

    Args:
        revision: of the draft that was changed.

    Raises:
        NotFound: there is no such draft, or it is not the actor's to see.
        ConcurrentUpdate: somebody else saved it meanwhile.
        Invalid: it is no XML that can be read safely.
    """
    parse(content)

    def body(uow: UnitOfWork) -> DiagramDraft:
        row = _visible(uow, key, actor)
        mine = replace(row, revision=revision)
        if not diagrams.save(uow, mine, content, actor_id=actor.id, actor_name=actor.name):
            who, at = row.changed_by_name, row.changed_at
            raise ConcurrentUpdate("{actor} saved the draft meanwhile; open it again", actor=who, at=at)
        return diagrams.get(uow, row.key)

    return command.run(engine, f"save diagram draft {key}", body, actor=actor)


def draft(engine: Engine, key: str | int, *, actor: Actor) -> tuple[DiagramDraft, bytes]:
    """Give a draft, byte for byte as it was opened or saved.

    Raises:
        NotFound: there is none with this key, or it is not the actor's to see.
    """
    with engine.store.read() as uow:
        row = _visible(uow, key, actor)
        return row, diagrams.read(uow, row.key)


def drafts(engine: Engine, *, actor: Actor) -> list[DiagramDraft]:
    """List the drafts in the actor's part of the organisation, those changed last first."""
    with engine.store.read() as uow:
        return diagrams.select(uow, identity.scope(uow, actor, "deploy", KIND))


def discard(engine: Engine, key: str | int, *, actor: Actor) -> None:
    """Delete a draft; what was deployed of it stays.

    Raises:
        NotFound: there is no such draft, or it is not the actor's to see.
    """

    def body(uow: UnitOfWork) -> None:
        diagrams.remove(uow, _visible(uow, key, actor).key)

    command.run(engine, f"discard diagram draft {key}", body, actor=actor)


def _visible(uow: UnitOfWork, key: str | int, actor: Actor) -> DiagramDraft:
    """Give a draft to those who could deploy it: nobody else has any business with it."""
    row = diagrams.get(uow, parse_key(key))
    if not identity.allowed(uow, actor, "deploy", KIND, row.unit):
        raise NotFound("there is no diagram draft {key}", key=row.key)
    return row


# ---- taking along --------------------------------------------------------------------------------------------------------


def export(engine: Engine, what: str, *, actor: Actor) -> Resource:
    """Give a diagram byte for byte, with the name of its file.

    Args:
        what: the key of a version of a process or of a draft, or the id of a process, with ``:VERSION`` for another than the newest.

    Raises:
        NotFound: there is no such thing, or it is not the actor's to see.
    """
    if what.isdigit():
        with engine.store.read() as uow:
            is_draft = diagrams.exists(uow, parse_key(what))
        if is_draft:
            row, content = draft(engine, what, actor=actor)
            return Resource(row.name, content)
        found, _ = repository.definition(engine, what, actor=actor)
    else:
        process_id, _, number = what.partition(":")
        if number and not number.isdigit():
            raise NotFound("{number} is no version; versions are numbers", number=number[:40])
        found = repository.latest(engine, process_id, version=int(number) if number else None, actor=actor)
    return Resource(found.resource_name, repository.xml(engine, found.key, actor=actor))
