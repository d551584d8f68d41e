"""Compiles decision tables: cells once at load, simple ones to set tests that never enter the interpreter.

Source: DMN 1.5, chapter 8 (decision table).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine import feel
from engine.dmn import cells, hits, model
from engine.dmn.run import Run, Scope, Step
from engine.dmn.types import MISFIT, Type, listed
from engine.errors import Invalid, LimitExceeded, Problem, Text

if TYPE_CHECKING:
    from engine.dmn.boxed import Compiler, Names


@dataclass(frozen=True, slots=True)
class _Input:
    """A compiled input clause."""

    at: str
    label: str
    step: Step
    type: Type
    allows: Callable[[Any], bool] | None


@dataclass(frozen=True, slots=True)
class _Output:
    """A compiled output clause."""

    at: str
    name: str
    type: Type
    values: Sequence[Any]
    allows: Callable[[Any], bool] | None
    default: Step | None


@dataclass(frozen=True, slots=True)
class _Cell:
    """A compiled condition: a quick test for values of one kind, FEEL for all others; nothing meets a broken one."""

    column: int
    kind: str
    quick: Callable[[Any], bool] | None
    full: feel.UnaryTests | None


@dataclass(frozen=True, slots=True)
class _Row:
    """A compiled rule, without its cells that let everything through."""

    number: int
    id: str
    cells: tuple[_Cell, ...]
    results: tuple[Step, ...]


def compile_table(compiler: Compiler, table: model.Table, names: Names) -> Step:
    """Compile a decision table that sees these names."""
    inputs = [_input(compiler, clause, names) for clause in table.inputs]
    outputs = [_output(compiler, clause, names, single=len(table.outputs) == 1) for clause in table.outputs]
    rows = [_row(compiler, number, rule, names) for number, rule in enumerate(table.rules, 1)]
    return _Table(table, inputs, outputs, rows).evaluate


def _input(compiler: Compiler, clause: model.InputClause, names: Names) -> _Input:
    type_ = compiler.type(clause.expression.type_ref, clause.at)
    allows = compiler.types.constraint(clause.allowed, clause.at) if _says_something(clause.allowed) else None
    return _Input(clause.at, clause.label, compiler.literal(clause.expression, names), type_, allows)


def _output(compiler: Compiler, clause: model.OutputClause, names: Names, *, single: bool) -> _Output:
    type_ = compiler.type(clause.type_ref, clause.at)
    name = clause.name or clause.label
    if not single and not name:
        problem = Problem(
            clause.at, Text("the output column has no name"), Text("name it; results are told apart by it")
        )
        compiler.problems.append(problem)
    default = None if clause.default is None else _result(compiler, clause.default, names)
    own = _says_something(clause.values)
    values = listed(clause.values) if own else type_.values
    allows = compiler.types.constraint(clause.values, clause.at) if own else None
    return _Output(clause.at, name, type_, values, allows, default)


def _row(compiler: Compiler, number: int, rule: model.Rule, names: Names) -> _Row:
    conditions = [_cell(compiler, column, test, names) for column, test in enumerate(rule.tests)]
    results = tuple(_result(compiler, result, names) for result in rule.results)
    return _Row(number, rule.at, tuple(cell for cell in conditions if cell is not None), results)


def _cell(compiler: Compiler, column: int, test: model.Literal, names: Names) -> _Cell | None:
    if not _says_something(test.text):
        return None
    try:
        full = compiler.compiled(test, names, feel.compile_unary)
    except (Invalid, LimitExceeded) as error:
        compiler.broken(test.at, error)
        return _Cell(column, "", None, None)
    kind, quick = cells.quick(test.text) or ("", None)
    return _Cell(column, kind, quick, full)


def _result(compiler: Compiler, result: model.Literal, names: Names) -> Step:
    plain = cells.constant(result.text)
    if plain is None:
        return compiler.literal(result, names)
    value = plain[0]
    return lambda _scope, _run: value


def _says_something(text: str) -> bool:
    return text not in ("", "-")


class _Table:
    """A compiled decision table."""

    def __init__(
        self, table: model.Table, inputs: Sequence[_Input], outputs: Sequence[_Output], rows: Sequence[_Row]
    ) -> None:
        self.at = table.at
        self.policy = table.policy
        self.aggregation = table.aggregation
        self.inputs = inputs
        self.outputs = outputs
        self.rows = rows

    def evaluate(self, scope: Scope, run: Run) -> Any:
        """Answer for the names in scope: the output, a context of outputs, or a list of such."""
        values = self._look(scope, run)
        if values is None:
            return None
        matched = self._match(values, scope, run)
        if run.note is not None:
            run.note.matched.extend(row.number for row in matched)
            run.note.rules.extend(row.id for row in matched)
        if not matched:
            return self._default(scope, run)
        try:
            return self._answer([tuple(step(scope, run) for step in row.results) for row in matched], run)
        except hits.Clash as clash:
            run.say(self.at, str(clash), count=len(matched))
            return None

    def _look(self, scope: Scope, run: Run) -> list[Any] | None:
        """Evaluate the input clauses; ``None`` when a value is of the wrong type or not allowed."""
        values = []
        for clause in self.inputs:
            value = clause.type.take(clause.step(scope, run))
            if value is MISFIT:
                run.say(
                    clause.at, "the input {label} is not of the type {type}", label=clause.label, type=clause.type.name
                )
                return None
            if run.note is not None:
                run.note.inputs[clause.label] = value
            if clause.allows is not None and value is not None and not clause.allows(value):
                run.say(clause.at, "the value of the input {label} is not among those allowed", label=clause.label)
                return None
            values.append(value)
        return values

    def _match(self, values: Sequence[Any], scope: Scope, run: Run) -> list[_Row]:
        kinds = [feel.kind(value) for value in values]
        first = self.policy == "F"
        matched = []
        for row in self.rows:
            for cell in row.cells:
                value = values[cell.column]
                if cell.quick is not None and cell.kind == kinds[cell.column]:
                    if not cell.quick(value):
                        break
                elif cell.full is None or not run.meets(cell.full, value, scope):
                    break
            else:
                matched.append(row)
                if first:
                    break
        return matched

    def _default(self, scope: Scope, run: Run) -> Any:
        if all(clause.default is None for clause in self.outputs):
            run.say(self.at, "no rule matches")
            return None
        return self._shape(
            tuple(None if clause.default is None else clause.default(scope, run) for clause in self.outputs)
        )

    def _answer(self, matched: hits.Outputs, run: Run) -> Any:
        fitted = [self._fit(outputs, run) for outputs in matched]
        chosen = hits.choose(self.policy, fitted, [clause.values for clause in self.outputs])
        if hits.is_single(self.policy):
            return self._shape(chosen[0])
        if not self.aggregation:
            return [self._shape(outputs) for outputs in chosen]
        if len(self.outputs) > 1:
            raise hits.Clash("several output columns cannot be aggregated")
        return hits.aggregate(self.aggregation, [outputs[0] for outputs in chosen])

    def _fit(self, outputs: tuple[Any, ...], run: Run) -> tuple[Any, ...]:
        """Give the outputs of a rule with their types; one that does not conform, or is not listed, becomes null."""
        fitted = []
        for clause, output in zip(self.outputs, outputs, strict=True):
            value = clause.type.fit(output)
            if value is MISFIT or (clause.allows is not None and value is not None and not clause.allows(value)):
                run.say(clause.at, "an output is not a value that the column allows")
                value = None
            fitted.append(value)
        return tuple(fitted)

    def _shape(self, outputs: tuple[Any, ...]) -> Any:
        if len(outputs) == 1:
            return outputs[0]
        return {clause.name: output for clause, output in zip(self.outputs, outputs, strict=True)}
