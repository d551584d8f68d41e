"""One component of a form schema while it is read: its settings as typed values, its faults as problems."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from engine import feel
from engine.errors import Invalid, LimitExceeded, Problem, Text
from engine.feel.values import LIST
from engine.forms.choice import Options
from engine.forms.field import Field, Refused, Rule, Scene
from engine.forms.number import read_number
from engine.model.json import Json

MAX_ITEMS = 200
ITEMS_BOUND = 2_000


class Component:
    """A component as written, with helpers that read its settings.

    Args:
        raw: the JSON object.
        place: how to name it when it has neither key nor id.
        names: that its expressions may use.
        problems: where its faults are collected.
    """

    def __init__(self, raw: Mapping[str, Any], place: str, names: Collection[str], problems: list[Problem]) -> None:
        self.raw = raw
        self.names = names
        self.problems = problems
        self.type = raw["type"] if isinstance(raw.get("type"), str) else ""
        self.id = raw["id"] if isinstance(raw.get("id"), str) and raw["id"] else place
        written = raw.get("key") or raw.get("path")
        self.place = written if isinstance(written, str) and written else self.id
        validate = raw.get("validate", {})
        self.validate: Mapping[str, Any] = validate if isinstance(validate, dict) else {}
        properties = raw.get("properties", {})
        self.properties: Mapping[str, Any] = properties if isinstance(properties, dict) else {}

    def problem(self, message: Text, remedy: Text | str = "") -> None:
        """Record a fault of this component."""
        self.problems.append(Problem(self.place, message, remedy))

    def path(self, attribute: str, *, required: bool) -> tuple[str, ...]:
        """Give the names of a key or path with dots; empty, with a problem if it is required, when there is none."""
        written = self.raw.get(attribute)
        if written is None or written == "":
            if required:
                self.problem(
                    Text("the component has no {attribute}", attribute=attribute),
                    Text("give it one; its value is stored under it"),
                )
            return ()
        names = tuple(written.split(".")) if isinstance(written, str) else ("",)
        if not all(names) or any(len(name) > 255 for name in names):
            self.problem(
                Text("the {attribute} is not a name", attribute=attribute), Text("use names, separated by dots")
            )
            return ()
        return names

    def expression(self, text: str, what: str) -> feel.Expression | None:
        """Compile an expression written ``=...``; ``None``, with a problem, when it does not compile."""
        try:
            return feel.compile_expression(text[1:], self.names)
        except Invalid as error:
            for found in error.problems:
                self.problem(Text("{what} does not compile: {reason}", what=what, reason=found.message), found.remedy)
        except LimitExceeded as error:
            self.problem(Text("{what} does not compile: {reason}", what=what, reason=error.text))
        return None

    def condition(self) -> feel.Expression | None:
        """Give the condition that hides the component, if it has one."""
        conditional = self.raw.get("conditional")
        hide = conditional.get("hide") if isinstance(conditional, dict) else None
        if hide is None or hide == "":
            return None
        if not isinstance(hide, str) or not hide.startswith("="):
            self.problem(Text("the condition to hide does not start with ="), Text("write it as an expression"))
            return None
        return self.expression(hide, "the condition to hide")

    def flag(self, attribute: str) -> bool:
        """Give a setting that is true or false."""
        value = self.raw.get(attribute, False)
        if not isinstance(value, bool):
            self.problem(Text("{attribute} must be true or false", attribute=attribute))
        return value is True

    def readonly(self) -> bool | feel.Expression:
        """Say whether it is read-only; may be an expression."""
        value = self.raw.get("readonly", False)
        if isinstance(value, str) and value.startswith("="):
            return self.expression(value, "readonly") or True
        return self.flag("readonly")

    def number_or_expression(self, attribute: str) -> Decimal | feel.Expression | None:
        """Give a limit under ``validate``: a number, its text, or an expression; ``None`` when there is none."""
        value = self.validate.get(attribute)
        if value is None or value == "":
            return None
        if isinstance(value, str) and value.startswith("="):
            return self.expression(value, attribute)
        number = read_number(value)
        if number is None:
            self.problem(
                Text("{attribute} is not a number", attribute=attribute), Text("enter a number or an expression")
            )
        return number

    def count(self, name: str, fallback: int, *, most: int = 2**53) -> int:
        """Give a custom property that is a whole number; the editor writes these as text."""
        value = self.properties.get(name)
        if value is None or value == "":
            return fallback
        number = read_number(value)
        if number is None or number != number.to_integral_value() or not 0 <= number <= most:
            self.problem(Text("{name} is not a whole number from 0 to {most}", name=name, most=most))
            return fallback
        return int(number)

    def text(self, name: str) -> str:
        """Give a custom property that is text."""
        value = self.properties.get(name, "")
        if not isinstance(value, str):
            self.problem(Text("{name} is not text", name=name))
            return ""
        return value.strip()

    def asked(self, name: str) -> feel.Expression | None:
        """Give a custom property that is an expression; ``None`` when there is none."""
        written = self.text(name)
        if not written:
            return None
        if not written.startswith("="):
            self.problem(Text("{name} does not start with =", name=name), Text("write it as an expression"))
            return None
        return self.expression(written, name)

    def options(self) -> Options:
        """Give the source of its options, in the order of precedence of form-js."""
        key, fixed, written = (self.raw.get(name) for name in ("valuesKey", "values", "valuesExpression"))
        if isinstance(key, str) and key:
            return Options(key=key)
        if isinstance(fixed, list):
            return Options(fixed=fixed)
        if isinstance(written, str) and written.startswith("="):
            return Options(expression=self.expression(written, "valuesExpression"))
        self.problem(
            Text("the field has no options"), Text("list options, or name the variable or expression that gives them")
        )
        return Options()

    def has_fixed_options(self) -> bool:
        """Say whether what may be picked does not depend on variables."""
        return not self.raw.get("valuesKey") and not self.raw.get("valuesExpression")

    def field(
        self,
        path: tuple[str, ...],
        hidden_when: tuple[feel.Expression, ...],
        check: Any,
        *,
        kind: str | None,
        empty: Json = None,
        rules: list[Rule] | None = None,
        default: Json = None,
        **more: Any,
    ) -> Field:
        """Make the field of this component with the settings that all inputs share."""
        return Field(
            id=self.id,
            type=self.type,
            path=path,
            label=self.label(),
            check=check,
            kind=kind,
            rules=tuple(rules or ()),
            required=self.validate.get("required") is True,
            empty=empty,
            default=empty if default is None else default,
            readonly=self.readonly(),
            disabled=self.flag("disabled"),
            hidden_when=hidden_when,
            **more,
        )

    def label(self) -> str:
        """Give what the field is called: its label, or that of its date or time."""
        for attribute in ("label", "dateLabel", "timeLabel"):
            label = self.raw.get(attribute)
            if isinstance(label, str) and label:
                return label
        return ""

    def list_field(
        self, path: tuple[str, ...], hidden_when: tuple[feel.Expression, ...], items: tuple[Field, ...]
    ) -> Field:
        """Make the field of a list of items."""
        if self.raw.get("readonly") or self.raw.get("disabled"):
            self.problem(Text("a list cannot be read-only or disabled"), Text("make the fields in it so"))
        if "min" in self.validate or "max" in self.validate:
            self.problem(Text("a list has no min and max"), Text("use the custom properties minItems and maxItems"))
        least = self.count("minItems", 0, most=ITEMS_BOUND)
        most = self.count("maxItems", MAX_ITEMS, most=ITEMS_BOUND)
        first = self.raw.get("defaultRepetitions", 1)
        if isinstance(first, bool) or not isinstance(first, int) or not 0 <= first <= ITEMS_BOUND:
            self.problem(Text("defaultRepetitions is not a whole number from 0 to {most}", most=ITEMS_BOUND))
            first = 1
        if least > most:
            self.problem(Text("minItems is greater than maxItems"), Text("correct one of them"))
        return self.field(
            path,
            hidden_when,
            _no_check,
            kind=LIST,
            empty=[],
            items=items,
            limits=(least, most, first),
            grows=self.raw.get("allowAddRemove", True) is not False,
        )


def _no_check(value: Any, _scene: Scene) -> Json:
    """Refuse what is no list; the items of a list are checked field by field."""
    if not isinstance(value, list):
        raise Refused(Text("Enter a list"))
    return value
