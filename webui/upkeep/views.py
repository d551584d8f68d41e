"""Forms that change a device, and what becomes of them. Whoever may not change it is told so before they type."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import login_required

from connectors.register import devices
from connectors.register.store.devices import Device, DeviceState
from connectors.telemetry import disabled
from engine.errors import Invalid, NotFound, Problem, Text
from engine.model.keys import parse_key
from engine.services import identity
from engine.services.reasons import unsaid
from webui.context import actor, engine, parts
from webui.devices import rules, status
from webui.devices.silenced import SILENCED
from webui.devices.words import STATES, name_of
from webui.i18n import gettext
from webui.upkeep import forms
from webui.upkeep.forms import Ask, Given

blueprint = Blueprint("upkeep", __name__, template_folder="templates")


def changeable(code: str, may: str = "update", kind: str = "device") -> Device:
    """Give a device that the reader may change, or for which it may do something else.

    Raises:
        NotFound: there is none that the reader may see.
        NotAllowed: the reader may see it only.
    """
    device = devices.get(engine(), code, actor=actor())
    with engine().store.read() as uow:
        identity.require(uow, actor(), may, kind, device.unit)
    return device


def show(device: Device, form: Ask, given: Given) -> tuple[str, int]:
    """Show a form; 422 when something in it is wrong."""
    name = name_of(device)
    return render_template("upkeep/form.html", code=device.code, name=name, form=form), 422 if given.problems else 200


def typed(problems: Any = ()) -> Given:
    """Give what was sent, to be shown again."""
    return Given(request.form, tuple(problems))


def done(code: str, sentence: str) -> Any:
    """Go back to where one came from, the device or the list, and say what was done."""
    flash(sentence)
    if request.args.get("back") == SILENCED:
        return redirect(url_for("devices.silenced"))
    return redirect(url_for("devices.page", code=code))


@blueprint.get("/devices/<code>/state")
@login_required
def state_form(code: str) -> Any:
    """Ask for a new state."""
    return show_state(changeable(code), Given())


def show_state(device: Device, given: Given) -> tuple[str, int]:
    """Show the form of a device's state."""
    return show(device, forms.state(device, url_for("upkeep.set_state", code=device.code), given), given)


@blueprint.post("/devices/<code>/state")
@login_required
def set_state(code: str) -> Any:
    """Move a device to another state."""
    device = changeable(code)
    ways = {to.value: action for to, action in devices.ways(device.state).items()}
    wanted, reason = request.form.get("state", ""), request.form.get("reason", "")
    try:
        if wanted not in ways:
            raise Invalid([Problem("state", Text("choose one of the states")), *unsaid(reason)])
        now_is = devices.set_state(
            engine(), code, ways[wanted], reason=reason, actor=actor(), command_id=request.form.get("command_id")
        )
    except Invalid as error:
        return show_state(device, typed(error.problems))
    return done(code, gettext("The device is now: %(state)s.", state=str(STATES[DeviceState(now_is)])))


@blueprint.get("/devices/<code>/maintenance")
@login_required
def maintenance_form(code: str) -> Any:
    """Ask for a window of maintenance."""
    return show_maintenance(changeable(code), Given())


def show_maintenance(device: Device, given: Given) -> tuple[str, int]:
    """Show the form of a window."""
    action = url_for("upkeep.plan_maintenance", code=device.code)
    return show(device, forms.maintenance(action, given, engine().clock.now()), given)


@blueprint.post("/devices/<code>/maintenance")
@login_required
def plan_maintenance(code: str) -> Any:
    """Plan a window of maintenance."""
    device = changeable(code)
    try:
        devices.plan_maintenance(
            engine(),
            code,
            **forms.read_moments(request.form, ("begin", "end")),
            reason=request.form.get("reason", ""),
            actor=actor(),
            command_id=request.form.get("command_id"),
        )
    except Invalid as error:
        return show_maintenance(device, typed(error.problems))
    return done(code, gettext("The maintenance is planned."))


@blueprint.get("/devices/<code>/maintenance/<window>/cancel")
@login_required
def cancel_form(code: str, window: str) -> Any:
    """Ask why a window is cancelled."""
    return show_cancel(changeable(code), window, Given())


def show_cancel(device: Device, window: str, given: Given) -> tuple[str, int]:
    """Show the form that cancels a window."""
    found = next((each for each in device.windows if each["id"] == window), None)
    if found is None:
        raise NotFound("this maintenance is not planned any more")
    action = url_for("upkeep.cancel_maintenance", code=device.code, window=window, back=request.args.get("back"))
    return show(device, forms.cancel(action, found, given), given)


@blueprint.post("/devices/<code>/maintenance/<window>/cancel")
@login_required
def cancel_maintenance(code: str, window: str) -> Any:
    """Cancel a window."""
    device = changeable(code)
    try:
        devices.cancel_maintenance(engine(), code, window, reason=request.form.get("reason", ""), actor=actor())
    except Invalid as error:
        return show_cancel(device, window, typed(error.problems))
    return done(code, gettext("The maintenance is cancelled."))


@blueprint.get("/devices/<code>/rules/<rule>/off")
@login_required
def disable_form(code: str, rule: str) -> Any:
    """Ask until when a rule is off."""
    return show_disable(changeable(code, "disable", disabled.KIND), rule, Given())


def show_disable(device: Device, rule: str, given: Given) -> tuple[str, int]:
    """Show the form that switches a rule off."""
    action = url_for("upkeep.disable", code=device.code, rule=rule)
    return show(device, forms.disable(rules.name_of(device, rule), action, given, engine().clock.now()), given)


@blueprint.post("/devices/<code>/rules/<rule>/off")
@login_required
def disable(code: str, rule: str) -> Any:
    """Switch a rule off for a device."""
    device = changeable(code, "disable", disabled.KIND)
    known = parts().registry.ports["devices"].find([code])[code]
    try:
        disabled.disable(
            engine(),
            rule,
            rules=status.type_of(device),
            where=known,
            **forms.read_moments(request.form, ("until",)),
            reason=request.form.get("reason", ""),
            actor=actor(),
            command_id=request.form.get("command_id"),
        )
    except Invalid as error:
        return show_disable(device, rule, typed(error.problems))
    return done(code, gettext("The rule is off."))


@blueprint.post("/devices/<code>/rules/<key>/on")
@login_required
def enable(code: str, key: str) -> Any:
    """Switch a rule on again."""
    disabled.enable(engine(), parse_key(key), actor=actor())
    return done(code, gettext("The rule is on again."))


@blueprint.post("/silenced/rules/<key>/on")
@login_required
def enable_listed(key: str) -> Any:
    """Switch on again a rule out of the list of all that is silenced; it may be off for every device of a type."""
    disabled.enable(engine(), parse_key(key), actor=actor())
    flash(gettext("The rule is on again."))
    return redirect(url_for("devices.silenced"))
