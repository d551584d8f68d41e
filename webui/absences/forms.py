"""The form in which somebody says who stands in."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, StringField
from wtforms.validators import InputRequired, Length

from webui.i18n import lazy_gettext

PEOPLE = "people"
"""The id of the list that the browser offers while somebody types."""
_PERSON = {"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false", "list": PEOPLE}


class AbsenceForm(FlaskForm):
    """Who is absent, who stands in, until when and why."""

    absent = StringField(
        lazy_gettext("Who is absent (login)"),
        [InputRequired(lazy_gettext("This is required")), Length(max=64)],
        render_kw=_PERSON,
    )
    deputy = StringField(
        lazy_gettext("Who stands in (login)"),
        [InputRequired(lazy_gettext("This is required")), Length(max=64)],
        render_kw=_PERSON,
    )
    last_day = DateField(lazy_gettext("Last day"), [InputRequired(lazy_gettext("This is required"))])
    reason = StringField(lazy_gettext("Reason"), [InputRequired(lazy_gettext("This is required")), Length(max=500)])
