"""Pages for people without an account. A link is its holder's key to one thing; nothing else opens by it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.errors import ConcurrentUpdate, IllegalTransition, Invalid, NotFound, Problem
from engine.services import links, runtime, units
from webui import forms, layout
from webui.context import engine
from webui.errors import body_of
from webui.files import views as handed_in
from webui.forms import FormView
from webui.i18n import gettext
from webui.public import answers, report
from webui.public.linked import Linked, cursor
from webui.public.report import PUBLIC
from webui.security import limiter
from webui.start import ways
from webui.start.ways import Way

blueprint = Blueprint("public", __name__, template_folder="templates")


# ---- reporting ----------------------------------------------------------------------------------------------------------


@blueprint.get("/report")
def index() -> Any:
    """Show what can be reported; the form at once where there is one thing only."""
    found = ways.for_public()
    if not found:
        raise NotFound("there is nothing to report here")
    if len(found) == 1:
        return redirect(url_for("public.report_form", process_id=found[0].id, **report.said()))
    return render_template("public/offers.html", ways=found, said=report.said())


@blueprint.get("/report/<process_id>")
def report_form(process_id: str) -> str:
    """Show the form of a report."""
    return show_report(ways.public(process_id))


def show_report(way: Way, problems: Sequence[Problem] = (), typed: dict[str, Any] | None = None) -> str:
    """Render the form of a report."""
    return render_template("public/report.html", process=way, form=report.form(way, problems, typed))


@blueprint.post("/report/<process_id>")
@limiter.limit("10 per minute; 60 per hour")
def send_report(process_id: str) -> Any:
    """Take a report: the process starts, its sender gets a link to see where it stands."""
    way = ways.public(process_id)
    given, command_id = forms.submitted()
    try:
        number, token = report.send(way, given, command_id)
    except Invalid as error:
        if request.is_json:
            return jsonify(body_of(error)), 422
        return show_report(way, error.problems, forms.typed(ways.form(way), given)), 422
    onward = url_for("public.open_link", token=token, new=1) if token else url_for("public.received", number=number)
    if request.is_json:
        return jsonify({"next": onward}), 201
    return redirect(onward)


@blueprint.get("/report/received")
def received() -> str:
    """Say that a report has come, when its case takes a moment to begin."""
    text = gettext("Its number is %(number)s. You get a link to follow it.", number=request.args.get("number", "")[:40])
    return render_template("public/thanks.html", title=gettext("We have your report"), text=text)


@blueprint.post("/report/files")
@limiter.limit("30 per minute; 200 per hour")
def upload() -> Any:
    """Take a photo for a report that is being written."""
    top = next(iter(units.select(engine(), kinds=("group", "company", "project"), actor=PUBLIC)), None)
    return handed_in.answer(handed_in.take(report.reporter(), **({"unit": top.key} if top else {})))


# ---- links --------------------------------------------------------------------------------------------------------------


@blueprint.get("/l/<token>")
@limiter.limit("60 per minute")
def open_link(token: str) -> Any:
    """Open what a link is for. A page that only waits is told to come anew: what comes may need scripts that it lacks."""
    linked = Linked(token)
    page = private(show_link(linked))
    if layout.in_part() and linked.stays:
        page.headers["HX-Refresh"] = "true"
    return page


def show_link(linked: Linked, problems: Sequence[Problem] = ()) -> str:
    """Render what a link opens."""
    if linked.link.purpose in ("track", "pay"):
        return render_template(
            "public/progress.html" if layout.in_part() else "public/track.html",
            case=linked,
            new=bool(request.args.get("new")),
            owed=linked.owed,
            reopens=answers.reopening(linked),
        )
    return ask(linked, answers.form(linked, problems))


@blueprint.get("/l/<token>/events")
@limiter.limit("600 per minute")
def events(token: str) -> Response:
    """Say whether a case has moved since ``since``; 204 when it has not."""
    link, who = links.redeem(engine(), token)
    now = cursor(runtime.instance(engine(), link.instance, actor=who))
    if request.args.get("since", "") == now:
        return private("", 204)
    return private(jsonify({"cursor": now}))


def ask(linked: Linked, form: FormView | None) -> str:
    """Render one question, or that nothing is left to answer."""
    if form is None and linked.stays:
        text = gettext("If there is more for you to do, it appears here by itself.")
        return render_template("public/waits.html", title=gettext("Thank you"), text=text, case=linked)
    if form is None:
        text = gettext("It was answered already, or is not needed any more.")
        return render_template("public/thanks.html", title=gettext("Nothing is left to do here"), text=text)
    return render_template("public/ask.html", title=form.label, case=linked, form=form)


def private(page: str | Response, status: int = 200) -> Response:
    """Let nobody on the way keep a page that a link opened, and no other site learn its address."""
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.post("/l/<token>")
@limiter.limit("20 per minute")
def answer(token: str) -> Any:
    """Take the answer of somebody with a link."""
    linked = Linked(token)
    return taken(
        lambda given, id_: answers.take(linked, given, id_),
        lambda problems: show_link(linked, problems),
        lambda: url_for("public.open_link", token=token) if linked.stays else url_for("public.thanks"),
    )


@blueprint.get("/l/<token>/reopen")
@limiter.limit("60 per minute")
def reopen_form(token: str) -> Any:
    """Ask why a case is to be reopened."""
    linked = Linked(token)
    return private(ask(linked, answers.reopen_form(linked)))


@blueprint.post("/l/<token>/reopen")
@limiter.limit("10 per minute")
def reopen(token: str) -> Any:
    """Reopen a case that was closed lately."""
    linked = Linked(token)
    return taken(
        lambda given, id_: answers.reopen(linked, given, id_),
        lambda problems: ask(linked, answers.reopen_form(linked, problems)),
        lambda: url_for("public.thanks"),
    )


def taken(
    take: Callable[[dict[str, Any], str | None], None],
    show: Callable[[Sequence[Problem]], str],
    onward: Callable[[], str],
) -> Any:
    """Take what was sent, as JSON or as a plain form, and answer in kind; ``onward`` gives the page that comes next."""
    given, command_id = forms.submitted()
    try:
        take(given, command_id)
    except Invalid as error:
        return (jsonify(body_of(error)), 422) if request.is_json else private(show(error.problems), 422)
    except (ConcurrentUpdate, IllegalTransition) as error:
        return (jsonify(body_of(error)), 409) if request.is_json else private(show(()), 409)
    next_page = onward()
    return jsonify({"next": next_page}) if request.is_json else redirect(next_page)


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
    text = gettext("Your answer has arrived. You can close this page.")
    return render_template("public/thanks.html", title=gettext("Thank you"), text=text)
