"""Pages of diagram drafts. Who could deploy them sees them."""

from __future__ import annotations

import hashlib
from typing import Any, cast

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import current_user, login_required

from engine.bpmn.layout import drawn
from engine.errors import ConcurrentUpdate, Invalid, NotAllowed, Problem, Text
from engine.model.values import Resource
from engine.services import diagrams, repository
from engine.services.diagrams import DiagramDraft
from engine.services.together import together
from webui import states
from webui.context import actor, engine, parts
from webui.forms import new_command
from webui.i18n import gettext
from webui.i18n.languages import language
from webui.i18n.process import translator

blueprint = Blueprint("drafts", __name__, template_folder="templates")


@blueprint.get("/drafts")
@login_required
def index() -> str:
    """Show the drafts, and where to open a file."""
    return _list()


def _list(problems: tuple[Problem, ...] = ()) -> str:
    if not current_user.can(diagrams.KIND, "deploy"):
        raise NotAllowed("you may not deploy processes, nor keep drafts of them")
    return render_template(
        "drafts/index.html",
        rows=diagrams.drafts(engine(), actor=actor()),
        deployed=_deployed(),
        problems=problems,
        command_id=new_command(),
    )


def _deployed() -> list[dict[str, Any]]:
    """List what is deployed, by its name in the reader's language."""
    rows = repository.definitions(engine(), actor=actor())
    found = [{"row": row, "name": translator(engine(), row.deployment)(row.name)} for row in rows]
    return sorted(found, key=lambda each: each["name"])


@blueprint.post("/drafts")
@login_required
def upload() -> Any:
    """Open a file as a draft."""
    try:
        name, content = _sent()
        command_id = _command(content)
        translate = bool(request.form.get("translate"))
        row, _ = diagrams.open_draft(engine(), name, content, actor=actor(), translate=translate, command_id=command_id)
    except Invalid as refusal:
        return _list(refusal.problems), 422
    return redirect(url_for("drafts.page", key=row.key, opened=command_id))


def _command(content: bytes) -> str:
    """Give the command id of the form for these bytes: a browser that goes back sends another file from the same form."""
    given = request.form.get("command_id") or new_command()
    return f"{given}-{hashlib.sha256(content).hexdigest()[:16]}"


def _sent() -> tuple[str, bytes]:
    """Give the name and the bytes of the file that was sent.

    Raises:
        Invalid: none was.
    """
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid(Problem("file", Text("choose a file first")))
    return file.filename, file.read()


@blueprint.post("/drafts/of/<key>")
@login_required
def edit(key: str) -> Response:
    """Open what is deployed as a draft, to change it."""
    row, _ = repository.definition(engine(), key, actor=actor())
    content = repository.xml(engine(), row.key, actor=actor())
    name = row.resource_name.rpartition("/")[2]
    command_id = _command(content)
    kept, _ = diagrams.open_draft(
        engine(), name, content, unit=row.unit, actor=actor(), translate=False, command_id=command_id
    )
    return cast("Response", redirect(url_for("drafts.page", key=kept.key)))


@blueprint.get("/drafts/<key>")
@login_required
def page(key: str) -> str:
    """Show a draft: its picture, and what is wrong with it."""
    row, _ = diagrams.draft(engine(), key, actor=actor())
    told = diagrams.opening(engine(), key, request.args.get("opened", ""), actor=actor())
    return _page(row, report=told.report, laid_out=told.laid_out) if told else _page(row)


def _page(row: DiagramDraft, *, report: tuple[Problem, ...] = (), laid_out: bool = False, problem: str = "") -> str:
    _, content = diagrams.draft(engine(), row.key, actor=actor())
    whole = together(engine(), Resource(row.name, content), actor=actor())
    found = repository.check(engine(), whole.resources)
    problems = sorted(found.problems, key=lambda each: each.severity != "error")
    marks: dict[str, Any] = {
        "live": [],
        "done": [],
        "incidents": [{"element": each.where, "message": gettext("Look at the list")} for each in found.errors],
    }
    return render_template(
        "drafts/page.html",
        draft=row,
        place=parts().directory.unit_name(row.unit, language()),
        size=len(content),
        problems=problems,
        errors=len(found.errors),
        processes=[definition.process_id for _, definition in found.processes],
        others=whole.others,
        report=report,
        laid_out=laid_out,
        problem=problem,
        marks=marks,
        done=states.DONE,
    )


@blueprint.get("/drafts/<key>/diagram.bpmn")
@login_required
def diagram(key: str) -> Response:
    """Give the draft to look at, laid out where it has no picture."""
    _, content = diagrams.draft(engine(), key, actor=actor())
    response = Response(drawn(content), mimetype="application/xml")
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/drafts/<key>/export")
@login_required
def export(key: str) -> Response:
    """Give the draft byte for byte, as a file to take along."""
    row, content = diagrams.draft(engine(), key, actor=actor())
    response = Response(content, mimetype="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=row.name)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@blueprint.post("/drafts/<key>")
@login_required
def replace(key: str) -> Any:
    """Store another file in place of a draft, if nobody else has done so since the page was opened."""
    row, _ = diagrams.draft(engine(), key, actor=actor())
    revision = request.form.get("revision", "")
    try:
        _, content = _sent()
        saved = diagrams.save(
            engine(), key, content, revision=int(revision) if revision.isdigit() else 0, actor=actor()
        )
    except Invalid as refusal:
        return _page(row, report=refusal.problems), 422
    except ConcurrentUpdate as clash:
        return _page(row, problem=clash.text), 409
    flash(gettext("Saved."))
    return redirect(url_for("drafts.page", key=saved.key))


@blueprint.post("/drafts/<key>/deploy")
@login_required
def deploy(key: str) -> Any:
    """Deploy a draft with what its process was deployed with last, all or nothing; it stays a draft."""
    row, content = diagrams.draft(engine(), key, actor=actor())
    whole = together(engine(), Resource(row.name, content), actor=actor())
    unit = whole.unit if whole.is_known else row.unit
    try:
        done = repository.deploy(engine(), whole.resources, actor=actor(), unit=unit)
    except Invalid:
        return _page(row, problem=gettext("It cannot be deployed yet; the list says why.")), 422
    names = "、".join(f"{each.process_id} {each.version}" for each in done.processes)
    flash(gettext("Deployed: %(names)s.", names=names) if done.is_new else gettext("This was deployed already."))
    return redirect(url_for("drafts.page", key=key))


@blueprint.post("/drafts/<key>/discard")
@login_required
def discard(key: str) -> Any:
    """Delete a draft; what was deployed of it stays."""
    diagrams.discard(engine(), key, actor=actor())
    flash(gettext("The draft is gone."))
    return redirect(url_for("drafts.index"))
