"""Reads boxed expressions: what stands inside a decision, a function, or a context entry."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from engine.dmn import model
from engine.dmn.document import child, children, place, tag, text, words
from engine.errors import Problem, Text

MAX_NESTING = 50

_POLICIES = {
    "UNIQUE": "U",
    "ANY": "A",
    "PRIORITY": "P",
    "FIRST": "F",
    "COLLECT": "C",
    "RULE ORDER": "R",
    "OUTPUT ORDER": "O",
}
_AGGREGATIONS = ("", "SUM", "COUNT", "MIN", "MAX")


class BoxReader:
    """Reads the boxed expressions of one file.

    Args:
        language: the expression language where an expression names none.
        resolve: gives the name of a type, with a namespace prefix replaced by ``{namespace}``.
        problems: where faults are collected.
    """

    def __init__(self, language: str, resolve: Callable[[etree._Element, str], str], problems: list[Problem]) -> None:
        self.language = language
        self.resolve = resolve
        self.problems = problems
        self.properties: set[str] = set()
        self._depth = 0

    def variable(self, element: etree._Element) -> model.Variable:
        """Read a variable or a parameter."""
        return model.Variable(words(element.get("name", "")), self._type(element))

    def property(self, element: etree._Element) -> model.Variable:
        """Read what becomes an entry of a context, whose name paths may contain."""
        found = self.variable(element)
        self.properties.add(found.name)
        return found

    def inner(self, element: etree._Element | None) -> model.Boxed | None:
        """Read the one boxed expression inside an element."""
        found = None if element is None else child(element, *_READERS)
        return None if found is None else self.read(found)

    def read(self, element: etree._Element) -> model.Boxed | None:
        """Read a boxed expression; ``None`` when it is nested too deeply, which is a problem."""
        if self._depth >= MAX_NESTING:
            message = Text("boxed expressions are nested deeper than {limit} levels", limit=MAX_NESTING)
            self.problems.append(Problem(place(element), message, Text("move inner parts into decisions of their own")))
            return None
        self._depth += 1
        try:
            return _READERS[tag(element)](self, element)
        finally:
            self._depth -= 1

    def literal(self, element: etree._Element | None, at: str = "") -> model.Literal:
        """Read a literal expression, an input expression, or a cell."""
        if element is None:
            return model.Literal(at, "")
        language = element.get("expressionLanguage", self.language)
        return model.Literal(place(element), text(element), language, self._type(element))

    def function(self, element: etree._Element) -> model.Function:
        """Read a function definition."""
        parameters = tuple(self.variable(found) for found in children(element, "formalParameter"))
        kind = element.get("kind", "FEEL")
        return model.Function(place(element), parameters, self.inner(element), kind, self._type(element))

    def _type(self, element: etree._Element) -> str:
        return self.resolve(element, words(element.get("typeRef", "")))

    def context(self, element: etree._Element) -> model.Context:
        """Read a context."""
        entries = tuple(self._entry(found, "variable") for found in children(element, "contextEntry"))
        return model.Context(place(element), entries, self._type(element))

    def _entry(self, element: etree._Element, named_by: str) -> model.Entry:
        name = child(element, named_by)
        if name is None:
            return model.Entry(None, self.inner(element))
        return model.Entry(self.property(name) if named_by == "variable" else self.variable(name), self.inner(element))

    def invocation(self, element: etree._Element) -> model.Invocation:
        """Read an invocation."""
        bindings = tuple(self._entry(found, "parameter") for found in children(element, "binding"))
        return model.Invocation(place(element), self.inner(element), bindings, self._type(element))

    def relation(self, element: etree._Element) -> model.Relation:
        """Read a relation; every row has a cell per column."""
        columns = tuple(self.property(found) for found in children(element, "column"))
        rows = tuple(tuple(self.read(cell) for cell in children(row, *_READERS)) for row in children(element, "row"))
        for number, row in enumerate(rows, 1):
            if len(row) != len(columns):
                message = Text(
                    "row {row} has {cells} cells for {columns} columns",
                    row=number,
                    cells=len(row),
                    columns=len(columns),
                )
                self.problems.append(Problem(place(element), message, Text("give every column one cell")))
        return model.Relation(place(element), columns, rows, self._type(element))

    def list_of(self, element: etree._Element) -> model.ListOf:
        """Read a list."""
        items = tuple(self.read(found) for found in children(element, *_READERS))
        return model.ListOf(place(element), items, self._type(element))

    def conditional(self, element: etree._Element) -> model.Conditional:
        """Read if, then, else."""
        condition, then, otherwise = (self.inner(child(element, name)) for name in ("if", "then", "else"))
        return model.Conditional(place(element), condition, then, otherwise, self._type(element))

    def filter_of(self, element: etree._Element) -> model.Filter:
        """Read a filter."""
        source, match = (self.inner(child(element, name)) for name in ("in", "match"))
        return model.Filter(place(element), source, match, self._type(element))

    def iterator(self, element: etree._Element) -> model.Iterator:
        """Read ``for``, ``some`` or ``every``."""
        variable = words(element.get("iteratorVariable", ""))
        source, body = (self.inner(child(element, *names)) for names in (("in",), ("return", "satisfies")))
        return model.Iterator(place(element), tag(element), variable, source, body, self._type(element))

    def table(self, element: etree._Element) -> model.Table:
        """Read a decision table and check its shape."""
        at = place(element)
        policy = _POLICIES.get(element.get("hitPolicy", "UNIQUE"), "")
        if not policy:
            message = Text("the hit policy {policy} does not exist", policy=element.get("hitPolicy", "")[:100])
            self.problems.append(Problem(at, message, Text("use one of {policies}", policies=", ".join(_POLICIES))))
        aggregation = element.get("aggregation", "")
        if aggregation not in _AGGREGATIONS:
            message = Text("the aggregation {aggregation} does not exist", aggregation=aggregation[:100])
            self.problems.append(Problem(at, message, Text("use one of {names}", names=", ".join(_AGGREGATIONS[1:]))))
        inputs = tuple(self._input(found) for found in children(element, "input"))
        outputs = tuple(self._output(found) for found in children(element, "output"))
        rules = tuple(self._rule(found, len(inputs), len(outputs)) for found in children(element, "rule"))
        if not outputs:
            self.problems.append(Problem(at, Text("the table has no output column"), Text("add one")))
        return model.Table(at, policy, aggregation, inputs, outputs, rules, self._type(element))

    def _input(self, element: etree._Element) -> model.InputClause:
        expression = self.literal(child(element, "inputExpression"), place(element))
        label = words(element.get("label", "")) or expression.text
        return model.InputClause(place(element), label, expression, text(child(element, "inputValues")))

    def _output(self, element: etree._Element) -> model.OutputClause:
        name = words(element.get("name", ""))
        self.properties.add(name)
        default = child(element, "defaultOutputEntry")
        return model.OutputClause(
            at=place(element),
            name=name,
            label=words(element.get("label", "")) or name,
            type_ref=self._type(element),
            values=text(child(element, "outputValues")),
            default=None if default is None else self.literal(default),
        )

    def _rule(self, element: etree._Element, inputs: int, outputs: int) -> model.Rule:
        tests = tuple(self.literal(found) for found in children(element, "inputEntry"))
        results = tuple(self.literal(found) for found in children(element, "outputEntry"))
        for kind, found, wanted in (("input", len(tests), inputs), ("output", len(results), outputs)):
            if found != wanted:
                message = Text(
                    "the rule has {found} {kind} entries for {wanted} columns", found=found, kind=kind, wanted=wanted
                )
                self.problems.append(Problem(place(element), message, Text("give every column one entry")))
        return model.Rule(place(element), tests, results)


_READERS: dict[str, Callable[[BoxReader, etree._Element], model.Boxed]] = {
    "literalExpression": BoxReader.literal,
    "context": BoxReader.context,
    "invocation": BoxReader.invocation,
    "relation": BoxReader.relation,
    "list": BoxReader.list_of,
    "functionDefinition": BoxReader.function,
    "conditional": BoxReader.conditional,
    "filter": BoxReader.filter_of,
    "for": BoxReader.iterator,
    "some": BoxReader.iterator,
    "every": BoxReader.iterator,
    "decisionTable": BoxReader.table,
}
