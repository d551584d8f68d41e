"""Which processes can be started by hand, with what form, and where in the organisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.bpmn.definition import Binding, Definition
from engine.errors import NotFound
from engine.forms import Form
from engine.model.values import SYSTEM, Actor
from engine.services import identity, repository
from engine.store.deployments import ProcessDefinition
from engine.store.units import Unit
from webui.context import engine, parts
from webui.i18n.languages import language
from webui.i18n.process import translator

PLACES = ("group", "company", "project")
"""The kinds of unit that a case is started for; buildings are said in its form."""


@dataclass(frozen=True, slots=True)
class Startable:
    """A process that can be started by hand.

    Attributes:
        id: its BPMN id.
        text: its documentation, in one sentence.
        scope: the variable that names the unit that a case belongs to, if the process has one.
        numbered: the variable that holds the number that people call a case by, if the process has one.
        form_id: id of its start form; empty when it asks nothing.
    """

    id: str
    name: str
    text: str
    icon: str
    scope: str
    numbered: str
    form_id: str
    version: ProcessDefinition


def every(actor: Actor) -> Sequence[Startable]:
    """List the processes that the actor may start somewhere, by name."""
    if not parts().directory.permits(actor, "process_instance", "start"):
        return ()
    found = []
    for row in repository.definitions(engine(), actor=SYSTEM):
        _, definition = repository.definition(engine(), row.key, actor=SYSTEM)
        if definition.start_events(None) and form_of(definition):
            found.append(startable(row, definition))
    return sorted(found, key=lambda each: each.name)


def get(process_id: str) -> Startable:
    """Give the newest version of a process that can be started by hand.

    Raises:
        NotFound: there is no such process, or it is not started by hand.
    """
    row = repository.latest(engine(), process_id, actor=SYSTEM)
    _, definition = repository.definition(engine(), row.key, actor=SYSTEM)
    if not definition.start_events(None):
        raise NotFound("the process {id} is not started by hand", id=process_id)
    return startable(row, definition)


def startable(row: ProcessDefinition, definition: Definition) -> Startable:
    """Show a version of a process in the reader's language."""
    say = translator(engine(), row.deployment)
    properties = definition.process.properties
    return Startable(
        id=row.process_id,
        name=say(row.name),
        text=say(definition.documentation or definition.process.documentation),
        icon=properties.get("icon", "") if properties.get("icon", "") in ICONS else "route",
        scope=properties.get("scope", ""),
        numbered=properties.get("business_key", ""),
        form_id=form_of(definition),
        version=row,
    )


def form_of(definition: Definition) -> str:
    """Give the id of the form of the start event, empty when there is none."""
    for element in definition.start_events(None):
        return element.attributes.get("formId", "")
    return ""


def form(found: Startable) -> Form | None:
    """Give the start form of a process, as it was deployed with it."""
    if not found.form_id:
        return None
    with engine().store.read() as uow:
        return repository.form(engine(), uow, found.form_id, binding=Binding.DEPLOYMENT, caller=found.version)


def units(actor: Actor) -> Sequence[Unit]:
    """List the units at which the actor may start a case, the projects first."""
    with engine().store.read() as uow:
        seen = identity.units_of(uow, actor)
        allowed = identity.scope(uow, actor, "start", "process_instance")
    places = [unit for unit in seen if unit.kind in PLACES and unit.valid and allowed.covers(unit.path)]
    return sorted(places, key=lambda unit: (PLACES.index(unit.kind) * -1, unit.code))


def context(found: Startable, unit: Unit | None, choices: Sequence[Unit]) -> Mapping[str, object]:
    """Give what a start form knows before anybody types: where it is, and what the units may be."""
    options = [{"value": each.code, "label": each.name(language())} for each in choices if each.kind == "project"]
    known: dict[str, object] = {"projects": options}
    if found.scope and unit:
        known[found.scope] = unit.code
    return known


ICONS = ("tool", "package", "file-text", "cash", "user-plus", "user-minus", "route")
"""The icons that a process may name in its property ``icon``; the build takes the sprite's from here."""
