"""What people may do to a case from outside its tasks: urge, pause, cancel. The diagram offers it as an event subprocess with a form."""

from __future__ import annotations

from dataclasses import dataclass

from engine.bpmn.definition import Element, EventKind, FormRef, Kind
from engine.errors import NotAllowed, NotFound
from engine.forms import Form
from engine.model.values import Actor
from engine.services import attachments, identity, messages, versions
from webui.case.view import Case
from webui.context import engine
from webui.public.linked import FORM


@dataclass(frozen=True, slots=True)
class Action:
    """A message that somebody may send to a case, and what it is called."""

    id: str
    name: str


def offered(case: Case, *, actor: Actor) -> list[Action]:
    """List what the actor may do to a case now."""
    if not case.row.is_live or not may(case, actor):
        return []
    found = [each for each in case.definition.elements.values() if is_offer(case, each)]
    return [Action(each.id, name_of(case, each)) for each in found]


def name_of(case: Case, element: Element) -> str:
    """Give what an action is called: as the event subprocess that it begins."""
    return case.step_name(element.scope)


def is_offer(case: Case, element: Element) -> bool:
    """Say whether an element begins an event subprocess of the whole case, by a message that has a form."""
    above = case.definition.elements.get(element.scope)
    return (
        element.kind is Kind.START_EVENT
        and FORM in element.properties
        and element.event(EventKind.MESSAGE) is not None
        and above is not None
        and above.triggered_by_event
        and above.scope == case.definition.process_id
    )


def may(case: Case, actor: Actor) -> bool:
    """Say whether the actor works where the case belongs; having started it is not enough."""
    with engine().store.read() as uow:
        return identity.allowed(uow, actor, "read", "process_instance", case.row.unit)


def may_reopen(case: Case, actor: Actor) -> bool:
    """Say whether the actor may start cases where a case belongs; to reopen one is to start it again."""
    with engine().store.read() as uow:
        return identity.allowed(uow, actor, "start", "process_instance", case.row.unit)


def get(case: Case, element_id: str, *, actor: Actor) -> Element:
    """Give the element of an action.

    Raises:
        NotFound: the case offers no such action.
        NotAllowed: the actor may not do this.
    """
    element = case.definition.elements.get(element_id)
    if element is None or not is_offer(case, element) or not case.row.is_live:
        raise NotFound("this cannot be done to the case any more")
    if not may(case, actor):
        raise NotAllowed("only those who work here can do this")
    return element


def form(case: Case, element: Element) -> Form:
    """Give the form of an action, as it was deployed with the process."""
    with engine().store.read() as uow:
        return versions.form(engine(), uow, FormRef(element.properties[FORM]), caller=case.version)


def send(case: Case, element: Element, values: dict[str, object], *, actor: Actor, command_id: str | None) -> bool:
    """Check what was filled in and send it to the case; say whether the case took it.

    Raises:
        Invalid: a value is missing or malformed.
    """
    now = engine().clock.now()
    asked = form(case, element)
    accepted = asked.validate(values, context=case.data, now=now)
    attached = attachments.of(asked, accepted)
    attachments.check(engine(), attached, actor=actor, instance=case.row.key, variables=dict(case.data))
    event = element.event(EventKind.MESSAGE)
    assert event is not None and event.name is not None
    told = messages.publish(
        engine(),
        str(event.name.evaluate(case.data, now=now, zone=engine().zone)),
        actor=Actor(id=actor.id, name=actor.name, user=actor.user, everything=True),
        correlation_key=case.row.business_key,
        variables=accepted,
        source=actor.id,
        message_id=command_id,
    )
    return bool(told.instances)
