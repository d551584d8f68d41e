"""The facts of a case: its variables under their labels, written as people read them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine.model import json
from engine.model.json import Json
from webui.case.labels import Label
from webui.i18n import formats, gettext

MOST = 14
YUAN = ("¥", "￥", "元", "CNY")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)(\[[\w/]+\])?")
_ZERO = re.compile(r"0(\.0+)?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a variable refers to."""

    key: str
    name: str
    type: str

    @property
    def is_image(self) -> bool:
        """Whether it can be looked at in place."""
        return self.type.startswith("image/")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is known of a case."""

    label: str
    text: str
    numeric: bool = False
    files: tuple[Attachment, ...] = ()
    href: str = ""


def of(
    variables: Mapping[str, Json],
    labels: Mapping[str, Label],
    translate: Callable[[str], str],
    known: Mapping[str, str],
) -> list[Fact]:
    """List what is known of a case and has a label, in the order in which the forms ask for it.

    What says nothing is left out: empty, zero, no, and ``none``.

    Args:
        known: {variable: text} of variables whose value is a code that something else names.
    """
    return list(_facts(variables, labels, translate, known))[:MOST]


def _facts(
    variables: Mapping[str, Json],
    labels: Mapping[str, Label],
    translate: Callable[[str], str],
    known: Mapping[str, str],
) -> Iterator[Fact]:
    for path, label in labels.items():
        value = _get(variables, path)
        if _says_nothing(value):
            continue
        files = attachments(value)
        if files:
            yield Fact(translate(label.text), "", files=files)
            continue
        numeric = isinstance(value, int | Decimal) and not isinstance(value, bool)
        text = known.get(path) or shown(value, label, translate)
        if text:
            yield Fact(translate(label.text), text, numeric=numeric)


def _says_nothing(value: Json) -> bool:
    if value is None or value is False or value in ("", [], {}, "none"):
        return True
    return isinstance(value, int | Decimal | str) and _ZERO.fullmatch(str(value)) is not None


def _get(variables: Mapping[str, Json], path: str) -> Json:
    value: Any = variables
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    found: Json = value
    return found


def shown(value: Json, label: Label | None, translate: Callable[[str], str]) -> str:
    """Write a value as people read it: options by their label, money with its sign, instants in the reader's zone."""
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, list):
        return _separator().join(text for each in value if (text := shown(each, label, translate)))
    if isinstance(value, dict):
        return str(value.get("label") or value.get("name") or "")
    if value is None:
        return ""
    if label and str(value) in label.options:
        return translate(label.options[str(value)])
    if label and label.unit in YUAN and label.kind in ("number", "textfield", "expression"):
        return _money(value)
    if isinstance(value, int | Decimal):
        return formats.number(value) + (f" {translate(label.unit)}" if label and label.unit else "")
    return _time(value)


def _separator() -> str:
    return gettext(", ")


def _money(value: str | int | Decimal) -> str:
    try:
        return formats.money(Decimal(value))
    except ArithmeticError:
        return str(value)


def _time(text: str) -> str:
    try:
        if _INSTANT.fullmatch(text):
            return formats.moment(datetime.fromisoformat(text.partition("[")[0]))
        if _DAY.fullmatch(text):
            return formats.day(date.fromisoformat(text))
    except ValueError:
        pass  # it only looks like a date
    return text


def attachments(value: Json) -> tuple[Attachment, ...]:
    """Give the files that a value refers to; empty when it is anything else."""
    if not isinstance(value, list) or not value:
        return ()
    found = []
    for each in value:
        key = each.get("file") if isinstance(each, dict) else None
        if not isinstance(each, dict) or not isinstance(key, str):
            return ()
        found.append(Attachment(key, str(each.get("name", "")), str(each.get("type", ""))))
    return tuple(found)


def raw(value: Json) -> str:
    """Write any value as JSON, cut short, for the table of all data."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 500 else text[:500] + "…"
