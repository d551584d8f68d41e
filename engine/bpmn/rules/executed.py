"""What the runtime executes: kinds of events by position. Anything else is refused by name."""

from __future__ import annotations

from collections.abc import Mapping

from engine.bpmn.definition import Element, EventKind, Kind
from engine.errors import Text

_EVENT_SUBPROCESS_START = Text("start of an event subprocess")
PROCESS_START = Text("start of a process")
_SUBPROCESS_START = Text("start of a subprocess")

POSITIONS: Mapping[str, frozenset[EventKind]] = {
    PROCESS_START: frozenset({EventKind.MESSAGE, EventKind.TIMER, EventKind.SIGNAL}),
    _SUBPROCESS_START: frozenset(),
    _EVENT_SUBPROCESS_START: frozenset(
        {
            EventKind.MESSAGE,
            EventKind.TIMER,
            EventKind.SIGNAL,
            EventKind.CONDITIONAL,
            EventKind.ERROR,
            EventKind.ESCALATION,
            EventKind.COMPENSATION,
        }
    ),
    Kind.CATCH_EVENT.value: frozenset(
        {EventKind.MESSAGE, EventKind.TIMER, EventKind.SIGNAL, EventKind.CONDITIONAL, EventKind.LINK}
    ),
    Kind.THROW_EVENT.value: frozenset(
        {EventKind.MESSAGE, EventKind.SIGNAL, EventKind.ESCALATION, EventKind.COMPENSATION, EventKind.LINK}
    ),
    Kind.BOUNDARY_EVENT.value: frozenset(
        {
            EventKind.MESSAGE,
            EventKind.TIMER,
            EventKind.SIGNAL,
            EventKind.CONDITIONAL,
            EventKind.ERROR,
            EventKind.ESCALATION,
            EventKind.COMPENSATION,
            EventKind.CANCEL,
        }
    ),
    Kind.END_EVENT.value: frozenset(
        {
            EventKind.MESSAGE,
            EventKind.SIGNAL,
            EventKind.ERROR,
            EventKind.ESCALATION,
            EventKind.COMPENSATION,
            EventKind.CANCEL,
            EventKind.TERMINATE,
        }
    ),
}
"""{position of an event: kinds of events that are executed there}

Source: BPMN 2.0.2, table 10.93. A conditional start of a process is missing: by 10.5.2 its condition must not look at the process's own
data, since there is no instance yet, but at the state of the environment, and how is left open there. What changes in the environment comes
here as a message or signal, which starts a process as well, and the condition may follow it.
"""

ALONE = frozenset({EventKind.LINK, EventKind.COMPENSATION, EventKind.CANCEL, EventKind.TERMINATE, EventKind.ERROR})
"""Kinds that end or leave the element that throws them, so that it can throw nothing else."""

TOGETHER = frozenset({EventKind.MESSAGE, EventKind.TIMER, EventKind.SIGNAL, EventKind.CONDITIONAL})
"""Kinds that an event can wait for all together."""


def position(element: Element, scope: Element) -> str:
    """Name the position of an event."""
    if element.kind is not Kind.START_EVENT:
        return element.kind.value
    if scope.triggered_by_event:
        return _EVENT_SUBPROCESS_START
    return PROCESS_START if scope.kind is Kind.PROCESS else _SUBPROCESS_START
