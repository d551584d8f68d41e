"""Pages for people without an account. A link is its holder's key to one thing; nothing else opens by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.bpmn.definition import Binding
from engine.errors import ConcurrentUpdate, IllegalTransition, Invalid, NotFound
from engine.forms import Form
from engine.model.values import Actor
from engine.services import links, messages, repository, tasks, units
from engine.store.database import UnitOfWork
from engine.store.units import Unit
from webui import forms
from webui.context import engine
from webui.errors import body_of
from webui.files import references
from webui.files import views as handed_in
from webui.forms import FormView
from webui.i18n import gettext
from webui.i18n.languages import language
from webui.i18n.process import translator
from webui.public import offers
from webui.public.linked import Linked
from webui.public.offers import Offer
from webui.security import limiter
from webui.start import numbers

blueprint = Blueprint("public", __name__, template_folder="templates")
PUBLIC = Actor(id="public", name="public", everything=True)
"""Who reports without an account: may start what a process offers to the public, and nothing else reaches it."""


# ---- reporting ----------------------------------------------------------------------------------------------------------


@blueprint.get("/report")
def report() -> Any:
    """Show what can be reported; the form at once where there is one thing only."""
    found = offers.every()
    if not found:
        raise NotFound("there is nothing to report here")
    if len(found) == 1:
        return redirect(url_for("public.report_form", process_id=found[0].process.id, **_kept()))
    return render_template("public/offers.html", offers=found)


@blueprint.get("/report/<process_id>")
def report_form(process_id: str) -> str:
    """Show the form of a report."""
    return show_report(offers.get(process_id))


def _kept() -> dict[str, Any]:
    """Give what the address says, to be said again: the place that a QR code names."""
    return {name: request.args[name] for name in ("project", "room", "device", "location") if request.args.get(name)}


def show_report(offer: Offer, problems: Any = (), typed: dict[str, Any] | None = None) -> str:
    """Render the form of a report."""
    process = offer.process
    view = forms.view(
        form_of(offer),
        translator(engine(), process.version.deployment),
        {**known(offer), **(typed or {})},
        id="form-report",
        action=url_for("public.send_report", process_id=process.id, **_kept()),
        verb=gettext("Send"),
        label=process.name,
        upload=url_for("public.upload"),
        files="",
        draft=f"public:{process.id}",
        problems=tuple(problems),
    )
    return render_template("public/report.html", process=process, form=view)


def form_of(offer: Offer) -> Form:
    """Give the form of a report."""
    with engine().store.read() as uow:
        return repository.form(engine(), uow, offer.form_id, binding=Binding.DEPLOYMENT, caller=offer.process.version)


def projects() -> list[Unit]:
    """List the places for which something can be reported."""
    return units.select(engine(), kinds=("project",), actor=PUBLIC)


def known(offer: Offer) -> dict[str, Any]:
    """Give what the form knows: the projects, and the one that the address names, such as that of a QR code on a door."""
    options = [{"value": each.code, "label": each.name(language())} for each in projects()]
    said = {name: request.args[name] for name in ("room", "device", "location") if request.args.get(name)}
    if request.args.get("project") and offer.process.scope:
        said[offer.process.scope] = request.args["project"]
    return {"projects": options, **said}


@blueprint.post("/report/<process_id>")
@limiter.limit("10 per minute; 60 per hour")
def send_report(process_id: str) -> Any:
    """Take a report: the process starts, its sender gets a link to see where it stands."""
    offer = offers.get(process_id)
    asked = form_of(offer)
    given, command_id = forms.submitted()
    values = given if request.is_json else forms.typed(asked, given)
    try:
        token = start(offer, asked, values, command_id)
    except Invalid as error:
        if request.is_json:
            return jsonify(body_of(error)), 422
        return show_report(offer, error.problems, values), 422
    onward = url_for("public.open_link", token=token, new=1)
    if request.is_json:
        return jsonify({"message": gettext("We have your report."), "next": onward}), 201
    return redirect(onward)


def start(offer: Offer, asked: Form, values: dict[str, Any], command_id: str | None) -> str:
    """Check a report, publish it, and give the token of the link to its case.

    Raises:
        Invalid: a value is missing or malformed.
    """
    accepted = asked.validate(values, context=known(offer), now=engine().clock.now())
    attached = references.check(accepted, actor=PUBLIC)
    code = str(accepted.get(offer.process.scope) or "") if offer.process.scope else ""
    unit = next((each for each in projects() if each.code == code), None)
    number = numbers.new(numbers.BY_PUBLIC)
    accepted[offer.process.numbered or "number"] = number
    published = messages.publish(
        engine(),
        offer.message,
        actor=PUBLIC,
        correlation_key=number,
        variables=accepted,
        source="public",
        message_id=command_id or number,
        unit=unit.key if unit else None,
    )
    instance = published.instances[0]
    references.bind(attached, instance=instance, unit=unit.key if unit else None, actor=PUBLIC)
    return tracking(instance, str(accepted.get("reporter_name") or gettext("Reporter")))


def tracking(instance: int, audience: str) -> str:
    """Make the link with which somebody follows a case."""
    return links.create(engine(), purpose="track", instance=instance, audience=audience, actor=PUBLIC).token


@blueprint.post("/report/files")
@limiter.limit("30 per minute; 200 per hour")
def upload() -> Any:
    """Take a photo for a report that is being written."""
    root = next(iter(units.select(engine(), kinds=("group", "company", "project"), actor=PUBLIC)), None)
    return handed_in.answer(handed_in.take(PUBLIC, **({"unit": root.key} if root else {})))


# ---- links --------------------------------------------------------------------------------------------------------------


@blueprint.get("/l/<token>")
@limiter.limit("60 per minute")
def open_link(token: str) -> Any:
    """Open what a link is for."""
    return private(show_link(Linked(token)))


def show_link(linked: Linked, problems: Any = ()) -> str:
    """Render what a link opens."""
    purpose = linked.link.purpose
    if purpose in ("track", "pay"):
        return render_template("public/track.html", case=linked, new=bool(request.args.get("new")), owed=linked.owed)
    form = task_form(linked, problems) if purpose == "vendor" else answer_form(linked, problems)
    if form is None:
        return nothing_left()
    return render_template("public/ask.html", title=form.label, case=linked, form=form)


def nothing_left() -> str:
    """Say that nobody waits for an answer any more."""
    text = gettext("It was answered already, or is not needed any more.")
    return render_template("public/thanks.html", title=gettext("Nothing is left to do here"), text=text)


def private(page: str, status: int = 200) -> Response:
    """Let nobody on the way keep a page that a link opened, and no other site learn its address."""
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def answer_form(linked: Linked, problems: Any = ()) -> FormView | None:
    """Give the form of an answer; None when nobody waits for it any more."""
    if not linked.waits:
        return None
    return _view(linked, linked.form, linked.data, linked.case.step_name(linked.link.element_id), problems)


def task_form(linked: Linked, problems: Any = ()) -> FormView | None:
    """Give the form of the task that a link opens now; None when there is none."""
    row = linked.task
    if row is None:
        return None
    asked = tasks.form(engine(), row.key, actor=linked.worker)
    known_ = tasks.variables(engine(), row.key, actor=linked.worker)
    return _view(linked, asked, known_, linked.case.translate(row.name), problems)


def _view(linked: Linked, asked: Form | None, known_: Any, label: str, problems: Any) -> FormView:
    return forms.view(
        asked,
        linked.case.translate,
        known_,
        id="form-link",
        action=url_for("public.answer", token=linked.token),
        verb=gettext("Send"),
        label=label,
        upload=url_for("public.upload_by_link", token=linked.token),
        files=url_for("public.show_file", token=linked.token, key="").rstrip("/"),
        draft=f"link:{linked.link.key}",
        problems=tuple(problems),
    )


@blueprint.post("/l/<token>")
@limiter.limit("20 per minute")
def answer(token: str) -> Any:
    """Take the answer of somebody with a link."""
    linked = Linked(token)
    given, command_id = forms.submitted()
    try:
        if linked.link.purpose == "vendor":
            complete(linked, given, command_id)
        else:
            publish(linked, given, command_id)
    except Invalid as error:
        if request.is_json:
            return jsonify(body_of(error)), 422
        return private(show_link(linked, error.problems), 422)
    except (ConcurrentUpdate, IllegalTransition) as error:
        if request.is_json:
            return jsonify(body_of(error)), 409
        return private(show_link(linked), 409)
    onward = url_for("public.open_link", token=token) if linked.link.purpose == "vendor" else url_for("public.thanks")
    return jsonify({"message": gettext("Thank you."), "next": onward}) if request.is_json else redirect(onward)


def complete(linked: Linked, given: dict[str, Any], command_id: str | None) -> None:
    """Complete the task that a link opens now."""
    row = linked.task
    if row is None:
        raise IllegalTransition("it was answered already, or is not needed any more")
    values = given if request.is_json else forms.typed(tasks.form(engine(), row.key, actor=linked.worker), given)
    references.check(values, actor=linked.actor, instance=linked.link.instance)
    tasks.complete(
        engine(), row.key, values, actor=linked.worker, claiming=True, command_id=command_id, also=spend(linked)
    )


def spend(linked: Linked) -> Callable[[UnitOfWork], None] | None:
    """Give what uses a link up in the transaction of its holder's act; None for links that hold for longer."""
    return (lambda uow: links.spend(uow, linked.link.key)) if linked.link.single_use else None


