"""Reporting without an account: what is asked, and how a report becomes a case with a link to follow it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import request, session, url_for

from engine.errors import NotFound, Problem
from engine.model.values import Actor
from engine.services import attachments, files, links, messages, units
from engine.store import messages as stored
from engine.store.database import UnitOfWork
from engine.store.units import Unit
from webui import forms
from webui.context import engine, parts
from webui.forms import FormView
from webui.i18n import gettext
from webui.i18n.languages import language
from webui.i18n.process import translator
from webui.start import numbers, ways
from webui.start.ways import CHANNEL, Way

PUBLIC = Actor(id="public", name="public", everything=True)
"""Who reports without an account: may start what a process offers to the public, and nothing else reaches it."""

REPORTER = "reporter"
"""In the cookie of the session: the secret that this browser's files are stored under, and until when it holds."""

SECRET_LASTS_S = int(files.LOOSE_FOR.total_seconds())

PATIENCE_S = 3.0
PAUSE_S = 0.05

PLACES = ("project", "room", "device", "device_code", "location")
"""What the address may say, such as that of a QR code on a door."""


def reporter() -> Actor:
    """Give who reports in this browser: the public, with a secret of its own.

    The signed cookie of the session carries the secret, and files are stored under it: nobody else can hand in a photo whose key
    they guessed. It is made with the page, so that files that are sent at the same time find it there.
    """
    secret, until = session.get(REPORTER, ("", 0))
    if time.time() >= until:
        secret, until = secrets.token_urlsafe(16), int(time.time()) + SECRET_LASTS_S
        session[REPORTER] = [secret, until]
    return replace(PUBLIC, id=f"{PUBLIC.id}:{secret}")


def said() -> dict[str, Any]:
    """Give what the address says."""
    return {name: request.args[name] for name in PLACES if request.args.get(name)}


def projects() -> list[Unit]:
    """List the places for which something can be reported."""
    return units.select(engine(), kinds=("project",), actor=PUBLIC)


def known(way: Way) -> dict[str, Any]:
    """Give what the form knows before anybody types."""
    options = [{"value": each.code, "label": each.name(language())} for each in projects()]
    place = said()
    if way.scope and "project" in place:
        place[way.scope] = place["project"]
    return {"projects": options, **place, CHANNEL: way.channel}


def form(way: Way, problems: Sequence[Problem] = (), typed: dict[str, Any] | None = None) -> FormView:
    """Give the form of a report; which way it came is not asked."""
    reporter()
    return forms.view(
        ways.form(way),
        translator(engine(), way.version.deployment),
        {**known(way), **(typed or {})},
        fixed=frozenset({CHANNEL}),
        id="form-report",
        action=url_for("public.send_report", process_id=way.id, **said()),
        verb=gettext("Send"),
        label=way.name,
        upload=url_for("public.upload"),
        files="",
        draft=f"public:{way.id}",
        problems=tuple(problems),
    )


def send(way: Way, given: dict[str, Any], command_id: str | None) -> tuple[str, str]:
    """Check a report and publish it; give its number and the token of the link to its case, empty when that takes longer than a moment.

    Raises:
        Invalid: a value is missing or malformed.
    """
    asked = ways.form(way)
    values = given if request.is_json else forms.typed(asked, given)
    if asked and any(field.path == (CHANNEL,) for field in asked.fields):
        values[CHANNEL] = way.channel
    accepted = asked.validate(values, context=known(way), now=engine().clock.now()) if asked else {}
    attached, who = attachments.of(asked, accepted), reporter()
    code = accepted.get(way.scope) if way.scope else None
    unit = next((each.key for each in projects() if each.code == code), None)
    number = numbers.new(way.letter)  # of a repeat, the first one's counts
    message_id = command_id or number

    def hand_in(uow: UnitOfWork) -> None:
        message = stored.by_id(uow, PUBLIC.id, message_id)
        for instance in stored.deliveries(uow, message.key).values():
            attachments.hand_in(uow, attached, actor=who, instance=instance, unit=unit)

    published = messages.publish(
        engine(),
        way.message,
        actor=PUBLIC,
        correlation_key=number,
        variables={**accepted, CHANNEL: way.channel, way.numbered or "number": number},
        source=PUBLIC.id,
        message_id=message_id,
        unit=unit,
        also=hand_in if attached else None,
    )
    instance = published.instances[0]
    with engine().store.read() as uow:
        number = stored.get(uow, published.key).correlation_key
    return number, tracking(
        instance, str(accepted.get("reporter_name") or gettext("Reporter")), token_of(published.key)
    )


def token_of(message: int) -> str:
    """Make the token of the link that answers a report: the same for a repeat, though only its hash is stored."""
    made = hmac.digest(parts().settings.secret_key.encode(), f"report {message}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def tracking(instance: int, audience: str, token: str) -> str:
    """Make the link with which somebody follows a case. A message starts it in a transaction of its own, a moment after it came."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return links.create(
                engine(), purpose="track", instance=instance, audience=audience, token=token, actor=PUBLIC
            ).token
        except NotFound:
            if time.monotonic() >= until:
                return ""  # the process sends a link of its own once it has begun
            time.sleep(PAUSE_S)
