"""Pages and actions of the inbox. An action answers with a page for people and with JSON for the form's script."""

from __future__ import annotations

import json
from typing import Any

from flask import (
    Blueprint,
    current_app,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import current_user, login_required
from werkzeug.wrappers import Response

from engine.errors import ConcurrentUpdate, IllegalTransition, Invalid, PropflowError
from engine.services import holding, tasks
from engine.services.inbox import View
from webui import forms
from webui.context import actor, engine
from webui.errors import body_of, status_of
from webui.i18n import gettext
from webui.layout import in_part
from webui.listing import Filters
from webui.tasks import detail, onward, rows
from webui.tasks.live import Live
from webui.tasks.refused import refused

blueprint = Blueprint("tasks", __name__, template_folder="templates")
LIVE = "propflow.live"


@blueprint.record_once
def _set_up(state: Any) -> None:
    state.app.extensions[LIVE] = Live()


@blueprint.get("/")
@login_required
def home() -> Response:
    """The inbox is home."""
    return redirect(url_for("tasks.inbox"))


@blueprint.get("/inbox")
@login_required
def inbox() -> str:
    """Show the inbox; only its rows when a script asks for them."""
    wanted = rows.filters()
    if in_part():
        found, after = rows.page(wanted, actor=actor())
        return render_template("tasks/rows.html", rows=found, next_page=after, filters=wanted, task=None)
    return render_template("tasks/page.html", **around(wanted), task=None, refused=None)


def around(wanted: Filters) -> dict[str, Any]:
    """Give what the list beside a task needs."""
    found, after = rows.page(wanted, actor=actor())
    counts = rows.counts(actor())
    current_user.open_tasks = counts[View.TODO]  # the rail shows the same number; count once
    return {
        "filters": wanted,
        "rows": found,
        "next_page": after,
        "views": rows.tabs(counts),
        "orders": rows.orders() if wanted.view != rows.EVERYBODY else (),
        "choices": rows.choices(wanted, actor=actor()),
    }


@blueprint.get("/tasks/<key>")
@login_required
def page(key: str) -> str | tuple[str, int]:
    """Show a task beside the inbox; alone when a script asks for it."""
    return show(key)


def show(key: str, problems: tuple[Any, ...] = ()) -> str | tuple[str, int]:
    """Render a task."""
    wanted = rows.filters()
    found, case, form = detail.show(key, actor=actor(), problems=problems)
    values = {"task": found, "case": case, "form": form, "filters": wanted, "refused": None}
    if in_part():
        return render_template("tasks/detail.html", **values)
    return render_template("tasks/page.html", **{**around(wanted), **values})


@blueprint.post("/tasks/<key>/claim")
@login_required
def claim(key: str) -> Any:
    """Take a task."""
    command_id = request.form.get("command_id")
    return act(key, lambda: holding.claim(engine(), key, actor=actor(), command_id=command_id), gettext("It is yours."))


@blueprint.post("/tasks/<key>/release")
@login_required
def release(key: str) -> Any:
    """Give a task back to its group."""
    command_id = request.form.get("command_id")
    return act(
        key,
        lambda: holding.release(engine(), key, actor=actor(), command_id=command_id),
        gettext("It is back with the group."),
    )


def act(key: str, move: Any, said: str) -> Any:
    """Make a move and show the task again, or who was first."""
    try:
        move()
    except (ConcurrentUpdate, IllegalTransition) as error:
        return clash(key, error)
    if in_part():
        return news(make_response(show(key)), said)
    flash(said)
    return redirect(url_for("tasks.page", key=key) + rows.filters().query())


def news(response: Response, said: str) -> Response:
    """Let the open page say what happened and ask for news."""
    changed()
    # escaped to ASCII, as headers are
    response.headers["HX-Trigger"] = json.dumps(
        {"toast": {"message": said, "target": "body"}, "propflow:ask": {"target": "body"}}
    )
    return response


def changed() -> None:
    """Note that the reader has changed the inbox: the next question for news is answered anew."""
    live: Live = current_app.extensions[LIVE]
    live.forget(str(session.get("_user_id", "")))


def clash(key: str, error: PropflowError) -> Any:
    """Say who was first, when, and what one can do now."""
    found = refused(key, error, actor=actor())
    values = {"refused": found, "filters": rows.filters(), "task": None}
    if in_part():
        return render_template("tasks/refused.html", **values), 409
    return render_template("tasks/page.html", **{**around(rows.filters()), **values}), 409


@blueprint.post("/tasks/<key>/complete")
@login_required
def complete(key: str) -> Any:
    """Complete a task and say what came next."""
    values, command_id = forms.submitted()
    try:
        if not request.is_json:
            values = forms.typed(tasks.form(engine(), key, actor=actor()), values)
        done = tasks.complete(engine(), key, values, actor=actor(), command_id=command_id)
    except (ConcurrentUpdate, IllegalTransition) as error:
        return refuse(key, error)
    except Invalid as error:
        if request.is_json:
            return jsonify(body_of(error)), 422
        shown = show(key, error.problems)
        return (shown, 422) if isinstance(shown, str) else shown
    changed()
    came = onward.answer(done, actor=actor())
    if request.is_json:
        return jsonify(came)
    flash(came["message"])
    return redirect(came["next"])


@blueprint.get("/tasks/<key>/after")
@login_required
def after(key: str) -> Any:
    """Say what came after a task that was completed a moment ago; 204 as long as nothing has."""
    came = onward.later(key, actor=actor())
    return jsonify(came) if came else ("", 204)


def refuse(key: str, error: PropflowError) -> Any:
    """Answer a completion that came too late."""
    if not request.is_json:
        return clash(key, error)
    body = body_of(error)
    if isinstance(error, IllegalTransition):
        found = refused(key, error, actor=actor())
        body["message"] = gettext("%(what)s: %(details)s", what=found.title, details=found.message)
    body |= {"next": url_for("tasks.inbox"), "next_text": gettext("Back to the inbox")}
    return jsonify(body), status_of(error)


@blueprint.get("/events")
def events() -> Response | tuple[Response, int]:
    """Say what is new since ``since``; 204 when nothing is. A known answer costs no statement."""
    who = str(session.get("_user_id", ""))
    live: Live = current_app.extensions[LIVE]
    found = live.known(who) if who else None
    if found is None:
        if not current_user.is_authenticated:
            return jsonify({"message": gettext("Sign in first")}), 401
        found = live.look(who, actor())
    if request.args.get("since", "") == found.cursor:
        response = make_response("", 204)
    else:
        response = jsonify({"cursor": found.cursor, "counts": found.counts})
    response.headers["Cache-Control"] = "no-store"
    return response
