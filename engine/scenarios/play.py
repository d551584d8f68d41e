"""The commands of a scenario, each a function of the stage and what the file gives it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from engine.errors import Invalid, NotFound, Problem, Text
from engine.scenarios.workers import Workers
from engine.services import jobs
from engine.testing import Harness, OpenTask


@dataclass
class Stage:
    """Where a scenario plays.

    Attributes:
        instance: what the scenario is about: the first instance that it started.
        of: the process whose newest instance the step is about instead; empty: none.
    """

    harness: Harness
    workers: Workers
    instance: str = ""
    of: str = ""

    def about(self) -> str:
        """Give the instance that the step is about."""
        if not self.of:
            if not self.instance:
                raise NotFound("no instance was started yet")
            return self.instance
        found = self.harness.instances(self.of)
        if not found:
            raise NotFound("there is no instance of {process}", process=self.of)
        return found[-1]

    def tasks(self) -> list[OpenTask]:
        """List the open tasks of the instance that the step is about and of those that it called, at any depth."""
        family = [self.about()]
        for key in family:
            family += self.harness.children(key)
        return [each for each in self.harness.tasks() if each.instance in family]


def start(stage: Stage, given: Mapping[str, Any]) -> None:
    """``start: {process, variables?, business_key?, before?}``: start an instance."""
    key = stage.harness.start(
        given["process"], given.get("variables"), business_key=given.get("business_key"), before=given.get("before")
    )
    stage.instance = stage.instance or key


def message(stage: Stage, given: Mapping[str, Any]) -> None:
    """``message: {name, key?, variables?, ttl?, id?, to?}``: publish; ``to: nobody`` expects that nobody takes it."""
    taken = stage.harness.publish(
        given["name"],
        str(given.get("key", "")),
        given.get("variables"),
        ttl=given.get("ttl"),
        message_id=given.get("id"),
    )
    if not taken and given.get("to") != "nobody" and not given.get("ttl"):
        raise NotFound("nobody took the message {name}", name=given["name"])
    if taken and given.get("to") == "nobody":
        raise Invalid(Problem(given["name"], Text("an instance took the message")))
    if taken and not stage.instance:
        stage.instance = taken[0]


def complete(stage: Stage, given: str | Mapping[str, Any]) -> None:
    """``complete: element`` or ``{task, values?, unchecked?}``: complete a user task; its form must accept the values."""
    said: Mapping[str, Any] = {"task": given} if isinstance(given, str) else given
    stage.harness.complete(_task(stage, said), said.get("values"), validate=not said.get("unchecked", False))


def _task(stage: Stage, said: Mapping[str, Any]) -> OpenTask:
    found = [each for each in stage.tasks() if each.element_id == said["task"]]
    if not found:
        raise NotFound("there is no open task {element}", element=said["task"])
    return found[-1]


def refuse(stage: Stage, given: Mapping[str, Any]) -> None:
    """``refuse: {task, values?, fields}``: the form refuses the values, for these fields."""
    try:
        stage.harness.complete(_task(stage, given), given.get("values"), validate=True)
    except Invalid as error:
        said = sorted({problem.where for problem in error.problems})
        if said != sorted(given["fields"]):
            raise Invalid(Problem(given["task"], Text("the form refused {fields}", fields=", ".join(said)))) from error
        return
    raise Invalid(Problem(given["task"], Text("the form accepted the values")))


def advance(stage: Stage, given: Mapping[str, Any]) -> None:
    """``advance: {days?, hours?, minutes?, seconds?}``: move the clock; jobs that come up on the way are answered on the way."""
    harness = stage.harness
    target = harness.now + timedelta(**{unit: float(amount) for unit, amount in given.items()})
    while (due := jobs.next_due(harness.engine)) is not None and due < target:
        harness.advance(seconds=max((due - harness.now).total_seconds(), 0))
        stage.workers.work()
    harness.advance(seconds=(target - harness.now).total_seconds())


def set_variables(stage: Stage, given: Mapping[str, Any]) -> None:
    """``set: {name: value}``: set variables of the instance, as an administrator would."""
    stage.harness.set_variables(stage.about(), given)


def workers(stage: Stage, given: Mapping[str, Any]) -> None:
    """``workers: {job type: answers}``: the world outside answers otherwise from now on."""
    stage.workers.set(given)


def resolve(stage: Stage, given: str) -> None:
    """``resolve: element``: try again what stopped there."""
    for incident in stage.harness.incidents():
        if incident.element_id == given:
            stage.harness.resolve(incident)
            return
    raise NotFound("there is no incident at {element}", element=given)


def cancel(stage: Stage, given: str) -> None:
    """``cancel: reason``: end the instance."""
    stage.harness.cancel(stage.about())


COMMANDS: Mapping[str, Callable[[Stage, Any], None]] = {
    "start": start,
    "message": message,
    "complete": complete,
    "refuse": refuse,
    "advance": advance,
    "set": set_variables,
    "workers": workers,
    "resolve": resolve,
    "cancel": cancel,
}
