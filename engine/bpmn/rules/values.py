"""Rules about what is written: expressions that lack their ``=``, and plain values that cannot be what they should."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from engine import feel
from engine.bpmn import timers
from engine.bpmn.definition import (
    Decision,
    Element,
    JobWork,
    Kind,
    MultiInstance,
    Script,
    StandardLoop,
    TimerKind,
    UserTask,
)
from engine.bpmn.rules.rule import Finding, Subject, known, rule
from engine.errors import Invalid, Text
from engine.feel import Expression


@rule("equals-sign")
def equals_sign(subject: Subject) -> Iterator[Finding]:
    """Conditions, scripts, collections and correlation keys begin with =, since they are calculated."""
    for where, what, expression in _calculated(subject):
        if expression is not None and not expression.text.startswith("="):
            text = expression.text
            yield Finding(
                where,
                Text("{what} is the plain text {text}, which is never calculated", what=what, text=text[:80]),
                Text("write ={text}", text=text[:80]) if _is_feel(text) else _IN_FEEL,
            )


def _is_feel(text: str) -> bool:
    """Tell whether an equals sign is all that a text lacks; what was written for another engine is calculated otherwise."""
    try:
        feel.read(f"={text}")
    except Invalid:
        return False
    return True


_IN_FEEL = Text("write it in FEEL, beginning with =")
_CONDITION = Text("the condition")
_KEY = Text("the correlation key")
_COMPLETION = Text("the completion condition")


def _calculated(subject: Subject) -> Iterator[tuple[str, Text, Expression | None]]:
    for flow in subject.definition.flows.values():
        yield flow.id, _CONDITION, flow.condition
    for element in subject.elements.values():
        if element.completion is not None:
            yield element.id, _COMPLETION, element.completion
        if element.activation is not None:
            yield element.id, Text("the activation condition"), element.activation
        for event in element.events:
            yield element.id, _CONDITION, event.condition
            if element.kind not in (Kind.SEND_TASK, Kind.THROW_EVENT, Kind.END_EVENT):
                yield element.id, _KEY, event.key
        if isinstance(element.work, Script):
            yield element.id, Text("the script"), element.work.expression
        if isinstance(element.loop, StandardLoop):
            yield element.id, Text("the loop condition"), element.loop.condition
        elif isinstance(element.loop, MultiInstance):
            yield element.id, Text("the input collection"), element.loop.collection
            yield element.id, Text("the output element"), element.loop.output_element
            yield element.id, _COMPLETION, element.loop.completion
            for complex_condition, _ in element.loop.complex_events:
                yield element.id, _CONDITION, complex_condition


_NAME = re.compile(r"[^\s=`'\"()\[\]{},.;:<>!?*/+][^=`'\"()\[\]{},.;:<>!?*/+\n]*")


@rule("variable-name")
def variable_name(subject: Subject) -> Iterator[Finding]:
    """What gets a value is named as a variable, and not calculated."""
    for where, target in _targets(subject):
        if target and not all(_NAME.fullmatch(part) for part in target.split(".")):
            yield Finding(
                where,
                Text("{name} cannot be the name of a variable", name=target[:80]),
                Text("write a name such as total, or order.total for a member, without = and quotes"),
            )


def _targets(subject: Subject) -> Iterator[tuple[str, str]]:
    for element in subject.elements.values():
        for mapping in (*element.inputs, *element.outputs):
            yield element.id, mapping.target
        if isinstance(element.work, Script | Decision):
            yield element.id, element.work.result
        if isinstance(element.loop, MultiInstance):
            yield element.id, element.loop.item
            yield element.id, element.loop.output_collection


@rule("value-malformed")
def value_malformed(subject: Subject) -> Iterator[Finding]:
    """Retries, priorities, due dates and times to live that are written out are what they should be."""
    for element in subject.elements.values():
        work = element.work
        if isinstance(work, JobWork):
            yield from _number(element, Text("the number of retries"), work.retries, 1, 1000)
        elif isinstance(work, UserTask):
            yield from _number(element, Text("the priority"), work.priority, 0, 100)
            yield from _moment(element, Text("the due date"), work.due_date)
            yield from _moment(element, Text("the follow-up date"), work.follow_up_date)
        if element.kind in (Kind.SEND_TASK, Kind.THROW_EVENT, Kind.END_EVENT):
            for event in element.events:
                yield from _duration(element.id, Text("the time to live"), event.ttl)
    kept = subject.definition.history_ttl
    if kept is not None and not _is_moment(TimerKind.DURATION, kept):
        yield _not_a_duration(subject.definition.process_id, Text("the time to keep history"), kept)


def _number(element: Element, what: Text, expression: Expression | None, low: int, high: int) -> Iterator[Finding]:
    value = known(expression)
    if value is not None and (not isinstance(value, int) or not low <= value <= high):
        yield Finding(
            element.id,
            Text("{what} cannot be {value}", what=what, value=value),
            Text("use a whole number from {low} to {high}, or an expression with =", low=low, high=high),
        )


def _moment(element: Element, what: Text, expression: Expression | None) -> Iterator[Finding]:
    value = known(expression)
    # FEEL's own dates and durations are right by construction
    if isinstance(value, str) and not _is_moment(TimerKind.DURATION if value[:1] == "P" else TimerKind.DATE, value):
        yield Finding(
            element.id,
            Text("{what} cannot be {value}", what=what, value=value),
            Text("use a date such as 2026-05-01T09:00:00+08:00, a duration such as P2D, or an expression with ="),
        )


def _duration(where: str, what: Text, expression: Expression | None) -> Iterator[Finding]:
    value = known(expression)
    if isinstance(value, str) and not _is_moment(TimerKind.DURATION, value):
        yield _not_a_duration(where, what, value)


def _not_a_duration(where: str, what: Text, value: str) -> Finding:
    return Finding(
        where, Text("{what} cannot be {value}", what=what, value=value), Text("use a duration such as PT1H or P5Y")
    )


def _is_moment(kind: TimerKind, value: str) -> bool:
    try:
        timers.schedule(kind, value, datetime(2026, 1, 1, tzinfo=UTC), UTC)
    except Invalid:
        return False
    return True
