"""How built-in functions are declared, chosen by their arguments and called.

A parameter is declared as ``name: kinds``. ``name?`` may be left out; ``name...`` takes all arguments, or one list of them; ``name*``
takes all arguments as a list;
``kinds`` are FEEL type names between ``|``, ``any`` for all of them; ``kinds?`` takes null, too.
A null for a parameter that does not take it makes the call null.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.errors import Text
from engine.feel.run import Run, Where
from engine.feel.temporal.arithmetic import midnight
from engine.feel.types import Simple
from engine.feel.values import (
    BOOLEAN,
    CONTEXT,
    DATE,
    DATE_TIME,
    DAYS_TIME,
    LIST,
    NULL,
    NUMBER,
    RANGE,
    STRING,
    TIME,
    YEARS_MONTHS,
    FeelFunction,
    kind,
)

BUILTINS: dict[str, Builtin] = {}
"""{name: function}."""

CHANGING = frozenset({"now", "today", "uuid", "random number"})
"""Functions whose value depends on the time or on chance."""

_RESULTS = {
    "str": STRING, "bool": BOOLEAN, "int": NUMBER, "Number": NUMBER, "Decimal": NUMBER, "int | Decimal": NUMBER,
    "list": LIST, "dict": CONTEXT, "Range": RANGE, "AnyDate": DATE, "AnyTime": TIME, "AnyDateTime": DATE_TIME,
    "YearsMonths": YEARS_MONTHS,
}  # fmt: skip
"""{annotation of what a function returns: the kind that it answers}; other annotations say nothing."""

_ALIASES = {"duration": (DAYS_TIME, YEARS_MONTHS), "days": (DATE, DATE_TIME)}


class NoResult(Exception):
    """The arguments have no result; the call is null for this reason."""

    def __init__(self, template: str, /, **params: Any) -> None:
        super().__init__(template)
        self.text = Text(template, **params)


@dataclass(frozen=True, slots=True)
class Formal:
    """One declared parameter; ``kinds`` is None when it takes any."""

    name: str
    kinds: frozenset[str] | None
    nullable: bool
    optional: bool
    many: bool
    rest: bool

    def admits(self, kind_: str | None) -> bool:
        """Tell whether a value of a kind could fit; None is a kind that is not known."""
        if kind_ is None or self.kinds is None or kind_ in (LIST, NULL) or LIST in self.kinds:
            return True
        return kind_ in self.kinds or (kind_ == DATE and DATE_TIME in self.kinds)

    def fit(self, value: Any) -> tuple[Any, bool]:
        """Make a value one that the parameter takes: (value, whether it does). A list of one and its item stand for each other."""
        if value is None:
            return value, self.nullable
        if self.kinds is None:
            return value, True
        of = kind(value)
        if of in self.kinds:
            return value, True
        if LIST in self.kinds:
            return [value], True
        if of == LIST and len(value) == 1 and kind(value[0]) in self.kinds:
            return value[0], True
        if of == DATE and DATE_TIME in self.kinds:
            return midnight(value), True
        return value, False


def _formal(declaration: str) -> Formal:
    name, _, kinds = declaration.partition(": ")
    nullable = kinds.endswith("?")
    names = kinds.rstrip("?").split("|")
    expanded = frozenset(kind for name in names for kind in _ALIASES.get(name, (name,)))
    return Formal(
        name.rstrip("?.*"),
        None if "any" in names else expanded,
        nullable,
        name.endswith("?"),
        name.endswith(("...", "*")),
        name.endswith("*"),
    )


@dataclass(frozen=True, slots=True)
class Overload:
    """One way to call a function; ``many``: the last parameter takes any number of arguments as one list."""

    declarations: tuple[str, ...]
    formals: tuple[Formal, ...]
    function: Callable[..., Any]
    many: bool

    def order(self, count: int, names: tuple[str, ...] | None) -> tuple[int, ...] | None:
        """Say which argument each parameter gets (-1: none); None when this overload does not take them."""
        if names is None:
            if self.many:
                return tuple(range(count)) if count >= len(self.formals) else None
            if count > len(self.formals) or not all(formal.optional for formal in self.formals[count:]):
                return None
            return tuple(range(count))
        if len(set(names)) < count or not set(names) <= {formal.name for formal in self.formals}:
            return None
        places = {name: place for place, name in enumerate(names)}
        if not all(formal.optional or formal.name in places for formal in self.formals):
            return None
        order = [places.get(formal.name, -1) for formal in self.formals]
        while order and order[-1] < 0:
            order.pop()
        return tuple(order)

    def fit(self, values: list[Any], order: tuple[int, ...], named: bool) -> list[Any] | None:
        """Put the arguments in order and make each one that its parameter takes; None when one cannot be."""
        given = [values[place] if place >= 0 else None for place in order]
        if self.many and not named:
            first = len(self.formals) - 1
            rest = given[first:]
            given[first:] = rest if len(rest) == 1 and not self.formals[first].rest else [rest]
        for place, value in enumerate(given):
            given[place], fits = self.formals[place].fit(value)
            if not fits and order[place] >= 0:
                return None
        return given


Choice = tuple[tuple[Overload, tuple[int, ...]], ...]


class Builtin(FeelFunction):
    """A built-in function with its overloads."""

    __slots__ = ("overloads",)

    def __init__(self, name: str) -> None:
        super().__init__((), self._call, name)
        self.overloads: list[Overload] = []

    def add(self, overload: Overload) -> None:
        """Add a way to call it."""
        self.overloads.append(overload)
        self.parameters = tuple(formal.name for formal in self.overloads[0].formals)
        answers = {
            _RESULTS.get(way.function.__annotations__.get("return", "").partition("[")[0]) for way in self.overloads
        }
        answer = answers.pop() if len(answers) == 1 else None
        self.result = Simple(answer) if answer else None

    def choose(self, count: int, names: tuple[str, ...] | None) -> Choice:
        """Choose the overloads that take so many arguments, or arguments of these names."""
        orders = ((overload, overload.order(count, names)) for overload in self.overloads)
        return tuple((overload, order) for overload, order in orders if order is not None)

    def apply(self, run: Run, where: Where, values: list[Any], choice: Choice, *, named: bool = False) -> Any:
        """Call the first chosen overload that takes the values."""
        for overload, order in choice:
            fitting = overload.fit(values, order, named)
            if fitting is not None:
                run.where = where
                try:
                    return overload.function(run, *fitting)
                except NoResult as reason:
                    return run.null(where, "{function}: {reason}", function=self.name, reason=reason.text)
        if not run.listening:
            return None
        return run.null(
            where,
            "{function} does not take ({arguments})",
            function=self.name,
            arguments=", ".join(kind(value) for value in values),
        )

    def invoke(self, run: Run, where: Where, values: list[Any], names: tuple[str, ...] | None) -> Any:
        """Call it within an evaluation; null when the arguments do not fit."""
        return self.apply(run, where, values, self.choose(len(values), names), named=names is not None)

    def _call(self, run: Run, values: list[Any]) -> Any:
        return self.invoke(run, run.where, values, None)


def builtin(name: str, *declarations: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a function as a built-in one, or as a further overload of it. It is called with the running evaluation first."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        formals = tuple(map(_formal, declarations))
        overload = Overload(declarations, formals, function, many=bool(formals) and formals[-1].many)
        BUILTINS.setdefault(name, Builtin(name)).add(overload)
        return function

    return register
