"""Forms of processes as pages show them: the schema in the reader's language, what is filled in, and the plain form beneath.

Whether an answer is allowed is for ``engine.forms``; here it is only shown.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import request

from engine.errors import Invalid, Problem
from engine.forms import Form
from engine.model import json
from engine.model.json import Json
from webui.i18n import gettext
from webui.i18n.formats import listed, local
from webui.i18n.languages import language
from webui.i18n.process import Translate
from webui.i18n.say import capital, say

LANGUAGE = "language"
"""What the expressions of a form in the browser know the reader's language by; options out of data have several labels."""


def new_command() -> str:
    """Give an id for a submission, so that a repeated one is one."""
    return secrets.token_hex(12)


@dataclass(frozen=True, slots=True)
class PlainField:
    """One field of the form that works without script."""

    key: str
    type: str
    label: str
    required: bool = False
    value: str = ""
    hint: str = ""
    accept: str = ""
    multiple: bool = False
    options: tuple[Mapping[str, str], ...] = ()
    chosen: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """The value as it is read."""
        labels = [option["label"] for option in self.options if option["value"] in self.chosen]
        return listed(labels) or self.value


@dataclass(frozen=True, slots=True)
class FormView:
    """A form on a page.

    Attributes:
        id: of the element that holds it.
        schema: in the reader's language; None where nothing is asked.
        action: where it is sent.
        verb: what sending it is called.
        upload, files: where files go and where they are read.
        draft: under which name the browser keeps what is typed.
        command_id: makes a repeated submission one.
    """

    id: str
    action: str
    verb: str
    schema: Mapping[str, Any] | None = None
    data: Mapping[str, Json] = field(default_factory=dict)
    upload: str = ""
    files: str = "/files"
    draft: str = ""
    readonly: bool = False
    label: str = ""
    command_id: str = field(default_factory=new_command)
    problems: tuple[Problem, ...] = ()

    @property
    def payload(self) -> dict[str, Any]:
        """What the script gets."""
        return {"schema": self.schema, "data": self.data, "readonly": self.readonly}

    @property
    def fields(self) -> list[PlainField]:
        """The fields of the plain form."""
        return list(_plain(self)) if self.schema else []


def view(
    form: Form | None,
    translate: Translate,
    context: Mapping[str, Json],
    *,
    fixed: frozenset[str] = frozenset(),
    **where: Any,
) -> FormView:
    """Show a form, filled in with what is known.

    Args:
        fixed: keys of fields that are not asked, since the server knows them.
    """
    if form is None:
        return FormView(**where)
    known = {name: value for name, value in context.items() if _shown(form, name)}
    data = {**known, **form.blank(context)}
    if _shown(form, LANGUAGE):
        data[LANGUAGE] = language()
    if not where.get("readonly"):
        data |= dict(_not_offered(form.schema, data))
        data |= {key: now for key, now in _moments(form.schema) if data.get(key) is None}
    return FormView(schema=_without(form.localized(translate), fixed), data=data, **where)


