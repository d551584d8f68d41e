"""Pages for starting a process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask_login import login_required

from engine.errors import Invalid, NotAllowed, NotFound, Problem
from engine.forms import Form
from engine.model.keys import InstanceKey
from engine.services import attachments, runtime
from engine.services import units as organisation
from engine.store.units import Unit
from webui import forms
from webui.context import actor, engine
from webui.errors import body_of
from webui.i18n import gettext
from webui.i18n.languages import language
from webui.i18n.process import translator
from webui.start import numbers, ways
from webui.start.ways import Way
from webui.tasks import onward

blueprint = Blueprint("start", __name__, template_folder="templates")


@blueprint.get("/start")
@login_required
def catalogue() -> str:
    """Show what one may start."""
    return render_template("start/catalogue.html", processes=ways.for_actor(actor()))


@blueprint.get("/start/<process_id>")
@login_required
def form(process_id: str) -> str:
    """Show the start form of a process."""
    return show(ways.get(process_id, request.args.get("way", ""), actor=actor()))


def show(found: Way, problems: Sequence[Problem] = (), typed: dict[str, Any] | None = None) -> str:
    """Render a start form."""
    places = ways.units(actor())
    if not places:
        raise NotAllowed("you may not start a process anywhere; ask an administrator for a role that permits it")
    unit = next((each for each in places if str(each.key) == request.args.get("unit")), ways.nearest(places))
    asked = ways.form(found)
    known = {**ways.context(found, unit, places), **(typed or {})}
    view = forms.view(
        asked,
        translator(engine(), found.version.deployment),
        known,
        id=f"form-{found.id}",
        action=url_for("start.begin", process_id=found.id, unit=unit.key, way=found.channel or None),
        verb=gettext("Submit"),
        label=found.name,
        upload=url_for("files.upload", unit=unit.key),
        draft=f"{actor().user}:start:{found.id}:{found.channel}",
        problems=tuple(problems),
    )
    choices = (
        [] if asks_for(asked, found.scope) else [{"key": each.key, "name": each.name(language())} for each in places]
    )
    return render_template("start/form.html", process=found, form=view, units=choices, unit_key=unit.key)


def asks_for(asked: Form | None, variable: str) -> bool:
    """Say whether a form itself asks for a variable."""
    return asked is not None and any(field.path == (variable,) for field in asked.fields)


@blueprint.post("/start/<process_id>")
@login_required
def begin(process_id: str) -> Any:
    """Start a process with what was filled in."""
    found = ways.get(process_id, request.args.get("way", ""), actor=actor())
    given, command_id = forms.submitted()
    asked = ways.form(found)
    values = given if request.is_json else forms.typed(asked, given)
    try:
        key, number = start(found, asked, values, command_id)
    except Invalid as error:
        if request.is_json:
            return jsonify(body_of(error)), 422
        return show(found, error.problems, values), 422
    came = onward.begun(key, number, actor=actor())
    if request.is_json:
        return jsonify(came), 201
    flash(came["message"])
    return redirect(came["next"])


def start(found: Way, asked: Form | None, values: dict[str, Any], command_id: str | None) -> tuple[InstanceKey, str]:
    """Check what was filled in, give the case a number, and start it; give (key, number).

    Raises:
        Invalid: a value is missing or malformed.
    """
    places = ways.units(actor())
    here = next((each for each in places if str(each.key) == request.args.get("unit")), None)
    known = ways.context(found, here, places)
    accepted = asked.validate(values, context=known, now=engine().clock.now()) if asked else {}
    if found.channel:
        accepted.setdefault(ways.CHANNEL, found.channel)
    unit = unit_of(found, accepted, here)
    if found.scope and unit:
        accepted[found.scope] = unit.code
    number = numbers.new(found.letter) if found.numbered else ""
    if found.numbered:
        accepted[found.numbered] = number
    key = runtime.start(
        engine(),
        found.id,
        accepted,
        actor=actor(),
        unit=unit.key if unit else None,
        business_key=number,
        attached=attachments.of(asked, accepted),
        command_id=command_id,
    )
    return key, number or found.process


def unit_of(found: Way, accepted: dict[str, Any], here: Unit | None) -> Unit | None:
    """Give the unit that a case belongs to: the one that its form names, else the one that was chosen."""
    named = accepted.get(found.scope) if found.scope else None
    if not isinstance(named, str) or not named:
        return here
    try:
        return organisation.by_code(engine(), named)
    except NotFound as error:
        raise Invalid(Problem(found.scope, error.text)) from error
