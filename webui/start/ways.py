"""The ways in which a process can be started: by people of which roles, by the public, with what form.

A process folder says so in ``process.toml``. A process without one is started by whoever may start processes, with the form of its start
event.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask_login import current_user

from engine.bpmn.definition import Definition, FormRef
from engine.errors import Invalid, NotFound
from engine.forms import Form
from engine.model.values import SYSTEM, Actor
from engine.services import folders, identity, repository, versions
from engine.store.units import Unit
from engine.store.versions import ProcessDefinition
from webui.context import engine, parts
from webui.i18n.languages import language, titled
from webui.i18n.process import translator
from webui.start import numbers

log = logging.getLogger(__name__)

CHANNEL = "channel"
"""The variable that says which way a case came."""

PLACES = ("group", "company", "project")
"""The kinds of unit that a case is started for; buildings are said in its form."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to start a process.

    Attributes:
        id: BPMN id of the process.
        channel: names the way, and is handed to the process; empty for the only one.
        process: what its process is called, in the reader's language.
        name, text: what the way is called, and what it is for, in the reader's language.
        roles: who may; empty: whoever may start processes.
        form_id: id of its form; empty when it asks nothing.
        message: starts it, where no none start event does.
        scope: the variable that names the unit that a case belongs to, if the process has one.
        numbered: the variable that holds the number that people call a case by, if the process has one.
        letter: what these numbers begin with.
    """

    id: str
    channel: str
    process: str
    name: str
    text: str
    icon: str
    roles: frozenset[str]
    form_id: str
    message: str
    scope: str
    numbered: str
    letter: str
    version: ProcessDefinition


def for_actor(actor: Actor) -> Sequence[Way]:
    """List the ways that are open to an actor somewhere, by the names of their processes."""
    if not parts().directory.permits(actor, "process_instance", "start"):
        return ()
    found = [way for row in _processes() for way in _by_role(row) if _open(way, actor)]
    return sorted(found, key=lambda way: (way.process, way.id, way.name))


def get(process_id: str, channel: str, *, actor: Actor) -> Way:
    """Give one way to start a process: the first that is open to the actor when none is named.

    Raises:
        NotFound: there is no such process, or no way of it is open to the actor.
    """
    row = repository.latest(engine(), process_id, actor=SYSTEM)
    for way in _by_role(row):
        if _open(way, actor) and channel in ("", way.channel):
            return way
    raise NotFound("the process {id} is not yours to start", id=process_id)


def _open(way: Way, actor: Actor) -> bool:
    return not way.roles or actor.everything or _administers(actor) or not way.roles.isdisjoint(actor.roles)


def _administers(actor: Actor) -> bool:
    return parts().directory.permits(actor, "process_definition", "deploy")


def for_public() -> list[Way]:
    """List the ways that are open to everybody."""
    return [way for row in _processes() for way in _by_public(row)]


def public(process_id: str) -> Way:
    """Give the way in which the public starts a process.

    Raises:
        NotFound: the public may not start it.
    """
    for way in for_public():
        if way.id == process_id:
            return way
    raise NotFound("there is nothing to report here")


def _processes() -> list[ProcessDefinition]:
    return repository.definitions(engine(), actor=SYSTEM)


def _by_role(row: ProcessDefinition) -> list[Way]:
    """Give the ways for staff; in process.toml those with a form of their own."""
    _, definition = repository.definition(engine(), row.key, actor=SYSTEM)
    if not definition.start_events(None):
        return []
    said = _said(row)
    if said is not None:
        starts = [each for each in said.get("start", ()) if each.get("by") == "role"]
        return [_way(row, definition, each) for each in starts]
    form_id = _form_of(definition)
    return [_way(row, definition, {"form": form_id})] if form_id else []


def _by_public(row: ProcessDefinition) -> list[Way]:
    """Give the ways for everybody: a message and a form."""
    _, definition = repository.definition(engine(), row.key, actor=SYSTEM)
    starts = (_said(row) or {}).get("start", ())
    wanted = [each for each in starts if each.get("by") == "public" and each.get("message") and each.get("form")]
    return [_way(row, definition, each) for each in wanted]


def channel_name(row: ProcessDefinition, channel: str) -> str:
    """Give what a way in which cases come is called, of any kind; nothing where process.toml does not say."""
    starts = (_said(row) or {}).get("start", ())
    return next((titled(each.get("title", {})) for each in starts if each.get("channel") == channel), "")


def _said(row: ProcessDefinition) -> Mapping[str, Any] | None:
    """Give what the folder's process.toml says; None where there is none, or it speaks of another process of the folder."""
    found: Mapping[str, Any] | None = engine().compiled.get(("process.toml", row.key), partial(_read, row))
    return found


