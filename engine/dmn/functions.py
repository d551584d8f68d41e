"""Functions made of decision logic: knowledge models, decision services and boxed functions, called from FEEL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.dmn.run import Run
from engine.dmn.types import MISFIT, Type


class LogicFunction:
    """A function that FEEL can call.

    Attributes:
        parameters: their names, in order.
    """

    __slots__ = ("_at", "_body", "_run", "_types", "parameters")

    def __init__(
        self,
        parameters: Sequence[tuple[str, Type]],
        body: Callable[[dict[str, Any]], Any],
        run: Run,
        at: str,
    ) -> None:
        self.parameters = tuple(name for name, _ in parameters)
        self._types = tuple(type_ for _, type_ in parameters)
        self._body = body
        self._run = run
        self._at = at

    def __call__(self, *arguments: Any) -> Any:
        """Call with arguments in order; null, with a note, when they do not fit."""
        run = self._run
        if len(arguments) != len(self.parameters):
            run.say(
                self._at, "{given} arguments for {wanted} parameters", given=len(arguments), wanted=len(self.parameters)
            )
            return None
        named = {}
        for name, type_, argument in zip(self.parameters, self._types, arguments, strict=True):
            value = type_.fit(argument)
            if value is MISFIT:
                run.say(self._at, "the argument {name} is not of the type {type}", name=name, type=type_.name)
                return None
            named[name] = value
        run.enter()
        try:
            return self._body(named)
        finally:
            run.leave()


def make_function(
    parameters: Sequence[tuple[str, Type]], body: Callable[[dict[str, Any]], Any], run: Run, at: str
) -> LogicFunction:
    """Make a function that FEEL can call from what computes its value."""
    return LogicFunction(parameters, body, run, at)


def call_by_name(function: Any, arguments: Mapping[str, Any], run: Run, at: str) -> Any:
    """Call any function value with named arguments; null, with a note, when the names are not its parameters."""
    names = getattr(function, "parameters", None)
    if names is None or set(names) != set(arguments):
        run.say(at, "the arguments {given} are not the parameters of the function", given=", ".join(arguments))
        return None
    return function(*(arguments[name] for name in names))
