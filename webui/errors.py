"""Errors as answers, in one place: which status each has, as a page or as JSON, in the reader's language."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from flask import Flask, current_app, jsonify, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from engine.errors import (
    ConcurrentUpdate,
    Conflict,
    ConnectorError,
    IllegalTransition,
    Invalid,
    LimitExceeded,
    NotAllowed,
    NotFound,
    PropflowError,
    Unavailable,
)
from webui.context import parts
from webui.i18n import gettext
from webui.i18n.formats import moment, size
from webui.i18n.say import capital, say, say_error
from webui.security import token_of_program

log = logging.getLogger(__name__)

STATUS: dict[type[PropflowError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    Invalid: 422,
    IllegalTransition: 409,
    ConcurrentUpdate: 409,
    Conflict: 409,
    LimitExceeded: 422,
    ConnectorError: 502,
    Unavailable: 503,
}
ICONS = {
    401: "lock",
    403: "lock",
    404: "map-question",
    409: "users",
    413: "file-alert",
    429: "hourglass-low",
    502: "plug-x",
    503: "plug-x",
}


def status_of(error: PropflowError) -> int:
    """Give the HTTP status of an error."""
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)


def body_of(error: PropflowError) -> dict[str, Any]:
    """Give an error as JSON: a sentence, what is wrong where, and for a clash who was first and when."""
    body: dict[str, Any] = {"message": sentence(error)}
    if isinstance(error, Invalid):
        body["message"] = gettext("Something is missing or wrong; look at the marked fields.")
        body["problems"] = [
            {"where": problem.where, "message": capital(say(problem.message)), "remedy": capital(say(problem.remedy))}
            for problem in error.problems
        ]
    if isinstance(error, ConcurrentUpdate):
        body |= {"by": error.actor, "at": error.at.isoformat() if error.at else None}
        if error.actor and error.at:
            body["message"] = gettext("%(name)s was first, at %(moment)s.", name=error.actor, moment=moment(error.at))
    return body


def sentence(error: PropflowError) -> str:
    """Say an error as people read it: begun with a capital, and without the codes of what is permitted."""
    if isinstance(error, NotAllowed) and "verb" in error.text.params:
        return gettext("None of your roles permits this. An administrator can give you one that does.")
    return capital(say_error(error))


def attach(form: FlaskForm, error: Invalid) -> None:
    """Put each problem at the field of a form that it is about; the rest above it."""
    for problem in error.problems:
        message = capital(say(problem.message))
        if problem.where in form:
            field = form[problem.where]
            field.errors = [*field.errors, message]
        else:
            form.form_errors.append(message)


def wants_json() -> bool:
    """Say whether the caller is a script or a program that reads JSON."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return request.is_json or best == "application/json" or bool(token_of_program())


def init(app: Flask) -> None:
    """Answer every error."""
    app.register_error_handler(PropflowError, on_error)
    app.register_error_handler(CSRFError, on_csrf)
    app.register_error_handler(HTTPException, on_http)
    app.register_error_handler(Exception, on_surprise)


def on_error(error: PropflowError) -> tuple[str | Response, int]:
    """Answer an error that propflow raised on purpose."""
    status = status_of(error)
    if status >= 500 and not isinstance(error, ConnectorError | Unavailable):
        return on_surprise(error)
    if wants_json():
        return jsonify(body_of(error)), status
    problems = error.problems if isinstance(error, Invalid) and len(error.problems) > 1 else ()
    message = "" if problems else sentence(error)
    if isinstance(error, NotFound) and error.text.params:
        message = gettext("It does not exist, or it is not yours to see.")  # a page names no keys
    return page(status, message, problems=problems), status


def on_csrf(error: CSRFError) -> tuple[str | Response, int]:
    """Answer a form whose token is missing or belongs to another session; the script of a page whose session has ended signs in."""
    if wants_json() and request.referrer and request.blueprint != "public" and not current_user.is_authenticated:
        return current_app.login_manager.unauthorized()  # type: ignore[attr-defined, no-any-return]  # Flask-Login puts it there
    return plain(400, gettext("This page is older than your session. Open it again; what you typed is kept."))


def on_http(error: HTTPException) -> tuple[str | Response, int]:
    """Answer what Flask itself refuses."""
    status = error.code or 500
    messages = {
        400: gettext("What the browser sent cannot be read."),
        404: gettext("There is no such page."),
        405: gettext("This address does not do that."),
        413: gettext("This is too large. A file has at most %(size)s.", size=size(parts().settings.upload_max_bytes)),
        429: gettext("Too many tries. Wait a minute and try again."),
    }
    return plain(status, messages.get(status, error.description or ""))


def on_surprise(error: Exception) -> tuple[str | Response, int]:
    """Answer a fault of ours: a number that the log has too, and nothing of what happened inside."""
    reference = secrets.token_hex(4)
    log.error("reference %s: %s %s", reference, request.method, request.path, exc_info=error)
    if wants_json():
        message = gettext("Something went wrong on our side. Nothing was stored.")
        return jsonify({"message": message, "reference": reference}), 500
    message = gettext("Nothing was stored. Try again; if it happens once more, tell an administrator the reference.")
    return page(500, message, reference=reference), 500


def plain(status: int, message: str) -> tuple[str | Response, int]:
    """Answer with one sentence."""
    if wants_json():
        return jsonify({"message": message}), status
    return page(status, message), status


def page(status: int, message: str, **more: Any) -> str:
    """Render the page of an error."""
    signed_in = current_user.is_authenticated
    # without an account only a link can be refused: everything else asks to sign in
    by_link = request.blueprint == "public" or not signed_in
    titles = {
        400: gettext("Please try again"),
        403: gettext("This link does not open any more") if by_link else gettext("Not for you"),
        404: gettext("Not found"),
        409: gettext("Somebody was first"),
        413: gettext("Too large"),
        422: gettext("Something is wrong with this"),
        429: gettext("Slow down"),
        500: gettext("Something went wrong on our side"),
        502: gettext("Another system did not answer"),
        503: gettext("Not available just now"),
    }
    values = {
        "title": titles.get(status, gettext("That did not work")),
        "message": message,
        "icon_name": ICONS.get(status, "alert-triangle"),
        "problems": (),
        "reference": "",
        "back": url_for("tasks.inbox") if signed_in else url_for("public.index"),
        "back_text": gettext("Back to the inbox") if signed_in else gettext("Report a fault"),
        **more,
    }
    return render_template("error.html", **values)
