"""What another engine says and the import leaves where it is: named, so that nothing is lost in silence."""

from __future__ import annotations

from lxml import etree

from engine.bpmn.importers.element import Element, Report
from engine.bpmn.read.extensions import ENGINES
from engine.bpmn.read.parts import local_name
from engine.bpmn.validate import Node
from engine.errors import Text

_CHARS = 80
# what names a nested element best, first found
_NAMING = ("name", "key", "id", "event", "source", "variable", "target")
BOOKKEEPING = frozenset(
    {"diagramRelationId", "modelerTemplate", "modelerTemplateVersion", "modelerTemplateIcon", "extensionId"}
)
"""Attributes by which modelers keep their books; they steer nothing."""
_HOLDING = frozenset({"properties", "formData", "inputOutput", "executionListener", "taskListener"})
_SHOWN = frozenset({"message", "signal", "error", "escalation"})  # their names are read elsewhere, and calculated


def tell(element: Element) -> None:
    """Name what is still there of one element: its attributes with their values, its extensions with what is in them."""
    engine = ENGINES[element.namespace]
    for name in element.foreign():
        value = element.get(name)
        if name in BOOKKEEPING:
            element.tell(Text("{name}={value} is kept for other tools", name=name, value=value[:_CHARS]))
        elif name not in element.asked:
            _ask(element, f"{name}={value[:_CHARS]}", engine)
    for extension in element.extensions():
        if etree.QName(extension).localname not in element.asked and _says(extension):
            _ask(element, _described(extension), engine)


def calculated_name(element: Element) -> None:
    """Ask about a name that holds an expression: here it is shown as it is written."""
    name = element.node.get("name") or ""
    if ("${" in name or "#{" in name) and element.kind not in _SHOWN:
        element.ask(
            "import-name",
            Text("the name {name} is shown as it is written", name=name[:_CHARS]),
            Text("give it a fixed name; what differs from case to case belongs into the title or the form"),
        )


def elsewhere(root: Node, namespace: str, report: Report) -> None:
    """Name what is said at places that are no BPMN elements, such as shapes."""
    mark = f"{{{namespace}}}"
    for node in root.iter("*"):
        if local_name(node) or str(node.tag).startswith(mark):
            continue
        names = [
            f"{str(key).removeprefix(mark)}={node.get(key)!s:.{_CHARS}}"
            for key in node.attrib
            if str(key).startswith(mark)
        ]
        inside = [each for each in node if isinstance(each.tag, str) and each.tag.startswith(mark)]
        if names or inside:
            place = Element(node, namespace, report)
            for name in (*names, *map(_described, inside)):
                _ask(place, name, ENGINES[namespace])


def _ask(element: Element, name: str, engine: str) -> None:
    element.ask(
        "import-left",
        Text("{name} of {engine} stays in the file and has no effect", name=name, engine=engine),
        Text("do by other means what it did, or remove it"),
    )


def _says(extension: Node) -> bool:
    """Tell whether an extension element says anything, be it by its presence; modelers leave empty lists and listeners behind."""
    inside = [each.text or "" for each in extension.iter("*")]
    inside += [str(value) for each in extension.iter("*") for value in each.attrib.values()]
    return etree.QName(extension).localname not in _HOLDING or any(map(str.strip, inside))


def _described(extension: Node) -> str:
    """Name an extension element: what it is, and what stands in it."""
    words = [_attributes(extension), (extension.text or "").strip()[:_CHARS]]
    words += [_naming(each) or etree.QName(each).localname for each in extension.iterdescendants("*")]
    said = ", ".join(dict.fromkeys(each for each in words if each))
    name = str(etree.QName(extension).localname)
    return f"{name} ({said[:300]})" if said else name


def _naming(node: Node) -> str:
    found = next((each for each in _NAMING if node.get(each)), None)
    if found is None:
        return _attributes(node)
    value = f"={said[:_CHARS]}" if (said := node.get("value")) else ""
    return f"{str(node.get(found))[:_CHARS]}{value}"


def _attributes(node: Node) -> str:
    return ", ".join(f"{key!s}={value!s:.{_CHARS}}" for key, value in node.attrib.items())
