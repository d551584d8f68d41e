"""Judges a definition: every way in which it is wrong, or likely to surprise, with what to do about it."""

from __future__ import annotations

from engine.bpmn.definition import Definition
from engine.bpmn.rules import (
    events,
    expressions,
    flows,
    handlers,
    joins,
    loops,
    paths,
    subprocesses,
    tasks,
    times,
    values,
)
from engine.bpmn.rules.rule import Rule, Subject
from engine.bpmn.rules.surroundings import LintContext
from engine.errors import Problem

__all__ = ["RULES", "LintContext", "lint"]

RULES: tuple[Rule, ...] = tuple(
    found
    for module in (paths, joins, flows, events, handlers, times, subprocesses, tasks, loops, values, expressions)
    for found in vars(module).values()
    if isinstance(found, Rule)
)
_NOWHERE = LintContext()


def lint(definition: Definition, *, context: LintContext = _NOWHERE) -> list[Problem]:
    """Apply every rule.

    Args:
        context: what is known around the definition; what is not known is not checked.

    Returns:
        Problems by rule, then by place; those of severity ``error`` refuse a deployment. A process that is only drawn has no errors.
    """
    subject = Subject(definition, context)
    problems = [problem for each in RULES for problem in each.problems(subject)]
    if not definition.executable:
        return [Problem(p.where, p.message, p.remedy, p.rule, "warning") for p in problems]
    return problems
