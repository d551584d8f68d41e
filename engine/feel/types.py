"""Types: what ``instance of``, parameters and item definitions ask of a value.

Source: DMN 1.5, 10.3.2.9 (type conformance and conversion).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from engine.feel.temporal.arithmetic import midnight
from engine.feel.values import (
    BOOLEAN,
    CONTEXT,
    DATE,
    DATE_TIME,
    DAYS_TIME,
    FUNCTION,
    LIST,
    NULL,
    NUMBER,
    RANGE,
    STRING,
    TIME,
    YEARS_MONTHS,
    FeelFunction,
    Range,
    kind,
)


@runtime_checkable
class Type(Protocol):
    """A type. Item definitions of a decision model are types, too."""

    def holds(self, value: Any) -> bool:
        """Tell whether a value that is not null is of this type."""
        ...


@dataclass(frozen=True, slots=True)
class Simple:
    """A type by its name: ``number``, ``date and time``, ``list``; ``Any`` holds everything but null."""

    name: str

    def holds(self, value: Any) -> bool:
        """Tell whether a value that is not null is of this type."""
        return self.name == "Any" or kind(value) == self.name

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class ListOf:
    """``list<number>``."""

    item: Type

    def holds(self, value: Any) -> bool:
        """Tell whether it is a list and every item is null or of the item type."""
        return kind(value) == LIST and all(item is None or self.item.holds(item) for item in value)

    def __str__(self) -> str:
        return f"list<{self.item}>"


@dataclass(frozen=True, slots=True)
class ContextOf:
    """``context<name: string, age: number>``; a value may have more entries."""

    fields: tuple[tuple[str, Type], ...]

    def holds(self, value: Any) -> bool:
        """Tell whether it is a context with these entries, each null or of its type."""
        return kind(value) == CONTEXT and all(
            name in value and (value[name] is None or type_.holds(value[name])) for name, type_ in self.fields
        )

    def __str__(self) -> str:
        return f"context<{', '.join(f'{name}: {type_}' for name, type_ in self.fields)}>"


@dataclass(frozen=True, slots=True)
class RangeOf:
    """``range<number>``."""

    end: Type

    def holds(self, value: Any) -> bool:
        """Tell whether it is a range whose bounded ends are of the type."""
        return isinstance(value, Range) and all(end is None or self.end.holds(end) for end in (value.start, value.end))

    def __str__(self) -> str:
        return f"range<{self.end}>"


@dataclass(frozen=True, slots=True)
class FunctionOf:
    """``function<number, string> -> boolean``."""

    parameters: tuple[Type, ...]
    result: Type

    def holds(self, value: Any) -> bool:
        """Tell whether it is a function of as many parameters that takes these types and answers this one, as far as it says."""
        if not isinstance(value, FeelFunction) or len(value.parameters) != len(self.parameters):
            return False
        takes = all(
            own is None or conforms(asked, own) for asked, own in zip(self.parameters, value.types, strict=False)
        )
        return takes and (value.result is None or conforms(value.result, self.result))

    def __str__(self) -> str:
        return f"function<{', '.join(map(str, self.parameters))}> -> {self.result}"


@dataclass(frozen=True, slots=True)
class Named:
    """A type of the surrounding model, by its name."""

    name: str

    def holds(self, value: Any) -> bool:
        """Hold nothing: a name that the model does not define."""
        return False

    def __str__(self) -> str:
        return self.name


ANY = Simple("Any")
SIMPLE: dict[str, Simple] = {
    name: Simple(name)
    for name in (
        NUMBER, STRING, BOOLEAN, DATE, TIME, DATE_TIME, DAYS_TIME, YEARS_MONTHS, LIST, CONTEXT, RANGE, FUNCTION
    )
} | {
    "Any": ANY,
    "Null": Simple(NULL),
    "dateTime": Simple(DATE_TIME),
    "dayTimeDuration": Simple(DAYS_TIME),
    "day-time duration": Simple(DAYS_TIME),
    "yearMonthDuration": Simple(YEARS_MONTHS),
    "year-month duration": Simple(YEARS_MONTHS),
}  # fmt: skip
"""Types by the names that expressions and models use for them."""

MISFIT = object()
"""Stands for a value that cannot become one of the type asked for."""


def conform(value: Any, type_: Type) -> Any:
    """Make a value one of a type: as it is, out of or into a list of one, or a date as its midnight; else ``MISFIT``.

    Null is of every type.
    """
    if value is None or type_.holds(value):
        return value
    if kind(value) == LIST and len(value) == 1 and (value[0] is None or type_.holds(value[0])):
        return value[0]
    if type_.holds([value]):
        return [value]
    if kind(value) == DATE and isinstance(type_, Simple) and type_.name == DATE_TIME:
        return midnight(value)
    return MISFIT


def is_instance(value: Any, type_: Type) -> bool:
    """Tell whether a value is of a type; null is of type ``Null`` only."""
    if value is None:
        return isinstance(type_, Simple) and type_.name == NULL
    return type_.holds(value)


def conforms(type_: Type, other: Type) -> bool:
    """Tell whether every value of a type is also of another."""
    if type_ == other or (isinstance(other, Simple) and other.name == "Any"):
        return True
    match type_, other:
        case Simple(name="null"), _:
            return True
        case ListOf(), Simple(name="list"):
            return True
        case ContextOf(), Simple(name="context"):
            return True
        case RangeOf(), Simple(name="range"):
            return True
        case FunctionOf(), Simple(name="function"):
            return True
        case ListOf(item=item), ListOf(item=asked):
            return conforms(item, asked)
        case RangeOf(end=end), RangeOf(end=asked):
            return conforms(end, asked)
        case ContextOf(fields=fields), ContextOf(fields=asked_fields):
            own = dict(fields)
            return all(name in own and conforms(own[name], asked) for name, asked in asked_fields)
        case FunctionOf(parameters=own_parameters, result=result), FunctionOf(parameters=parameters, result=asked):
            return (
                len(own_parameters) == len(parameters)
                and all(map(conforms, parameters, own_parameters))
                and conforms(result, asked)
            )
    return False


def resolve(type_: Type, types: Mapping[str, Type]) -> Type:
    """Put the types of a model in the place of their names."""
    match type_:
        case Named(name=name):
            return types.get(name, type_)
        case ListOf(item=item):
            return ListOf(resolve(item, types))
        case RangeOf(end=end):
            return RangeOf(resolve(end, types))
        case ContextOf(fields=fields):
            return ContextOf(tuple((name, resolve(field, types)) for name, field in fields))
        case FunctionOf(parameters=parameters, result=result):
            return FunctionOf(tuple(resolve(parameter, types) for parameter in parameters), resolve(result, types))
    return type_
