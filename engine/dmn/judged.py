"""Judges the expressions and cells of decisions by kinds: what clashes with a type, names that no entry has, conditions that never change.

What a caller brings undeclared may be of any kind, so that nothing is said about it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from engine import feel
from engine.dmn import cells, model
from engine.dmn.decisions import Decisions
from engine.dmn.types import listed
from engine.errors import Invalid, LimitExceeded, Problem, Text
from engine.feel.check import check, infer
from engine.feel.kinds import Kind, Kinds, plain

_SCALARS = frozenset(
    {
        "string",
        "number",
        "boolean",
        "date",
        "time",
        "date and time",
        "days and time duration",
        "years and months duration",
    }
)


def judge(decisions: Decisions, namespace: str) -> Iterator[Problem]:
    """List what cannot work in the decisions of one model, though it compiles; every finding is a warning.

    The rules are FEEL's own, ``feel-kind`` and its like, and ``table-kind`` for cells.
    """
    for element in decisions.models[namespace].elements.values():
        if isinstance(element, model.Decision):
            key = f"{namespace}#{element.id}"
            yield from _Judge(decisions, namespace).box(element.logic, decisions.outline.names(key))


class _Judge:
    def __init__(self, decisions: Decisions, namespace: str) -> None:
        self._decisions = decisions
        self._namespace = namespace

    def box(self, box: model.Boxed | None, names: Kinds) -> Iterator[Problem]:
        """Judge boxed logic that sees these names."""
        match box:
            case model.Literal():
                yield from self._literal(box, names)
            case model.Table():
                yield from self._table(box, names)
            case model.Context(entries=entries):
                seen = dict(names)
                for entry in entries:
                    yield from self.box(entry.value, seen)
                    if entry.variable is not None:
                        seen[entry.variable.name] = None
            case model.Conditional(condition=condition, then=then, otherwise=otherwise):
                if isinstance(condition, model.Literal):
                    yield from self._literal(condition, names, condition=True)
                for part in (then, otherwise):
                    yield from self.box(part, names)
            case _:
                return

    def _literal(self, literal: model.Literal, names: Kinds, *, condition: bool = False) -> Iterator[Problem]:
        if not literal.is_feel or not literal.text:
            return
        try:
            read = feel.compile_expression(literal.text, names).names
        except (Invalid, LimitExceeded):  # told when the file was loaded
            return
        # what the model does not give, the caller may
        for found in check(literal.text, {**dict.fromkeys(read), **names}, condition=condition):
            message = Text(
                "in {text} at {place}: {reason}", text=literal.text[:80], place=found.where, reason=found.message
            )
            yield Problem(literal.at, message, found.remedy or _CORRECT, found.rule, "warning")

    def _table(self, table: model.Table, names: Kinds) -> Iterator[Problem]:
        inputs = [
            self._declared(clause.expression) or self._inferred(clause.expression, names) for clause in table.inputs
        ]
        for clause in table.inputs:
            yield from self._literal(clause.expression, names)
        outputs = [(plain(self._kind(clause.type_ref, clause.at)), listed(clause.values)) for clause in table.outputs]
        for number, rule in enumerate(table.rules, 1):
            for test, kind, clause in zip(rule.tests, inputs, table.inputs, strict=True):
                cell = cells.parse(test.text)
                if kind in _SCALARS and cell is not None and not cell.negated and cell.kind != kind:
                    message = Text(
                        "rule {rule} can never match: {cell} is of the kind {found}, the input {label} of the kind {kind}",
                        rule=number, cell=test.text[:80], found=cell.kind, label=clause.label, kind=kind,
                    )  # fmt: skip
                    yield Problem(
                        rule.at, message, Text("correct the cell or the type of the input"), "table-kind", "warning"
                    )
            for result, (kind, allowed) in zip(rule.results, outputs, strict=True):
                yield from self._result(rule, number, result, kind, allowed)

    def _result(
        self, rule: model.Rule, number: int, result: model.Literal, kind: str | None, allowed: Sequence[Any]
    ) -> Iterator[Problem]:
        constant = cells.constant(result.text)
        if constant is None or constant[0] is None:
            return
        found = feel.kind(constant[0])
        if kind in _SCALARS and found != kind:
            message = Text(
                "the output {cell} of rule {rule} becomes null: it is of the kind {found}, the column of the kind {kind}",
                cell=result.text[:80], rule=number, found=found, kind=kind,
            )  # fmt: skip
            yield Problem(rule.at, message, Text("correct the cell or the type of the output"), "table-kind", "warning")
        elif allowed and constant[0] not in allowed:
            message = Text(
                "the output {cell} of rule {rule} becomes null: it is not among the values of the column",
                cell=result.text[:80], rule=number,
            )  # fmt: skip
            yield Problem(
                rule.at, message, Text("correct the cell or the values of the output"), "table-kind", "warning"
            )

    def _declared(self, literal: model.Literal) -> str | None:
        return plain(self._kind(literal.type_ref, literal.at))

    def _inferred(self, literal: model.Literal, names: Kinds) -> str | None:
        return plain(infer(literal.text, names)) if literal.is_feel else None

    def _kind(self, reference: str, at: str) -> Kind:
        return self._decisions.types.find(self._namespace, reference, at).kind if reference else None


_CORRECT = Text("correct the expression")
