"""Functions made of decision logic: knowledge models, decision services and boxed functions, called from FEEL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine import feel
from engine.dmn.run import Run
from engine.dmn.types import MISFIT, Type


def make_function(
    parameters: Sequence[tuple[str, Type]], body: Callable[[dict[str, Any]], Any], run: Run, at: str
) -> feel.FeelFunction:
    """Make a function that FEEL can call from what computes its value from {parameter: argument}.

    An argument that is not of its parameter's type makes the value null, with a note.
    """

    def call(_caller: feel.Run, arguments: list[Any]) -> Any:
        named = {}
        for (name, type_), argument in zip(parameters, arguments, strict=True):
            value = type_.fit(argument)
            if value is MISFIT:
                run.say(at, "the argument {name} is not of the type {type}", name=name, type=type_.name)
                return None
            named[name] = value
        return run.call(lambda: body(named))

    return feel.FeelFunction(tuple(name for name, _ in parameters), call)


def call_by_name(function: feel.FeelFunction, arguments: Mapping[str, Any], run: Run, at: str) -> Any:
    """Call any function value with named arguments; null, with a note, when it does not take them."""
    engine = run.feel
    heard, engine.messages = engine.messages, None if run.note is None else []
    try:
        return function.invoke(engine, (1, 1), list(arguments.values()), tuple(arguments))
    finally:
        for message in engine.messages or ():
            run.say(at, "{message}", message=message)
        engine.messages = heard
