"""What is known around a definition: other processes, decisions and forms in the versions that it is bound to, and types of jobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from engine.bpmn.definition import Binding
from engine.feel.kinds import Kinds


class Part(StrEnum):
    """What a process refers to by an id."""

    PROCESS = "process"
    DECISION = "decision"
    FORM = "form"


RESULT = ""
"""The name under which a decision's own value stands in what it hands over."""

Find: TypeAlias = Callable[[Part, str, Binding, str], Kinds | None]
"""Gives, for an id, a binding and a version tag, what that version hands over: {name: kind} for a form, {``RESULT``: kind} for a
decision, nothing for a process. None when there is no such version."""


@dataclass(frozen=True, slots=True)
class LintContext:
    """What is known around a definition; None means that it is not known, so that nothing is said about it.

    Attributes:
        find: looks up the processes, decisions and forms that are deployed, or deployed together with it.
        job_types: types of jobs that somebody works on.
        roles: codes of the roles of the organisation, to which tasks are offered.
    """

    find: Find | None = None
    job_types: frozenset[str] | None = None
    roles: frozenset[str] | None = None
