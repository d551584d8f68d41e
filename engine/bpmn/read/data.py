"""Data objects, properties and data associations as variables: what is drawn as data is a variable of the same name."""

from __future__ import annotations

from engine.bpmn.read.parts import Parts, bpmn, reference, text_of
from engine.bpmn.read.reading import Reading
from engine.bpmn.read.roots import Roots
from engine.bpmn.validate import Node
from engine.errors import Text

_VARIABLES = (bpmn("dataObject"), bpmn("property"), bpmn("dataInput"), bpmn("dataOutput"))
_DRAWN = "__targetRef_placeholder"  # the editor's stand-in where an association is drawn for readers only


class DataNames:
    """Variable names of the data elements of one process, by id."""

    def __init__(self, process: Node, roots: Roots) -> None:
        named = {str(node.get("id")): node.get("name") or "" for node in process.iter(*_VARIABLES)}
        for node in process.iter(bpmn("dataObjectReference")):
            target = reference(node.get("dataObjectRef"))
            if target in named and not named[target]:  # editors write the name on the reference
                named[target] = node.get("name") or ""
        self._names = {key: name or key for key, name in named.items()}
        for node in process.iter(bpmn("dataObjectReference")):
            target = reference(node.get("dataObjectRef"))
            self._names[str(node.get("id"))] = self._names.get(target) or node.get("name") or target
        self._stores = roots.data_stores

    def of(self, target: str) -> str:
        """Give the variable name of a data element; ``""`` when there is none."""
        return self._names.get(reference(target), "")

    def known(self, parts: Parts, what: str, target: str, reading: Reading) -> str:
        """Give the variable name of the data element that ``what`` of an element points to; ``""``, told, when it leads nowhere."""
        name = self.of(target)
        if target and not name:
            reading.unknown(parts.id, what, reference(target))
        return name

    def collection(self, parts: Parts, data_input: str, reading: Reading) -> str:
        """Give the collection that ``loopDataInputRef`` names as FEEL: the variable that is copied to that input."""
        name = self.known(parts, "loopDataInputRef", data_input, reading)
        if not name:
            return ""
        copied = {into: taken for taken, into in self._pairs(parts.all("dataInputAssociation"))}
        return f"={copied.get(name, name)}"

    def inputs(self, parts: Parts, reading: Reading) -> tuple[tuple[str, str], ...]:
        """Give the data input associations of an element as (from name, to name)."""
        return self._associations(parts, "dataInputAssociation", reading)

    def outputs(self, parts: Parts, reading: Reading) -> tuple[tuple[str, str], ...]:
        """Give the data output associations of an element as (from name, to name)."""
        return self._associations(parts, "dataOutputAssociation", reading)

    def _associations(self, parts: Parts, kind: str, reading: Reading) -> tuple[tuple[str, str], ...]:
        associations = parts.all(kind)
        for association in associations:
            contents = Parts(association)
            ends = {reference(text_of(node)) for node in contents.all("sourceRef", "targetRef")}
            if ends & self._stores:
                reading.warn(
                    parts.id,
                    "data-store",
                    Text("a data store is for readers of the diagram; nothing is read from it or written to it"),
                    Text("use a service task that talks to the store"),
                )
            if contents.first("transformation") is not None or contents.first("assignment") is not None:
                reading.refuse(
                    parts.id,
                    "data-transformation",
                    Text("a data association with a transformation or an assignment is not executed"),
                    Text("use an input or output mapping with a FEEL expression"),
                )
        return tuple(pair for pair in self._pairs(associations) if pair[0] != pair[1])

    def _pairs(self, associations: list[Node]) -> list[tuple[str, str]]:
        pairs = []
        for association in associations:
            contents = Parts(association)
            into = self.of(contents.text("targetRef"))
            for source in contents.all("sourceRef"):
                taken = self.of(text_of(source))
                if taken and into and _DRAWN not in (taken, into):
                    pairs.append((taken, into))
        return pairs
