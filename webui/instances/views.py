"""Pages of cases, to look at; what may be done with one is offered where its task is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask_login import current_user, login_required

from engine.errors import Invalid, NotAllowed, Problem
from engine.model.keys import parse_key
from engine.model.values import SYSTEM
from engine.services import diagrams, repository, runtime, tasks
from engine.store.instances import LIVE, Filter
from webui import forms, listing
from webui.batches import orders
from webui.case import reopening
from webui.case.view import Case, name_of, summaries
from webui.context import actor, engine
from webui.errors import body_of
from webui.i18n import gettext
from webui.i18n.languages import language
from webui.i18n.process import drawing, translator
from webui.i18n.say import say_error
from webui.instances import actions, stops
from webui.listing import Filters
from webui.steering import verbs

blueprint = Blueprint("instances", __name__, template_folder="templates")
PAGE = 50


@dataclass(frozen=True, slots=True)
class View:
    """One of the ways to look at the list."""

    key: str
    name: str
    icon: str = ""


def views() -> list[View]:
    """List the ways to look at the list."""
    return [
        View("live", gettext("Running")),
        View("mine", gettext("Started by me")),
        View("failed", gettext("Stopped"), icon="alert-triangle"),
        View("all", gettext("All")),
    ]


@dataclass(frozen=True, slots=True)
class Choice:
    """A process in the filter."""

    id: str
    name: str


@blueprint.get("/requests")
@login_required
def index() -> str:
    """Show the cases that the reader may see."""
    filters = listing.read(
        url_for("instances.index"), request.args, {"view": "live", "process": "", "q": "", "after": ""}
    )
    rows = runtime.instances(engine(), wanted(filters), actor=actor(), after=_after(filters), limit=PAGE + 1)
    page = rows[:PAGE]
    return render_template(
        "instances/index.html",
        rows=summaries(page, tasks.steps(engine(), [row.key for row in page if row.is_live])),
        next_page=filters.href(after=str(page[-1].key)) if len(rows) > PAGE else "",
        views=views(),
        filters=filters,
        processes=processes(),
        orders=orders.offered(actor=actor()),
    )


def wanted(filters: Filters, *, definition: int | None = None) -> Filter:
    """Give what the filters ask for; ``definition``: of this version of the process only."""
    view = filters.view
    return Filter(
        process_id=filters.process,
        text=filters.q,
        definition=definition,
        states=LIVE if view in ("live", "failed") else (),
        with_incident=view == "failed",
        started_by=current_user.actor.id if view == "mine" else "",
        roots_only=view == "live" and not filters.process,
    )


def _after(filters: Filters) -> int | None:
    return parse_key(filters.after) if filters.after else None


def processes() -> list[Choice]:
    """List the processes that there are, for the filter."""
    found = repository.definitions(engine(), actor=SYSTEM)
    return sorted((Choice(row.process_id, name_of(row)) for row in found), key=lambda choice: choice.name)


@blueprint.get("/requests/<key>")
@login_required
def page(key: str) -> str:
    """Show one case."""
    return show(Case(key, actor=actor()))


def show(case: Case, problem: str = "") -> str:
    """Render a case; ``problem``: what is wrong with what was said about what stopped it."""
    return render_template(
        "instances/page.html",
        case=case,
        stops=stops.of(case, actor=actor()),
        problem=problem,
        command_id=forms.new_command(),
        actions=actions.offered(case, actor=actor()),
        intervenes=bool(verbs.offered(case, actor=actor())),
        reopens=not case.row.is_live and actions.may_reopen(case, actor()) and reopening.offers(case),
    )


@blueprint.post("/requests/<key>/stops/<incident>")
@login_required
def unstop(key: str, incident: str) -> Any:
    """Do something about what has stopped a case."""
    given, command_id = request.form, request.form.get("command_id")
    case = Case(key, actor=actor())
    try:
        said = stops.act(
            incident, given.get("choice", ""), given.get("reason", ""), actor=actor(), command_id=command_id
        )
    except Invalid as error:
        return show(case, say_error(error)), 422
    flash(said)
    return redirect(url_for("instances.page", key=key))


@blueprint.get("/requests/<key>/do/<element_id>")
@login_required
def action(key: str, element_id: str) -> str:
    """Show the form of what one wants to do to a case."""
    return show_action(Case(key, actor=actor()), element_id)


def show_action(case: Case, element_id: str, problems: Sequence[Problem] = ()) -> str:
    """Render the form of an action."""
    element = actions.get(case, element_id, actor=actor())
    form = forms.view(
        actions.form(case, element),
        case.translate,
        case.data,
        id="form-action",
        action=url_for("instances.act", key=case.row.key, element_id=element_id),
        verb=gettext("Submit"),
        label=actions.name_of(case, element),
        upload=url_for("files.upload", instance=case.row.key),
        problems=tuple(problems),
    )
    return render_template("instances/action.html", case=case, form=form)


@blueprint.post("/requests/<key>/do/<element_id>")
@login_required
def act(key: str, element_id: str) -> Any:
    """Do something to a case."""
    case = Case(key, actor=actor())
    element = actions.get(case, element_id, actor=actor())
    given, command_id = forms.submitted()
    try:
        values = given if request.is_json else forms.typed(actions.form(case, element), given)
        taken = actions.send(case, element, values, actor=actor(), command_id=command_id)
    except Invalid as error:
        if request.is_json:
            return jsonify(body_of(error)), 422
        return show_action(case, element_id, error.problems), 422
    said = gettext("Done.") if taken else gettext("The case does not wait for this now.")
    onward = url_for("instances.page", key=key)
    if request.is_json:
        return jsonify({"message": said, "next": onward})
    flash(said)
    return redirect(onward)


@blueprint.get("/requests/<key>/reopen")
@login_required
def reopen_form(key: str) -> str:
    """Ask why a case is to be reopened."""
    return show_reopening(reopenable(key))


def reopenable(key: str) -> Case:
    """Give a case that the reader may start again.

    Raises:
        NotAllowed: the reader may not start cases where it belongs.
    """
    case = Case(key, actor=actor())
    if not actions.may_reopen(case, actor()):
        raise NotAllowed("you may not start cases here, nor reopen them")
    return case


def show_reopening(case: Case, problems: Sequence[Problem] = ()) -> str:
    """Render the form in which somebody says why a case is to be reopened."""
    element = reopening.start_event(case)
    form = forms.view(
        reopening.form(case, element),
        case.translate,
        {},
        id="form-action",
        action=url_for("instances.reopen", key=case.row.key),
        verb=gettext("Open it again"),
        label=case.translate(element.name),
        upload=url_for("files.upload", instance=case.row.key),
        problems=tuple(problems),
    )
    return render_template("instances/action.html", case=case, form=form)


@blueprint.post("/requests/<key>/reopen")
@login_required
def reopen(key: str) -> Any:
    """Start a case that was closed lately again, under its number."""
    case = reopenable(key)
    asked = reopening.form(case, reopening.start_event(case))
    given, command_id = forms.submitted()
    try:
        values = given if request.is_json else forms.typed(asked, given)
        accepted = asked.validate(values, context=case.data, now=engine().clock.now())
        started = reopening.send(case, accepted, actor=actor(), command_id=command_id)
    except Invalid as error:
        if request.is_json:
            return jsonify(body_of(error)), 422
        return show_reopening(case, error.problems), 422
    said = gettext("%(number)s is open again.", number=case.number)
    onward = url_for("instances.page", key=started or key)
    if request.is_json:
        return jsonify({"message": said, "next": onward})
    flash(said)
    return redirect(onward)


@blueprint.get("/requests/<key>/diagram.bpmn")
@login_required
def diagram(key: str) -> Response:
    """Give the diagram of a case as it was deployed, or laid out where it was deployed without one."""
    row = runtime.instance(engine(), key, actor=actor())
    xml = diagrams.drawing(engine(), row.definition, actor=SYSTEM)
    say = translator(engine(), repository.definition(engine(), row.definition, actor=SYSTEM)[0].deployment)
    response = Response(drawing(xml, say), mimetype="application/xml")
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, max-age=3600"
    response.set_etag(f"{row.definition}-{language()}")
    response.make_conditional(request)
    return response
