"""Types of DMN: which values conform to one, and the few conversions that the standard makes without being asked.

Source: DMN 1.5, 7.3.2 (item definitions), 10.3.2.9 (type conformance and implicit conversions).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from engine import feel
from engine.dmn import cells
from engine.dmn.model import ItemDefinition, Model
from engine.errors import Invalid, LimitExceeded, Problem, Text
from engine.feel import kind

MISFIT: Any = object()
"""What ``Type.fit`` gives for a value that does not conform."""

Accepts = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Type:
    """A type by the test that its values pass.

    Attributes:
        kind: the FEEL kind that all its values have; None where they have several.
        item: what its values hold, if it is a type of lists.
        result: what its values give, if it is a type of functions.
        parts: what its values are made of, if it is a type of contexts.
        read: turns ISO text into a value, if it is a type of dates, times or durations.
        values: its allowed values in order, where they are listed one by one.
    """

    name: str
    accepts: Accepts
    kind: str | None = None
    item: Type | None = None
    result: Type | None = None
    parts: Mapping[str, Type] = field(default_factory=dict)
    read: feel.Expression | None = None
    values: Sequence[Any] = ()

    def __str__(self) -> str:
        return self.name

    def holds(self, value: Any) -> bool:
        """Tell whether a value that is not null is of this type; FEEL asks by this name."""
        return self.accepts(value)

    def fit(self, value: Any) -> Any:
        """Give the value, converted where the standard says so, or ``MISFIT``; null fits every type."""
        if value is None or self.accepts(value):
            return value
        if type(value) is list and len(value) == 1 and self.item is None:
            return value[0] if self.accepts(value[0]) else MISFIT
        if self.item is not None and type(value) is not list and self.item.accepts(value):
            return [value]
        if type(value) is date:
            midnight = datetime(value.year, value.month, value.day, tzinfo=UTC)
            return midnight if self.accepts(midnight) else MISFIT
        return MISFIT

    def take(self, value: Any) -> Any:
        """Fit a value that comes from outside, where dates, times and durations are ISO text."""
        return self.fit(self.parse(value))

    def parse(self, value: Any) -> Any:
        """Turn the ISO text in a value into dates, times and durations where the type has them."""
        if self.read is not None and type(value) is str:
            return self.read.evaluate({"text": value})
        if self.parts and isinstance(value, Mapping):
            return {name: self.parts[name].parse(part) if name in self.parts else part for name, part in value.items()}
        if self.item is not None and self.item is not ANY and type(value) is list:
            return [self.item.parse(item) for item in value]
        return value


def _of_kind(name: str) -> Type:
    read = feel.compile_expression(_READERS[name], ("text",)) if name in _READERS else None
    return Type(name, lambda value: value is None or kind(value) == name, kind=name, read=read)


ANY = Type("Any", lambda _value: True)

_READERS = {
    "date": "date(text)",
    "time": "time(text)",
    "date and time": "date and time(text)",
    "days and time duration": "duration(text)",
    "years and months duration": "duration(text)",
}
_SPELLINGS = {
    "number": ("number", "integer", "long", "double"),
    "string": ("string",),
    "boolean": ("boolean",),
    "date": ("date",),
    "time": ("time",),
    "date and time": ("date and time", "dateTime", "datetime"),
    "days and time duration": ("days and time duration", "dayTimeDuration"),
    "years and months duration": ("years and months duration", "yearMonthDuration"),
    "context": ("context",),
    "function": ("function",),
    "range": ("range",),
}
_BUILT_IN: dict[str, Type] = {
    **{spelling: _of_kind(name) for name, spellings in _SPELLINGS.items() for spelling in spellings},
    "": ANY,
    "Any": ANY,
    "list": Type("list", lambda value: value is None or type(value) is list, kind="list", item=ANY),
    "Null": Type("Null", lambda value: value is None),
}


def listed(allowed: str) -> Sequence[Any]:
    """Give allowed values that are written one by one, in their order; none where they are tests."""
    try:
        values = feel.compile_expression(f"[{allowed}]").evaluate({})
    except (Invalid, LimitExceeded):
        return ()
    plain = type(values) is list and all(kind(value) not in ("Any", "range", "function") for value in values)
    return values if plain else ()


class Types:
    """The types that a model's names stand for.

    Args:
        models: the models of one load, by namespace.
        problems: where faults are collected.
    """

    def __init__(self, models: Mapping[str, Model], problems: list[Problem]) -> None:
        self._models = models
        self._problems = problems
        self._definitions = {
            (space, definition.name): definition for space, model in models.items() for definition in model.types
        }
        self._known: dict[tuple[str, str], Type] = {}
        self._open: set[tuple[str, str]] = set()
        self._named: dict[str, dict[str, Type]] = {}

    def find(self, namespace: str, reference: str, at: str) -> Type:
        """Give the type that a name means in a model; an unknown name is a problem and accepts anything."""
        found = _BUILT_IN.get(reference)
        if found is not None and (namespace, reference) not in self._definitions:
            return found
        key = self._locate(namespace, reference)
        definition = self._definitions.get(key)
        if definition is None:
            self._warn(at, Text("the type {name} is not defined", name=reference[:200]))
            return self._known.setdefault(key, ANY)
        if key not in self._known:
            if key in self._open:  # a type that holds itself, such as a tree, is looked up when a value is met
                return Type(reference, lambda value: self._known.get(key, ANY).accepts(value))
            self._open.add(key)
            self._known[key] = self._define(key[0], definition)
            self._open.discard(key)
        return self._known[key]

    def named(self, namespace: str) -> Mapping[str, Type]:
        """Give the types that a model's expressions can name: its own, and those of imports under the import's name."""
        found = self._named.get(namespace)
        if found is None:
            found = self._named[namespace] = {}
            prefixes = {namespace: ""}
            for imported in self._models[namespace].imports:
                prefixes[imported.namespace] = f"{imported.name}." if imported.name else ""
            for (space, name), definition in self._definitions.items():
                if space in prefixes:
                    found[prefixes[space] + name] = self.find(space, name, definition.at)
        return found

    def _locate(self, namespace: str, reference: str) -> tuple[str, str]:
        if reference.startswith("{"):
            space, _, local = reference[1:].partition("}")
            return space, local
        if (namespace, reference) in self._definitions:
            return namespace, reference
        for imported in self._models[namespace].imports:
            if not imported.name and (imported.namespace, reference) in self._definitions:
                return imported.namespace, reference
            prefix = imported.name + "."
            if imported.name and reference.startswith(prefix):
                return imported.namespace, reference[len(prefix) :]
        return namespace, reference

    def _define(self, namespace: str, definition: ItemDefinition) -> Type:
        name, at = definition.name, definition.at
        if definition.is_function:
            result = self.find(namespace, definition.result_ref, at)
            found = replace(_BUILT_IN["function"], name=name, result=result)
        elif definition.components:
            parts = {part.name: self._define(namespace, part) for part in definition.components}
            found = Type(name, _has_parts(parts), kind="context", parts=parts)
        elif self._is_circular(namespace, definition):
            self._warn(at, Text("the type {name} is defined by itself", name=name))
            return ANY
        else:
            found = replace(self.find(namespace, definition.type_ref, at), name=name)
        if definition.allowed:
            found = self._limit(found, definition.allowed, at)
        if definition.is_collection:
            found = Type(name, _is_list_of(found), kind="list", item=found)
        if definition.constraint:
            found = self._limit(found, definition.constraint, at)
        return found

    def _limit(self, base: Type, allowed: str, at: str) -> Type:
        accepts, test = base.accepts, self.constraint(allowed, at)
        return replace(
            base,
            accepts=lambda value: value is None or (accepts(value) and test(value)),
            values=listed(allowed),
        )

    def _is_circular(self, namespace: str, definition: ItemDefinition) -> bool:
        """Say whether following the references of a definition leads back to itself, without a component between."""
        seen = set()
        key = (namespace, definition.name)
        following: ItemDefinition | None = definition
        while following is not None and not following.components and not following.is_function:
            if key in seen:
                return True
            seen.add(key)
            key = self._locate(key[0], following.type_ref)
            following = self._definitions.get(key)
        return False

    def constraint(self, allowed: str, at: str) -> Accepts:
        """Give the test for a list of allowed values; one that does not compile is a problem and allows anything."""
        try:
            test = feel.compile_unary(allowed)
        except Invalid as error:
            self._problems.extend(Problem(at, found.message, found.remedy) for found in error.problems)
            return lambda _value: True
        simple = cells.quick(allowed)
        if simple is None:
            return lambda value: test.test(value, {}) is True
        simple_kind, quick = simple
        return lambda value: quick(value) if kind(value) == simple_kind else test.test(value, {}) is True

    def _warn(self, at: str, message: Text) -> None:
        self._problems.append(Problem(at, message, Text("define it or correct its name"), severity="warning"))


def _has_parts(parts: Mapping[str, Type]) -> Accepts:
    checks: Sequence[tuple[str, Accepts]] = [(name, part.accepts) for name, part in parts.items()]

    def accepts(value: Any) -> bool:
        if not isinstance(value, Mapping):
            return False
        return all(name in value and (value[name] is None or check(value[name])) for name, check in checks)

    return accepts


def _is_list_of(item: Type) -> Accepts:
    accepts = item.accepts
    return lambda value: type(value) is list and all(entry is None or accepts(entry) for entry in value)
