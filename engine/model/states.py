"""States with their meaning, and beside each the table of moves. Every change of state goes through its table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from engine.errors import IllegalTransition


class InstanceState(StrEnum):
    """Where a process instance is in its life."""

    ACTIVE = "active"  #: it moves, or waits for something
    SUSPENDED = "suspended"  #: a person stopped it; nothing moves until it is resumed
    COMPLETED = "completed"  #: final: every path reached its end
    CANCELED = "canceled"  #: final: ended early, by a person, a parent or an uncaught error handed to the parent


class TaskState(StrEnum):
    """Where a user task is in its life."""

    CREATED = "created"  #: offered to its candidates
    CLAIMED = "claimed"  #: somebody holds it
    COMPLETED = "completed"  #: final: done by a person
    CANCELED = "canceled"  #: final: the process no longer needs it


class JobState(StrEnum):
    """Where a job is in its life. Timers, continuations and deliveries are jobs too."""

    DUE = "due"  #: waits for its due time, or for a worker
    RUNNING = "running"  #: leased by a worker until ``lease_until``
    SUCCEEDED = "succeeded"  #: final
    FAILED = "failed"  #: out of retries; its incident waits for a person
    CANCELED = "canceled"  #: final: the process no longer needs it


class IncidentState(StrEnum):
    """Where an incident is in its life."""

    OPEN = "open"  #: a person must act
    RESOLVED = "resolved"  #: final


class BatchState(StrEnum):
    """Where a batch is in its life."""

    RUNNING = "running"  #: its instances have their turns, one after the other
    COMPLETED = "completed"  #: final: each of them has had its turn
    STOPPED = "stopped"  #: final: a person stopped it; the instances that are left were not touched


class SubscriptionKind(StrEnum):
    """What a subscription listens for."""

    MESSAGE = "message"
    SIGNAL = "signal"


INSTANCE_MOVES: Mapping[tuple[InstanceState, str], InstanceState] = {
    (InstanceState.ACTIVE, "suspend"): InstanceState.SUSPENDED,
    (InstanceState.SUSPENDED, "resume"): InstanceState.ACTIVE,
    (InstanceState.ACTIVE, "complete"): InstanceState.COMPLETED,
    (InstanceState.ACTIVE, "cancel"): InstanceState.CANCELED,
    (InstanceState.SUSPENDED, "cancel"): InstanceState.CANCELED,
}

TASK_MOVES: Mapping[tuple[TaskState, str], TaskState] = {
    (TaskState.CREATED, "claim"): TaskState.CLAIMED,
    (TaskState.CREATED, "assign"): TaskState.CLAIMED,
    (TaskState.CLAIMED, "release"): TaskState.CREATED,
    (TaskState.CLAIMED, "assign"): TaskState.CLAIMED,
    (TaskState.CLAIMED, "complete"): TaskState.COMPLETED,
    (TaskState.CREATED, "cancel"): TaskState.CANCELED,
    (TaskState.CLAIMED, "cancel"): TaskState.CANCELED,
}

JOB_MOVES: Mapping[tuple[JobState, str], JobState] = {
    (JobState.DUE, "lease"): JobState.RUNNING,
    (JobState.RUNNING, "lease"): JobState.RUNNING,  # the lease ran out and another worker took it
    (JobState.RUNNING, "succeed"): JobState.SUCCEEDED,
    (JobState.RUNNING, "retry"): JobState.DUE,
    (JobState.RUNNING, "fail"): JobState.FAILED,
    (JobState.FAILED, "retry"): JobState.DUE,
    (JobState.DUE, "cancel"): JobState.CANCELED,
    (JobState.RUNNING, "cancel"): JobState.CANCELED,
    (JobState.FAILED, "cancel"): JobState.CANCELED,
}

INCIDENT_MOVES: Mapping[tuple[IncidentState, str], IncidentState] = {
    (IncidentState.OPEN, "resolve"): IncidentState.RESOLVED,
}

BATCH_MOVES: Mapping[tuple[BatchState, str], BatchState] = {
    (BatchState.RUNNING, "complete"): BatchState.COMPLETED,
    (BatchState.RUNNING, "stop"): BatchState.STOPPED,
}

State = TypeVar("State", bound=StrEnum)


def move(table: Mapping[tuple[State, str], State], state: State, action: str, *, hint: str = "") -> State:
    """Give the state that ``action`` leads to.

    Raises:
        IllegalTransition: the table has no such move.
    """
    if (state, action) in table:
        return table[state, action]
    if hint:
        raise IllegalTransition("cannot {action} what is {state}; {hint}", action=action, state=state.value, hint=hint)
    raise IllegalTransition("cannot {action} what is {state}", action=action, state=state.value)


def actions(table: Mapping[tuple[State, str], State], state: State) -> frozenset[str]:
    """List the actions that the table allows in this state, for pages that show buttons."""
    return frozenset(action for (source, action) in table if source is state)
