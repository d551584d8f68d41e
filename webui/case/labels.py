"""What variables are called: the labels, options and order of the forms that are deployed with a process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine.bpmn.definition import Definition, Kind
from engine.model import json
from engine.model.values import SYSTEM
from engine.services import repository
from engine.store.versions import ProcessDefinition

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


def of_process(engine: Engine, version: ProcessDefinition, definition: Definition) -> Mapping[str, Label]:
    """Give the labels of every field of the forms deployed with a process: {path with dots: label}.

    Those of its start forms come first, in the order in which they are asked. A field that several forms ask for has the options of all.
    """
    return engine.compiled.get(("labels", version.key), lambda: _read(engine, version.deployment, _first(definition)))


def _first(definition: Definition) -> frozenset[str]:
    starts = [element for element in definition.elements.values() if element.kind is Kind.START_EVENT]
    top = [element for element in starts if element.scope == definition.process_id]
    return frozenset(element.attributes.get("formId") or element.properties.get("form", "") for element in top)


def _read(engine: Engine, deployment: int, first: frozenset[str]) -> Mapping[str, Label]:
    schemas = [json.loads(file.content) for file in repository.files(engine, deployment, ".form", actor=SYSTEM)]
    found: dict[str, Label] = {}
    for schema in sorted(schemas, key=lambda schema: schema["id"] not in first):
        for path, component in _fields(schema, ()):
            text = component.get("label") or component.get("dateLabel") or component.get("timeLabel") or ""
            if not text or str(text).startswith("="):
                continue
            label, known = _label(str(text), component), found.get(path)
            found[path] = replace(known, options={**label.options, **known.options}) if known else label
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
