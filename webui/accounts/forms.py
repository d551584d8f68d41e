"""The forms of signing in and of one's own account."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from webui.i18n import lazy_gettext


class SignInForm(FlaskForm):
    """Login and password."""

    login = StringField(
        lazy_gettext("Login"),
        [InputRequired(lazy_gettext("This is required")), Length(max=64)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "autofocus": True, "spellcheck": "false"},
    )
    password = PasswordField(
        lazy_gettext("Password"),
        [InputRequired(lazy_gettext("This is required")), Length(max=200)],
        render_kw={"autocomplete": "current-password"},
    )
    remember = BooleanField(lazy_gettext("Stay signed in on this device"))


class PasswordForm(FlaskForm):
    """A new password."""

    old_password = PasswordField(
        lazy_gettext("Present password"),
        [InputRequired(lazy_gettext("This is required"))],
        render_kw={"autocomplete": "current-password"},
    )
    password = PasswordField(
        lazy_gettext("New password"),
        [InputRequired(lazy_gettext("This is required"))],
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        lazy_gettext("New password once more"),
        [EqualTo("password", lazy_gettext("This is not the same"))],
        render_kw={"autocomplete": "new-password"},
    )
