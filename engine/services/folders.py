"""Judges the settings of a process folder: ``process.toml`` and ``sla.toml`` have their shape, and name what there is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine import schemas
from engine.bpmn.definition import Binding, Definition, EventKind
from engine.bpmn.rules.surroundings import Find, Part
from engine.errors import Invalid, Problem, Text
from engine.model.values import Resource

PROCESS = "process.toml"
SLA = "sla.toml"

INSTANCE = frozenset({"start", "end"})
"""What a clock may name besides elements: the beginning and the end of the instance."""

HOLDER = "assignee"
"""Whom a rung of a ladder may notify besides roles: whoever has the task."""


@dataclass(frozen=True, slots=True)
class Around:
    """What settings may name.

    Attributes:
        definitions: the processes of the folder, by id.
        find: looks up the forms that are deployed, or deployed together with it.
        roles: codes of the roles of the organisation; empty while nobody has set any up, so that nothing is said about them.
    """

    definitions: Mapping[str, Definition]
    find: Find
    roles: Collection[str] = ()


def read(content: bytes, file: str, *, stored: bool = False) -> dict[str, Any]:
    """Read ``process.toml`` or ``sla.toml``.

    Args:
        stored: it was deployed, maybe by a version that knew more names, or other ones: these are passed over.

    Raises:
        Invalid: it is not TOML, or has not the shape of its schema; everything that is wrong.
    """
    said = schemas.toml(content, file)
    problems = schemas.problems(_SCHEMAS[file], said, file)
    if stored:
        problems = [each for each in problems if each.rule != schemas.UNKNOWN]
    if problems:
        raise Invalid(problems)
    return said


def judge(resources: Sequence[Resource], around: Around | None) -> list[Problem]:
    """Say everything that is wrong with the settings among some files; ``around`` is None where diagrams could not be read."""
    found: list[Problem] = []
    for each in resources:
        if each.name not in _SCHEMAS:
            continue
        try:
            said = read(each.content, each.name)
        except Invalid as refusal:
            found += refusal.problems
            continue
        if around is not None:
            found += _NAMES[each.name](said, around)
    return found


# ---- process.toml ------------------------------------------------------------------------------------------------------


def _process(said: Mapping[str, Any], around: Around) -> Iterator[Problem]:
    yield from _process_known(said["key"], (PROCESS, "key"), around)
    yield from _roles([(said["owner"], ("owner",))] if "owner" in said else [], PROCESS, around)
    messages = {
        event.name.text
        for definition in around.definitions.values()
        for element in definition.elements.values()
        for event in element.events
        if event.kind is EventKind.MESSAGE and event.name
    }
    for number, start in enumerate(said["start"]):
        here = ("start", number)
        yield from _roles([(role, (*here, "roles")) for role in start.get("roles", ())], PROCESS, around)
        if "process" in start:
            yield from _process_known(start["process"], (PROCESS, *here, "process"), around)
        message, form = start.get("message"), start.get("form")
        if message is not None and message not in messages:
            yield Problem(
                schemas.place(PROCESS, *here, "message"),
                Text("no event of these diagrams waits for a message {name}", name=message),
                Text("name one of: {known}", known=", ".join(sorted(messages)) or "-"),
                "settings-message",
            )
        if form is not None and around.find(Part.FORM, form, Binding.LATEST, "") is None:
            yield Problem(
                schemas.place(PROCESS, *here, "form"),
                Text("there is no form {name}", name=form),
                Text("deploy it together with the process, or name another"),
                "settings-form",
            )


def _process_known(id_: str, path: tuple[str | int, ...], around: Around) -> Iterator[Problem]:
    if id_ not in around.definitions:
        file, *inside = path
        yield Problem(
            schemas.place(str(file), *inside),
            Text("there is no process {id} in these files", id=id_),
            Text("name one of: {known}", known=", ".join(sorted(around.definitions)) or "-"),
            "settings-process",
        )


def _roles(
    named: Sequence[tuple[str, tuple[str | int, ...]]], file: str, around: Around, *, besides: str = ""
) -> Iterator[Problem]:
    """Warn of roles that there are not: administrators may still add them, and other installations have others."""
    for role, path in named:
        if around.roles and role not in around.roles and role != besides:
            yield Problem(
                schemas.place(file, *path),
                Text("there is no role {role}", role=role),
                Text("name a role of the organisation, or add this one"),
                "settings-role",
                "warning",
            )


# ---- sla.toml ----------------------------------------------------------------------------------------------------------


def _sla(said: Mapping[str, Any], around: Around) -> Iterator[Problem]:
    yield from _process_known(said["process"], (SLA, "process"), around)
    if said["process"] in around.definitions:
        yield from _elements(said, around.definitions[said["process"]])
    for number, clock in enumerate(said["clock"]):
        for table in ("target", "task"):
            for name, row in clock.get(table, {}).items():
                if row["calendar"] not in said["calendars"]:
                    yield Problem(
                        schemas.place(SLA, "clock", number, table, name, "calendar"),
                        Text("there is no calendar {name}", name=row["calendar"]),
                        Text("name one of: {known}", known=", ".join(said["calendars"])),
                        "settings-calendar",
                    )
    if "approval" in said:
        yield from _roles([(said["approval"]["by"], ("approval", "by"))], SLA, around)
    told: list[tuple[str, tuple[str | int, ...]]] = [
        (role, ("ladder", number, "rungs", step, "notify"))
        for number, ladder in enumerate(said.get("ladder", ()))
        for step, rung in enumerate(ladder["rungs"])
        for role in rung["notify"]
    ]
    yield from _roles(told, SLA, around, besides=HOLDER)


def _elements(said: Mapping[str, Any], definition: Definition) -> Iterator[Problem]:
    named: list[tuple[tuple[str | int, ...], Collection[str], Collection[str]]] = []
    for number, clock in enumerate(said["clock"]):
        here = ("clock", number)
        named += [((*here, name), clock.get(name, ()), INSTANCE) for name in ("from", "until")]
        named += [((*here, "stop_early", name), ids, ()) for name, ids in clock.get("stop_early", {}).items()]
        named += [((*here, "task"), clock.get("task", {}), ())]
    named += [
        (("pause", number, "while"), pause.get("while", ()), ()) for number, pause in enumerate(said.get("pause", ()))
    ]
    for path, ids, besides in named:
        for id_ in ids:
            if id_ not in definition.elements and id_ not in besides:
                yield Problem(
                    schemas.place(SLA, *path),
                    Text("the process {process} has no element {id}", process=definition.process_id, id=id_),
                    Text("name an element by its id in the diagram"),
                    "settings-element",
                )


_SCHEMAS = {PROCESS: "process", SLA: "sla"}
_NAMES: Mapping[str, Callable[[Mapping[str, Any], Around], Iterator[Problem]]] = {PROCESS: _process, SLA: _sla}
