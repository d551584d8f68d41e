"""What a form asks: fields, the expressions they carry, and what a check of one answer is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from engine.errors import Invalid, LimitExceeded, Text
from engine.feel import Expression, Run, to_json
from engine.model.json import Json


class Refused(Exception):
    """An answer is not allowed.

    Attributes:
        message: what is wrong, for the person who answers.
        remedy: what to do about it.
    """

    def __init__(self, message: Text, remedy: Text | str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Scene:
    """What the expressions of a field see.

    Attributes:
        names: {name: value}: the server's variables overlaid with the answers, and form-js's ``this``, ``parent``, ``i``.
        context: the server's variables alone.
        run: the clock, the zone and the budget that all expressions of one check share.
    """

    names: Mapping[str, Any]
    context: Mapping[str, Any]
    run: Run

    def ask(self, expression: Expression) -> Json:
        """Evaluate an expression of the form to a JSON value.

        Raises:
            Refused: it broke a bound, or gives what is no JSON.
        """
        self.run.context = self.names
        try:
            return to_json(expression.evaluate_in(self.run), self.run)
        except LimitExceeded as error:
            raise Refused(Text("This cannot be worked out: {reason}", reason=error.text)) from None
        except Invalid:
            raise Refused(Text("This value cannot be stored")) from None

    def value(self, given: Any) -> Any:
        """Give a setting's value: an expression is evaluated, all else is taken as it is."""
        return self.ask(given) if isinstance(given, Expression) else given


Check: TypeAlias = Callable[[Any, Scene], Json]
"""Turns what was submitted into an accepted, typed value, or raises ``Refused``."""

Rule: TypeAlias = Callable[[Any, Scene], None]
"""Raises ``Refused`` for an answer of the right type that breaks a rule of the form; empty answers are not asked."""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that a form asks, or shows with a value of its own.

    Attributes:
        id: of the form component.
        type: of the component, such as ``textfield``.
        path: where its value goes: the names from the form down, or from the list item down when it is in a list.
        label: as written; may be an expression or a template.
        required: an empty answer is refused.
        kind: of the value that it stores, as FEEL names it; None where that is not known. An empty answer may be null.
        empty: the value of no answer.
        default: the value that it starts with.
        readonly: shown only; its value comes from the server. May be an expression.
        disabled: greyed out; it is not submitted at all.
        hidden_when: conditions of its own and of the groups around it; one that is true hides it.
        check, rules: what makes an answer allowed.
        asks: its check evaluates an expression, so it must wait until all values are known.
        computed: the expression that gives its value, if it is an expression field.
        items: the fields of one item, if it is a list.
        limits: the least, the greatest and the first number of items, if it is a list.
        grows: items can be added and removed, if it is a list.
    """

    id: str
    type: str
    path: tuple[str, ...]
    label: str
    check: Check
    kind: str | None = None
    rules: tuple[Rule, ...] = ()
    asks: bool = False
    required: bool = False
    empty: Json = None
    default: Json = None
    readonly: bool | Expression = False
    disabled: bool = False
    hidden_when: tuple[Expression, ...] = ()
    computed: Expression | None = None
    items: tuple[Field, ...] = field(default=())
    limits: tuple[int, int, int] = (0, 0, 0)
    grows: bool = True

    @property
    def key(self) -> str:
        """The path as one text, with dots."""
        return ".".join(self.path)

    @property
    def is_list(self) -> bool:
        """Whether it holds items with fields of their own."""
        return self.type == "dynamiclist"
