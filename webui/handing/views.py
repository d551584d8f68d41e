"""Pages that give a task to somebody or change its urgency; they open in the pane of the task, beside the inbox."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import login_required

from engine.errors import ConcurrentUpdate, IllegalTransition, Invalid, NotAllowed, NotFound
from engine.model.keys import parse_key
from engine.services import assignees, holding, tasks
from engine.store.tasks import Task
from webui.case.view import Case
from webui.context import actor, engine, parts
from webui.forms import new_command
from webui.handing import forms, people
from webui.i18n import gettext
from webui.i18n.languages import language
from webui.i18n.say import say_error
from webui.layout import in_part
from webui.tasks import rows
from webui.tasks.views import around, clash
from webui.upkeep.forms import Given

blueprint = Blueprint("handing", __name__, template_folder="templates")


def show(name: str, row: Task, case: Case, **values: Any) -> str:
    """Render a form in the pane of a task, alone when a script asks for it."""
    wanted = rows.filters()
    values |= {
        "row": row,
        "case": case,
        "step": case.translate(row.name),
        "mine": rows.is_mine(row, actor()),
        "filters": wanted,
        "task": row,
        "refused": None,
        "back": url_for("tasks.page", key=row.key) + wanted.query(),
    }
    if in_part():
        return render_template(f"handing/{name}-part.html", **values)
    return render_template(f"handing/{name}.html", **{**around(wanted), **values})


@blueprint.get("/tasks/<key>/assign")
@login_required
def assign_form(key: str) -> Any:
    """Show to whom a task can be given."""
    return show_assign(key)


def show_assign(key: str, *, problem: str = "") -> Any:
    """Show the candidates; what was wrong with the choice, if anything was."""
    row = tasks.task(engine(), key, actor=actor())
    case = Case(row.instance, actor=actor())
    try:
        found = assignees.candidates(engine(), key, actor=actor())
    except IllegalTransition as error:
        return clash(key, error)
    page = show(
        "assign",
        row,
        case,
        people=people.shown(found, case.translate),
        groups=parts().directory.group_names(row.candidate_groups, language()),
        problem=problem,
        given=request.form,
        command_id=new_command(),
    )
    return (page, 422) if problem else page


@blueprint.post("/tasks/<key>/assign")
@login_required
def assign(key: str) -> Any:
    """Give a task to the person who was chosen."""
    to = request.form.get("to", "")
    if not to:
        return show_assign(key, problem=gettext("Choose somebody first."))
    try:
        holding.assign(
            engine(),
            key,
            parse_key(to),
            actor=actor(),
            reason=request.form.get("reason", "").strip()[: forms.REASON],
            among_candidates=True,
            command_id=request.form.get("command_id"),
        )
    except (ConcurrentUpdate, IllegalTransition) as error:
        return clash(key, error)
    except (NotAllowed, NotFound) as error:
        return show_assign(key, problem=say_error(error))
    name = parts().directory.person_name(int(to), language())
    flash(gettext("It is with %(name)s now.", name=name))
    return redirect(url_for("tasks.page", key=key) + rows.filters().query())


@blueprint.get("/tasks/<key>/urgency")
@login_required
def urgency_form(key: str) -> Any:
    """Ask how urgent a task is."""
    return show_urgency(key, Given())


def show_urgency(key: str, given: Given) -> Any:
    """Show the form of a task's urgency; 422 when something in it is wrong."""
    row = tasks.task(engine(), key, actor=actor())
    case = Case(row.instance, actor=actor())
    if not row.is_open:
        return clash(key, IllegalTransition("the task is {state}", state=row.state.value))
    action = url_for("handing.urgency", key=key) + rows.filters().query()
    page = show("urgency", row, case, form=forms.urgency(row, action, given))
    return (page, 422) if given.problems else page


@blueprint.post("/tasks/<key>/urgency")
@login_required
def urgency(key: str) -> Any:
    """Change how urgent a task is."""
    row = tasks.task(engine(), key, actor=actor())
    try:
        wanted = forms.read_urgency(row, request.form)
        holding.set_urgency(
            engine(),
            key,
            **wanted,
            actor=actor(),
            reason=request.form.get("reason", "").strip()[: forms.REASON],
            command_id=request.form.get("command_id"),
        )
    except IllegalTransition as error:
        return clash(key, error)
    except Invalid as error:
        return show_urgency(key, Given(request.form, error.problems))
    flash(gettext("The urgency is changed."))
    return redirect(url_for("tasks.page", key=key) + rows.filters().query())
