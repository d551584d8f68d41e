"""Compiled expressions: what the rest of the engine holds in its hands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar

from engine.errors import LimitExceeded, Text
from engine.feel.bounds import VALUE_DEPTH
from engine.feel.builtins import BUILTINS
from engine.feel.compiler import Scope, Unit
from engine.feel.compiler.scope import INPUT
from engine.feel.lexer import NAME, Names, index_names
from engine.feel.parser import parse, parse_tests
from engine.feel.run import Code, Run
from engine.feel.syntax import Node, Tests
from engine.feel.types import Type
from engine.feel.values import accept

N = TypeVar("N", Node, Tests)

_BUILTIN_NAMES = index_names((*BUILTINS, "time offset", "start included", "end included"))


_TOO_DEEP = Text("the evaluation is nested too deeply")


def _guarded(code: Code, run: Run, locals_: tuple[Any, ...]) -> Any:
    """Evaluate; calls that are nested deeper than the interpreter's stack become a broken bound like any other."""
    try:
        return code(run, locals_)
    except RecursionError:
        raise LimitExceeded(_TOO_DEEP) from None


class Expression:
    """An immutable compiled expression.

    Attributes:
        text: as written; with ``=`` when it was read from a diagram.
        constant: its value depends neither on the context nor on the time or on chance.
        names: root names that it reads from the context.
    """

    __slots__ = ("_code", "constant", "names", "text")
    text: str
    constant: bool
    names: frozenset[str]

    def __init__(self, text: str, code: Code, names: frozenset[str] = frozenset(), *, constant: bool = False) -> None:
        self.text = text
        self.names = names
        self.constant = constant
        self._code = code

    def evaluate(self, context: Mapping[str, Any], *, now: datetime | None = None, zone: tzinfo | None = None) -> Any:
        """Give the value; what FEEL answers with null is None.

        Args:
            context: values of the root names; looked up one by one, never copied.
            now: the instant of ``now()`` and ``today()``, aware; the machine's clock when None.
            zone: of ``now()`` and ``today()``; Asia/Shanghai when None.

        Raises:
            LimitExceeded: a bound was broken.
        """
        try:
            return self._code(Run(context, now, zone), ())
        except RecursionError:
            raise LimitExceeded(_TOO_DEEP) from None

    def diagnose(
        self, context: Mapping[str, Any], *, now: datetime | None = None, zone: tzinfo | None = None
    ) -> tuple[Any, list[Text]]:
        """Give the value, and why nulls came about on the way to it, each with line and column. Raises like ``evaluate``."""
        messages: list[Text] = []
        return _guarded(self._code, Run(context, now, zone, messages), ()), messages

    def evaluate_in(self, run: Run) -> Any:
        """Give the value within a running evaluation, on its budget. Raises like ``evaluate``."""
        return _guarded(self._code, run, ())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.text!r})"


class UnaryTests:
    """Immutable compiled unary tests: a cell of a decision table.

    Attributes:
        text: as written.
        names: root names that it reads from the context.
        any: everything meets it (``-``).
    """

    __slots__ = ("_code", "any", "names", "text")

    def __init__(self, text: str, code: Code, names: frozenset[str], *, any_: bool) -> None:
        self.text = text
        self.names = names
        self.any = any_
        self._code = code

    def test(
        self, value: Any, context: Mapping[str, Any], *, now: datetime | None = None, zone: tzinfo | None = None
    ) -> bool | None:
        """Tell whether a value meets the tests; None when that cannot be said. Raises LimitExceeded."""
        return self.test_in(Run(context, now, zone), value)

    def test_in(self, run: Run, value: Any) -> bool | None:
        """Tell whether a value meets the tests, within a running evaluation. Raises LimitExceeded."""
        met = _guarded(self._code, run, (value,))
        return met if met is True or met is False else None

    def __repr__(self) -> str:
        return f"UnaryTests({self.text!r})"


def compile_expression(
    text: str, names: Collection[str] = (), *, types: Mapping[str, Type] | None = None
) -> Expression:
    """Compile an expression.

    Args:
        text: FEEL without a leading ``=``.
        names: known names that have spaces or operators in them, at any depth of the context.
        types: types of the surrounding model, by name.

    Raises:
        Invalid: it does not parse; the problem says line and column.
    """
    return _compile(text, text, _long(names), types)


def compile_unary(text: str, names: Collection[str] = (), *, types: Mapping[str, Type] | None = None) -> UnaryTests:
    """Compile unary tests. Arguments and errors as for ``compile_expression``."""
    return _compile_tests(text, _long(names)) if not types else _build_tests(text, _long(names), types)


