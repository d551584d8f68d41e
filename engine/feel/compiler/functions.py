"""Function definitions and calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.errors import LimitExceeded
from engine.feel import syntax
from engine.feel.bounds import CALLS
from engine.feel.builtins import BUILTINS
from engine.feel.builtins.signature import CHANGING
from engine.feel.compiler.scope import Scope, compiles
from engine.feel.run import Code, Locals, Run, Where
from engine.feel.syntax import size
from engine.feel.types import MISFIT, Type, conform, resolve
from engine.feel.values import FeelFunction, kind

_LITERAL = frozenset({"date", "time", "date and time", "duration"})
"""Functions whose calls with literals are literals themselves, read once."""


@compiles(syntax.Function)
def function(node: syntax.Function, scope: Scope) -> Code:
    """Give a function that sees the names around its definition."""
    return define(node, scope)


def define(node: syntax.Function, scope: Scope, itself: str | None = None) -> Code:
    """Compile a definition; ``itself`` is the name by which the body may call the function."""
    where = scope.where(node.at)
    if node.external:
        return lambda run, locals_: run.null(where, "external functions are not supported")
    names = tuple(parameter.name for parameter in node.parameters)
    inner = scope.inner(*((itself,) if itself is not None else ()), *names)
    body, weight = inner.compile(node.body), size(node.body) + 2
    types = tuple(resolve(p.type, scope.unit.types) if p.type else None for p in node.parameters)

    def make(run: Run, locals_: Locals) -> FeelFunction:
        context = run.context

        def call(caller: Run, values: list[Any]) -> Any:
            fitting = _fit(caller, where, names, types, values)
            return None if fitting is None else enter(caller, context, weight, body, (*known, *fitting))

        made = FeelFunction(names, call, itself or "", types=types)
        known = (*locals_, made) if itself is not None else locals_
        return made

    return make


def _fit(run: Run, where: Where, names: tuple[str, ...], types: tuple[Type | None, ...], values: list[Any]) -> Any:
    fitting: list[Any] = []
    for name, type_, value in zip(names, types, values, strict=True):
        fit = value if type_ is None else conform(value, type_)
        if fit is MISFIT:
            return run.null(
                where, "{parameter} should be {type}, not {kind}", parameter=name, type=str(type_), kind=kind(value)
            )
        fitting.append(fit)
    return fitting


def enter(run: Run, context: Mapping[str, Any], weight: int, body: Code, locals_: Locals) -> Any:
    """Evaluate a function's body in the context where the function was made, within the caller's budget.

    Raises LimitExceeded when calls are nested too deeply.
    """
    run.calls -= 1
    if run.calls < 0:
        raise LimitExceeded("functions call one another more than {limit} deep", limit=CALLS)
    run.spend(weight)
    outer, run.context = run.context, context
    try:
        return body(run, locals_)
    finally:
        run.context = outer
        run.calls += 1


def call_step(node: syntax.Call, scope: Scope) -> Callable[[Any, Run, Locals], Any]:
    """Compile a call of whatever stands before the arguments."""
    arguments, names, where = tuple(map(scope.compile, node.arguments)), node.names, scope.where(node.at)

    def call(value: Any, run: Run, locals_: Locals) -> Any:
        if not isinstance(value, FeelFunction):
            return run.null(where, "{kind} is called like a function", kind=kind(value))
        return value.invoke(run, where, [argument(run, locals_) for argument in arguments], names)

    return call


def call_builtin(callee: syntax.Name, node: syntax.Call, scope: Scope) -> Code | None:
    """Compile a call of a built-in function by its name; None when the name is bound here or is no built-in function.

    A variable of the context hides the function only when it is a function, too: ``count``, ``sum`` and ``date`` are common names
    of variables.
    """
    builtin = BUILTINS.get(callee.name)
    if builtin is None or scope.resolve(callee.name)[1] is not None:
        return None
    if builtin.name in CHANGING:
        scope.unit.changing = True
    arguments, names, where = tuple(map(scope.compile, node.arguments)), node.names, scope.where(callee.at)
    choice = builtin.choose(len(arguments), names)
    name = callee.name
    literal = None
    if name in _LITERAL and all(isinstance(argument, syntax.Literal) for argument in node.arguments):
        silent = Run({})
        values = [argument(silent, ()) for argument in arguments]
        literal = builtin.apply(silent, where, values, choice, named=names is not None)

    def call(run: Run, locals_: Locals) -> Any:
        own = run.context.get(name)
        if literal is not None and not isinstance(own, FeelFunction):
            return literal
        values = [argument(run, locals_) for argument in arguments]
        if isinstance(own, FeelFunction):
            return own.invoke(run, where, values, names)
        return builtin.apply(run, where, values, choice, named=names is not None)

    return call