def publish(linked: Linked, given: dict[str, Any], command_id: str | None) -> None:
    """Send the message that an answer is."""
    if not linked.waits:
        raise IllegalTransition("it was answered already, or is not needed any more")
    asked = linked.form
    values = given if request.is_json else forms.typed(asked, given)
    accepted = asked.validate(values, context=linked.data, now=engine().clock.now()) if asked else {}
    references.check(accepted, actor=linked.actor, instance=linked.link.instance)
    messages.publish(
        engine(),
        linked.message,
        actor=Actor(id=linked.actor.id, name=linked.actor.name, everything=True),
        correlation_key=linked.case.row.business_key,
        variables=accepted,
        source=linked.actor.id,
        message_id=f"{linked.link.key}",
        command_id=command_id,
        also=spend(linked),
    )


@blueprint.post("/l/<token>/files")
@limiter.limit("30 per minute")
def upload_by_link(token: str) -> Any:
    """Take a file for the case of a link."""
    linked = Linked(token)
    return handed_in.answer(handed_in.take(linked.actor, instance=linked.link.instance))


@blueprint.get("/l/<token>/files/<key>")
def show_file(token: str, key: str) -> Response:
    """Show a file of the case of a link."""
    return handed_in.serve(key, Linked(token).actor)


@blueprint.get("/thanks")
def thanks() -> str:
    """Thank for an answer."""
    return render_template(
        "public/thanks.html",
        title=gettext("Thank you"),
        text=gettext("Your answer has arrived. You can close this page."),
    )
