"""Compiles boxed expressions to closures. Decision tables have a module of their own.

Source: DMN 1.5, chapter 10.2 (boxed expressions) and 7.3 (their place in the model).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from engine import feel
from engine.dmn import model
from engine.dmn.functions import call_by_name, make_function
from engine.dmn.run import Run, Scope, Step
from engine.dmn.table import compile_table
from engine.dmn.types import ANY, MISFIT, Type, Types
from engine.errors import Invalid, LimitExceeded, Problem, Text

Names = frozenset[str]
Compiled = TypeVar("Compiled", feel.Expression, feel.UnaryTests)


class Compiler:
    """Compiles the logic of one model.

    Args:
        namespace: of the model; type names are looked up in it.
        properties: names of components that are no plain identifiers, which paths may contain.
        types: of the whole load.
        problems: where expressions that do not compile are collected; such a one gives null.
    """

    def __init__(self, namespace: str, properties: Names, types: Types, problems: list[Problem]) -> None:
        self.namespace = namespace
        self.properties = properties
        self.types = types
        self.problems = problems
        self.reads: set[str] = set()
        """Names that expressions read and nothing in the model gives."""

    def type(self, reference: str, at: str) -> Type:
        """Give the type that a name stands for in this model."""
        return self.types.find(self.namespace, reference, at)

    def compile(self, box: model.Boxed | None, names: Names) -> Step:
        """Compile a boxed expression that sees these names; no expression gives null."""
        if box is None:
            return _null
        step = _COMPILERS[type(box)](self, box, names)
        return typed(step, self.type(box.type_ref, box.at), box.at)

    def literal(self, literal: model.Literal, names: Names) -> Step:
        """Compile a FEEL expression; without text it gives null, without a note."""
        if not literal.text:
            return _null
        try:
            expression = self.compiled(literal, names, feel.compile_expression)
        except (Invalid, LimitExceeded) as error:
            return self.broken(literal.at, error)
        return _literal(expression, literal.at)

    def compiled(self, literal: model.Literal, names: Names, how: Callable[..., Compiled]) -> Compiled:
        """Compile FEEL, an expression or unary tests, and note what it reads.

        Raises:
            Invalid: it does not compile, or is not FEEL.
            LimitExceeded: it is too long or nested too deeply.
        """
        if not literal.is_feel:
            message = Text("the expression language {language} is not executed", language=literal.language[:200])
            raise Invalid(Problem(literal.at, message, Text("write the expression in FEEL")))
        text = literal.text
        # only what speaks of types is given the model's, since expressions without share a cache over all models
        types = self.types.named(self.namespace) if "instance" in text or "function" in text else None
        found = how(text, names | self.properties, types=types)
        self.reads |= found.names - names
        return found

    def broken(self, at: str, error: Invalid | LimitExceeded) -> Step:
        """Record an expression that does not compile; it gives null and says why."""
        problems = error.problems if isinstance(error, Invalid) else (Problem(at, error.text),)
        self.problems.extend(Problem(at, found.message, found.remedy) for found in problems)
        return _explained_null(at, problems[0].message)

    def context(self, box: model.Context, names: Names) -> Step:
        """Compile a context: entries in order, each seeing those before it."""
        parts: list[tuple[str, Step]] = []
        result: Step | None = None
        seen = names
        for entry in box.entries:
            step = self.compile(entry.value, seen)
            if entry.variable is None or not entry.variable.name:
                result = step
                continue
            name = entry.variable.name
            if any(name == earlier for earlier, _ in parts):
                message = Text("the context has two entries called {name}", name=name)
                self.problems.append(Problem(box.at, message, Text("rename one of them")))
                return _explained_null(box.at, message)
            seen |= {name}
            parts.append((name, typed(step, self.type(entry.variable.type_ref, box.at), box.at)))

        def evaluate(scope: Scope, run: Run) -> Any:
            inner = dict(scope)
            values = {}
            for name, step in parts:
                inner[name] = values[name] = step(inner, run)
            return values if result is None else result(inner, run)

        return evaluate

    def invocation(self, box: model.Invocation, names: Names) -> Step:
        """Compile a call of a function with named arguments."""
        called = self.compile(box.called, names)
        bindings = [(entry.variable.name, self.compile(entry.value, names)) for entry in box.bindings if entry.variable]
        at = box.at

        def evaluate(scope: Scope, run: Run) -> Any:
            function = called(scope, run)
            if feel.kind(function) != "function":
                run.say(at, "what is invoked is not a function")
                return None
            return call_by_name(function, {name: step(scope, run) for name, step in bindings}, run, at)

        return evaluate

    def relation(self, box: model.Relation, names: Names) -> Step:
        """Compile a relation: a list with one context per row."""
        columns = [(column.name, self.type(column.type_ref, box.at)) for column in box.columns]
        rows = [
            [
                (name, typed(self.compile(cell, names), type_, box.at))
                for (name, type_), cell in zip(columns, row, strict=True)
            ]
            for row in box.rows
        ]
        return lambda scope, run: [{name: step(scope, run) for name, step in row} for row in rows]

    def list_of(self, box: model.ListOf, names: Names) -> Step:
        """Compile a list."""
        steps = [self.compile(item, names) for item in box.items]
        return lambda scope, run: [step(scope, run) for step in steps]

    def function(self, box: model.Function, names: Names) -> Callable[[Scope, Run], Any]:
        """Compile a function definition to what makes the function from the names in scope."""
        if box.kind != "FEEL":
            message = Text("functions of kind {kind} are not executed", kind=box.kind)
            self.problems.append(Problem(box.at, message, Text("write the function in FEEL"), severity="warning"))
            return _explained_null(box.at, message)
        parameters = [(found.name, self.type(found.type_ref, box.at)) for found in box.parameters]
        body = self.compile(box.body, names | {name for name, _ in parameters})
        at = box.at
        return lambda scope, run: make_function(
            parameters, lambda arguments: body({**scope, **arguments}, run), run, at
        )

    def conditional(self, box: model.Conditional, names: Names) -> Step:
        """Compile if, then, else; null counts as false."""
        condition, then, otherwise = (self.compile(part, names) for part in (box.condition, box.then, box.otherwise))
        at = box.at

        def evaluate(scope: Scope, run: Run) -> Any:
            decided = condition(scope, run)
            if decided is not None and type(decided) is not bool:
                run.say(at, "the condition is not true or false")
                return None
            return then(scope, run) if decided else otherwise(scope, run)

        return evaluate

    def filter_of(self, box: model.Filter, names: Names) -> Step:
        """Compile a filter; the match sees ``item`` and, where it is a context, its entries."""
        source = self.compile(box.source, names)
        match = self.compile(box.match, names | {"item"})
        at = box.at

        def evaluate(scope: Scope, run: Run) -> Any:
            items = _items(source(scope, run), run, at)
            if items is None:
                return None
            kept = []
            for item in items:
                run.feel.spend(1)
                inner = {**scope, **item, "item": item} if isinstance(item, dict) else {**scope, "item": item}
                decided = match(inner, run)
                if type(decided) is not bool:
                    run.say(at, "the match of a filter is not true or false")
                    return None
                if decided:
                    kept.append(item)
            return kept

        return evaluate

    def iterator(self, box: model.Iterator, names: Names) -> Step:
        """Compile ``for``, ``some`` or ``every``."""
        source = self.compile(box.source, names)
        body = self.compile(box.body, names | {box.variable, "partial"})
        variable, at = box.variable, box.at

        def collect(scope: Scope, run: Run) -> Any:
            items = _items(source(scope, run), run, at)
            if items is None:
                return None
            results: list[Any] = []
            for item in items:
                run.feel.spend(1)
                results.append(body({**scope, "partial": results, variable: item}, run))
            return results

        def quantify(scope: Scope, run: Run) -> Any:
            items = _items(source(scope, run), run, at)
            if items is None:
                return None
            every = box.kind == "every"
            for item in items:
                run.feel.spend(1)
                found = body({**scope, variable: item}, run)
                if type(found) is not bool:
                    run.say(at, "the condition of {kind} is not true or false", kind=box.kind)
                    return None
                if found is not every:
                    return found
            return every

        return collect if box.kind == "for" else quantify


def typed(step: Step, type_: Type, at: str) -> Step:
    """Wrap logic so that its value has a type, or is null."""
    if type_ is ANY:
        return step

    def evaluate(scope: Scope, run: Run) -> Any:
        value = step(scope, run)
        fitted = type_.fit(value)
        if fitted is MISFIT:
            run.say(at, "a {kind} is not of the type {type}", kind=feel.kind(value), type=type_.name)
            return None
        return fitted

    return evaluate


def _literal(expression: feel.Expression, at: str) -> Step:
    return lambda scope, run: run.evaluate(expression, scope, at)


def _null(_scope: Scope, _run: Run) -> Any:
    return None


def _explained_null(at: str, message: str) -> Step:
    def evaluate(_scope: Scope, run: Run) -> Any:
        run.say(at, "{message}", message=message)

    return evaluate


_range_items = feel.compile_expression("for item in range return item", ("range",))


def _items(source: Any, run: Run, at: str) -> list[Any] | None:
    """Give what an iteration walks: the items of a list or of a range, else the value alone; null, with a note, for null."""
    if isinstance(source, feel.Range):
        source = _range_items.evaluate({"range": source})
    if source is None:
        run.say(at, "there is nothing to walk through: the list is null")
        return None
    return source if type(source) is list else [source]


_COMPILERS: dict[type, Callable[[Compiler, Any, Names], Step]] = {
    model.Literal: Compiler.literal,
    model.Context: Compiler.context,
    model.Invocation: Compiler.invocation,
    model.Relation: Compiler.relation,
    model.ListOf: Compiler.list_of,
    model.Function: Compiler.function,
    model.Conditional: Compiler.conditional,
    model.Filter: Compiler.filter_of,
    model.Iterator: Compiler.iterator,
    model.Table: compile_table,
}
