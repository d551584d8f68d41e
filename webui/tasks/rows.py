"""Tasks as the list shows them, and what the list may be narrowed and ordered by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import request, url_for
from flask_login import current_user

from engine.model.keys import UserTaskKey
from engine.model.values import SYSTEM, Actor
from engine.services import inbox, repository, rights
from engine.services.inbox import Filter, Found, Page, Sort, View
from engine.store.tasks import Task
from webui import listing
from webui.context import engine, parts
from webui.i18n import gettext
from webui.i18n.languages import language
from webui.i18n.process import translator
from webui.listing import Filters

PAGE = 40
EVERYBODY = "everybody"
"""The view of those who assign tasks: every open task where they may, the oldest first."""
NOBODY = "nobody"
"""Stands for the tasks that nobody holds where a person is chosen."""
LATE = "late"
AGES = {"4h": timedelta(hours=4), "1d": timedelta(days=1), "3d": timedelta(days=3), "7d": timedelta(days=7)}
DEFAULTS = {
    "view": View.TODO.value,
    "order": Sort.PRIORITY.value,
    "process": "",
    "q": "",
    "who": "",
    "role": "",
    "age": "",
    "after": "",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One task of the list. ``assignee`` is who holds it, when somebody else does; ``offered``: to which roles, while nobody does."""

    key: int
    title: str
    number: str
    step: str
    place: str
    priority: str
    mine: bool
    assignee: str
    offered: str
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
    views = {view.value for view in View} | ({EVERYBODY} if may_assign() else set())
    known = {"view": views, "order": {sort.value for sort in Sort}, "age": {"", LATE, *AGES}}
    wrong = {name: DEFAULTS[name] for name, values in known.items() if given.values[name] not in values}
    return Filters(given.path, {**given.values, **wrong}, given.defaults)


def may_assign() -> bool:
    """Say whether the reader may give tasks to people somewhere, and so sees everybody's."""
    return bool(current_user.can(rights.KIND, "assign"))


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
    if wanted.view == EVERYBODY:
        return _everybodys(wanted, actor, limit)
    return inbox.page(
        engine(),
        actor=actor,
        view=View(wanted.view),
        wanted=Filter(process_id=wanted.process, text=wanted.q),
        sort=Sort(wanted.order),
        after=wanted.after or None,
        limit=limit,
    )


def _everybodys(wanted: Filters, actor: Actor, limit: int) -> Page:
    now = engine().clock.now()
    narrowed = Filter(
        process_id=wanted.process,
        text=wanted.q,
        role=wanted.role,
        free=wanted.who == NOBODY,
        holder=int(wanted.who) if wanted.who.isdigit() else None,
        due_before=now if wanted.age == LATE else None,
    )
    before = now - AGES[wanted.age] if wanted.age in AGES else None
    after = wanted.after or None
    return inbox.everybodys(engine(), actor=actor, wanted=narrowed, created_before=before, after=after, limit=limit)


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
        offered=parts().directory.group_names(task.candidate_groups, language()) if task.assignee is None else "",
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
    everybodys = (Tab(EVERYBODY, gettext("Everybody"), None),) if may_assign() else ()
    return (
        Tab(View.TODO.value, gettext("All"), found[View.TODO]),
        Tab(View.MINE.value, gettext("Mine"), found[View.MINE]),
        Tab(View.OFFERED.value, gettext("To claim"), found[View.OFFERED]),
        Tab(View.TEAM.value, gettext("Team"), None),
        *everybodys,
    )


def orders() -> Sequence[tuple[str, str]]:
    """List the orders of the list."""
    return (
        (Sort.PRIORITY.value, gettext("Most urgent first")),
        (Sort.DUE.value, gettext("What is due first")),
        (Sort.OLDEST.value, gettext("Longest waiting first")),
        (Sort.NEWEST.value, gettext("Newest first")),
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that everybody's tasks can be narrowed by: (value, words) of each option, the first for no narrowing."""

    key: str
    name: str
    options: Sequence[tuple[str, str]]


def choices(wanted: Filters, *, actor: Actor) -> Sequence[Choice]:
    """List by what everybody's tasks can be narrowed: person, role, age. Nothing in the other views."""
    if wanted.view != EVERYBODY:
        return ()
    reader = language()
    people = [(str(one.key), one.name(reader) or one.name_zh) for one in parts().directory.colleagues(actor)]
    roles = [(code, role.name(reader)) for code, role in parts().directory.roles().items()]
    ages = (
        (LATE, gettext("Late")),
        ("4h", gettext("Older than 4 hours")),
        ("1d", gettext("Older than a day")),
        ("3d", gettext("Older than 3 days")),
        ("7d", gettext("Older than 7 days")),
    )
    return (
        Choice("who", gettext("Person"), (("", gettext("Anyone")), (NOBODY, gettext("Nobody yet")), *people)),
        Choice("role", gettext("Role"), (("", gettext("Any role")), *roles)),
        Choice("age", gettext("Age"), (("", gettext("Any age")), *ages)),
    )
