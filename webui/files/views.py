"""Taking files in and showing them again. Who may, the engine says; what they are, their bytes say."""

from __future__ import annotations

from typing import BinaryIO, cast

from flask import Blueprint, jsonify, request, send_file
from flask_login import login_required
from werkzeug.wrappers import Response

from engine.errors import Invalid, Problem
from engine.model.keys import parse_key
from engine.model.values import Actor
from engine.services import files
from engine.store.files import File
from webui.context import actor, engine
from webui.i18n import gettext

blueprint = Blueprint("files", __name__)
SHOWN = ("image/jpeg", "image/png", "image/webp", "image/gif")
SANDBOX = "default-src 'none'; sandbox"


@blueprint.post("/files")
@login_required
def upload() -> tuple[Response, int]:
    """Take one file for a task, an instance, or one that is about to start at a unit."""
    asked = {name: parse_key(request.args[name]) for name in ("task", "instance", "unit") if request.args.get(name)}
    return answer(take(actor(), **asked))


def take(who: Actor, **where: int) -> File:
    """Store the file of this request.

    Raises:
        Invalid: there is none.
    """
    sent = request.files.get("file")
    if sent is None:
        raise Invalid(Problem("file", gettext("There is no file in this request.")))
    return files.upload(engine(), cast("BinaryIO", sent.stream), name=sent.filename or "", actor=who, **where)


def answer(row: File) -> tuple[Response, int]:
    """Give what a form keeps of a file."""
    reference = {"file": str(row.key), "name": row.name, "size": row.size, "type": row.media_type}
    return jsonify(reference), 201


@blueprint.get("/files/<key>")
@login_required
def show(key: str) -> Response:
    """Show a picture, or hand anything else over as a download."""
    return serve(key, actor())


def serve(key: str, who: Actor) -> Response:
    """Give the bytes of a file; a browser runs nothing that is in them."""
    row, stream = files.open_file(engine(), parse_key(key), actor=who)
    response = send_file(
        stream,
        mimetype=row.media_type,
        as_attachment=row.media_type not in SHOWN,
        download_name=row.name,
        etag=row.sha256,
        max_age=0,
    )
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response
