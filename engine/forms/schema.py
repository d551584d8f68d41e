"""Reads a form-js schema into fields and collects everything that is wrong with it.

Source: the schema of form-js 1.23 (schema version 19), as the form editor of bpmn.io writes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine import feel
from engine.errors import Invalid, LimitExceeded, Problem, Text
from engine.forms.component import Component
from engine.forms.field import Field, Refused, Scene
from engine.forms.inputs import INPUTS
from engine.model import json

MAX_BYTES = 2_000_000
MAX_COMPONENTS = 1_000
MAX_NESTING = 10
SCHEMA_VERSION = 19

_SHOWN = {"text", "html", "image", "table", "spacer", "separator", "button", "iframe", "documentPreview"}
_FORBIDDEN_NAMES = {"__proto__", "constructor", "prototype"}


def parse(content: bytes) -> dict[str, Any]:
    """Parse a schema.

    Raises:
        Invalid: it is not a JSON object, or not of a form.
        LimitExceeded: it is larger than ``MAX_BYTES``.
    """
    if len(content) > MAX_BYTES:
        raise LimitExceeded("the form is larger than {limit} bytes", limit=MAX_BYTES)
    try:
        schema = json.loads(content)
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        raise Invalid(
            Problem(Text("line {line}", line=line), Text("the file is not JSON: {reason}", reason=str(error)[:200]))
        ) from None
    if not isinstance(schema, dict) or not isinstance(schema.get("components"), list):
        raise Invalid(
            Problem("line 1", Text("the file is not a form"), Text("export it from the form editor as a form schema"))
        )
    return schema


def read_fields(schema: Mapping[str, Any]) -> tuple[Field, ...]:
    """Give the fields of a schema, those in groups included, those in lists inside their list.

    Raises:
        Invalid: one ``Problem`` per fault, its place a field key, a component id or ``component N``.
    """
    reader = _Reader(schema)
    found = reader.read()
    if reader.problems:
        raise Invalid(reader.problems)
    return found


class _Reader:
    def __init__(self, schema: Mapping[str, Any]) -> None:
        self.schema = schema
        self.problems: list[Problem] = []
        self.count = 0
        self.ids: set[str] = set()
        self.names = _names(schema["components"], 0)

    def read(self) -> tuple[Field, ...]:
        schema = self.schema
        if not isinstance(schema.get("id"), str) or not schema["id"]:
            self._problem("", Text("the form has no id"), Text("give it one; tasks refer to the form by it"))
        if schema.get("type") != "default":
            self._problem("", Text("the type of the form is not default"), Text("export it from the form editor"))
        if not isinstance(schema.get("versionTag", ""), str):
            self._problem("", Text("the version tag is not text"), Text("write it in quotes, or leave it out"))
        version = schema.get("schemaVersion", SCHEMA_VERSION)
        if isinstance(version, bool) or not isinstance(version, int) or not 0 < version <= SCHEMA_VERSION:
            message = Text("the schema version {version} is not known", version=str(version)[:20])
            self._problem(
                "", message, Text("export the form with schema version {version} or lower", version=SCHEMA_VERSION)
            )
        return self._components(schema["components"], (), (), {}, 0)

    def _components(
        self,
        components: Any,
        path: tuple[str, ...],
        hidden_when: tuple[feel.Expression, ...],
        claimed: dict[str, Any],
        depth: int,
    ) -> tuple[Field, ...]:
        """Read components that share a scope of names; ``claimed`` is a tree of the names taken in it."""
        if not isinstance(components, list):
            self._problem("", Text("components must be a list"))
            return ()
        fields: list[Field] = []
        for found in components:
            self.count += 1
            if self.count > MAX_COMPONENTS or depth > MAX_NESTING:
                raise LimitExceeded(
                    "a form may have {count} components, nested {depth} deep", count=MAX_COMPONENTS, depth=MAX_NESTING
                )
            if not isinstance(found, dict):
                self._problem(f"component {self.count}", Text("a component must be an object"))
                continue
            component = Component(found, f"component {self.count}", self.names, self.problems)
            self._claim_id(component)
            fields.extend(self._component(component, path, hidden_when, claimed, depth))
        return tuple(fields)

    def _component(
        self,
        component: Component,
        path: tuple[str, ...],
        hidden_when: tuple[feel.Expression, ...],
        claimed: dict[str, Any],
        depth: int,
    ) -> Sequence[Field]:
        hide = component.condition()
        hidden_when = hidden_when if hide is None else (*hidden_when, hide)
        kind = component.type
        if kind in _SHOWN:
            return ()
        if kind == "group":
            inner = (*path, *component.path("path", required=False))
            return self._components(component.raw.get("components", []), inner, hidden_when, claimed, depth + 1)
        if kind == "dynamiclist":
            return self._list(component, path, hidden_when, claimed, depth)
        make = INPUTS.get(kind)
        if make is None:
            component.problem(
                Text("the component type {type} is not known", type=kind[:80] or "?"),
                Text("use one of {types}", types=", ".join(sorted({*INPUTS, *_SHOWN, "group", "dynamiclist"}))),
            )
            return ()
        names = component.path("key", required=True)
        if not names or not self._claim(component, (*path, *names), claimed):
            return ()
        field = make(component, (*path, *names), hidden_when)
        self._check_default(component, field)
        return (field,)

    def _list(
        self,
        component: Component,
        path: tuple[str, ...],
        hidden_when: tuple[feel.Expression, ...],
        claimed: dict[str, Any],
        depth: int,
    ) -> Sequence[Field]:
        names = component.path("path", required=True)
        if not names or not self._claim(component, (*path, *names), claimed):
            return ()
        items = self._components(component.raw.get("components", []), (), (), {}, depth + 1)
        return (component.list_field((*path, *names), hidden_when, items),)

    def _claim(self, component: Component, path: tuple[str, ...], claimed: dict[str, Any]) -> bool:
        """Take a name for one field; a name that is another field's value, or leads through one, is taken already."""
        if _FORBIDDEN_NAMES.intersection(path):
            component.problem(Text("the key {key} is reserved", key=".".join(path)), Text("choose another key"))
            return False
        node = claimed
        for name in path[:-1]:
            node = node.setdefault(name, {})
            if node is _TAKEN:
                break
        if node is _TAKEN or path[-1] in node:
            component.problem(
                Text("the key {key} is used twice", key=".".join(path)), Text("give every field its own key")
            )
            return False
        node[path[-1]] = _TAKEN
        return True

    def _claim_id(self, component: Component) -> None:
        if component.id in self.ids:
            component.problem(
                Text("the id {id} is used twice", id=component.id), Text("give every component its own id")
            )
        self.ids.add(component.id)

    def _check_default(self, component: Component, field: Field) -> None:
        """Refuse a default that would be refused as an answer; those of options known later are not checked."""
        if field.default is None or field.default == field.empty or not component.has_fixed_options():
            return
        try:
            field.check(field.default, _NO_SCENE)
        except Refused as refused:
            component.problem(
                Text("the default value is not allowed: {reason}", reason=refused.message), Text("change or remove it")
            )

    def _problem(self, where: str, message: Text, remedy: Text | str = "") -> None:
        self.problems.append(Problem(where or str(self.schema.get("id") or "form"), message, remedy))


_TAKEN: dict[str, Any] = {}
"""Marks the name of a field in a tree of names; compared by identity."""

_NO_SCENE = Scene({}, {}, feel.Run({}))
"""Where a default is checked: there are no values yet."""


def _names(components: Any, depth: int) -> set[str]:
    """Collect the names that expressions may use: those in keys and paths, and the variables that hold options."""
    names: set[str] = set()
    if not isinstance(components, list) or depth > MAX_NESTING:
        return names
    for found in components:
        if isinstance(found, dict):
            for attribute in ("key", "path", "valuesKey"):
                written = found.get(attribute)
                if isinstance(written, str):
                    names.update(written.split("."))
            names |= _names(found.get("components"), depth + 1)
    return names
