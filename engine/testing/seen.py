"""What the harness shows: open tasks, jobs and incidents, and events of history. Keys are strings of digits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class OpenTask:
    """An open user task; keys are strings of digits."""

    key: str
    element_id: str
    name: str
    assignee: str | None
    candidate_groups: list[str]
    candidate_users: list[str]
    form_id: str
    priority: int
    due_at: datetime | None
    instance: str


@dataclass(frozen=True, slots=True)
class OpenJob:
    """A service job that waits for a worker."""

    key: str
    type: str
    element_id: str
    variables: dict[str, Any]
    headers: dict[str, str]
    retries: int
    instance: str


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """What stopped and waits for a person; ``instance`` is empty when none could be started."""

    key: str
    element_id: str
    kind: str
    message: str
    instance: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened."""

    kind: str
    element_id: str
    at: datetime
    actor: str
    data: Mapping[str, Any]
