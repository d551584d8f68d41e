"""Rules about what expressions calculate: kinds that clash, calls that fit no function, conditions that decide nothing."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.rules.rule import WARNING, Finding, Subject, known, rule
from engine.errors import Text


@rule("feel-name", WARNING)
def feel_name(subject: Subject) -> Iterator[Finding]:
    """A name in an expression is one that something sets."""
    return _of(subject, "feel-name")


@rule("feel-call", WARNING)
def feel_call(subject: Subject) -> Iterator[Finding]:
    """A function is called with arguments that it takes."""
    return _of(subject, "feel-call")


@rule("feel-kind", WARNING)
def feel_kind(subject: Subject) -> Iterator[Finding]:
    """Only values that go together are compared and calculated with."""
    told = {flow for flow, _ in _never(subject)}
    return (finding for finding in _of(subject, "feel-kind") if finding.where not in told)


@rule("feel-constant", WARNING)
def feel_constant(subject: Subject) -> Iterator[Finding]:
    """A condition depends on something."""
    return _of(subject, "feel-constant")


@rule("condition-kind")
def condition_kind(subject: Subject) -> Iterator[Finding]:
    """A condition is true or false."""
    for flow, text in _never(subject):
        yield Finding(
            flow,
            Text("the condition {text} is never true or false", text=text[:80]),
            Text("compare something, such as =amount > 100"),
        )


def _never(subject: Subject) -> Iterator[tuple[str, str]]:
    """Give the flows whose condition is known to be neither, with its text."""
    for flow in subject.definition.flows.values():
        value = known(flow.condition)
        if flow.condition and flow.condition.text.startswith("=") and value is not None and not isinstance(value, bool):
            yield flow.id, flow.condition.text


def _of(subject: Subject, rule_id: str) -> Iterator[Finding]:
    for where, text, problem in subject.judged:
        if problem.rule == rule_id:
            message = Text(
                "in {text} at {place}: {reason}", text=text[:80], place=problem.where, reason=problem.message
            )
            remedy = problem.remedy if isinstance(problem.remedy, Text) else _REMEDIES.get(rule_id, _CORRECT)
            yield Finding(where, message, remedy)


_CORRECT = Text("correct the expression")
_REMEDIES = {"feel-name": Text("correct the name, or let a form, a decision, a script or a mapping set it before")}
