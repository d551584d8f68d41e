"""What starting a case or completing a task led to: a sentence about the next step and whose it is, and the page that comes next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import url_for

from engine.errors import NotFound
from engine.model.keys import InstanceKey
from engine.model.values import Actor
from engine.services import tasks
from engine.store.tasks import Task
from webui.case.view import Case, waits_outside
from webui.context import engine, parts
from webui.i18n import gettext
from webui.i18n.formats import listed
from webui.tasks import rows


def answer(done: tasks.Completed, *, actor: Actor) -> dict[str, Any]:
    """Say what completing a task led to, as ``{message, next}``.

    The page that comes next is the next step of the case if it is the reader's, else the next task of the inbox. Where the next step
    is not there yet because a job decides about it, ``after`` is the address that tells a moment later.
    """
    try:
        row, opened = tasks.onward(engine(), done.instance, actor=actor)
    except NotFound:  # it has gone on to where the reader sees nothing
        return {"message": gettext("Done."), "next": following(actor)}
    case = Case(row, actor=actor)
    mine = [each for each in opened if rows.is_mine(each, actor)]
    message = sentence(case, opened, ended=done.ended, actor=actor)
    if message and mine:
        return {"message": message, "next": _page(mine[0])}
    if message:
        return {"message": message, "next": following(actor)}
    message = gettext("Done. %(number)s goes on.", number=case.number)
    return {"message": message, "next": following(actor), "after": url_for("tasks.after", key=done.task)}


def begun(key: InstanceKey, number: str, *, actor: Actor) -> dict[str, str]:
    """Say what starting a case led to, as ``{message, next}``: its first task if that is the reader's already, else the case."""
    case_page = url_for("instances.page", key=key)
    message = gettext("%(number)s is on its way.", number=number)
    try:
        row, opened = tasks.onward(engine(), key, actor=actor)
    except NotFound:  # it belongs where the reader starts cases and sees none
        return {"message": message, "next": case_page}
    mine = next((each for each in opened if rows.is_mine(each, actor)), None)
    if not mine:
        return {"message": message, "next": case_page}
    step = Case(row, actor=actor).translate(mine.name)
    message = gettext("%(number)s is on its way. Next for you: %(step)s.", number=number, step=step)
    return {"message": message, "next": url_for("tasks.page", key=mine.key)}


def later(key: str, *, actor: Actor) -> dict[str, Any] | None:
    """Say what came after a task was completed, as ``{message}`` and ``link`` or ``kind``; None as long as nothing has.

    Raises:
        NotFound: the task is not, or no longer, the reader's to see.
    """
    case = Case(tasks.task(engine(), key, actor=actor).instance, actor=actor)
    if case.incidents:
        message = gettext(
            "%(number)s has stopped at: %(step)s. Who looks after the process sees it too.",
            number=case.number,
            step=case.incidents[0].step,
        )
        return {"message": message, "kind": "failed"}
    message = sentence(case, case.tasks, ended=not case.row.is_live, actor=actor) or _waiting(case)
    mine = [each for each in case.tasks if rows.is_mine(each, actor)]
    if not message:
        return None
    return {"message": message} | ({"link": {"href": _page(mine[0]), "text": gettext("Open")}} if mine else {})


def sentence(case: Case, opened: Sequence[Task], *, ended: bool, actor: Actor) -> str:
    """Say where a case has gone; nothing when it is between two steps."""
    if ended:
        return gettext("Done. %(number)s is finished.", number=case.number)
    mine = next((each for each in opened if rows.is_mine(each, actor)), None)
    if mine:
        return gettext("Done. Next for you: %(step)s.", step=case.translate(mine.name))
    if not opened:
        return ""
    parts().directory.meet(each.holder for each in opened)
    steps = listed(dict.fromkeys(_with_whom(case, each) for each in opened))
    return gettext("Done. %(number)s goes on with: %(steps)s.", number=case.number, steps=steps)


def _waiting(case: Case) -> str:
    """Say what from outside a case waits for; nothing when it waits for work of its own."""
    live = [case.definition.elements[each] for each in case.active if each in case.definition.elements]
    names = [case.translate(each.name) for each in live if each.name and waits_outside(each)]
    if not names:
        return ""
    return gettext("Done. %(number)s now waits for: %(steps)s.", number=case.number, steps=listed(names))


def _with_whom(case: Case, task: Task) -> str:
    step, who = case.translate(task.name), case.who(task)
    return gettext("%(step)s (%(who)s)", step=step, who=who) if who else step


def _page(task: Task) -> str:
    return url_for("tasks.page", key=task.key) + rows.filters().query()


def following(actor: Actor) -> str:
    """Give the page of the task that comes next in the inbox, or the inbox when it is empty."""
    query = rows.filters().query()
    key = rows.first(rows.filters(), actor=actor)
    return (url_for("tasks.page", key=key) if key else url_for("tasks.inbox")) + query
