"""The page of absences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user, login_required
from wtforms import StringField

from engine.errors import Invalid, NotFound
from engine.model.keys import parse_key
from engine.services import accounts, grants
from engine.store.grants import Substitution
from webui.absences.forms import PEOPLE, AbsenceForm
from webui.context import actor, engine, parts
from webui.errors import attach
from webui.i18n import gettext
from webui.i18n.languages import language

blueprint = Blueprint("absences", __name__, template_folder="templates")
OFFERED = 500
"""How many people the browser offers by name; everybody else is found by login."""


@dataclass(frozen=True, slots=True)
class Row:
    """One absence, with names; ``role`` is empty where all of the work is lent."""

    key: int
    absent: str
    deputy: str
    role: str
    valid_from: datetime
    valid_to: datetime
    reason: str


@blueprint.get("/absences")
@login_required
def index() -> str:
    """Show who stands in for whom, as far as the reader may end it."""
    form = AbsenceForm()
    form.absent.data = current_user.account.login
    return show(form)


def show(form: AbsenceForm) -> str:
    """Render the page with the form as it stands."""
    people = accounts.select(engine(), limit=OFFERED, actor=actor())
    offered = [(each.login, each.name(language()) or each.name_zh) for each in people]
    return render_template("absences/index.html", rows=rows(), form=form, people=offered, list_id=PEOPLE)


def rows() -> list[Row]:
    """List the absences that have not ended."""
    found = grants.absences(engine(), actor=actor())
    parts().directory.meet(key for each in found for key in (each.absent, each.deputy))
    return [_row(each) for each in found]


def _row(each: Substitution) -> Row:
    directory, reader = parts().directory, language()
    return Row(
        key=each.key,
        absent=directory.person_name(each.absent, reader),
        deputy=directory.person_name(each.deputy, reader),
        role=directory.role_name(each.role, reader) if each.role else "",
        valid_from=each.valid_from,
        valid_to=each.valid_to,
        reason=each.reason,
    )


@blueprint.post("/absences")
@login_required
def begin() -> Any:
    """Let somebody stand in from now on, up to the end of a day."""
    form = AbsenceForm()
    if form.validate():
        absent, deputy = _person(form.absent), _person(form.deputy)
        if absent and deputy:
            try:
                _stand_in(absent, deputy, form.last_day.data, form.reason.data)
            except Invalid as error:
                attach(form, error)
            else:
                flash(gettext("From now on their tasks reach both."))
                return redirect(url_for("absences.index"))
    return show(form), 422


def _person(field: StringField) -> int | None:
    """Give the account whose login was typed; None, with a word at the field, where the reader sees none."""
    try:
        found = accounts.by_login(engine(), field.data)
        return accounts.get(engine(), found.key, actor=actor()).key
    except NotFound:
        field.errors = [gettext("There is nobody with this login.")]
        return None


def _stand_in(absent: int, deputy: int, last_day: date, reason: str) -> None:
    ends = datetime.combine(last_day + timedelta(days=1), time(), engine().zone).astimezone(UTC)
    grants.stand_in(engine(), absent=absent, deputy=deputy, valid_to=ends, reason=reason, actor=actor())


@blueprint.post("/absences/<key>/end")
@login_required
def end(key: str) -> Any:
    """End a substitution: the person is back."""
    grants.end_stand_in(engine(), parse_key(key), actor=actor())
    flash(gettext("The absence has ended."))
    return redirect(url_for("absences.index"))
