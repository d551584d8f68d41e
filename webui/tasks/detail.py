"""One task as its page shows it: what may be done with it now, its form, and the case around it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from flask import url_for

from engine.bpmn.definition import FOUR_EYES, Element
from engine.errors import Problem, Text
from engine.model.states import TASK_MOVES, TaskState, actions
from engine.model.values import Actor
from engine.services import drafts, identity, rights, tasks
from engine.store.tasks import Task
from webui import forms
from webui.case.view import Case
from webui.context import engine, parts
from webui.forms import FormView, new_command
from webui.i18n import gettext
from webui.i18n.formats import moment
from webui.i18n.languages import language
from webui.i18n.say import say

if TYPE_CHECKING:
    from webui.i18n.process import Translate

OFFERED = frozenset({"claim", "release", "complete"})
"""The moves of a task that this page has buttons for."""

BARRED = frozenset({"claim", "complete"})
"""The moves that are left to somebody else by whoever did what a task checks."""


@dataclass(frozen=True, slots=True)
class Over:
    """Why nothing can be done with a task any more."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Detail:
    """A task on its page.

    Attributes:
        actions: the moves that the reader may make now.
        barred: why it is for somebody else.
        may_hand: the reader may give it to somebody and say how urgent it is.
    """

    key: int
    title: str
    number: str
    step: str
    place: str
    priority: str
    mine: bool
    assignee: str
    groups: str
    documentation: str
    verb: str
    due_at: datetime | None
    created_at: datetime
    instance: int
    actions: frozenset[str]
    over: Over | None
    barred: str
    may_hand: bool
    command_id: str = field(default_factory=new_command)


def show(key: str, *, actor: Actor, problems: Iterable[Problem] = ()) -> tuple[Detail, Case, FormView]:
    """Give a task, its case and its form.

    Raises:
        NotFound: there is no such task, or it is not the reader's to see.
    """
    row = tasks.task(engine(), key, actor=actor)
    case = Case(row.instance, actor=actor)
    mine = row.holder is not None and row.holder == actor.user
    element = case.definition.elements.get(row.element_id)
    why_not = barred(row, element, case, actor)
    detail = Detail(
        key=row.key,
        title=case.title,
        number=case.number,
        step=case.translate(row.name),
        place=case.place,
        priority=case.priority,
        mine=mine,
        assignee=parts().directory.person_name(row.holder, language()) or row.assignee or "",
        groups=parts().directory.group_names(row.candidate_groups, language()),
        documentation=case.translate(element.documentation) if element else "",
        verb=verb(element.properties.get("verb", "") if element else "", case.translate),
        due_at=row.due_at,
        created_at=row.created_at,
        instance=row.instance,
        actions=moves(row, mine=mine) - (BARRED if why_not else frozenset()),
        over=over(row),
        barred=why_not,
        may_hand=may_hand(row, actor, mine=mine),
    )
    return detail, case, form(row, detail, case, actor, tuple(problems))


def moves(row: Task, *, mine: bool) -> frozenset[str]:
    """Give the moves that the state table and the holder allow; the service decides once more."""
    allowed = actions(TASK_MOVES, row.state) & OFFERED
    return allowed if mine else allowed - {"release", "complete"}


def may_hand(row: Task, actor: Actor, *, mine: bool) -> bool:
    """Say whether the reader may give a task to somebody, and say how urgent it is."""
    if "assign" not in actions(TASK_MOVES, row.state):
        return False
    if mine or not parts().directory.permits(actor, rights.KIND, "assign"):
        return mine
    with engine().store.read() as uow:
        return identity.allowed(uow, actor, "assign", rights.KIND, row.unit)


def barred(row: Task, element: Element | None, case: Case, actor: Actor) -> str:
    """Say why a task that checks an earlier step is not for the reader; empty when it may be."""
    if element is None or FOUR_EYES not in element.properties or not row.is_open:
        return ""
    found = tasks.barred(engine(), row.key, actor=actor)
    if found is None:
        return ""
    return say(Text(found.template, **{**found.params, "step": case.translate(found.params["step"])}))


def verb(own: str, translate: Translate) -> str:
    """Give what completing is called: the diagram's own word (property ``verb`` of the task), else ours."""
    return translate(own) if own else gettext("Complete")


def over(row: Task) -> Over | None:
    """Say how a task ended."""
    if row.state is TaskState.COMPLETED:
        text = gettext("%(name)s, %(moment)s", name=row.changed_by_name, moment=moment(row.changed_at))
        return Over(gettext("This task is done"), text)
    if row.state is TaskState.CANCELED:
        return Over(gettext("This task is no longer needed"), gettext("The process went another way."))
    return None


def form(row: Task, detail: Detail, case: Case, actor: Actor, problems: tuple[Problem, ...]) -> FormView:
    """Give the form of a task, filled in with what the case knows and what was typed before."""
    found = tasks.form(engine(), row.key, actor=actor)
    typed = (drafts.get(engine(), row.key, actor=actor) or {}) if row.is_open else {}
    known = {**tasks.variables(engine(), row.key, actor=actor), **typed}
    return forms.view(
        found,
        case.translate,
        known,
        id=f"form-{row.key}",
        action=url_for("tasks.complete", key=row.key),
        verb=detail.verb,
        label=detail.step,
        upload=url_for("files.upload", task=row.key),
        draft=f"{actor.user}:{row.key}" if "complete" in detail.actions else "",
        readonly="complete" not in detail.actions,
        problems=problems,
    )
