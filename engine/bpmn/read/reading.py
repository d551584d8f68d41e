"""One reading of one file: its limits, and everything that was found wrong so far."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine import feel
from engine.bpmn.definition import Binding
from engine.bpmn.validate import DiagramLimits
from engine.errors import Invalid, Problem, Text

UNREADABLE = feel.read("=null")
"""Stands where an expression could not be read, so that the linter does not also call it missing."""


class Reading:
    """Collects problems instead of raising them, and reads expressions."""

    def __init__(self, limits: DiagramLimits) -> None:
        self.limits = limits
        self.problems: list[Problem] = []
        self._told: set[str] = set()

    def refuse(self, where: str, rule: str, message: Text, remedy: Text) -> None:
        """Note an error."""
        self.problems.append(Problem(where, message, remedy, rule))

    def warn(self, where: str, rule: str, message: Text, remedy: Text) -> None:
        """Note a warning."""
        self.problems.append(Problem(where, message, remedy, rule, "warning"))

    def warn_once(self, where: str, rule: str, message: Text, remedy: Text) -> None:
        """Note a warning at the first place where it applies in the file."""
        if message not in self._told:
            self._told.add(message)
            self.warn(where, rule, message, remedy)

    def soften(self, begun: int) -> None:
        """Turn the problems since ``begun`` into warnings: they are in a process that is only drawn."""
        self.problems[begun:] = [replace(problem, severity="warning") for problem in self.problems[begun:]]

    def unknown(self, where: str, what: str, target: str) -> None:
        """Note that a reference leads nowhere."""
        self.refuse(
            where,
            "reference-unknown",
            Text("{what} points to {target}, which does not exist", what=what, target=target or "''"),
            Text("choose an existing element for {what}", what=what),
        )

    def expression(self, text: str | None, where: str) -> feel.Expression | None:
        """Read FEEL text with its ``=``, or plain text as a constant; None when there is no text."""
        text = (text or "").strip()
        if not text:
            return None
        if len(text) > self.limits.expression:
            self.refuse(
                where,
                "limit-expression",
                Text(
                    "an expression has {length} characters; {limit} are allowed",
                    length=len(text),
                    limit=self.limits.expression,
                ),
                Text("move it into a decision table or split it over several script tasks"),
            )
            return UNREADABLE
        try:
            return feel.read(text)
        except Invalid as error:
            reason = "; ".join(str(problem.message) for problem in error.problems)
            self.refuse(
                where,
                "expression-invalid",
                Text("the expression {text} cannot be read: {reason}", text=_short(text), reason=reason),
                Text("correct the FEEL expression"),
            )
            return UNREADABLE

    def number(self, text: str | None, where: str) -> feel.Expression | None:
        """Read FEEL text, or a plain number as the number that it is."""
        text = (text or "").strip()
        try:
            return feel.constant(int(text)) if text else None
        except ValueError:
            return self.expression(text, where)

    def names(self, text: str | None, where: str) -> feel.Expression | None:
        """Read FEEL text, or names separated by commas as a list."""
        text = (text or "").strip()
        if not text or text.startswith("="):
            return self.expression(text, where)
        return feel.constant([name.strip() for name in text.split(",") if name.strip()])

    def binding(self, value: Any, default: Binding, where: str) -> Binding:
        """Read a ``bindingType``."""
        if not value:
            return default
        try:
            return Binding(value)
        except ValueError:
            self.refuse(
                where,
                "attribute-invalid",
                Text("the binding {value} does not exist", value=value),
                Text("use one of: {allowed}", allowed=", ".join(Binding)),
            )
            return default


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."
