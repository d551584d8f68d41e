"""Call activities and mappings of Camunda 7, Operaton, Flowable and Activiti: which process, and what goes in and out."""

from __future__ import annotations

from lxml import etree

from engine.bpmn.importers import juel
from engine.bpmn.importers.element import Element
from engine.bpmn.importers.words import text
from engine.bpmn.read.parts import text_of
from engine.bpmn.validate import Node
from engine.errors import Text

_SAME_KEY = frozenset({"${execution.processBusinessKey}", "#{execution.processBusinessKey}"})


def call(element: Element) -> None:
    """Translate a call activity."""
    called = (element.node.get("calledElement") or "").strip()
    process = element.feel(called, "calledElement") if called else None
    if process is None:
        return
    given = {"processId": process}
    binding(element, given, "calledElement")
    if element.flag("sameDeployment"):
        given["bindingType"] = "deployment"
    if element.get("calledElementType") in ("", "key"):
        element.drop("calledElementType")
    there = element.ours(
        "calledElement"
    )  # of an earlier import, or for a newer engine: what it leaves out is passed on
    ways = {
        "in": _passed(there, "propagateAllParentVariables") or element.flag("inheritVariables"),
        "out": _passed(there, "propagateAllChildVariables"),
    }
    _business_key(element, element.take("businessKey"), inherited=element.flag("inheritBusinessKey"))
    for way, kind in (("in", "input"), ("out", "output")):
        for node in element.extensions(way):
            if node.get("variables") == "all":
                ways[way] = True
                element.consume(node, "variables")
            elif key := node.get("businessKey"):
                _business_key(element, key)
                element.consume(node, "businessKey")
            else:
                _mapped(element, node, kind)
    given["propagateAllParentVariables"] = str(ways["in"]).lower()
    given["propagateAllChildVariables"] = str(ways["out"]).lower()
    element.put("calledElement", **given)
    element.tell(Text("the call of {process} and its variables were translated", process=called))


def _passed(there: Node | None, attribute: str) -> bool:
    return there is not None and there.get(attribute) != "false"


def _business_key(element: Element, key: str, *, inherited: bool = False) -> None:
    """Tell about the key of the called instance: here it is always that of the caller."""
    if key in _SAME_KEY or (inherited and not key):
        element.tell(Text("the called instance has the business key of its caller"))
    elif key:
        element.ask(
            "import-business-key",
            Text("the called instance has the business key of its caller, not {key}", key=key),
            Text("map it as a variable if the called process needs it"),
        )


def _mapped(element: Element, node: Node, kind: str) -> None:
    source, target = node.get("source"), node.get("target") or ""
    if not target and not node.get("targetExpression"):
        target = source or ""
    if source:
        found = element.variable(source, target)
    else:
        value = node.get("sourceExpression") or ""
        found = element.calculated(value, target) if value else None
    if found is not None and target:
        element.put_inside("ioMapping", kind, source=found, target=target)
        element.consume(node, "source" if source else "sourceExpression", "target")


def binding(element: Element, given: dict[str, str], prefix: str) -> None:
    """Translate which version is meant; its number means nothing in another installation."""
    kind = element.get(f"{prefix}Binding") or "latest"
    given["bindingType"] = "latest"
    if kind in ("latest", "deployment", "version", "versionTag"):
        element.drop(f"{prefix}Binding")
    if kind in ("latest", "deployment"):
        given["bindingType"] = kind
    elif kind == "versionTag":
        given |= {"bindingType": kind, "versionTag": element.take(f"{prefix}VersionTag")}
    elif kind == "version":
        element.ask(
            "import-version",
            Text("version {number} was meant; now it is the latest", number=element.take(f"{prefix}Version")),
            Text("bind to the deployment or to a version tag if another is meant"),
        )


def mappings(element: Element, node: Node) -> None:
    """Translate the parameters of an ``inputOutput``; those that are code stay in the file."""
    outputs = False
    for way in ("input", "output"):
        for each in element.of(node, f"{way}Parameter"):
            target = each.get("name") or ""
            found = _parameter(element, each, target)
            if found is None or not target:
                continue
            element.put_inside("ioMapping", way, source=found, target=target)
            node.remove(each)
            outputs = outputs or way == "output"
            element.tell(Text("the {way} parameter {name} was translated", way=way, name=target))
    if outputs:
        element.ask(
            "import-outputs",
            Text("only what an output mapping names leaves the activity"),
            Text("map every variable that is needed later"),
        )
    if len(node) == 0:
        element.remove(node)


def _parameter(element: Element, node: Node, called: str) -> str | None:
    """Translate what stands in a parameter, an item or an entry: FEEL with ``=``; None when it is code."""
    inner = next((each for each in node if isinstance(each.tag, str)), None)
    return element.calculated(text_of(node), called) if inner is None else _composed(element, inner, called)


def _composed(element: Element, node: Node, called: str) -> str | None:
    """Translate a list or a map, whose values may be such themselves: FEEL with ``=``; None when there is code in it."""
    kind = etree.QName(node).localname
    inside = [each for each in node if isinstance(each.tag, str)]
    if kind == "list":
        items = [
            _parameter(element, each, called)
            if etree.QName(each).localname == "value"
            else _composed(element, each, called)
            for each in inside
        ]
        return None if None in items else "=[" + ", ".join(each[1:] for each in items if each) + "]"
    if kind == "map":
        keys = [each.get("key") or "" for each in inside]
        if calculated := next((each for each in keys if juel.is_expression(each)), ""):
            element.ask(
                "import-code",
                Text("the key {key} of the parameter {name} is calculated", key=calculated, name=called),
                Text("write it in FEEL as a mapping; it stays in the file until then"),
            )
            return None
        values = [_parameter(element, each, called) for each in inside]
        entries = [f"{text(key)}: {value[1:]}" for key, value in zip(keys, values, strict=True) if value]
        return None if None in values else "={" + ", ".join(entries) + "}"
    element.ask(
        "import-code",
        Text("the parameter {name} is calculated by a script", name=called),
        Text("write it in FEEL as a mapping; the script stays in the file until then"),
    )
    return None
