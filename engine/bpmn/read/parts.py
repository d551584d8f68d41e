"""XML as the reader sees it: local names, ids without prefixes, and the parts of an element gathered in one pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from engine.bpmn.validate import Node

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
_BPMN_PREFIX = len(BPMN) + 2
_ZEEBE_PREFIX = len(ZEEBE) + 2
_EXTENSIONS = f"{{{BPMN}}}extensionElements"
# hints for drawing tools: the sequence flows themselves say the same and are believed
_SKIPPED = frozenset({f"{{{BPMN}}}incoming", f"{{{BPMN}}}outgoing"})


def bpmn(local: str) -> str:
    """Give the full tag of a BPMN element."""
    return f"{{{BPMN}}}{local}"


def local_name(node: Node) -> str:
    """Give the local name of a BPMN element; ``""`` for one of another namespace."""
    tag = node.tag
    return tag[_BPMN_PREFIX:] if isinstance(tag, str) and tag.startswith("{" + BPMN) else ""


def reference(text: str | None) -> str:
    """Give the id that a QName points to."""
    return (text or "").strip().rpartition(":")[2]


def text_of(node: Node | None) -> str:
    """Give the text of an element, trimmed; ``""`` when there is none."""
    return (node.text or "").strip() if node is not None else ""


def title(node: Node) -> str:
    """Give the name of an element as one line; modelers break it where the shape is too narrow."""
    return " ".join((node.get("name") or "").split())


class Parts:
    """The children of one element by local name, those of its ``extensionElements`` apart.

    Attributes:
        node: the element.
        id: its id.
        zeebe: {local name: extension elements of the ``zeebe`` namespace}.
        foreign: namespaces of its other extension elements.
    """

    __slots__ = ("_bpmn", "foreign", "id", "node", "zeebe")

    def __init__(self, node: Node) -> None:
        self.node = node
        self.id = node.get("id") or ""
        self.zeebe: dict[str, list[Node]] = {}
        self.foreign: set[str] = set()
        self._bpmn: dict[str, list[Node]] = {}
        for child in node:
            tag = child.tag
            if tag in _SKIPPED:
                continue
            if tag == _EXTENSIONS:
                self._read_extensions(child)
            elif name := local_name(child):
                self._bpmn.setdefault(name, []).append(child)

    def _read_extensions(self, extensions: Node) -> None:
        for child in extensions:
            tag = child.tag
            if not isinstance(tag, str):
                continue
            if tag.startswith("{" + ZEEBE):
                self.zeebe.setdefault(tag[_ZEEBE_PREFIX:], []).append(child)
            else:
                self.foreign.add(tag[1:].partition("}")[0] if tag.startswith("{") else "")

    def get(self, attribute: str, default: str = "") -> str:
        """Give an attribute of the element itself."""
        return self.node.get(attribute) or default

    def flag(self, attribute: str, *, default: bool) -> bool:
        """Give a boolean attribute."""
        value = (self.node.get(attribute) or "").strip()
        return value in ("true", "1") if value else default

    def number(self, attribute: str, default: int) -> int:
        """Give a whole-number attribute; what is none counts as absent (the schemas report it)."""
        try:
            return int(self.node.get(attribute) or default)
        except ValueError:
            return default

    def all(self, *names: str) -> list[Node]:
        """Give the child elements of these local names, name by name."""
        return [child for name in names for child in self._bpmn.get(name, ())]

    def items(self) -> list[tuple[str, Node]]:
        """Give the child elements with their local names, kind by kind."""
        return [(name, child) for name, children in self._bpmn.items() for child in children]

    def first(self, name: str) -> Node | None:
        """Give the first child element of a local name."""
        children = self._bpmn.get(name)
        return children[0] if children else None

    def text(self, name: str) -> str:
        """Give the text of the first child element of a local name."""
        return text_of(self.first(name))

    def extension(self, name: str) -> Mapping[str, str] | None:
        """Give the attributes of the first ``zeebe`` extension element of a local name; None when there is none."""
        found = self.zeebe.get(name)
        return cast("Mapping[str, str]", found[0].attrib) if found else None

    def namespaces(self) -> set[str]:
        """Give the namespaces of its foreign extension elements and of its own qualified attributes."""
        keys = cast("Mapping[str, str]", self.node.attrib)
        return self.foreign | {key[1:].partition("}")[0] for key in keys if key[0] == "{"}
