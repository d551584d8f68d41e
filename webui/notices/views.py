"""The page of one's notices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template, request, url_for
from flask_login import login_required

from connectors.notify import inbox
from engine.model.keys import parse_key
from webui import listing
from webui.context import actor, engine
from webui.i18n.languages import language

blueprint = Blueprint("notices", __name__, template_folder="templates")
PAGE = 30


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that one was told."""

    title: str
    body: str
    at: datetime
    is_new: bool
    urgent: bool
    instance: int


@blueprint.get("/notices")
@login_required
def index() -> str:
    """Show one's notices, the newest first; what is shown is read."""
    filters = listing.read(url_for("notices.index"), request.args, {"before": ""})
    before = parse_key(filters.before) if filters.before else None
    found = inbox.notices(engine(), actor=actor(), before=before, limit=PAGE + 1)
    page = found[:PAGE]
    unread = [row.key for row, read_at in page if read_at is None]
    if unread:
        inbox.mark_read(engine(), unread, actor=actor())
    reader = language()
    return render_template(
        "notices/index.html",
        rows=[
            Notice(row.title(reader), row.body(reader), row.created_at, read_at is None, row.urgent, row.instance)
            for row, read_at in page
        ],
        next_page=filters.href(before=str(page[-1][0].key)) if len(found) > PAGE else "",
    )
