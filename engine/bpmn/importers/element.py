"""One element of a file while it is imported: what another engine says about it is taken, our own words are put."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn.importers import juel
from engine.bpmn.importers.words import Untranslatable, name, text
from engine.bpmn.read.parts import ZEEBE, bpmn, local_name
from engine.bpmn.validate import Node
from engine.errors import Problem, Text

INFO = "info"
WARNING = "warning"
_EXTENSIONS = bpmn("extensionElements")
_BEFORE = (bpmn("documentation"), _EXTENSIONS)


@dataclass(slots=True)
class Report:
    """What was translated (``info``) and what needs a person (``warning``), by element.

    Attributes:
        data: ids of the data elements of the file, from which names of variables are told apart.
    """

    data: frozenset[str] = frozenset()
    problems: list[Problem] = field(default_factory=list)

    def tell(self, where: str, message: Text) -> None:
        """Note what was translated or left out without harm."""
        self.problems.append(Problem(where, message, "", "import-translated", INFO))

    def ask(self, where: str, rule: str, message: Text, remedy: Text) -> None:
        """Note what a person must do."""
        self.problems.append(Problem(where, message, remedy, rule, WARNING))


class Element:
    """A BPMN element with what one foreign namespace says about it.

    Attributes:
        node: the element in the tree.
        id: its id, or that of the nearest element around it that has one.
        kind: its local name.
        asked: what of it that stays a person was already asked about.
    """

    def __init__(
        self, node: Node, namespace: str, report: Report, *, dialect: Callable[[str], str] | None = None
    ) -> None:
        self.node = node
        self.namespace = namespace
        self.report = report
        self.kind = local_name(node)
        self.id = next((str(each.get("id")) for each in (node, *node.iterancestors()) if each.get("id")), "")
        self.asked: set[str] = set()
        self._dialect = dialect
        self._listeners: set[tuple[str, str, str]] | None = None

    # ---- taking ------------------------------------------------------------------------------------------------------

    def get(self, attribute: str) -> str:
        """Give a foreign attribute, trimmed; ``""`` when there is none."""
        return (self.node.get(f"{{{self.namespace}}}{attribute}") or "").strip()

    def drop(self, *attributes: str) -> None:
        """Remove foreign attributes, which are translated."""
        for attribute in attributes:
            self.node.attrib.pop(f"{{{self.namespace}}}{attribute}", "")

    def take(self, attribute: str) -> str:
        """Give a foreign attribute and remove it."""
        value = self.get(attribute)
        self.drop(attribute)
        return value

    def flag(self, attribute: str) -> bool:
        """Give a foreign truth value and remove it; what is none stays."""
        value = self.get(attribute)
        if value in ("true", "false"):
            self.drop(attribute)
        return value == "true"

    def extensions(self, *names: str) -> list[Node]:
        """Give the foreign extension elements of these local names, or all, also those that stand outside ``extensionElements``."""
        holder = self.node.find(_EXTENSIONS)
        mine = [
            each
            for parent in (self.node, holder)
            for each in (() if parent is None else parent)
            if isinstance(each.tag, str) and etree.QName(each).namespace == self.namespace
        ]
        return [each for each in mine if not names or etree.QName(each).localname in names]

    def of(self, node: Node, name: str) -> list[Node]:
        """Give the foreign children of an extension element."""
        return node.findall(f"{{{self.namespace}}}{name}")

    def consume(self, extension: Node, *attributes: str) -> None:
        """Remove what is translated of an extension element; what else it says stays, and is told as what stays."""
        for attribute in attributes:
            extension.attrib.pop(attribute, "")
        if not extension.attrib and not len(extension):
            self.remove(extension)

    def foreign(self) -> list[str]:
        """Give the names of the foreign attributes that are still there."""
        mark = f"{{{self.namespace}}}"
        return [str(key).removeprefix(mark) for key in self.node.attrib if str(key).startswith(mark)]

    # ---- translating -------------------------------------------------------------------------------------------------

    def feel(self, value: str, what: str) -> str | None:
        """Translate a value: an expression to FEEL with ``=``, plain text as it is; None, and a question, when it is code."""
        try:
            if self._dialect is not None:
                return f"={self._dialect(value)}"
            return f"={juel.to_feel(value)}" if juel.is_expression(value) else value
        except Untranslatable as error:
            self.report.ask(
                self.id,
                "import-expression",
                Text(
                    "{what} is {text}, which cannot be translated: {reason}",
                    what=what,
                    text=value[:200],
                    reason=error.text,
                ),
                Text("write it in FEEL"),
            )
            return None

    def attribute(self, name: str) -> str | None:
        """Translate a foreign attribute and remove it; None when there is none, or when it is code, which stays and is asked about."""
        value = self.get(name)
        found = self.feel(value, name) if value else None
        if found is not None:
            self.drop(name)
        elif value:
            self.asked.add(name)
        return found

    def variable(self, word: str, what: str) -> str | None:
        """Translate what names a variable, or is an expression, to FEEL with ``=``; None, and a question, when it is code."""
        if juel.is_expression(word) or word.isidentifier():
            return self.feel(word if juel.is_expression(word) else f"${{{word}}}", what)
        try:
            return f"={name(word)}"
        except Untranslatable as error:
            self.ask("import-expression", error.text, Text("write it in FEEL"))
            return None

    def calculated(self, value: str, what: str) -> str | None:
        """Translate a value to FEEL with ``=``, plain text as a string."""
        found = self.feel(value, what)
        return found if found is None or found.startswith("=") else f"={text(found)}"

    def ours(self, kind: str) -> Node | None:
        """Give the extension element of ours of this kind, which an earlier import may have put; None when there is none."""
        holder = self.node.find(_EXTENSIONS)
        tag = f"{{{ZEEBE}}}{kind}"
        # `find` looks ahead to the next of its kind, through all that is there
        return next((each for each in (() if holder is None else holder) if each.tag == tag), None)

    def listeners(self) -> set[tuple[str, str, str]]:
        """Give the listeners of ours that it has: kind, event and type of job."""
        if self._listeners is None:
            kinds = ("executionListener", "taskListener")
            lists = [each for kind in kinds if (each := self.ours(f"{kind}s")) is not None]
            self._listeners = {
                (str(etree.QName(each).localname), each.get("eventType") or "", each.get("type") or "")
                for listed in lists
                for each in listed.iterchildren("*")
            }
        return self._listeners

    # ---- putting -----------------------------------------------------------------------------------------------------

    def put(self, kind: str, **attributes: str) -> Node:
        """Add an extension element of ours, or to the one that is there."""
        found = self.ours(kind)
        if found is None:
            found = etree.Element(f"{{{ZEEBE}}}{kind}")
            self.holder().insert(0, found)  # in front, where the next look finds it at once
        for key, value in attributes.items():
            found.set(key, value)
        return found

    def become(self, kind: str) -> None:
        """Make it a BPMN element of another kind, for what is another kind of task here."""
        for attribute in ("implementation", "operationRef"):  # of service tasks only
            self.node.attrib.pop(attribute, "")
        self.node.tag = bpmn(kind)
        self.kind = kind

    def put_inside(self, outer: str, kind: str, **attributes: str) -> None:
        """Add an element of ours inside a list of ours, such as a header."""
        etree.SubElement(self.put(outer), f"{{{ZEEBE}}}{kind}", dict(attributes))

    def holder(self) -> Node:
        """Give the ``extensionElements``, which stand after the documentation."""
        found = self.node.find(_EXTENSIONS)
        if found is None:
            found = etree.Element(_EXTENSIONS)
            place = sum(1 for each in self.node if each.tag == _BEFORE[0])
            self.node.insert(place, found)
        return found

    def remove(self, extension: Node) -> None:
        """Remove an extension element, which is translated."""
        parent = extension.getparent()
        if parent is not None:
            parent.remove(extension)

    # ---- telling -----------------------------------------------------------------------------------------------------

    def tell(self, message: Text) -> None:
        """Note what was translated."""
        self.report.tell(self.id, message)

    def ask(self, rule: str, message: Text, remedy: Text) -> None:
        """Note what a person must do."""
        self.report.ask(self.id, rule, message, remedy)
