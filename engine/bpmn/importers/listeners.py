"""Listeners of other engines: job types that a deployment refuses by name until a task stands in their place."""

from __future__ import annotations

from lxml import etree

from engine.bpmn.importers import work
from engine.bpmn.importers.element import Element
from engine.errors import Text

# {what a listener listens to: what our dialect calls it}; another word stays as it is
_EVENTS = {
    "start": "start",
    "end": "end",
    "create": "creating",
    "assignment": "assigning",
    "update": "updating",
    "complete": "completing",
    "delete": "canceling",
}
_FIRST = {"executionListener": "start", "taskListener": "create", "eventListener": "all"}
_CODE = ("class", "delegateExpression", "expression")


def translate(element: Element) -> None:
    """Make the listeners of an element job types; a script stays in the file beside its job type."""
    for node in element.extensions(*_FIRST):
        kind = str(etree.QName(node).localname)
        codes = {each: said for each in _CODE if (said := node.get(each) or "")}
        thrown = node.get("throwEvent") or ""
        is_script = any(etree.QName(each).localname == "script" for each in node.iter("{*}script"))
        if not (codes or thrown or is_script):
            continue  # what an earlier import has left
        event = node.get("event") or node.get("events") or ("take" if _on_flow(element, kind) else _FIRST[kind])
        for code in codes.values() or ("",):
            _replaced(element, kind, event, code, thrown)
        if is_script:
            element.asked.add(kind)
        elif codes:
            element.consume(node, "event", "events", *codes)


def _replaced(element: Element, kind: str, event: str, code: str, thrown: str) -> None:
    type_ = work.job_type(code) if code else f"{'throw' if thrown else 'script'}.{element.id}.{event}"
    refused(element, "taskListener" if kind == "taskListener" else "executionListener", event, type_)
    element.ask(
        "import-listener",
        Text(
            "the listener {code} on {event} is now the job type {type}",
            code=code or thrown or kind,
            event=event,
            type=type_,
        ),
        Text(
            "put a task of this type before or after the element and remove the listener; until then it is not deployed"
        ),
    )


def _on_flow(element: Element, kind: str) -> bool:
    return element.kind == "sequenceFlow" and kind == "executionListener"


def refused(element: Element, kind: str, event: str, type_: str) -> None:
    """Add a listener of ours, which deploying refuses; once, also when a file is imported again."""
    given = (kind, _EVENTS.get(event, event), type_)
    if given not in element.listeners():
        element.listeners().add(given)
        element.put_inside(f"{kind}s", kind, eventType=given[1], type=type_)
