"""Pages of one's own account."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_login import current_user, login_required, login_user, logout_user
from werkzeug.wrappers import Response

from engine.errors import Invalid, NotAllowed
from engine.services import accounts, sessions
from webui.accounts.forms import PasswordForm, SignInForm
from webui.accounts.visitor import Visitor
from webui.context import actor, engine, parts
from webui.errors import attach, sentence
from webui.i18n import gettext
from webui.i18n.languages import COOKIE, LANGUAGES
from webui.security import limiter

blueprint = Blueprint("accounts", __name__, template_folder="templates")
YEAR_S = 365 * 24 * 3600


@blueprint.route("/sign-in", methods=["GET", "POST"])
@limiter.limit("20 per minute", methods=["POST"])
def sign_in() -> str | Response | tuple[str, int]:
    """Show and take the sign-in form."""
    if current_user.is_authenticated:
        return redirect(onward())
    form = SignInForm()
    if request.method == "GET":
        return render_template("accounts/sign-in.html", form=form)
    if form.validate():
        try:
            opened = sessions.authenticate(
                engine(), form.login.data, form.password.data, peer=request.remote_addr or ""
            )
        except NotAllowed as error:
            form.form_errors.append(sentence(error))
        else:
            begin(opened, remember=form.remember.data)
            if opened.account.must_change_password:
                flash(gettext("Choose a password of your own first."), "late")
                return redirect(url_for("accounts.profile"))
            return redirect(onward())
    return render_template("accounts/sign-in.html", form=form), 422


def begin(opened: sessions.Session, *, remember: bool = False) -> None:
    """Open a session in this browser: whatever was in the cookie before is gone."""
    session.clear()
    session.permanent = True
    login_user(Visitor(opened), remember=remember)


def onward() -> str:
    """Give where to go next: the page that was asked for, if it is one of ours, else the inbox."""
    wanted = request.values.get("next", "")
    parts_ = urlsplit(wanted)
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts_.scheme and not parts_.netloc
    return wanted if ours else url_for("tasks.inbox")


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End the session in this browser."""
    logout_user()
    session.clear()
    return redirect(url_for("accounts.sign_in"))


@blueprint.post("/sign-out-everywhere")
@login_required
def sign_out_everywhere() -> Response:
    """End every session of the account: in this browser, and wherever else somebody is signed in."""
    sessions.sign_out_everywhere(engine(), actor=actor())
    return sign_out()


@blueprint.post("/language")
def language() -> Response:
    """Choose the language of pages; for those who have signed in, for all their browsers."""
    chosen = request.form.get("language", "")
    response = redirect(onward() if request.form.get("next") else url_for("tasks.inbox"))
    if chosen in LANGUAGES:
        response.set_cookie(
            COOKIE, chosen, max_age=YEAR_S, samesite="Lax", httponly=True, secure=parts().settings.https_only
        )
        if current_user.is_authenticated:
            accounts.update(engine(), current_user.account.key, locale=chosen, actor=actor())
    return response


@blueprint.get("/profile")
@login_required
def profile() -> str:
    """Show one's own account."""
    return show_profile(PasswordForm())


@blueprint.post("/profile/password")
@login_required
@limiter.limit("20 per minute")
def change_password() -> str | Response | tuple[str, int]:
    """Change one's own password; every other session ends."""
    form = PasswordForm()
    if form.validate():
        try:
            renewed = sessions.change_password(
                engine(), old=form.old_password.data, new=form.password.data, actor=actor()
            )
        except Invalid as error:
            attach(form, error)
        else:
            begin(renewed)
            flash(gettext("The password is changed. You are signed out everywhere else."))
            return redirect(url_for("accounts.profile"))
    return show_profile(form), 422


def show_profile(form: PasswordForm) -> str:
    """Render the profile with a password form as it stands."""
    return render_template("accounts/profile.html", form=form, account=current_user.account)
