"""One instance on SpiffWorkflow, with answers given for the outside, and what it came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import SignalEventDefinition
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.exceptions import SpiffWorkflowException
from SpiffWorkflow.util.task import TaskState

from engine import feel
from engine.bpmn.definition import Definition, Kind, MultiInstance, Script
from engine.bpmn.spiff.build import Builder
from engine.bpmn.spiff.excluded import excluded
from engine.errors import Invalid, Text
from engine.model.json import Variables

MAX_COMPLETIONS = 2000
_START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Happens:
    """An answer to a task or an event-based gateway: one of its events happens instead."""

    event: str
    variables: Variables = field(default_factory=dict)


Answers = Mapping[str, Sequence[Variables | Happens]]
"""{element id: what is handed back each time that it waits, in order}"""


@dataclass(frozen=True, slots=True)
class Trace:
    """What a run came to.

    Attributes:
        completed: ids of the completed elements, in order.
        variables: of the process, at the end.
        waiting: ids of the elements that wait without an answer, sorted.
        stuck: the element whose expression or choice failed, or why the run was given up.
    """

    completed: tuple[str, ...]
    variables: Variables
    waiting: tuple[str, ...] = ()
    stuck: str = ""


def run_with_spiff(
    definition: Definition,
    variables: Variables,
    answers: Answers,
    *,
    now: datetime = _START,
    zone: tzinfo = UTC,
) -> Trace:
    """Run an instance on SpiffWorkflow.

    Raises:
        Invalid: the definition has constructs that are ``EXCLUDED``; one problem each.
    """
    reasons = excluded(definition)
    if reasons:
        raise Invalid("not for a second opinion: {reasons}", reasons="; ".join(reasons))
    return _Oracle(definition, variables, answers, now, zone).run()


def compare(
    definition: Definition,
    variables: Variables,
    answers: Answers,
    ours: Trace,
    *,
    now: datetime = _START,
    zone: tzinfo = UTC,
) -> tuple[Text, ...]:
    """List in which ways SpiffWorkflow's run of an instance differs from ours; empty when it agrees.

    Raises:
        Invalid: as ``run_with_spiff``.
    """
    theirs = run_with_spiff(definition, variables, answers, now=now, zone=zone)
    differences = []
    more, fewer = Counter(ours.completed), Counter(theirs.completed)
    for element_id, count in sorted((more - fewer).items()):
        differences.append(Text("{element} was completed {count} times more here", element=element_id, count=count))
    for element_id, count in sorted((fewer - more).items()):
        differences.append(Text("{element} was completed {count} times more there", element=element_id, count=count))
    for name in sorted({*ours.variables, *theirs.variables}):
        here, there = ours.variables.get(name), theirs.variables.get(name)
        if here != there:
            differences.append(Text("{name} is {here} here and {there} there", name=name, here=here, there=there))
    if ours.waiting != theirs.waiting:
        here, there = ", ".join(ours.waiting) or "-", ", ".join(theirs.waiting) or "-"
        differences.append(Text("it waits at {here} here and at {there} there", here=here, there=there))
    if ours.stuck != theirs.stuck:
        differences.append(
            Text("it is stuck at {here} here and at {there} there", here=ours.stuck or "-", there=theirs.stuck or "-")
        )
    return tuple(differences)


class _Engine(PythonScriptEngine):
    """Expressions come as functions that are bound to our variables; nothing is ever evaluated as Python."""

    def evaluate(self, task: Any, expression: Callable[[], Any], external_context: Any = None) -> Any:
        return expression()

    def execute(self, task: Any, script: Callable[[], None], external_context: Any = None) -> bool:
        script()
        return True


class _Failed(Exception):
    """An expression gave nothing that can be used."""


class _Oracle:
    """One instance on SpiffWorkflow, and the variables beside it."""

    def __init__(
        self, definition: Definition, variables: Variables, answers: Answers, now: datetime, zone: tzinfo
    ) -> None:
        self.variables: dict[str, Any] = dict(variables)
        self.answers = {element_id: list(given) for element_id, given in answers.items()}
        self.completed: list[str] = []
        self.failed_at = ""
        self.now = now
        self.zone = zone
        self.definition = definition
        builder = Builder(definition, self)
        self.elements = builder.elements
        self.workflow = BpmnWorkflow(
            builder.specs[definition.process_id], subprocess_specs=builder.specs, script_engine=_Engine()
        )

    def run(self) -> Trace:
        stuck = ""
        try:
            self._work()
            while len(self.completed) < MAX_COMPLETIONS and self._answer():
                self._work()
        except (_Failed, SpiffWorkflowException):
            stuck = self.failed_at or "?"
        except Exception as error:  # whatever goes wrong inside it is an answer, not a fault of ours
            stuck = f"{type(error).__name__}: {error}"
        if len(self.completed) >= MAX_COMPLETIONS:
            stuck = "limit"
        waiting = () if stuck else tuple(sorted(element_id for element_id, _ in self._waiting()))
        return Trace(tuple(self.completed), dict(self.variables), waiting, stuck)

    def _work(self) -> None:
        self.workflow.do_engine_steps(will_complete_task=self._begin, did_complete_task=self._record)

    def _begin(self, task: Any) -> None:
        self.failed_at = self.elements.get(task.task_spec.name, self.failed_at)
        if len(self.completed) > MAX_COMPLETIONS:
            raise _Failed

    def _record(self, task: Any) -> None:
        if task.state == TaskState.COMPLETED and task.task_spec.name in self.elements:
            self.completed.append(self.elements[task.task_spec.name])

    def _waiting(self) -> list[tuple[str, Any]]:
        """Give the elements that wait for the outside, with their tasks."""
        waiting = []
        for task in self.workflow.get_tasks(state=TaskState.READY | TaskState.WAITING):
            element_id = self.elements.get(task.task_spec.name)
            if element_id is None:
                continue
            kind = self.definition.elements[element_id].kind
            ready = task.state == TaskState.READY
            if (ready and task.task_spec.manual) or (
                not ready and kind in (Kind.CATCH_EVENT, Kind.EVENT_BASED_GATEWAY)
            ):
                waiting.append((element_id, task))
        return waiting

    def _answer(self) -> bool:
        """Give the first answer that there is; say whether there was one."""
        for element_id, task in self._waiting():
            given = self.answers.get(element_id)
            if not given:
                continue
            answer = given.pop(0)
            if isinstance(answer, Happens):
                self.variables.update(answer.variables)
                self.workflow.catch(BpmnEvent(SignalEventDefinition(answer.event)))
            else:
                self.variables.update(answer)
                if task.task_spec.manual:
                    task.run()
                    self._record(task)
                else:
                    self.workflow.catch(BpmnEvent(SignalEventDefinition(element_id)))
            return True
        return False

    # ---- expressions -------------------------------------------------------------------------------------------------

    def value(self, expression: feel.Expression) -> Any:
        """Evaluate to a JSON value; what our runtime would report as an incident fails."""
        value = expression.evaluate(self.variables, now=self.now, zone=self.zone)
        if value is None and expression.diagnose(self.variables, now=self.now, zone=self.zone)[1]:
            raise _Failed
        return feel.to_json(value)

    def condition(self, expression: feel.Expression) -> Callable[[], bool]:
        def holds() -> bool:
            value = expression.evaluate(self.variables, now=self.now, zone=self.zone)
            if value is not True and value is not False:
                raise _Failed
            return value

        return holds

    def count(self, loop: MultiInstance) -> Callable[[], int]:
        def runs() -> int:
            if loop.collection is not None:
                return len(self.value(loop.collection))
            return int(self.value(loop.cardinality)) if loop.cardinality else 0

        return runs

    def script(self, work: Any) -> Callable[[], None]:
        def execute() -> None:
            if isinstance(work, Script):
                value = self.value(work.expression)
                if work.result:
                    self.variables[work.result] = value

        return execute
