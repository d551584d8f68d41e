"""The immutable ``Definition`` of one process: its elements, flows and compiled expressions, under their ids in the diagram.

The reader makes it, the linter judges it, the runtime walks it. What an element means when it runs is not said here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from engine.feel import Expression


class Kind(StrEnum):
    """What an element is: the local name of its XML element in BPMN 2.0."""

    PROCESS = "process"
    TASK = "task"
    USER_TASK = "userTask"
    MANUAL_TASK = "manualTask"
    SERVICE_TASK = "serviceTask"
    SCRIPT_TASK = "scriptTask"
    BUSINESS_RULE_TASK = "businessRuleTask"
    SEND_TASK = "sendTask"
    RECEIVE_TASK = "receiveTask"
    CALL_ACTIVITY = "callActivity"
    SUB_PROCESS = "subProcess"
    TRANSACTION = "transaction"
    AD_HOC_SUB_PROCESS = "adHocSubProcess"
    EXCLUSIVE_GATEWAY = "exclusiveGateway"
    PARALLEL_GATEWAY = "parallelGateway"
    INCLUSIVE_GATEWAY = "inclusiveGateway"
    COMPLEX_GATEWAY = "complexGateway"
    EVENT_BASED_GATEWAY = "eventBasedGateway"
    START_EVENT = "startEvent"
    CATCH_EVENT = "intermediateCatchEvent"
    THROW_EVENT = "intermediateThrowEvent"
    BOUNDARY_EVENT = "boundaryEvent"
    END_EVENT = "endEvent"


FOUR_EYES = "four_eyes"
"""Property of a user task: ids of the earlier user tasks, divided by blanks, that whoever does it must not have done."""

TASKS = frozenset(
    {
        Kind.TASK,
        Kind.USER_TASK,
        Kind.MANUAL_TASK,
        Kind.SERVICE_TASK,
        Kind.SCRIPT_TASK,
        Kind.BUSINESS_RULE_TASK,
        Kind.SEND_TASK,
        Kind.RECEIVE_TASK,
    }
)
SUB_PROCESSES = frozenset({Kind.SUB_PROCESS, Kind.TRANSACTION, Kind.AD_HOC_SUB_PROCESS})
SCOPES = SUB_PROCESSES | {Kind.PROCESS}
ACTIVITIES = TASKS | SUB_PROCESSES | {Kind.CALL_ACTIVITY}
GATEWAYS = frozenset(
    {
        Kind.EXCLUSIVE_GATEWAY,
        Kind.PARALLEL_GATEWAY,
        Kind.INCLUSIVE_GATEWAY,
        Kind.COMPLEX_GATEWAY,
        Kind.EVENT_BASED_GATEWAY,
    }
)
EVENTS = frozenset({Kind.START_EVENT, Kind.CATCH_EVENT, Kind.THROW_EVENT, Kind.BOUNDARY_EVENT, Kind.END_EVENT})


class EventKind(StrEnum):
    """What an event definition is about: the prefix of its XML element in BPMN 2.0."""

    MESSAGE = "message"
    TIMER = "timer"
    SIGNAL = "signal"
    ERROR = "error"
    ESCALATION = "escalation"
    CONDITIONAL = "conditional"
    LINK = "link"
    COMPENSATION = "compensate"
    CANCEL = "cancel"
    TERMINATE = "terminate"


class TimerKind(StrEnum):
    """How a timer says when."""

    DATE = "date"
    DURATION = "duration"
    CYCLE = "cycle"


class Binding(StrEnum):
    """Which version of a called process, decision or form is meant."""

    LATEST = "latest"
    DEPLOYMENT = "deployment"
    VERSION_TAG = "versionTag"


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow; ``condition`` is None where it has none."""

    id: str
    source: str
    target: str
    condition: Expression | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class EventDefinition:
    """What an event waits for or throws. Only the fields of its kind are set.

    Attributes:
        name: of the message or signal; an expression, which for plain text is a constant.
        key: correlation key of a message that is caught, or thrown by the engine itself.
        message_id, ttl: of a message that the engine throws: its id, and how long it waits for a receiver (a duration).
        code: of an error or escalation; None catches every code.
        timer_kind, timer: when a timer fires: ISO 8601 text, a cron expression, or a FEEL value.
        condition: of a conditional event.
        link: name of a link.
        activity: of a compensation throw, the one activity to compensate; None means the whole scope.
        wait_for_completion: of a compensation throw.
    """

    kind: EventKind
    id: str = ""
    name: Expression | None = None
    key: Expression | None = None
    message_id: Expression | None = None
    ttl: Expression | None = None
    code: str | None = None
    timer_kind: TimerKind | None = None
    timer: Expression | None = None
    condition: Expression | None = None
    link: str = ""
    activity: str | None = None
    wait_for_completion: bool = True


