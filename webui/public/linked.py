"""What a one-time link opens: the case as its holder may see it, and the question that it asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from engine.bpmn.definition import Element, EventKind, FormRef
from engine.errors import NotFound
from engine.forms import Form
from engine.model.states import SubscriptionKind
from engine.model.values import SYSTEM, Actor, Bound
from engine.services import history, links, runtime, tasks, versions
from engine.store import subscriptions
from engine.store.instances import Instance
from engine.store.links import Link
from engine.store.tasks import Task
from webui.case.timeline import Line
from webui.case.view import Case
from webui.context import engine
from webui.directory import VENDOR
from webui.i18n import formats, gettext

MILESTONE = "milestone"
"""Property of an element: what those without an account read when it is done, such as ``已派单``."""

FORM = "form"
"""Property of an element that waits for a message: the form in which the holder of a link answers."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage on the way of a case, as a resident sees it: ``done``, ``now``, or still to come."""

    name: str
    css: str


def cursor(row: Instance) -> str:
    """Give a mark that changes with each step of an instance."""
    return f"{row.key}-{row.revision}"


class Linked:
    """A case seen through a link. Nothing of the staff's data shows: no names, no variables, no incidents.

    Raises:
        NotAllowed: the link is unknown, expired or used up.
    """

    def __init__(self, token: str) -> None:
        self.token = token
        self.link: Link
        self.actor: Actor
        self.link, self.actor = links.redeem(engine(), token)
        self.case = Case(self.link.instance, actor=self.actor)

    @property
    def stays(self) -> bool:
        """Whether there may be more to do with this link once its holder has acted."""
        return self.link.purpose == VENDOR and runtime.instance(engine(), self.link.instance, actor=SYSTEM).is_live

    @property
    def cursor(self) -> str:
        """A mark that changes with each step of the case."""
        return cursor(self.case.row)

    @property
    def number(self) -> str:
        """What people call the case by."""
        return self.case.number

    @property
    def title(self) -> str:
        """What the case is about."""
        return self.case.title

    @property
    def steps(self) -> list[Stage]:
        """The stages of the case, in the order of the diagram."""
        reached = set(self.case.marks["done"])
        milestones = self._milestones()
        begin = 0 if self.case.row.is_live else -1  # what runs is on the way to the first before it is reached
        last = max((place for place, each in enumerate(milestones) if each.id in reached), default=begin)
        found = []
        for place, element in enumerate(milestones):
            css = "now" if place == last and self.case.row.is_live else "done" if place <= last else ""
            found.append(Stage(self.case.translate(element.properties[MILESTONE]), css))
        return found

    @property
    def stage(self) -> str:
        """The stage that the case has reached last."""
        return next((each.name for each in reversed(self.steps) if each.css), "")

    def _milestones(self) -> list[Element]:
        return [each for each in self.case.definition.elements.values() if MILESTONE in each.properties]

    @property
    def events(self) -> list[Line]:
        """What happened, in the resident's words, the newest first: the beginning, the milestones, the end."""
        told = {each.id: self.case.translate(each.properties[MILESTONE]) for each in self._milestones()}
        kinds = ("instance_started", "element_completed", "instance_canceled")
        lines = []
        for event in history.events(engine(), self.link.instance, actor=self.actor, kinds=kinds, newest_first=True):
            if event.kind == "instance_started":
                lines.append(Line("done", gettext("Reported"), event.at, "", ""))
            elif event.kind == "instance_canceled":
                lines.append(Line("", gettext("Canceled"), event.at, "", ""))
            elif event.element_id in told:
                lines.append(Line("done", told[event.element_id], event.at, "", ""))
        return lines

    @property
    def started_at(self) -> datetime:
        """When the case began."""
        return self.case.started_at

    @property
    def owed(self) -> str:
        """What is still to pay, for a link that asks for money."""
        if self.link.purpose != "pay":
            return ""
        amount = self.data.get("balance", self.data.get("amount"))
        return "" if amount is None else formats.money(amount)

    # ---- the question ----------------------------------------------------------------------------------------------

    @property
    def element(self) -> Element:
        """The element that waits for the holder's answer.

        Raises:
            NotFound: the process has no such element.
        """
        found = self.case.definition.elements.get(self.link.element_id)
        if found is None:
            raise NotFound("there is nothing to answer here any more")
        return found

    @property
    def message(self) -> str:
        """The name of the message that the answer is.

        Raises:
            NotFound: the element waits for no message.
        """
        event = self.element.event(EventKind.MESSAGE)
        if event is None or event.name is None:
            raise NotFound("there is nothing to answer here any more")
        return str(event.name.evaluate(self.data, now=engine().clock.now(), zone=engine().zone))

    @property
    def waits(self) -> bool:
        """Whether somebody still waits for the answer: the case itself, or an instance that it called."""
        if not self.link.element_id or not self.case.row.is_live:
            return False
        with engine().store.read() as uow:
            found = subscriptions.waiting(uow, SubscriptionKind.MESSAGE, self.message, self.case.row.business_key)
        return any(each.instance == self.link.instance for each in found)

    # ---- the task ------------------------------------------------------------------------------------------------

    @cached_property
    def task(self) -> Task | None:
        """The open task that the link lets its holder do: the one it was made for, or whichever is the vendor's now."""
        open_tasks = tasks.of_instance(engine(), self.link.instance, actor=SYSTEM)
        for row in open_tasks:
            if row.key == self.link.task or (self.link.task is None and VENDOR in row.candidate_groups):
                return row
        return None

    @property
    def worker(self) -> Actor:
        """The holder, allowed to do this task and nothing else."""
        bound = Bound(self.link.purpose, self.link.instance, self.task.key if self.task else None)
        return replace(self.actor, bound=bound)

    @property
    def data(self) -> Mapping[str, Any]:
        """The variables of the case: for the form to show what it names, nothing else."""
        return runtime.variables(engine(), self.link.instance, actor=SYSTEM)

    @property
    def form(self) -> Form | None:
        """The form of the answer, as it was deployed with the process."""
        return self.form_of(self.element)

    def form_of(self, element: Element) -> Form | None:
        """Give the form that an element asks for by its property."""
        form_id = element.properties.get(FORM, "")
        if not form_id:
            return None
        with engine().store.read() as uow:
            return versions.form(engine(), uow, FormRef(form_id), caller=self.case.version)
