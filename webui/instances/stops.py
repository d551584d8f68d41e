"""What has stopped a case, and what somebody with the right can do about it: try again, or say what became of a call without an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.errors import NotFound
from engine.model.values import Actor
from engine.services import identity, incidents, unsettled
from engine.services.unsettled import Unsettled
from webui.case import facts
from webui.case.view import Case
from webui.context import engine, parts
from webui.i18n import gettext
from webui.i18n.languages import titled

AGAIN = "again"
EFFECT = "effect"
NONE = "none"


@dataclass(frozen=True, slots=True)
class Call:
    """A call that may or may not have had its effect: what was sent, as (what it is called, text)."""

    title: str
    key: str
    begun_at: datetime
    attempts: int
    sent: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Stuck:
    """What has stopped a case. ``choices`` are (code, words) of what the reader may do about it; the first is the loud one."""

    key: int
    step: str
    message: str
    at: datetime
    call: Call | None
    choices: tuple[tuple[str, str], ...]


def of(case: Case, *, actor: Actor) -> list[Stuck]:
    """List what has stopped a case."""
    if not case.stops:
        return []
    calls = {each.incident: each for each in unsettled.of_instance(engine(), case.row.key, actor=actor)}
    may = _may(case, actor)
    found = []
    for each in case.incidents:
        call = calls.get(each.key)
        choices = _choices(unsure=call is not None) if may else ()
        found.append(Stuck(each.key, each.step, each.message, each.at, _call(call) if call and may else None, choices))
    return found


def _may(case: Case, actor: Actor) -> bool:
    with engine().store.read() as uow:
        return identity.allowed(uow, actor, "resolve", incidents.KIND, case.row.unit)


def _choices(*, unsure: bool) -> tuple[tuple[str, str], ...]:
    if unsure:
        return ((EFFECT, gettext("It took effect")), (NONE, gettext("It did not, send it again")))
    return ((AGAIN, gettext("Try again")),)


def _call(found: Unsettled) -> Call:
    effect = found.effect
    titles: Mapping[str, Mapping[str, str]] = {}
    title = effect.type
    try:
        spec = parts().registry.operation(effect.type).spec
    except NotFound:  # its connector has been taken away since
        sent = dict(found.variables)
    else:
        titles = {each.name: each.title for each in spec.inputs}
        title = titled(spec.title) or effect.type
        sent = {name: found.variables[name] for name in titles if found.variables.get(name) is not None}
    return Call(
        title,
        effect.key,
        effect.begun_at,
        effect.attempts,
        tuple((titled(titles.get(name, {})) or name, facts.raw(value)) for name, value in sent.items()),
    )


def act(incident: str, chosen: str, reason: str, *, actor: Actor, command_id: str | None) -> str:
    """Do what was chosen about a stop, and say what became of it.

    Raises:
        NotFound: there is no such stop or choice.
        Invalid: a call without an answer takes a reason.
        IllegalTransition: it is over.
    """
    more: dict[str, Any] = {"reason": reason, "actor": actor, "command_id": command_id}
    if chosen == AGAIN:
        incidents.resolve(engine(), incident, **more)
        return gettext("It is being tried again.")
    if chosen not in (EFFECT, NONE):
        raise NotFound("there is no such choice")
    unsettled.decide(engine(), incident, took_effect=chosen == EFFECT, **more)
    return gettext("The case goes on.") if chosen == EFFECT else gettext("It is sent again.")