def _moments(schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give (key, now) of the moments that begin with now (property ``initial``), so that nobody types what the clock knows."""
    for component in _components(schema):
        if component.get("key") and (component.get("properties") or {}).get("initial") == "now":
            yield component["key"], local(datetime.now(UTC)).isoformat(timespec="minutes")


def _not_offered(schema: Mapping[str, Any], data: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """Give (key, default) of the fields whose options lack what is known: an earlier step had others to choose from."""
    for component in _components(schema):
        key, options = str(component.get("key", "")), component.get("values")
        if options and isinstance(data.get(key), str) and data[key] not in {option.get("value") for option in options}:
            yield key, component.get("defaultValue")


def _without(schema: Mapping[str, Any], keys: frozenset[str]) -> Mapping[str, Any]:
    if not keys:
        return schema
    left = (
        [_without(each, keys) for each in schema["components"] if each.get("key") not in keys]
        if "components" in schema
        else None
    )
    return schema if left is None else {**schema, "components": left}


def _shown(form: Form, name: str) -> bool:
    # expressions and option lists of the schema may name variables that are no field; the rest of the case stays on the server
    return name in json.dumps(form.schema)


def submitted() -> tuple[dict[str, Any], str | None]:
    """Read (values, command id) of what was sent: JSON by the script, fields by the plain form.

    Raises:
        Invalid: it is neither.
    """
    if request.is_json:
        try:
            body = json.loads(request.get_data())
        except ValueError as error:
            raise Invalid(Problem("", gettext("This is not JSON."))) from error
        if not isinstance(body, dict) or not isinstance(body.get("values", {}), dict):
            raise Invalid(Problem("", gettext("This is not an answer to a form.")))
        command_id = body.get("command_id")
        return body.get("values", {}), command_id if isinstance(command_id, str) else None
    values: dict[str, Any] = {}
    for name in request.form:
        if name not in ("csrf_token", "command_id"):
            values[name] = request.form.getlist(name)
    return values, request.form.get("command_id")


def typed(form: Form | None, values: Mapping[str, Any]) -> dict[str, Any]:
    """Give the texts of a plain form the shapes that the schema asks for; whether they are allowed is decided later."""
    found: dict[str, Any] = {}
    options = {each.get("key"): each.get("values") or () for each in _components(form.schema if form else {})}
    for each in form.fields if form else ():
        texts = [text for text in values.get(each.key, ()) if text != ""]
        if each.type in ("checklist", "taglist"):
            value: Any = texts
        elif each.type == "checkbox":
            value = bool(texts)
        else:
            value = texts[0] if texts else None
            # an option may be true or a number, of which a plain form knows the text
            value = next(
                (option["value"] for option in options.get(each.key, ()) if str(option.get("value")) == value), value
            )
        _put(found, each.path, value)
    return found


def _put(tree: dict[str, Any], path: Iterable[str], value: Any) -> None:
    *above, last = path
    for name in above:
        tree = tree.setdefault(name, {})
    tree[last] = value


_INPUTS = {
    "textfield": "text",
    "number": "number",
    "textarea": "textarea",
    "checkbox": "checkbox",
    "filepicker": "file",
}
LOCAL = len("2026-11-22T17:42")
"""So much of a moment a browser's own field takes: no seconds and no offset."""

_DATES = {"date": "date", "time": "time", "datetime": "datetime-local"}


def _plain(form: FormView) -> Iterator[PlainField]:
    wrong: dict[str, list[str]] = {}
    for problem in form.problems:
        wrong.setdefault(problem.where, []).append(capital(say(problem.message)))
    for component in _components(form.schema or {}):
        kind = component.get("type", "")
        label = component.get("label") or component.get("dateLabel") or component.get("timeLabel") or ""
        if kind == "text":
            yield PlainField("", "note", str(component.get("text", "")).lstrip("# "))
        key = component.get("key", "")
        if not key or component.get("disabled") or (component.get("properties") or {}).get("input") == "position":
            continue  # only a script can ask the browser where it is
        value = form.data.get(key)
        if kind == "datetime" and isinstance(value, str):
            value = value[:LOCAL]
        options = tuple(
            {"value": str(option.get("value")), "label": str(option.get("label"))}
            for option in component.get("values") or ()
        )
        validate = component.get("validate") or {}
        yield PlainField(
            key=key,
            type=_INPUTS.get(kind)
            or _DATES.get(component.get("subtype", "date") if kind == "datetime" else "")
            or kind,
            label=label,
            required=validate.get("required") is True,
            value=_text(value),
            hint=component.get("description") or "",
            accept=component.get("accept") or "",
            multiple=bool(component.get("multiple")),
            options=options,
            chosen=tuple(map(str, value)) if isinstance(value, list) else (str(value),),
            errors=tuple(wrong.get(key, ())),
        )


def _components(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for component in schema.get("components") or ():
        if component.get("type") == "group":
            yield from _components(component)
        else:
            yield component


def _text(value: Json) -> str:
    if value is None or value is False or isinstance(value, list | dict):
        return ""
    return str(value)
