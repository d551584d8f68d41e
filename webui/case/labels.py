"""What variables are called: the labels, options and order of the forms that are deployed with a process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.model import json
from engine.model.values import SYSTEM
from engine.services import repository

if TYPE_CHECKING:
    from engine.services.engine import Engine


@dataclass(frozen=True, slots=True)
class Label:
    """How one variable is shown, as written in the form.

    Attributes:
        kind: type of the component that asks for it.
        options: {code: text} of what may be chosen.
        unit: what stands before or behind a number, such as ``¥``.
    """

    text: str
    kind: str
    options: Mapping[str, str]
    unit: str = ""


def of_deployment(engine: Engine, deployment: int) -> Mapping[str, Label]:
    """Give the labels of every field of the forms of a deployment: {path with dots: label}, in the order in which they are asked."""
    return engine.compiled.get(("labels", deployment), lambda: _read(engine, deployment))


def _read(engine: Engine, deployment: int) -> Mapping[str, Label]:
    found: dict[str, Label] = {}
    for file in repository.files(engine, deployment, ".form", actor=SYSTEM):
        for path, component in _fields(json.loads(file.content), ()):
            label = component.get("label") or component.get("dateLabel") or component.get("timeLabel") or ""
            if label and not str(label).startswith("="):
                found.setdefault(path, _label(str(label), component))
    return found


def _label(text: str, component: Mapping[str, Any]) -> Label:
    options = {str(option.get("value")): str(option.get("label")) for option in component.get("values") or ()}
    appearance = component.get("appearance") or {}
    unit = appearance.get("suffixAdorner") or appearance.get("prefixAdorner") or ""
    return Label(text, component["type"], options, str(unit))


def _fields(component: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for each in component.get("components") or ():
        if each.get("type") == "group":
            yield from _fields(each, (*above, *_names(each.get("path"))))
        elif each.get("type") == "dynamiclist":
            yield ".".join((*above, *_names(each.get("path")))), each
        elif each.get("key"):
            yield ".".join((*above, *_names(each["key"]))), each


def _names(path: Any) -> tuple[str, ...]:
    return tuple(path.split(".")) if isinstance(path, str) and path else ()
