"""Puts a case together for a page: what it is about, where it stands, the way it came, its marks on the diagram."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from engine.bpmn.definition import Definition, Element, EventKind, Kind, UserTask
from engine.errors import NotFound
from engine.model.json import Json
from engine.model.keys import IncidentKey
from engine.model.states import InstanceState
from engine.model.values import SYSTEM, Actor
from engine.services import history, incidents, repository, runtime, tasks
from engine.services.incidents import Incident
from engine.store.instances import Instance
from engine.store.tasks import Task
from engine.store.versions import ProcessDefinition
from webui import states
from webui.case import facts, labels, people, timeline
from webui.case.facts import Fact
from webui.case.timeline import Line
from webui.context import engine, parts
from webui.i18n import gettext
from webui.i18n.formats import listed
from webui.i18n.languages import language
from webui.i18n.process import Translate, translator
from webui.i18n.say import say
from webui.start import ways
from webui.states import State

SHOWN_EVENTS = 200


@dataclass(frozen=True, slots=True)
class Step:
    """Something that a case waits for now."""

    element_id: str
    name: str
    who: str = ""
    text: str = ""
    since: datetime | None = None
    due_at: datetime | None = None
    task: int | None = None
    stuck: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """What has stopped a case."""

    step: str
    message: str
    at: datetime
    key: IncidentKey


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable, for those who look at all of them."""

    name: str
    text: str


class Case:
    """One process instance as a page shows it, by its key or as the actor has been given it.

    Reads when it is asked; whoever may not see the instance gets ``NotFound`` at once.
    """

    def __init__(self, given: str | int | Instance, *, actor: Actor) -> None:
        self._actor = actor
        self.row = given if isinstance(given, Instance) else runtime.instance(engine(), given, actor=actor)
        # who may see an instance may see its diagram, also without a role that reads definitions
        self.version, self.definition = repository.definition(engine(), self.row.definition, actor=SYSTEM)

    # ---- what it is ----------------------------------------------------------------------------------------------

    @property
    def instance(self) -> int:
        """Its key."""
        return self.row.key

    @cached_property
    def translate(self) -> Translate:
        """Says a text of the process in the reader's language."""
        return translator(engine(), self.version.deployment)

    @property
    def number(self) -> str:
        """What people call it by."""
        return number_of(self.row)

    @property
    def title(self) -> str:
        """What it is about."""
        return title_of(self.row, self.process)

    @property
    def process(self) -> str:
        """The name of its process."""
        return self.translate(self.version.name)

    @property
    def priority(self) -> str:
        """How urgent it is, in the process's own words."""
        return self.row.grade

    @property
    def place(self) -> str:
        """Where it belongs."""
        return parts().directory.unit_name(self.row.unit, language())

    @property
    def state(self) -> State:
        """How it stands."""
        return state_of(self.row)

    @property
    def starter(self) -> str:
        """Who started it."""
        return people.name_of(self.row.started_by, self.row.started_by_name)

    @property
    def started_at(self) -> datetime:
        """When it was started."""
        return self.row.started_at

    @property
    def ending(self) -> str:
        """How it ended."""
        if self.row.state is InstanceState.COMPLETED:
            return gettext("It has reached its end; nothing is left to do.")
        return gettext("It was ended early.")

    # ---- what is known -------------------------------------------------------------------------------------------

    @cached_property
    def data(self) -> Mapping[str, Json]:
        """Its variables."""
        return runtime.variables(engine(), self.row.key, actor=self._actor)

    @cached_property
    def facts(self) -> list[Fact]:
        """What is known of it, under the labels of its forms."""
        named = labels.of_process(engine(), self.version, self.definition)
        scope = self.definition.process.properties.get("scope", "")
        known = {ways.CHANNEL: ways.channel_name(self.version, str(self.data.get(ways.CHANNEL, "")))}
        return facts.of(self.data, named, self.translate, known | ({scope: self._unit(scope)} if scope else {}))

    def _unit(self, scope: str) -> str:
        unit = parts().directory.above(self.row.unit, str(self.data.get(scope, "")))
        return unit.name(language()) if unit else self.place

    @cached_property
    def variables(self) -> list[Variable]:
        """All of its variables, by name."""
        return [Variable(name, facts.raw(value)) for name, value in sorted(self.data.items())]

    # ---- where it stands -----------------------------------------------------------------------------------------

    @cached_property
    def active(self) -> list[str]:
        """The ids of the elements where it stands."""
        return runtime.active(engine(), self.row.key, actor=self._actor)

    @cached_property
    def tasks(self) -> Sequence[Task]:
        """Its open tasks."""
        return tasks.of_instance(engine(), self.row.key, actor=self._actor) if self.row.is_live else ()

    @cached_property
    def stops(self) -> Sequence[Incident]:
        """Its open incidents."""
        if not self.row.incidents:
            return ()
        return incidents.open_incidents(engine(), instance=self.row.key, actor=self._actor)

    @property
    def incidents(self) -> list[Stop]:
        """What has stopped it."""
        return [
            Stop(self.step_name(each.element_id), say(each.message), each.raised_at, each.key) for each in self.stops
        ]

    def step_name(self, element_id: str) -> str:
        """Give what people call an element."""
        element = self.definition.elements.get(element_id)
        return self.translate(element.name) if element and element.name else element_id

    @cached_property
    def waiting(self) -> list[Step]:
        """What it waits for: tasks and whose they are, then messages, timers and other systems."""
        stuck = {each.element_id for each in self.stops}
        # the case may move while it is read: with its tasks read last, one that has just come is shown once, as a task
        active = self.active
        found = [self._task_step(task) for task in self.tasks]
        busy = {task.element_id for task in self.tasks}
        for element_id in active:
            if element_id in busy or not self._is_step(element_id):
                continue
            if isinstance(self.definition.elements[element_id].work, UserTask) and element_id not in stuck:
                continue  # it was done a moment ago
            text = gettext("Stopped") if element_id in stuck else waits_for(self.definition, element_id)
            found.append(Step(element_id, self.step_name(element_id), text=text, stuck=element_id in stuck))
        return found

    def _task_step(self, task: Task) -> Step:
        return Step(
            task.element_id,
            self.translate(task.name),
            who=self.who(task),
            since=task.created_at,
            due_at=task.due_at,
            task=task.key,
        )

    def who(self, task: Task) -> str:
        """Give who holds one of its tasks, else whom it is offered to."""
        holder = parts().directory.person_name(task.holder, language())
        groups = parts().directory.group_names(task.candidate_groups, language())
        return holder or groups or (task.assignee or "")

    def _is_step(self, element_id: str) -> bool:
        element = self.definition.elements.get(element_id)
        return element is not None and not element.is_scope

    # ---- the way it came -----------------------------------------------------------------------------------------

    @cached_property
    def events(self) -> list[Line]:
        """What happened, the newest first."""
        found = history.events(
            engine(), self.row.key, actor=self._actor, kinds=timeline.KINDS, limit=SHOWN_EVENTS, newest_first=True
        )
        return timeline.lines(reversed(found), self.definition, self.translate)

    @cached_property
    def marks(self) -> dict[str, Any]:
        """What the diagram marks."""
        done = sorted(set(history.path(engine(), self.row.key, actor=self._actor)))
        stopped = [{"element": each.element_id, "message": say(each.message)} for each in self.stops]
        return {"live": self.active, "done": done, "incidents": stopped}

    # ---- what belongs to it --------------------------------------------------------------------------------------

    @cached_property
    def children(self) -> list[Summary]:
        """The instances that it called."""
        return summaries(runtime.children(engine(), self.row.key, actor=self._actor))

    @cached_property
    def parent(self) -> Summary | None:
        """The instance that called it, if the reader may see it."""
        if self.row.parent is None:
            return None
        try:
            return summaries([runtime.instance(engine(), self.row.parent, actor=self._actor)])[0]
        except NotFound:
            return None


