"""What moves an instance (triggers) and what a move brought about (``Progress``): the hinge between the runtime and the services.

Ids in here are small integers, unique within one instance and never used again: of element instances, and of waits (armed timers and
subscriptions). The services turn them into rows keyed by (instance key, id).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from engine.bpmn.definition import Binding
from engine.errors import Text
from engine.model.json import Variables
from engine.model.states import SubscriptionKind as SubscriptionKind

if TYPE_CHECKING:
    from engine.bpmn.state import State

# ---- what the runtime is given ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one instance; each ends in an incident or a refusal that names it.

    Attributes:
        steps_per_transaction: element completions in one command; what is left goes on in a continuation.
        steps_per_instance: element completions without any wait for the outside between them; above it: an incident (endless loop).
        multi_instance: items of one body.
        variable_bytes: size of one variable as JSON.
        variable_depth: levels of lists and objects in one variable.
        snapshot_bytes: what is live of one instance, with all its variables.
        call_depth: how deep processes may call one another.
    """

    steps_per_transaction: int = 1000
    steps_per_instance: int = 100_000
    multi_instance: int = 2000
    variable_bytes: int = 1_000_000
    variable_depth: int = 50
    snapshot_bytes: int = 20_000_000
    call_depth: int = 8


class Decide(Protocol):
    """Evaluates a decision as it was deployed."""

    def __call__(
        self, decision_id: str, context: Mapping[str, Any], *, binding: Binding, version_tag: str
    ) -> tuple[Any, Mapping[str, Any]]:
        """Give (value, what history keeps of it: inputs, matched rules, outputs). Raises NotFound or Invalid: becomes an incident."""
        ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a move may ask for: the command's instant, the unit's zone, decisions, limits."""

    now: datetime
    zone: tzinfo
    decide: Decide
    limits: Limits = field(default_factory=Limits)


# ---- triggers ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Catches:
    """Which codes thrown by a child the instances above it would catch; ``None`` in a set means any code."""

    errors: frozenset[str | None] = frozenset()
    escalations: frozenset[str | None] = frozenset()


@dataclass(frozen=True, slots=True)
class Start:
    """Begin: at the none start event, at the element ``event`` (whose message, signal or timer came), or at the elements ``before``.

    ``variables`` are set in the process scope; ``depth`` is 1 for an instance that nobody called.
    """

    variables: Variables = field(default_factory=dict)
    event: str | None = None
    before: tuple[str, ...] = ()
    catches: Catches = field(default_factory=Catches)
    depth: int = 1


@dataclass(frozen=True, slots=True)
class CompleteElement:
    """A person, a worker or a child has finished the element instance; ``variables`` is what they hand back."""

    id: int
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ThrowError:
    """A worker or a child ends the element instance with a BPMN error."""

    id: int
    code: str
    message: str = ""
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ThrowEscalation:
    """A child escalates to its call activity, which lives on unless a boundary event interrupts it."""

    id: int
    code: str
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fail:
    """What was asked for could not be done (retries used up, no such process): an incident on the element instance."""

    id: int
    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Fire:
    """A wait was met: the timer is due, or the message or signal came with these variables."""

    id: int
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SetVariables:
    """Set variables at the scope of an element instance (a new name goes there too), or of the process when ``id`` is None."""

    variables: Variables
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Activation:
    """An element to activate. ``within``: id of the live scope instance that shall hold it, right away or by new scopes in between."""

    element_id: str
    within: int | None = None


@dataclass(frozen=True, slots=True)
class Modify:
    """Move tokens: terminate element instances (all of an element by its id, or one by its own), then activate elements."""

    activate: tuple[Activation, ...] = ()
    terminate: tuple[str | int, ...] = ()
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Retry:
    """Try the element instance with an incident again."""

    id: int


@dataclass(frozen=True, slots=True)
class Skip:
    """Let the element instance with an incident count as completed; ``variables`` is what it would have handed back."""

    id: int
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Continue:
    """Go on after the step budget of a transaction was used up."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """End the instance now; children are canceled too."""


Trigger = (
    Start
    | CompleteElement
    | ThrowError
    | ThrowEscalation
    | Fail
    | Fire
    | SetVariables
    | Modify
    | Retry
    | Skip
    | Continue
    | Cancel
)

# ---- what is asked of others, in order ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenTask:
    """Offer a user task. ``due_at`` and ``follow_up_at`` are aware, in UTC."""

    id: int
    element_id: str
    name: str
    assignee: str | None
    candidate_groups: tuple[str, ...]
    candidate_users: tuple[str, ...]
    form_id: str
    due_at: datetime | None
    follow_up_at: datetime | None
    priority: int


@dataclass(frozen=True, slots=True)
class OpenJob:
    """Offer a job of a type to workers. They see the variables that its scope can see when they take it."""

    id: int
    element_id: str
    type: str
    retries: int
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OpenTimer:
    """Answer with ``Fire(id)`` once ``due_at`` (aware, UTC) has come."""

    id: int
    element_id: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class OpenSubscription:
    """Answer with ``Fire(id, variables)`` each time such a message (with this key) or signal comes, until it is closed."""

    id: int
    element_id: str
    kind: SubscriptionKind
    name: str
    key: str


@dataclass(frozen=True, slots=True)
class StartChild:
    """Start an instance of another process; answer with CompleteElement, ThrowError, ThrowEscalation or Fail."""

    id: int
    element_id: str
    process_id: str
    binding: Binding
    version_tag: str
    variables: Variables
    catches: Catches
    depth: int


class Opened(StrEnum):
    """Kinds of things that were opened and can be closed."""

    TASK = "task"
    JOB = "job"
    TIMER = "timer"
    SUBSCRIPTION = "subscription"
    CHILD = "child"


@dataclass(frozen=True, slots=True)
class Close:
    """The process no longer needs it: cancel the task, job, timer, subscription or child. Already answered ones are not named again."""

    what: Opened
    id: int


@dataclass(frozen=True, slots=True)
class SendMessage:
    """Publish a message. ``ttl_s``: seconds that it waits for a receiver."""

    element_id: str
    name: str
    key: str
    variables: Variables
    message_id: str | None
    ttl_s: int


@dataclass(frozen=True, slots=True)
class SendSignal:
    """Broadcast a signal to every other instance and to start events; waits in this instance have taken it already."""

    element_id: str
    name: str
    variables: Variables


@dataclass(frozen=True, slots=True)
class SendEscalation:
    """Hand an escalation to the call activity that started this instance."""

    element_id: str
    code: str
    variables: Variables


@dataclass(frozen=True, slots=True)
class RaiseIncident:
    """The element instance cannot go on; a person must act.

    ``kind``: expression, condition, mapping, job, decision, message, error, call, limit, join or internal.
    """

    id: int
    element_id: str
    kind: str
    message: Text


@dataclass(frozen=True, slots=True)
class ResolveIncident:
    """The incident of this element instance is over."""

    id: int


Ask = (
    OpenTask
    | OpenJob
    | OpenTimer
    | OpenSubscription
    | StartChild
    | Close
    | SendMessage
    | SendSignal
    | SendEscalation
    | RaiseIncident
    | ResolveIncident
)


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of history.

    ``kind``: element_activated, element_completed, element_terminated, variables_set ({name: [before, after]}),
    decision_evaluated, error_thrown, escalation_thrown, message_sent, signal_sent, instance_ended.
    """

    kind: str
    element_id: str
    id: int = 0
    data: Variables = field(default_factory=dict)


class Outcome(StrEnum):
    """How an instance ended."""

    COMPLETED = "completed"
    CANCELED = "canceled"
    ERROR = "error"  #: an error that this instance did not catch and one above it will


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of an instance; ``variables`` are those of its process scope."""

    outcome: Outcome
    variables: Variables
    code: str = ""
    message: str = ""


@dataclass(slots=True)
class Progress:
    """What one move brought about.

    Attributes:
        state: the new state. The state that was passed in is consumed.
        asks: what others shall do, in order.
        history: what happened, in order.
        ended: set when the instance has ended.
        continues: the step budget is used up; answer with ``Continue`` in a transaction of its own.
    """

    state: State
    asks: list[Ask] = field(default_factory=list)
    history: list[Happened] = field(default_factory=list)
    ended: Ended | None = None
    continues: bool = False
