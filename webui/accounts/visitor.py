"""Who sits in front of the page, as Flask-Login and the templates see them."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from flask import Flask, Request, g, jsonify, make_response, redirect, request, url_for
from flask_login import AnonymousUserMixin, LoginManager, UserMixin

from engine.errors import NotAllowed
from engine.model.keys import UserKey
from engine.services import accounts, inbox, sessions, tokens
from engine.services.sessions import Session
from webui.context import engine, parts
from webui.errors import wants_json
from webui.i18n import gettext
from webui.i18n.languages import LANGUAGES, language
from webui.layout import here
from webui.security import token_of_program


class Visitor(UserMixin):
    """Somebody who has signed in. The id in the cookie names the session, so that ending it ends the cookie's power."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.account = session.account
        self.actor = session.actor

    def get_id(self) -> str:
        """Give what the cookie holds."""
        return f"{self.account.key}.{self.session.epoch}"

    @property
    def name(self) -> str:
        """The person's name as the reader writes it."""
        return self.account.name(language()) or self.account.login

    @property
    def initial(self) -> str:
        """One sign that stands for the person."""
        written = "" if self.account.name_zh.isascii() else self.account.name_zh[-2:-1]
        return written or self.name[:1].upper()

    @cached_property
    def open_tasks(self) -> int:
        """How many tasks wait for the person."""
        return sum(inbox.counts(engine(), actor=self.actor).values())

    def can(self, kind: str, verb: str) -> bool:
        """Say whether some role of the person permits this somewhere, so that a place is shown."""
        return parts().directory.permits(self.actor, kind, verb)


class Passer(AnonymousUserMixin):
    """Somebody who has not signed in."""

    name = ""
    open_tasks = None

    def can(self, kind: str, verb: str) -> bool:
        """Say no: what the public may do is opened by links, one thing at a time."""
        return False


def init(app: Flask) -> None:
    """Set up who is who."""
    manager = LoginManager(app)
    manager.session_protection = None  # addresses change on phones; the session's epoch ends what must end
    manager.anonymous_user = Passer

    manager.unauthorized_handler(send_to_sign_in)

    @manager.user_loader
    def load(cookie: str) -> Visitor | None:
        user, _, epoch = cookie.partition(".")
        if not (user.isdigit() and epoch.isdigit()):
            return None
        session = sessions.resume(engine(), UserKey(int(user)), int(epoch))
        if session is None:
            return None
        if session.account.locale in LANGUAGES:
            g.language = session.account.locale
        return Visitor(session)

    @manager.request_loader
    def identify(_request: Request) -> Visitor | None:
        secret = token_of_program()
        if not secret:
            return None
        try:
            acting = tokens.authenticate(engine(), secret)
        except NotAllowed:
            return None  # answered like anybody who has not signed in
        assert acting.user is not None
        account = accounts.get(engine(), acting.user, actor=acting)
        return Visitor(
            Session(account, epoch=0, actor=acting)
        )  # a token's power ends with the token, not with an epoch


def send_to_sign_in() -> Any:
    """Answer somebody who has to sign in first, in the way in which they asked: a page, a part of a page, or data."""
    asked = here() or None
    if wants_json():
        way = {"next": url_for("accounts.sign_in", next=asked), "next_text": gettext("Sign in")}
        return jsonify({"message": gettext("Sign in first"), **way}), 401
    if request.headers.get("HX-Request"):
        response = make_response("", 401)
        response.headers["HX-Redirect"] = url_for("accounts.sign_in", next=asked)
        return response
    return redirect(url_for("accounts.sign_in", next=asked))
