"""Judge an expression without running it: unknown names, calls that cannot fit, kinds that clash, conditions that never change.

For the linter and the editor. What cannot be known is taken to be right.
"""

from __future__ import annotations

from difflib import get_close_matches

from engine.errors import Invalid, LimitExceeded, Problem, Text
from engine.feel import syntax
from engine.feel.arithmetic import TABLES, result_kinds
from engine.feel.builtins import BUILTINS
from engine.feel.comparison import ORDERED
from engine.feel.compiler.branches import PARTIAL
from engine.feel.compiler.scope import FILTERED, INPUT, ITEM
from engine.feel.expression import Expression, compile_expression, parse_text
from engine.feel.kinds import Kind, Kinds, Shape, plain
from engine.feel.lexer import where
from engine.feel.properties import PROPERTIES
from engine.feel.syntax import Node
from engine.feel.temporal.read import read_temporal
from engine.feel.types import Simple, Type
from engine.feel.values import (
    BOOLEAN,
    CONTEXT,
    FUNCTION,
    LIST,
    NULL,
    NUMBER,
    RANGE,
    STRING,
    kind,
)

_FULL_WIDTH = str.maketrans("，（）：；。＋－＊／＝＜＞！", ",():;.+-*/=<>!")


def check(text: str, names: Kinds, *, condition: bool = False) -> list[Problem]:
    """List what is wrong with an expression, each with line and column.

    Args:
        text: FEEL without a leading ``=``.
        names: the variables that will be there, with the kinds of their values.
        condition: the whole expression must be true or false, and may not be the same always.

    Returns:
        Problems of the rules ``feel-syntax`` (an error) and ``feel-name``, ``feel-call``, ``feel-kind``, ``feel-constant`` (warnings).
    """
    try:
        node = parse_text(text, names)
    except Invalid as error:
        return [Problem(p.where, p.message, p.remedy, "feel-syntax") for p in error.problems]
    checker = _Checker(text, names)
    found = checker.kind(node, ({},))
    if condition:
        checker.condition(node, found)
    return checker.problems


def infer(text: str, names: Kinds) -> Kind:
    """Give the kind of an expression's value; None when it is not known, or the expression does not parse."""
    try:
        node = parse_text(text, names)
    except (Invalid, LimitExceeded):
        return None
    return _Checker(text, names).shape(node, ({},))


Scopes = tuple[dict[str, Kind], ...]
"""Names that the expression itself binds, the innermost last. A scope with the name ``FILTERED`` may have any further names."""


def _declared(type_: Type | None) -> str | None:
    return type_.name if isinstance(type_, Simple) and type_.name != "Any" else None


def _is_fixed(node: Node) -> bool:
    """Tell whether no name stands in an expression."""
    open_ = [node]
    while open_:
        seen = open_.pop()
        if isinstance(seen, syntax.Name):
            return False
        open_.extend(syntax.parts(seen))
    return True


def _outcome(expression: Expression) -> str:
    try:
        value = expression.evaluate({})
    except LimitExceeded as error:
        return error.text
    return "null" if value is None else str(value).lower()