@dataclass(frozen=True, slots=True)
class VariableMapping:
    """One input or output mapping: the value of ``source`` goes to the variable ``target`` (``a.b`` sets a member)."""

    source: Expression
    target: str


@dataclass(frozen=True, slots=True)
class FormRef:
    """Which form is filled in: its id, and which of its versions is meant."""

    id: str
    binding: Binding = Binding.DEPLOYMENT
    version_tag: str = ""


@dataclass(frozen=True, slots=True)
class UserTask:
    """What a user task asks of people. Every expression may be a constant.

    Attributes:
        candidate_groups: gives a list of ``role`` or ``role@unit`` texts.
        due_date, follow_up_date: give a date-time or a duration from now, as FEEL value or ISO text.
        form_id: id of its form; ``form_binding`` and ``form_version_tag`` say which version.
    """

    assignee: Expression | None = None
    candidate_groups: Expression | None = None
    candidate_users: Expression | None = None
    due_date: Expression | None = None
    follow_up_date: Expression | None = None
    priority: Expression | None = None
    form_id: str = ""
    form_binding: Binding = Binding.DEPLOYMENT
    form_version_tag: str = ""


@dataclass(frozen=True, slots=True)
class JobWork:
    """Work for a worker outside: a job of a type."""

    type: Expression
    retries: Expression | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Script:
    """A FEEL expression whose value goes to a variable (to nowhere when ``result`` is empty)."""

    expression: Expression
    result: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """A call of a DMN decision whose value goes to a variable."""

    decision_id: Expression
    result: str
    binding: Binding = Binding.DEPLOYMENT
    version_tag: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of another process."""

    process_id: Expression
    binding: Binding = Binding.LATEST
    version_tag: str = ""
    all_in: bool = True
    all_out: bool = True


Work = UserTask | JobWork | Script | Decision | Call


@dataclass(frozen=True, slots=True)
class StandardLoop:
    """A standard loop: repeats while ``condition`` holds, at most ``maximum`` times."""

    condition: Expression | None = None
    test_before: bool = False
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class MultiInstance:
    """A multi-instance loop.

    Attributes:
        collection, item: the list to run over, and the variable that holds each of its items.
        cardinality: the number of runs, where there is no collection.
        output_collection, output_element: where the results are gathered, in order, and what each run gives.
        completion: checked after each run; true ends the body and terminates the runs that are left.
        behavior: ``All`` (throws nothing), ``None`` (throws ``events[0]`` each time), ``One`` (the first time), or ``Complex``.
        complex_events: for ``Complex``: (condition, event) pairs.
    """

    sequential: bool = False
    collection: Expression | None = None
    item: str = ""
    cardinality: Expression | None = None
    output_collection: str = ""
    output_element: Expression | None = None
    completion: Expression | None = None
    behavior: str = "All"
    event: EventDefinition | None = None
    complex_events: tuple[tuple[Expression, EventDefinition], ...] = ()


@dataclass(frozen=True, slots=True)
class Element:
    """A flow node, or the process itself.

    Attributes:
        scope: id of the process or subprocess that holds it; ``""`` for the process.
        incoming, outgoing: flow ids in document order.
        default: id of the default flow.
        events: event definitions; of a receive task, of a send task without a job: its message.
        parallel_multiple: all of ``events`` must come, not any one.
        attached_to: of a boundary event, the activity; ``interrupting`` also of event subprocess starts.
        boundary: ids of the boundary events attached to this activity, in document order.
        instantiate: of a receive task or event-based gateway: starts the process.
        exclusive_event_gateway: of an event-based gateway: ``eventGatewayType`` is Exclusive.
        triggered_by_event: this subprocess is an event subprocess.
        compensation_handler: of a compensation boundary event, the activity that undoes.
        is_for_compensation: runs only to undo.
        ordering_sequential, completion, cancel_remaining: of an ad-hoc subprocess.
        activation: of a complex gateway: its activation condition.
        data_in, data_out: data associations as (from name, to name).
        children, starts, event_subprocesses: of a scope: all its elements; its none start events; its event subprocesses.
        properties: ``zeebe:properties``; here rides what is ours (an SLA policy, a print template).
        attributes: further attributes that a rule of the linter may want, by local name.
    """

    id: str
    kind: Kind
    name: str = ""
    scope: str = ""
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    default: str | None = None
    events: tuple[EventDefinition, ...] = ()
    parallel_multiple: bool = False
    attached_to: str | None = None
    interrupting: bool = True
    boundary: tuple[str, ...] = ()
    work: Work | None = None
    loop: StandardLoop | MultiInstance | None = None
    inputs: tuple[VariableMapping, ...] = ()
    outputs: tuple[VariableMapping, ...] = ()
    data_in: tuple[tuple[str, str], ...] = ()
    data_out: tuple[tuple[str, str], ...] = ()
    start_quantity: int = 1
    completion_quantity: int = 1
    instantiate: bool = False
    exclusive_event_gateway: bool = True
    triggered_by_event: bool = False
    compensation_handler: str | None = None
    is_for_compensation: bool = False
    ordering_sequential: bool = False
    completion: Expression | None = None
    cancel_remaining: bool = True
    activation: Expression | None = None
    children: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    event_subprocesses: tuple[str, ...] = ()
    lane: str = ""
    documentation: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    line: int = 0

    @property
    def is_activity(self) -> bool:
        """A task, a subprocess or a call activity."""
        return self.kind in ACTIVITIES

    @property
    def is_scope(self) -> bool:
        """The process or a subprocess: something that holds elements."""
        return self.kind in SCOPES

    @property
    def form(self) -> FormRef | None:
        """The form that is filled in here: of a user task, of a start event, or of an event whose message people send by one."""
        if isinstance(self.work, UserTask):
            work = self.work
            return FormRef(work.form_id, work.form_binding, work.form_version_tag) if work.form_id else None
        if form_id := self.attributes.get("formId"):
            binding = Binding(self.attributes.get("formBinding", Binding.DEPLOYMENT))
            return FormRef(form_id, binding, self.attributes.get("formVersionTag", ""))
        if form_id := self.properties.get("form"):
            return FormRef(form_id)
        return None

    def event(self, kind: EventKind) -> EventDefinition | None:
        """Give the first event definition of a kind."""
        return next((event for event in self.events if event.kind is kind), None)


@dataclass(frozen=True)
class Definition:
    """One process of a file, ready to run.

    Attributes:
        process_id: its BPMN id.
        elements: {id: element}, the process itself included, in document order.
        flows: {id: flow}.
        executable: ``isExecutable`` of the diagram.
        history_ttl: how long finished instances are kept, as ISO 8601 duration; None leaves it to the settings.
        cache: what is worked out from the graph when first asked for (reachability).
    """

    process_id: str
    name: str
    elements: Mapping[str, Element]
    flows: Mapping[str, Flow]
    executable: bool = True
    version_tag: str = ""
    documentation: str = ""
    history_ttl: str | None = None
    cache: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def process(self) -> Element:
        """The process as an element."""
        return self.elements[self.process_id]

    def element(self, element_id: str) -> Element:
        """Give an element by id (KeyError when there is none)."""
        return self.elements[element_id]

    def start_events(self, kind: EventKind | None = None) -> tuple[Element, ...]:
        """Give the start events (and instantiating receive tasks) of the process that have an event of this kind; None: none starts."""
        top = [self.elements[child] for child in self.process.children]
        if kind is None:
            return tuple(e for e in top if e.kind is Kind.START_EVENT and not e.events)
        return tuple(e for e in top if (e.kind is Kind.START_EVENT or e.instantiate) and e.event(kind))
