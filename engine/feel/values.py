"""The values of FEEL that Python has no type for, and the kind of any value by its FEEL type name.

Numbers are ``int`` or ``Decimal``, strings ``str``, lists ``list``, contexts ``dict`` (any mapping is read), null ``None``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.feel.temporal.classes import Date, DateTime, DaysTime, Time, YearsMonths

if TYPE_CHECKING:
    from engine.feel.run import Run
    from engine.feel.types import Type

NULL = "null"
NUMBER = "number"
STRING = "string"
BOOLEAN = "boolean"
DATE = "date"
TIME = "time"
DATE_TIME = "date and time"
DAYS_TIME = "days and time duration"
YEARS_MONTHS = "years and months duration"
LIST = "list"
CONTEXT = "context"
RANGE = "range"
FUNCTION = "function"


@dataclass(frozen=True, slots=True)
class Range:
    """All values between two ends.

    Attributes:
        start, end: the ends; None where the range is unbounded.
        start_included, end_included: whether the ends belong to it.
        operator: of a range written as a test such as ``(< 10)``: its operator. Two ranges are equal only when both were written alike.
    """

    start: Any
    end: Any
    start_included: bool = True
    end_included: bool = True
    operator: str = ""


class FeelFunction:
    """A function as a value.

    Attributes:
        name: for messages; empty when it has none.
        parameters: names of the parameters, in order.
        call: takes the running evaluation and one value per parameter.
        types: of the parameters, as far as they are declared.
        result: the declared type of what it answers.
    """

    __slots__ = ("call", "name", "parameters", "result", "types")

    def __init__(
        self,
        parameters: tuple[str, ...],
        call: Callable[[Run, list[Any]], Any],
        name: str = "",
        *,
        types: tuple[Type | None, ...] = (),
        result: Type | None = None,
    ) -> None:
        self.parameters = parameters
        self.call = call
        self.name = name
        self.types = types or (None,) * len(parameters)
        self.result = result

    def bind(self, names: tuple[str, ...] | None, values: list[Any]) -> list[Any] | None:
        """Put arguments in the order of the parameters; None when they do not fit. ``names`` is None for positional arguments."""
        if len(values) != len(self.parameters):
            return None
        if names is None:
            return values
        if set(names) != set(self.parameters):
            return None
        given = dict(zip(names, values, strict=True))
        return [given[parameter] for parameter in self.parameters]

    def invoke(self, run: Run, where: tuple[int, int], values: list[Any], names: tuple[str, ...] | None) -> Any:
        """Call it within an evaluation; null when the arguments do not fit."""
        bound = self.bind(names, values)
        if bound is None:
            return run.null(where, "{function} does not take these arguments", function=self.name or repr(self))
        return self.call(run, bound)

    def __call__(self, *values: Any) -> Any:
        """Call it from Python, in an evaluation of its own with an empty context."""
        from engine.feel.run import Run  # an evaluation refers to values; only this convenience goes the other way

        bound = self.bind(None, list(values))
        return None if bound is None else self.call(Run({}), bound)

    def __repr__(self) -> str:
        return f"function({', '.join(self.parameters)})"


KINDS: dict[type, str] = {
    type(None): NULL,
    bool: BOOLEAN,
    int: NUMBER,
    Decimal: NUMBER,
    str: STRING,
    date: DATE,
    Date: DATE,
    time: TIME,
    Time: TIME,
    datetime: DATE_TIME,
    DateTime: DATE_TIME,
    timedelta: DAYS_TIME,
    DaysTime: DAYS_TIME,
    YearsMonths: YEARS_MONTHS,
    list: LIST,
    tuple: LIST,
    dict: CONTEXT,
    Range: RANGE,
    FeelFunction: FUNCTION,
}

# subclasses and foreign mappings, from the most to the least specific
_BASES: tuple[tuple[type, str], ...] = (
    (bool, BOOLEAN),
    (int, NUMBER),
    (Decimal, NUMBER),
    (str, STRING),
    (datetime, DATE_TIME),
    (date, DATE),
    (time, TIME),
    (timedelta, DAYS_TIME),
    (list, LIST),
    (tuple, LIST),
    (Mapping, CONTEXT),
    (FeelFunction, FUNCTION),
)


def kind(value: Any) -> str:
    """Give the FEEL type name of a value; ``Any`` for a stranger, which no operator takes."""
    try:
        return KINDS[type(value)]
    except KeyError:
        return next((name for base, name in _BASES if isinstance(value, base)), "Any")


def accept(value: Any) -> Any:
    """Take a value from Python: a binary float becomes its shortest decimal text, also inside lists and contexts.

    Gives the same object when nothing in it is a float.
    """
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, dict):
        taken = {name: accept(item) for name, item in value.items()}
        return taken if any(taken[name] is not item for name, item in value.items()) else value
    if isinstance(value, list | tuple):
        items = [accept(item) for item in value]
        return (
            items if isinstance(value, tuple) or any(a is not b for a, b in zip(items, value, strict=True)) else value
        )
    return value
