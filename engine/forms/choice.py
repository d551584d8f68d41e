"""Fields where one picks: checkbox, radio, select, checklist and tag list, with options from the form or the server."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from engine.errors import Text
from engine.feel import Expression, kind
from engine.forms.field import Check, Refused, Scene
from engine.model.json import Json

MAX_OPTIONS = 10_000


def checkbox(value: Any, _scene: Scene) -> bool:
    """Check a checkbox: true or false."""
    if not isinstance(value, bool):
        raise Refused(Text("Tick the box or leave it empty"))
    return value


class Options:
    """Where the options of a field come from: the form itself, a variable of the server, or an expression."""

    def __init__(self, *, fixed: Sequence[Any] = (), key: str = "", expression: Expression | None = None) -> None:
        self._fixed = values_of(fixed)
        self._key = key
        self._expression = expression

    @property
    def asks(self) -> bool:
        """Whether an expression gives them."""
        return self._expression is not None

    @property
    def kind(self) -> str | None:
        """The kind that all values have; None where they are known later, or are of several kinds."""
        kinds = {kind(value) for value in self._fixed}
        return kinds.pop() if len(kinds) == 1 else None

    def values(self, scene: Scene) -> Sequence[Json]:
        """List the values that may be picked."""
        if self._key:
            return values_of(scene.context.get(self._key))
        if self._expression is not None:
            return values_of(scene.ask(self._expression))
        return self._fixed


def values_of(options: Any) -> Sequence[Json]:
    """List the values of options, which are plain values or contexts with ``value`` and ``label``, as form-js reads them."""
    if not isinstance(options, list | tuple):
        return ()
    values = []
    for option in options[:MAX_OPTIONS]:
        if _is_plain(option):
            values.append(option)
        elif isinstance(option, dict):
            value, label = option.get("value"), option.get("label")
            if _is_plain(value) or (isinstance(value, dict) and value and isinstance(label, str) and label):
                values.append(value)
    return values


def _is_plain(value: Any) -> bool:
    return isinstance(value, bool | int | Decimal) or (isinstance(value, str) and value != "")


def same(one: Any, other: Any) -> bool:
    """Compare two JSON values; unlike Python, ``true`` is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def one_of(options: Options) -> Check:
    """Give the check of a radio group or a select."""

    def check(value: Any, scene: Scene) -> Json:
        for option in options.values(scene):
            if same(option, value):
                return option
        raise Refused(Text("Choose one of the options"))

    return check


def some_of(options: Options) -> Check:
    """Give the check of a checklist or a tag list: different options, in the order they were picked."""

    def check(value: Any, scene: Scene) -> list[Json]:
        if not isinstance(value, list):
            raise Refused(Text("Choose from the options"))
        allowed = options.values(scene)
        if len(value) > len(allowed):
            raise Refused(Text("Choose each option at most once"))
        picked: list[Json] = []
        for item in value:
            found = [option for option in allowed if same(option, item)]
            if not found:
                raise Refused(Text("Choose from the options"))
            if any(same(found[0], earlier) for earlier in picked):
                raise Refused(Text("Choose each option at most once"))
            picked.append(found[0])
        return picked

    return check
