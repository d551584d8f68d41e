"""Tasks as the list shows them, and what the list may be narrowed and ordered by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import request, url_for

from engine.model.keys import UserTaskKey
from engine.model.values import SYSTEM, Actor
from engine.services import inbox, repository
from engine.services.inbox import Filter, Found, Page, Sort, View
from engine.store.tasks import Task
from webui import listing
from webui.context import engine, parts
from webui.i18n import gettext
from webui.i18n.languages import language
from webui.i18n.process import translator
from webui.listing import Filters

PAGE = 40
DEFAULTS = {"view": View.TODO.value, "order": Sort.PRIORITY.value, "process": "", "q": "", "after": ""}


@dataclass(frozen=True, slots=True)
class Row:
    """One task of the list. ``assignee`` is who holds it, when somebody else does."""

    key: int
    title: str
    number: str
    step: str
    place: str
    priority: str
    mine: bool
    assignee: str
    due_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the views of the list, with how many tasks are in it; None where nobody counts."""

    key: str
    name: str
    count: int | None


def filters() -> Filters:
    """Read what the address asks for; what it does not know is as if it had not been said."""
    given = listing.read(url_for("tasks.inbox"), request.args, DEFAULTS)
    known = {"view": {view.value for view in View}, "order": {sort.value for sort in Sort}}
    wrong = {name: DEFAULTS[name] for name, values in known.items() if given.values[name] not in values}
    return Filters(given.path, {**given.values, **wrong}, given.defaults)


def page(wanted: Filters, *, actor: Actor) -> tuple[list[Row], str]:
    """Give a page of the list and the address of the next one, empty when this is the last."""
    found = _find(wanted, actor, PAGE)
    parts().directory.meet(each.task.holder for each in found.tasks)
    return [row(each, actor) for each in found.tasks], wanted.href(after=found.after) if found.after else ""


def first(wanted: Filters, *, actor: Actor) -> UserTaskKey | None:
    """Give the task that the list begins with, if there is one."""
    found = _find(wanted, actor, 1).tasks
    return found[0].task.key if found else None


def _find(wanted: Filters, actor: Actor, limit: int) -> Page:
    return inbox.page(
        engine(),
        actor=actor,
        view=View(wanted.view),
        wanted=Filter(process_id=wanted.process, text=wanted.q),
        sort=Sort(wanted.order),
        after=wanted.after or None,
        limit=limit,
    )


def row(found: Found, actor: Actor) -> Row:
    """Show one task in the reader's language."""
    task = found.task
    version, _ = repository.definition(engine(), task.definition, actor=SYSTEM)
    say = translator(engine(), version.deployment)
    mine = is_mine(task, actor)
    return Row(
        key=task.key,
        title=found.title or say(found.process_name),
        number=found.business_key or f"#{str(task.instance)[-6:]}",
        step=say(task.name),
        place=parts().directory.unit_name(task.unit, language()),
        priority=found.grade,
        mine=mine,
        assignee="" if mine else parts().directory.person_name(task.holder, language()) or task.assignee or "",
        due_at=task.due_at,
        created_at=task.created_at,
    )


def is_mine(task: Task, actor: Actor) -> bool:
    """Say whether the reader holds a task."""
    return task.holder is not None and task.holder == actor.user


def counts(actor: Actor) -> Mapping[View, int]:
    """Count what the tabs and the rail show."""
    found = inbox.counts(engine(), actor=actor, views=(View.MINE, View.OFFERED))
    return {**found, View.TODO: sum(found.values())}


def tabs(found: Mapping[View, int]) -> Sequence[Tab]:
    """List the views of the list."""
    return (
        Tab(View.TODO.value, gettext("All"), found[View.TODO]),
        Tab(View.MINE.value, gettext("Mine"), found[View.MINE]),
        Tab(View.OFFERED.value, gettext("To claim"), found[View.OFFERED]),
        Tab(View.TEAM.value, gettext("Team"), None),
    )


def orders() -> Sequence[tuple[str, str]]:
    """List the orders of the list."""
    return (
        (Sort.PRIORITY.value, gettext("Most urgent first")),
        (Sort.DUE.value, gettext("What is due first")),
        (Sort.OLDEST.value, gettext("Longest waiting first")),
        (Sort.NEWEST.value, gettext("Newest first")),
    )