class _Checker:
    """Walks over one tree and infers the kind of every node; None stands for a kind that is not known."""

    def __init__(self, text: str, names: Kinds) -> None:
        self._text = text
        self._names = names
        self.problems: list[Problem] = []

    def _report(self, rule: str, at: int, message: Text, remedy: Text | str = "") -> None:
        line, column = where(self._text, at)
        place = Text("line {line}, column {column}", line=line, column=column)
        self.problems.append(Problem(place, message, remedy, rule, "warning"))

    def condition(self, node: Node, found: str | None) -> None:
        """Report a condition that is no boolean, or always the same."""
        if found not in (None, BOOLEAN):
            self._report("feel-kind", node.at, Text("the condition is {kind}, not a boolean", kind=found))
        elif not self.problems:
            whole = compile_expression(self._text, tuple(self._names))
            if whole.constant:
                self._report("feel-constant", node.at, Text("the condition is always {value}", value=_outcome(whole)))

    def kind(self, node: Node, scopes: Scopes) -> str | None:
        """Infer the kind of a node by name, reporting on the way what is wrong inside it."""
        return plain(self.shape(node, scopes))

    def shape(self, node: Node, scopes: Scopes) -> Kind:
        """Infer the kind of a node, with the entries of a context, reporting on the way what is wrong inside it."""
        match node:
            case syntax.Literal(value=value):
                return kind(value)
            case syntax.AtLiteral(text=text, at=at):
                temporal = read_temporal(text)
                if temporal is None:
                    self._report("feel-kind", at, Text("{text} is no date, time or duration", text=text))
                return kind(temporal)
            case syntax.Name():
                return self._name(node, scopes)
            case syntax.ListLiteral(items=items):
                self._all(items, scopes)
                return LIST
            case syntax.ContextLiteral(entries=entries):
                made: dict[str, Kind] = {}
                for name, value in entries:
                    inside = {**made, name: FUNCTION} if isinstance(value, syntax.Function) else made
                    made[name] = self.shape(value, (*scopes, inside))
                return Shape(made)
            case syntax.RangeLiteral() | syntax.ComparisonRange():
                self._all(syntax.parts(node), scopes)
                return RANGE
            case syntax.Span():
                self._all(syntax.parts(node), scopes)
                return LIST
            case syntax.If():
                return self._if(node, scopes)
            case syntax.For(iterators=iterators, body=body):
                self.kind(body, (*self._iterators(iterators, scopes), {PARTIAL: LIST}))
                return LIST
            case syntax.Quantified(iterators=iterators, condition=condition):
                self._boolean(condition, self._iterators(iterators, scopes))
                return BOOLEAN
            case syntax.Logic(operands=operands):
                for operand in operands:
                    self._boolean(operand, scopes)
                return BOOLEAN
            case syntax.Chain():
                return self._chain(node, scopes)
            case syntax.Negation(operand=operand):
                return self.kind(operand, scopes)
            case syntax.Between(value=value, low=low, high=high):
                found = self.kind(value, scopes)
                for end in (low, high):
                    self._compare("between", end.at, found, self.kind(end, scopes))
                return BOOLEAN
            case syntax.In(value=value, tests=tests):
                self._all(tests, (*scopes, {INPUT: self.shape(value, scopes)}))
                return BOOLEAN
            case syntax.InstanceOf(value=value):
                self.kind(value, scopes)
                return BOOLEAN
            case syntax.Function(parameters=parameters, body=body):
                self.kind(body, (*scopes, {p.name: _declared(p.type) for p in parameters}))
                return FUNCTION
            case syntax.Path():
                return self._path(node, scopes)

    def _all(self, nodes: tuple[Node, ...], scopes: Scopes) -> list[str | None]:
        return [self.kind(node, scopes) for node in nodes]

    def _boolean(self, node: Node, scopes: Scopes) -> None:
        found = self.kind(node, scopes)
        if found not in (None, BOOLEAN, NULL):
            self._report("feel-kind", node.at, Text("{kind} stands where a boolean should", kind=found))

    def _name(self, node: syntax.Name, scopes: Scopes) -> Kind:
        for scope in reversed(scopes):
            if node.name in scope:
                return scope[node.name]
            if FILTERED in scope:
                return None
        if node.name in self._names:
            return self._names[node.name]
        if node.name in BUILTINS:
            return FUNCTION
        self._report(
            "feel-name", node.at, Text("there is no variable {name}", name=node.name), self._remedy(node.name, scopes)
        )
        return None

    def _remedy(self, name: str, scopes: Scopes) -> Text | str:
        plain = name.translate(_FULL_WIDTH)
        if plain != name:
            return Text("write {plain} without full-width signs", plain=plain)
        known = [*self._names, *BUILTINS, *(bound for scope in scopes for bound in scope)]
        near = get_close_matches(name, known, 1)
        return Text("did you mean {name}?", name=near[0]) if near else ""

    def _iterators(self, iterators: tuple[tuple[str, Node], ...], scopes: Scopes) -> Scopes:
        for name, domain in iterators:
            self.kind(domain, scopes)
            scopes = (*scopes, {name: None})
        return scopes

    def _if(self, node: syntax.If, scopes: Scopes) -> str | None:
        kinds: set[str | None] = set()
        for condition, value in node.branches:
            self._boolean(condition, scopes)
            if _is_fixed(condition):
                self._report("feel-constant", condition.at, Text("the condition is always the same"))
            kinds.add(self.kind(value, scopes))
        kinds.add(self.kind(node.otherwise, scopes))
        kinds.discard(NULL)
        return kinds.pop() if len(kinds) == 1 else None

    def _chain(self, node: syntax.Chain, scopes: Scopes) -> str | None:
        left = self.kind(node.first, scopes)
        for link in node.rest:
            right = self.kind(link.operand, scopes)
            if link.operator in TABLES:
                left = self._calculate(link, left, right)
            else:
                self._compare(link.operator, link.at, left, right)
                left = BOOLEAN
        return left

    def _calculate(self, link: syntax.Operation, left: str | None, right: str | None) -> str | None:
        results = result_kinds(link.operator, left, right)
        if not results and left is not None and right is not None:
            message = Text(
                "{operator} has no result for {left} and {right}", operator=link.operator, left=left, right=right
            )
            self._report("feel-kind", link.at, message, Text("convert one of them") if STRING in (left, right) else "")
        return results.pop() if len(results) == 1 else None

    def _compare(self, operator: str, at: int, left: str | None, right: str | None) -> None:
        if left is None or right is None:
            return
        equality = operator in ("=", "!=")
        fits = left == right and (equality or left in ORDERED)
        if not fits and not (equality and NULL in (left, right)):
            message = Text("{operator} cannot compare {left} and {right}", operator=operator, left=left, right=right)
            self._report("feel-kind", at, message)

    def _path(self, node: syntax.Path, scopes: Scopes) -> Kind:
        steps = node.steps
        found: Kind
        if (
            isinstance(node.base, syntax.Name)
            and isinstance(steps[0], syntax.Call)
            and self._is_builtin(node.base, scopes)
        ):
            found = self._call(node.base, steps[0], scopes)
            steps = steps[1:]
        else:
            found = self.shape(node.base, scopes)
        for step in steps:
            found = self._step(step, found, scopes)
        return found

    def _is_builtin(self, name: syntax.Name, scopes: Scopes) -> bool:
        return name.name in BUILTINS and not any(name.name in scope for scope in scopes)

    def _step(self, step: syntax.Step, found: Kind, scopes: Scopes) -> Kind:
        if isinstance(step, syntax.Filter):
            inside: dict[str, Kind] = {FILTERED: None, ITEM: None}
            taken = self.kind(step.condition, (*scopes, inside))
            if taken not in (None, BOOLEAN, NUMBER, NULL):
                message = Text("a filter takes a condition or a position, not {kind}", kind=taken)
                self._report("feel-kind", step.at, message)
            return LIST if taken == BOOLEAN else None
        if isinstance(step, syntax.Call):
            self._all(step.arguments, scopes)
            if found not in (None, FUNCTION):
                self._report("feel-call", step.at, Text("{kind} is called like a function", kind=plain(found)))
            return None
        if found == LIST:
            return LIST
        if isinstance(found, Shape):
            return self._entry(step, found)
        if found is not None and found != CONTEXT and step.name not in PROPERTIES.get(found, {}):
            message = Text("{kind} has no property {name}", kind=found, name=step.name)
            self._report("feel-kind", step.at, message)
        return None

    def _entry(self, step: syntax.Property, context: Shape) -> Kind:
        if step.name in context.entries:
            return context.entries[step.name]
        if context.closed:
            near = get_close_matches(step.name, context.entries, 1)
            self._report(
                "feel-name",
                step.at,
                Text("the context has no entry {name}", name=step.name),
                Text("did you mean {name}?", name=near[0]) if near else "",
            )
        return None

    def _call(self, callee: syntax.Name, call: syntax.Call, scopes: Scopes) -> str | None:
        kinds = self._all(call.arguments, scopes)
        builtin = BUILTINS[callee.name]
        choice = builtin.choose(len(kinds), call.names)
        if not choice:
            message = Text("{function} does not take these arguments", function=callee.name)
            ways = "; ".join(f"{callee.name}({', '.join(way.declarations)})" for way in builtin.overloads)
            self._report("feel-call", callee.at, message, Text("it takes {ways}", ways=ways))
            return None
        if not any(
            overload.many
            or all(
                place < 0 or formal.admits(kinds[place]) for formal, place in zip(overload.formals, order, strict=False)
            )
            for overload, order in choice
        ):
            taken = ", ".join(found or "Any" for found in kinds)
            message = Text("{function} does not take ({arguments})", function=callee.name, arguments=taken)
            self._report("feel-call", callee.at, message)
        return builtin.result.name if isinstance(builtin.result, Simple) else None
