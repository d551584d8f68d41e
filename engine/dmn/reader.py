"""Reads one DMN file into a ``Model`` and collects everything that is wrong with it."""

from __future__ import annotations

from lxml import etree

from engine.dmn import model
from engine.dmn.boxes import BoxReader
from engine.dmn.document import child, children, parse, place, tag, text, words
from engine.errors import Invalid, Problem, Text

MAX_TYPE_NESTING = 50


def read(content: bytes) -> model.Model:
    """Read a DMN 1.1 to 1.5 file.

    Raises:
        Invalid: it is not DMN, an id is used twice, or a table is malformed; one ``Problem`` each.
        LimitExceeded: it is too large or nested too deeply.
    """
    reader = _Reader(parse(content))
    result = reader.read()
    if reader.problems:
        raise Invalid(reader.problems)
    return result


class _Reader:
    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self.namespace = root.get("namespace", "")
        self.problems: list[Problem] = []
        self.boxes = BoxReader(root.get("expressionLanguage", ""), self.resolve, self.problems)
        self.elements: dict[str, model.Element] = {}

    def read(self) -> model.Model:
        imports = tuple(
            model.Import(words(found.get("name", "")), found.get("namespace", ""))
            for found in children(self.root, "import")
        )
        types = tuple(self._type(found, 0) for found in children(self.root, "itemDefinition"))
        for found in children(self.root, *_ELEMENTS):
            self._element(found)
        properties = frozenset(name for name in self.boxes.properties if not name.isidentifier())
        return model.Model(self.namespace, self.root.get("name", ""), imports, types, self.elements, properties - {""})

    def resolve(self, element: etree._Element, name: str) -> str:
        """Replace a namespace prefix of a type's name; a prefix that is not declared is part of the name."""
        prefix, colon, local = name.partition(":")
        space = element.nsmap.get(prefix) if colon else None
        if space is None:
            return name
        if space == self.namespace or "FEEL" in space.upper():
            return local
        return f"{{{space}}}{local}"

    def _type(self, element: etree._Element, depth: int) -> model.ItemDefinition:
        name = words(element.get("name", ""))
        if depth or "." not in name:  # the parser reads the names of types with dots by itself
            self.boxes.properties.add(name)
        if depth >= MAX_TYPE_NESTING:
            message = Text("types are nested deeper than {limit} levels", limit=MAX_TYPE_NESTING)
            self.problems.append(Problem(place(element), message, Text("define inner types by name")))
            return model.ItemDefinition(place(element), name)
        reference = child(element, "typeRef")
        written = element.get("typeRef", "") if reference is None else str(reference.text or "")
        function = child(element, "functionItem")
        result = "" if function is None else function.get("outputTypeRef", "")
        return model.ItemDefinition(
            at=place(element),
            name=name,
            type_ref=self.resolve(element, words(written)),
            is_collection=element.get("isCollection") in ("true", "1"),
            components=tuple(self._type(found, depth + 1) for found in children(element, "itemComponent")),
            allowed=text(child(element, "allowedValues")),
            constraint=text(child(element, "typeConstraint")),
            is_function=function is not None,
            result_ref=self.resolve(element, words(result)),
        )

    def _element(self, element: etree._Element) -> None:
        name = words(element.get("name", ""))
        at = place(element)
        if not name:
            self.problems.append(Problem(at, Text("the element has no name"), Text("give it one")))
        id_ = element.get("id") or name
        if id_ in self.elements:
            message = Text("the id {id} is used twice", id=id_)
            self.problems.append(Problem(at, message, Text("give every element an id of its own")))
        if "#" in id_:
            self.problems.append(Problem(at, Text("the id {id} is not a name", id=id_), Text("remove the # from it")))
        variable = child(element, "variable")
        named = model.Variable(name) if variable is None else self.boxes.variable(variable)
        named = model.Variable(named.name or name, named.type_ref)
        common = (at, id_, name, named, variable is not None)
        match tag(element):
            case "inputData":
                self.elements[id_] = model.InputData(*common)
            case "decision":
                self.elements[id_] = model.Decision(
                    *common,
                    inputs=self._required(element, "informationRequirement", "requiredInput"),
                    decisions=self._required(element, "informationRequirement", "requiredDecision"),
                    knowledge=self._required(element, "knowledgeRequirement", "requiredKnowledge"),
                    logic=self.boxes.inner(element),
                    version_tag=_version_tag(element),
                )
            case "businessKnowledgeModel":
                logic = child(element, "encapsulatedLogic")
                self.elements[id_] = model.KnowledgeModel(
                    *common,
                    knowledge=self._required(element, "knowledgeRequirement", "requiredKnowledge"),
                    logic=None if logic is None else self.boxes.function(logic),
                )
            case "decisionService":
                self.elements[id_] = model.Service(
                    *common,
                    outputs=self._references(element, "outputDecision"),
                    encapsulated=self._references(element, "encapsulatedDecision"),
                    decisions=self._references(element, "inputDecision"),
                    inputs=self._references(element, "inputData"),
                )

    def _required(self, element: etree._Element, group: str, kind: str) -> tuple[str, ...]:
        return tuple(href for found in children(element, group) for href in self._references(found, kind))

    def _references(self, element: etree._Element, kind: str) -> tuple[str, ...]:
        """Give the elements referred to as ``namespace#id``."""
        found = []
        for reference in children(element, kind):
            namespace, _, id_ = reference.get("href", "").rpartition("#")
            found.append(f"{namespace or self.namespace}#{id_}")
        return tuple(dict.fromkeys(found))


def _version_tag(element: etree._Element) -> str:
    """Give the tag that modelers write as an extension element or as an attribute, each in a namespace of their own."""
    extensions = child(element, "extensionElements")
    found = extensions.find("{*}versionTag") if extensions is not None else None
    if found is not None:
        return (found.get("value") or "").strip()
    return next((str(value).strip() for key, value in element.attrib.items() if str(key).endswith("}versionTag")), "")


_ELEMENTS = ("inputData", "decision", "businessKnowledgeModel", "decisionService")
