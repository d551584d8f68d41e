"""Pages of rules. A rule is tried here and armed in the file of rules: trying changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template, request, url_for
from flask_login import login_required

from connectors.register import devices
from connectors.telemetry import disabled, service, trial
from connectors.telemetry.replay import Outcome
from connectors.telemetry.rules import DeviceType, Rule, RuleBook
from connectors.telemetry.trial import Trial
from engine.errors import Invalid, NotAllowed, NotFound
from engine.services import identity
from webui.context import actor, engine, parts
from webui.devices.rules import RuleLine, line
from webui.devices.status import say
from webui.devices.views import tabs
from webui.devices.words import name_of
from webui.forms import PlainField
from webui.i18n import formats, gettext
from webui.upkeep.forms import Ask, Given

blueprint = Blueprint("rules", __name__, template_folder="templates")
FIELDS = ("raise_when", "raise_for", "clear_when", "clear_for")


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of device with its rules; ``off``: at how many places something is switched off now."""

    type: str
    name: str
    rules: Sequence[RuleLine]
    off: int


@dataclass(frozen=True, slots=True)
class Tried:
    """What a rule would have made of one device; ``first``: the first hours, with their numbers."""

    code: str
    name: str
    tickets: str
    hours: int
    first: Sequence[tuple[datetime, str]]


def book() -> RuleBook:
    """Give the rules in force.

    Raises:
        NotAllowed: the reader may not see devices anywhere.
    """
    with engine().store.read() as uow:
        scope = identity.scope(uow, actor(), "read", "device")
    if scope.is_empty:
        raise NotAllowed("only those who may see devices see their rules")
    return service.rule_book(parts().registry.settings("telemetry"))


@blueprint.get("/rules")
@login_required
def index() -> str:
    """List the rules of every type of device."""
    types = book().types
    off = disabled.select(engine(), types, actor=actor())
    kinds = [
        Kind(
            name,
            say(kind.title),
            [line(kind, rule.id) for rule in kind.judges],
            sum(each.type == name for each in off),
        )
        for name, kind in types.items()
    ]
    return render_template("rules/index.html", kinds=kinds, views=tabs(), current="rules")


@blueprint.get("/rules/<kind>/<rule>")
@login_required
def attempt(kind: str, rule: str) -> tuple[str, int]:
    """Try a rule, as it is or with other limits, on the last days."""
    described, found = known(kind, rule)
    typed = {key: request.args[key] for key in FIELDS if key in request.args}
    given = Given({**written(found), **typed})
    tried: Trial | None = None
    try:
        changed = trial.altered(
            found,
            described,
            raise_when=given.values["raise_when"],
            clear_when=given.values["clear_when"],
            raise_for_s=given.values["raise_for"],
            clear_for_s=given.values["clear_for"],
        )
        tried = trial.attempt(engine(), changed, kind=described, actor=actor())
    except Invalid as error:
        given = Given(given.values, error.problems)
    page = render_template(
        "rules/attempt.html",
        name=say(found.title),
        kind=say(described.title),
        id=rule,
        form=asked(url_for("rules.attempt", kind=kind, rule=rule), given),
        tried=tried,
        rows=[row(code, outcome) for code, outcome in tried.outcomes.items()] if tried else [],
        blind=", ".join(sorted({name for each in tried.outcomes.values() for name in each.blind})) if tried else "",
        days=trial.DAYS,
    )
    return page, 422 if given.problems else 200


def known(kind: str, rule: str) -> tuple[DeviceType, Rule]:
    """Give a type of device and one of its rules.

    Raises:
        NotFound: there is no such rule.
    """
    described = book().of(kind)
    found = described.rule(rule)
    if found is None:
        raise NotFound("there is no such rule")
    return described, found


def written(rule: Rule) -> dict[str, str]:
    """Give the conditions of a rule as they are written."""
    return {
        "raise_when": rule.raise_when.text,
        "raise_for": str(int(rule.raise_for.total_seconds())),
        "clear_when": rule.clear_when.text,
        "clear_for": str(int(rule.clear_for.total_seconds())),
    }


def asked(action: str, given: Given) -> Ask:
    """Give the form of a trial."""
    labels = {
        "raise_when": gettext("Raised when"),
        "raise_for": gettext("For how long, in seconds"),
        "clear_when": gettext("Cleared when"),
        "clear_for": gettext("For how long, in seconds"),
    }
    fields = [
        PlainField(key, "text-line", label, value=given.values[key], errors=given.errors(key))
        for key, label in labels.items()
    ]
    return Ask(title="", action=action, verb=gettext("Try it"), fields=fields)


def row(code: str, outcome: Outcome) -> Tried:
    """Show what came of one device."""
    numbers = [(hit.at, ", ".join(shown(*each) for each in trial.numbers(hit))) for hit in outcome.hits]
    device = devices.get(engine(), code, actor=actor())
    return Tried(code, name_of(device), between(outcome.least, outcome.most), outcome.hours, numbers)


def shown(name: str, low: object, high: object) -> str:
    """Write between which numbers a signal was."""
    return f"{name} {low}" if low == high else f"{name} {low} – {high}"


def between(least: int, most: int) -> str:
    """Write a range of counts."""
    return formats.number(least) if least == most else f"{least}–{most}"