def _read(row: ProcessDefinition) -> Mapping[str, Any] | None:
    """Read a stored process.toml. One from before its shape was checked may be broken: the process is then without."""
    try:
        content = repository.file(engine(), row.deployment, folders.PROCESS, actor=SYSTEM)
        said = folders.read(content, folders.PROCESS, stored=True)
    except NotFound:
        return None
    except Invalid as broken:
        log.warning("%s of %s is left aside; deploy it anew: %s", folders.PROCESS, row.process_id, broken)
        return None
    return said if said["key"] == row.process_id else {}


def _form_of(definition: Definition) -> str:
    for element in definition.start_events(None):
        return element.attributes.get("formId", "")
    return ""


def _way(row: ProcessDefinition, definition: Definition, said: Mapping[str, Any]) -> Way:
    say = translator(engine(), row.deployment)
    properties = definition.process.properties
    summary = (_said(row) or {}).get("summary", {})
    return Way(
        id=row.process_id,
        channel=said.get("channel", ""),
        process=say(row.name),
        name=titled(said.get("title", {})) or say(row.name),
        text=titled(summary) or say(definition.documentation or definition.process.documentation),
        icon=properties.get("icon", "") if properties.get("icon", "") in ICONS else "route",
        roles=frozenset(said.get("roles", ())),
        form_id=said.get("form", ""),
        message=said.get("message", ""),
        scope=properties.get("scope", ""),
        numbered=properties.get("business_key", ""),
        letter=said.get("letter") or (numbers.BY_PUBLIC if said.get("by") == "public" else numbers.BY_STAFF),
        version=row,
    )


def form(found: Way) -> Form | None:
    """Give the form of a way to start: in the version that the start event says, else the one deployed with the process."""
    if not found.form_id:
        return None
    _, definition = repository.definition(engine(), found.version.key, actor=SYSTEM)
    asked = [each.form for each in definition.start_events(None) if each.form and each.form.id == found.form_id]
    with engine().store.read() as uow:
        return versions.form(engine(), uow, asked[0] if asked else FormRef(found.form_id), caller=found.version)


def units(actor: Actor) -> Sequence[Unit]:
    """List the units at which the actor may start a case, the projects first."""
    with engine().store.read() as uow:
        places = identity.units_where(uow, actor, "start", "process_instance", kinds=PLACES)
    return sorted(places, key=lambda unit: (PLACES.index(unit.kind) * -1, unit.code))


def nearest(choices: Sequence[Unit]) -> Unit:
    """Give the unit that is likely meant: the reader's own project; who works above all of them begins with the first."""
    home = current_user.account.unit
    return next((each for each in choices if each.key == home and each.kind == "project"), choices[0])


def context(found: Way, unit: Unit | None, choices: Sequence[Unit]) -> Mapping[str, object]:
    """Give what a start form knows before anybody types: where it is, and what the units may be."""
    options = [{"value": each.code, "label": each.name(language())} for each in choices if each.kind == "project"]
    known: dict[str, object] = {"projects": options}
    if found.channel:
        known[CHANNEL] = found.channel
    if found.scope and unit:
        known[found.scope] = unit.code
    return known


ICONS = ("tool", "package", "file-text", "cash", "user-plus", "user-minus", "route")
"""The icons that a process may name in its property ``icon``; the build takes the sprite's from here."""