def parse_text(text: str, names: Iterable[str] = ()) -> Node:
    """Parse an expression, with the names of the built-in functions known. Arguments and errors as for ``compile_expression``."""
    return parse(text, index_names(names, _BUILTIN_NAMES))


def read(text: str) -> Expression:
    """Compile an attribute of a diagram: FEEL after ``=``, else the text itself as a constant string. Raises Invalid."""
    if text.startswith("="):
        return _compile(text, text[1:], frozenset(), None)
    return Expression(text, lambda run, locals_: text, constant=True)


def constant(value: Any) -> Expression:
    """Give an expression that always has this value."""
    return Expression(str(value), lambda run, locals_: value, constant=True)


def _long(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name for name in names if not NAME.fullmatch(name))


def _compile(text: str, source: str, names: frozenset[str], types: Mapping[str, Type] | None) -> Expression:
    return _build(text, source, names, types) if types else _cached(text, source, names)


@lru_cache(maxsize=512)
def _cached(text: str, source: str, names: frozenset[str]) -> Expression:
    return _build(text, source, names, None)


def _build(text: str, source: str, names: frozenset[str], types: Mapping[str, Type] | None) -> Expression:
    unit = Unit(source, types or {})
    code, _ = _translate(Scope(unit), names, parse)
    return Expression(text, code, frozenset(unit.reads), constant=not unit.reads and not unit.changing)


@lru_cache(maxsize=512)
def _compile_tests(text: str, names: frozenset[str]) -> UnaryTests:
    return _build_tests(text, names, {})


def _build_tests(text: str, names: frozenset[str], types: Mapping[str, Type]) -> UnaryTests:
    unit = Unit(text, types)
    code, node = _translate(Scope(unit, (INPUT,)), names, parse_tests)
    return UnaryTests(text, code, frozenset(unit.reads), any_=not node.tests)


def _translate(scope: Scope, names: frozenset[str], reader: Callable[[str, Names], N]) -> tuple[Code, N]:
    try:
        node = reader(scope.unit.text, index_names(names, _BUILTIN_NAMES))
        return scope.compile(node), node
    except RecursionError:  # the caller stands deep in the stack itself: the bound on nesting alone leaves room
        raise LimitExceeded(_TOO_DEEP) from None


# ---- from Python, with any context ---------------------------------------------------------------------------------


def evaluate(expression: str, context: Mapping[str, Any]) -> Any:
    """Evaluate an expression once, with the names of the context known, at any depth. Numbers in the value are Decimal.

    Raises:
        Invalid: it does not parse.
        LimitExceeded: a bound was broken.
    """
    taken = accept(context)
    return _decimals(compile_expression(expression, names_in(taken)).evaluate(taken), {})


def diagnose(expression: str, context: Mapping[str, Any]) -> tuple[Any, list[Text]]:
    """Evaluate an expression once and say why nulls came about. Raises like ``evaluate``."""
    taken = accept(context)
    value, messages = compile_expression(expression, names_in(taken)).diagnose(taken)
    return _decimals(value, {}), messages


def unary_test(test: str, value: Any, context: Mapping[str, Any]) -> bool | None:
    """Tell whether a value meets unary tests. Raises like ``evaluate``."""
    taken = accept(context)
    return compile_unary(test, names_in(taken)).test(accept(value), taken)


def names_in(value: Any) -> frozenset[str]:
    """Collect the names with spaces or operators in them of a context and of all that is inside it."""
    found: set[str] = set()
    seen: set[int] = set()
    open_ = [value]
    while open_:
        part = open_.pop()
        if isinstance(part, Mapping):
            found.update(name for name in part if isinstance(name, str) and not NAME.fullmatch(name))
            inside: Iterable[Any] = part.values()
        elif isinstance(part, list):
            inside = part
        else:
            continue
        if id(part) not in seen:
            seen.add(id(part))
            open_.extend(inside)
    return frozenset(found)


def _decimals(value: Any, done: dict[int, Any], depth: int = 0) -> Any:
    """Turn integers into Decimal, inside lists and contexts, too; shared parts stay shared."""
    kept = type(value)
    if kept is int:
        return Decimal(value)
    if kept not in (list, dict):
        return value
    if id(value) not in done:
        if depth > VALUE_DEPTH:
            raise LimitExceeded("a value is nested deeper than {limit} levels", limit=VALUE_DEPTH)
        if kept is list:
            done[id(value)] = [_decimals(item, done, depth + 1) for item in value]
        else:
            done[id(value)] = {name: _decimals(item, done, depth + 1) for name, item in value.items()}
    return done[id(value)]
