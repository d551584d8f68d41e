"""Functions made of decision logic: knowledge models, decision services and boxed functions, called from FEEL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.dmn.run import Run
from engine.dmn.types import MISFIT, Type
from engine.errors import Text
from engine.feel.run import Run as FeelRun
from engine.feel.values import FeelFunction


def make_function(
    parameters: Sequence[tuple[str, Type]], body: Callable[[dict[str, Any]], Any], run: Run, at: str
) -> FeelFunction:
    """Make a function that FEEL can call from what computes its value from {parameter: argument}.

    An argument that is not of its parameter's type makes the value null, with a note.
    """

    def call(_caller: Any, arguments: list[Any]) -> Any:
        named = {}
        for (name, type_), argument in zip(parameters, arguments, strict=True):
            value = type_.fit(argument)
            if value is MISFIT:
                run.say(at, "the argument {name} is not of the type {type}", name=name, type=type_.name)
                return None
            named[name] = value
        run.enter()
        try:
            return body(named)
        finally:
            run.leave()

    return FeelFunction(tuple(name for name, _ in parameters), call)


def call_by_name(function: FeelFunction, arguments: Mapping[str, Any], run: Run, at: str) -> Any:
    """Call any function value with named arguments; null, with a note, when it does not take them."""
    messages: list[Text] | None = None if run.note is None else []
    caller = FeelRun({}, run.now, run.zone, messages)
    value = function.invoke(caller, (1, 1), list(arguments.values()), tuple(arguments))
    for message in messages or ():
        run.say(at, "{message}", message=message)
    return value
