"""Rules about timers: when they fire, and how often."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from engine.bpmn import timers
from engine.bpmn.definition import EVENTS, EventDefinition, EventKind, Kind, TimerKind
from engine.bpmn.rules.executed import PROCESS_START, position
from engine.bpmn.rules.rule import WARNING, Finding, Subject, known, rule
from engine.errors import Invalid, Text


@rule("timer-missing")
def timer_missing(subject: Subject) -> Iterator[Finding]:
    """A timer says when it fires."""
    for element, event in subject.with_event(EventKind.TIMER, *EVENTS):
        if event.timer is None:
            yield Finding(
                element.id,
                Text("{element} does not say when it fires", element=element.name or element.id),
                Text("give it a date, a duration such as PT2H, or a cycle such as R/P1D"),
            )


@rule("timer-malformed")
def timer_malformed(subject: Subject) -> Iterator[Finding]:
    """A timer's text is a date, a duration, a cycle or an expression."""
    for element, event in subject.with_event(EventKind.TIMER, *EVENTS):
        reason = _timer_fault(event)
        if reason is not None:
            yield Finding(element.id, reason[0], reason[1])


def _timer_fault(event: EventDefinition) -> tuple[Text, Text] | None:
    value = known(event.timer)
    if event.timer_kind is None or value is None:
        return None
    now = datetime(2026, 1, 1, tzinfo=UTC)
    try:
        beat = timers.schedule(event.timer_kind, value, now, UTC)
    except Invalid as error:
        problem = error.problems[0]
        remedy = problem.remedy if isinstance(problem.remedy, Text) else Text("write it as ISO 8601")
        return Text("{reason}", reason=problem.message), remedy
    try:
        timers.following(beat, now, UTC)
    except (ValueError, OverflowError):
        return (
            Text("the cycle {value} has no second beat", value=str(value)[:80]),
            Text("give it an interval, such as R/PT10M"),
        )
    return None


@rule("timer-once", WARNING)
def timer_once(subject: Subject) -> Iterator[Finding]:
    """A cycle stands where it can fire more than once."""
    for element, event in subject.with_event(EventKind.TIMER, Kind.START_EVENT, Kind.CATCH_EVENT, Kind.BOUNDARY_EVENT):
        place = position(element, subject.elements[element.scope])
        repeats = place == PROCESS_START or (element.kind is not Kind.CATCH_EVENT and not element.interrupting)
        if event.timer_kind is TimerKind.CYCLE and not repeats:
            yield Finding(
                element.id,
                Text("this cycle fires only once here"),
                Text("use a duration, or make the event non-interrupting"),
            )
