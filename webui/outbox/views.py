"""The page of what goes out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import login_required

from connectors.notify import inbox
from connectors.notify.store import Outbound, OutboundState
from engine.model.keys import parse_key
from webui import forms, listing, states
from webui.context import actor, engine
from webui.i18n import gettext, lazy_gettext
from webui.states import State

blueprint = Blueprint("outbox", __name__, template_folder="templates")
PAGE = 40
ADDRESS = re.compile(r"(https?://[!-~]+)")
"""An address in a sentence: also where no space parts it from Chinese words."""

STATES = {
    OutboundState.FAILED: states.FAILED,
    OutboundState.UNSURE: replace(states.AT_RISK, word=lazy_gettext("May not have arrived")),
}

ICONS = {"sms": "message", "mail": "mail", "chat": "users-group"}
"""The icons of the channels; the build takes the sprite's from here."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message to the outside. ``again``: where it is sent again, an empty text where it cannot be, or not by the reader."""

    icon: str
    channel: str
    to: str
    name: str
    subject: str
    body: str
    at: datetime
    instance: int
    state: State | None
    error: str
    again: str

    @property
    def pieces(self) -> Sequence[tuple[str, bool]]:
        """The body in pieces: (text, whether it is an address)."""
        return [(piece, bool(place % 2)) for place, piece in enumerate(ADDRESS.split(self.body)) if piece]


@blueprint.get("/outbox")
@login_required
def index() -> str:
    """Show what went out, or would, where the reader may see it."""
    filters = listing.read(url_for("outbox.index"), request.args, {"before": ""})
    before = parse_key(filters.before) if filters.before else None
    found = inbox.outbox(engine(), actor=actor(), before=before, limit=PAGE + 1)
    page = found[:PAGE]
    sendable = inbox.sendable(engine(), page, actor=actor())
    return render_template(
        "outbox/index.html",
        rows=[message(row, row.key in sendable) for row in page],
        new_command=forms.new_command,
        next_page=filters.href(before=str(page[-1].key)) if len(found) > PAGE else "",
    )


@blueprint.post("/outbox/<key>/again")
@login_required
def again(key: str) -> Any:
    """Let a message that failed, or of which nobody is sure, go out once more."""
    inbox.send_again(engine(), parse_key(key), actor=actor(), command_id=request.form.get("command_id"))
    flash(gettext("It goes out again."))
    return redirect(url_for("outbox.index"))


def message(row: Outbound, is_sendable: bool) -> Message:
    """Show one message."""
    names = {"sms": gettext("SMS"), "mail": gettext("Mail"), "chat": gettext("Group chat")}
    return Message(
        icon=ICONS.get(row.channel, "send"),
        channel=names.get(row.channel, row.channel),
        to=row.address,
        name=row.name,
        subject=row.title,
        body=row.body,
        at=row.created_at,
        instance=row.instance,
        state=STATES.get(row.state),
        error=row.error if row.state in STATES else "",
        again=url_for("outbox.again", key=row.key) if is_sendable else "",
    )