@dataclass(frozen=True, slots=True)
class Summary:
    """One line about a case."""

    key: int
    number: str
    title: str
    process: str
    state: State
    place: str
    starter: str
    started_at: datetime
    steps: str = ""


def summaries(rows: Sequence[Instance], steps: Mapping[int, Sequence[str]] | None = None) -> list[Summary]:
    """Sum instances up for a list; ``steps``: {key: names of the steps where it stands}."""
    names = {row.definition: process_name(row.definition) for row in rows}
    says = {row.definition: text_of(row.definition) for row in rows}
    return [
        Summary(
            key=row.key,
            number=number_of(row),
            title=title_of(row, names[row.definition]),
            process=names[row.definition],
            state=state_of(row),
            place=parts().directory.unit_name(row.unit, language()),
            starter=people.name_of(row.started_by, row.started_by_name),
            started_at=row.started_at,
            steps=listed(map(says[row.definition], dict.fromkeys((steps or {}).get(row.key, ())))),
        )
        for row in rows
    ]


def text_of(definition: int) -> Translate:
    """Give what says the texts of a definition in the reader's language."""
    row, _ = repository.definition(engine(), definition, actor=SYSTEM)
    return translator(engine(), row.deployment)


def process_name(definition: int) -> str:
    """Give what the process of a definition is called, in the reader's language."""
    row, _ = repository.definition(engine(), definition, actor=SYSTEM)
    return name_of(row)


def name_of(row: ProcessDefinition) -> str:
    """Give what a version of a process is called, in the reader's language."""
    return translator(engine(), row.deployment)(row.name)


def number_of(row: Instance) -> str:
    """Give what people call a case by: its business key, or the last digits of its key."""
    return row.business_key or f"#{str(row.key)[-6:]}"


def title_of(row: Instance, process: str) -> str:
    """Give what a case is about; the name of its process when it does not say."""
    return row.title or process


def state_of(row: Instance) -> State:
    """Give how an instance stands, as one of the meanings."""
    if row.incidents and row.is_live:
        return states.FAILED
    return {
        InstanceState.ACTIVE: states.RUNNING,
        InstanceState.SUSPENDED: states.PAUSED,
        InstanceState.COMPLETED: states.DONE,
        InstanceState.CANCELED: states.CANCELED,
    }[row.state]


def waits_outside(element: Element) -> bool:
    """Say whether an element waits for an answer or a moment, and not for work."""
    events = (EventKind.TIMER, EventKind.MESSAGE)
    return element.kind is Kind.RECEIVE_TASK or any(element.event(each) for each in events)


def waits_for(definition: Definition, element_id: str) -> str:
    """Say in a word what a live element waits for."""
    element = definition.elements[element_id]
    if element.kind is Kind.CALL_ACTIVITY:
        return gettext("Another process")
    if element.event(EventKind.TIMER):
        return gettext("A moment in time")
    if element.event(EventKind.MESSAGE) or element.kind is Kind.RECEIVE_TASK:
        return gettext("An answer")
    if element.kind in (Kind.SERVICE_TASK, Kind.SEND_TASK, Kind.BUSINESS_RULE_TASK, Kind.SCRIPT_TASK):
        return gettext("Another system")
    return gettext("Something else")
