"""What a reader may do to a live case, and the doing of it: tried first, then for good, by the same command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from werkzeug.datastructures import MultiDict

from engine.bpmn.progress import Activation
from engine.errors import Invalid, NotFound, Problem, Text
from engine.model import json
from engine.model.states import INSTANCE_MOVES, actions
from engine.model.values import Actor
from engine.services import identity, incidents, migration, runtime
from engine.services.moves import Effect
from webui.case.view import Case
from webui.context import engine
from webui.i18n import gettext

Given = MultiDict[str, str]
"""The fields of a form that was sent."""

MAP = "map-"
"""Prefix of the field that says where an element belongs in the other version."""
WITHIN = "within-"
"""Prefix of the field that says in which live scope instance an element is to begin."""


class Verb(StrEnum):
    """What can be done to a case from outside."""

    SUSPEND = "suspend"
    RESUME = "resume"
    MOVE = "move"
    DATA = "data"
    STOPS = "stops"
    VERSION = "version"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Offer:
    """A verb as a page offers it: its name, and what it means for the case."""

    verb: Verb
    name: str
    text: str


def offered(case: Case, *, actor: Actor) -> list[Offer]:
    """List what the reader may do to a case now; nothing to one that has ended."""
    if not case.row.is_live:
        return []
    moves = actions(INSTANCE_MOVES, case.row.state)
    with engine().store.read() as uow:

        def permitted(verb: str, kind: str = "process_instance") -> bool:
            return identity.allowed(uow, actor, verb, kind, case.row.unit)

        there = {
            Verb.SUSPEND: "suspend" in moves and permitted("suspend"),
            Verb.RESUME: "resume" in moves and permitted("suspend"),
            Verb.MOVE: permitted("update"),
            Verb.DATA: permitted("update"),
            Verb.STOPS: bool(case.row.incidents) and permitted("resolve", incidents.KIND),
            Verb.VERSION: permitted("migrate"),
            Verb.CANCEL: "cancel" in moves and permitted("cancel"),
        }
    return [each for each in _offers() if there[each.verb]]


def _offers() -> list[Offer]:
    return [
        Offer(
            Verb.SUSPEND,
            gettext("Pause"),
            gettext("Nothing moves until somebody resumes it; its clocks in the diagram wait."),
        ),
        Offer(Verb.RESUME, gettext("Resume"), gettext("It goes on; what came due meanwhile happens now.")),
        Offer(
            Verb.MOVE,
            gettext("Move"),
            gettext("End steps where it stands, and begin others. Click them in the diagram, or tick them."),
        ),
        Offer(Verb.DATA, gettext("Data"), gettext("Set one value, of the whole case or of one of its parts.")),
        Offer(Verb.STOPS, gettext("Stops"), gettext("Try again what stopped, or go on as if it had been done.")),
        Offer(
            Verb.VERSION,
            gettext("Version"),
            gettext("Move it to another version of its process. What is open stays open."),
        ),
        Offer(
            Verb.CANCEL,
            gettext("Cancel the case"),
            gettext("It ends now, with its tasks and the cases that it called."),
        ),
    ]


def carry_out(
    case: Case, verb: Verb, given: Given, *, actor: Actor, command_id: str | None, dry_run: bool
) -> list[Effect]:
    """Do what a form says, or only try it; give what it brings about.

    Raises:
        Invalid: a field is missing or wrong, or the case cannot be changed so.
        NotFound, NotAllowed, IllegalTransition: as the command says.
    """
    reason = given.get("reason", "").strip()
    if not reason:
        raise Invalid(Problem("reason", Text("say why; it stands in the history")))
    more = {"actor": actor, "reason": reason, "command_id": command_id, "dry_run": dry_run}
    return _DO[verb](case, given, more)


_Do = Callable[[Case, Given, Mapping[str, Any]], list[Effect]]


def _move(case: Case, given: Given, more: Mapping[str, Any]) -> list[Effect]:
    ends = tuple(int(each) for each in given.getlist("end") if each.isdigit())
    begins = tuple(Activation(id, _number(given.get(WITHIN + id, ""))) for id in given.getlist("begin"))
    if not ends and not begins:
        raise Invalid(Problem("move", Text("choose at least one step to end or to begin")))
    return runtime.modify(engine(), case.row.key, activate=begins, terminate=ends, **more)


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def _data(case: Case, given: Given, more: Mapping[str, Any]) -> list[Effect]:
    return runtime.set_variables(engine(), case.row.key, value(given), scope=_number(given.get("scope", "")), **more)


def value(given: Given) -> dict[str, Any]:
    """Give the value that a form names, by its name.

    Raises:
        Invalid: it has no name, or is not JSON.
    """
    name = given.get("name", "").strip()
    if not name:
        raise Invalid(Problem("name", Text("name the value")))
    return {name: _json("value", given.get("value", ""))}


def _json(field: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        remedy = Text("text stands in quotes")
        raise Invalid(Problem(field, Text("this is not JSON"), remedy)) from None


def _stops(case: Case, given: Given, more: Mapping[str, Any]) -> list[Effect]:
    incident = given.get("incident", "")
    if incident not in {str(each.key) for each in case.stops}:
        raise NotFound("there is no such stop any more")
    if given.get("how") != "skip":
        return incidents.resolve(engine(), incident, **more)
    return incidents.skip(engine(), incident, output(given), **more)


def output(given: Given) -> dict[str, Any]:
    """Give what a step that is passed counts as having handed back.

    Raises:
        Invalid: it is no JSON object.
    """
    found = _json("output", given.get("output", "").strip() or "{}")
    if not isinstance(found, dict):
        raise Invalid(Problem("output", Text("the output is a JSON object of values by name")))
    return found


def _version(case: Case, given: Given, more: Mapping[str, Any]) -> list[Effect]:
    migration.refuse_or_move(engine(), case.row.key, to_version(given), mapping(given), **more)
    return [("instance_migrated", "")]


def to_version(given: Mapping[str, str]) -> int:
    """Give the version that a form names.

    Raises:
        Invalid: it names none.
    """
    number = given.get("to_version", "")
    if not number.isdigit():
        raise Invalid(Problem("to_version", Text("choose a version")))
    return int(number)


def mapping(given: Mapping[str, str]) -> dict[str, str]:
    """Give the places that a form names: {element id now: element id there}."""
    return {name.removeprefix(MAP): there for name, there in given.items() if name.startswith(MAP)}


_DO: Mapping[Verb, _Do] = {
    Verb.SUSPEND: lambda case, _, more: runtime.suspend(engine(), case.row.key, **more),
    Verb.RESUME: lambda case, _, more: runtime.resume(engine(), case.row.key, **more),
    Verb.CANCEL: lambda case, _, more: runtime.cancel(engine(), case.row.key, **more),
    Verb.MOVE: _move,
    Verb.DATA: _data,
    Verb.STOPS: _stops,
    Verb.VERSION: _version,
}
