"""What templates may call on every page: addresses of built files, the places of the rail, the theme, formats."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from flask import Flask, request, url_for
from flask_login import current_user
from markupsafe import Markup

from engine.model import json
from webui import states
from webui.i18n import formats, gettext
from webui.i18n.say import capital, say

STATIC = Path(__file__).parent / "static"
THEMES = ("light", "dark")


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the rail. ``count`` is None where nothing is counted."""

    key: str
    name: str
    icon: str
    href: str
    count: int | None = None


@cache
def _address(name: str) -> str:
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]}"


def asset(name: str) -> str:
    """Give the address of a built file, which changes with its content, so that browsers may keep it for good."""
    return f"{request.script_root}{_address(name)}"


def theme() -> str:
    """Give the theme chosen in this browser, or nothing when the system decides."""
    chosen = request.cookies.get("theme", "")
    return chosen if chosen in THEMES else ""


def places(*, phone: bool = False) -> Sequence[Place]:
    """List where the reader may go, most used first; a phone's bar has room for four."""
    found = [
        Place("inbox", gettext("Inbox"), icon="inbox", href=url_for("tasks.inbox"), count=current_user.open_tasks),
        Place("start", gettext("Start"), icon="circle-plus", href=url_for("start.catalogue")),
        Place("requests", gettext("Requests"), icon="list-details", href=url_for("instances.index")),
    ]
    if not phone:
        found.append(Place("notices", gettext("Notices"), icon="bell", href=url_for("notices.index"), count=0))
    if current_user.can("device", "read"):
        found.append(Place("devices", gettext("Devices"), icon="cpu", href=url_for("devices.index")))
    if current_user.can("notice", "read") and not phone:
        found.append(Place("outbox", gettext("Outbox"), icon="send", href=url_for("outbox.index")))
    if current_user.can("process_definition", "deploy") and not phone:
        found.append(Place("drafts", gettext("Drafts"), icon="vector", href=url_for("drafts.index")))
    if phone:
        return [*found[:3], Place("me", gettext("Me"), icon="user", href=url_for("accounts.profile"))]
    return found


def in_part() -> bool:
    """Say whether the answer goes into a part of a page that is open: the rows of a list, or the pane beside it."""
    return request.headers.get("HX-Request-Type") == "partial"


def here() -> str:
    """Give the address to come back to, filters and all: this page, or the one it was sent from where it answers a form."""
    if request.method in ("GET", "HEAD"):
        return request.full_path.rstrip("?")
    came_from = urlsplit(request.referrer or "")
    return urlunsplit(("", "", came_from.path, came_from.query, "")) if came_from.netloc == request.host else ""


def script_json(value: Any) -> Markup:
    """Write JSON for a data block inside a page; nothing in it can end the block."""
    text = json.dumps(value).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup(text)  # noqa: S704 - escaped above


def init(app: Flask, *, organisation: str) -> None:
    """Register what templates may call."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.add_template_global(asset)
    app.add_template_global(theme)
    app.add_template_global(places)
    app.add_template_global(in_part)
    app.add_template_global(here)
    app.add_template_global(lambda: organisation, "organisation")
    app.add_template_global(states.of_due, "due_state")
    for helper in (
        formats.day,
        formats.moment,
        formats.span,
        formats.due,
        formats.ago,
        formats.money,
        formats.number,
        formats.size,
        formats.capped,
    ):
        app.add_template_filter(helper)
    app.add_template_filter(say)
    app.add_template_filter(capital)
    app.add_template_filter(script_json)
