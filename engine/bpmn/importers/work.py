"""What service, script, business-rule and call activities do: code becomes a job type that a person must serve."""

from __future__ import annotations

import re

from engine.bpmn.importers import juel
from engine.bpmn.importers.element import Element
from engine.bpmn.importers.words import Untranslatable
from engine.bpmn.read.parts import bpmn, text_of
from engine.bpmn.validate import Node
from engine.errors import Text

_CODE = ("class", "delegateExpression", "expression")
_SERVE = Text("let a connector or a worker serve jobs of this type, or choose one that exists")
_DIRECT = ("", "singleEntry", "singleResult")


def service(element: Element, holder: Element | None = None) -> None:
    """Translate who does the work of a task or message event; ``holder``: the event definition that says so."""
    said = holder or element
    if said.get("type") == "external" or said.get("topic"):
        topic = said.get("topic")
        if found := element.feel(topic, "topic"):
            element.put("taskDefinition", type=found)
            said.drop("type", "topic")
            element.tell(Text("the topic {topic} is now a job type", topic=topic))
    elif said.get("type"):
        kind = said.take("type")
        _job(element, kind, Text("the built-in task {kind}", kind=kind))
    else:
        for attribute in _CODE:
            if code := said.get(attribute):
                _job(element, job_type(code), Text("the {kind} {code}", kind=attribute, code=code))
                said.drop(attribute)
                break
    _result(element, said)
    for node in said.extensions("connector"):
        _connector(element, node)
    for node in said.extensions("field"):
        _field(element, node)
    retry = element.extensions("failedJobRetryTimeCycle")
    for node in retry:
        tries = re.match(r"R(\d+)/", text_of(node))
        if tries and _has_job(element):
            element.put("taskDefinition", retries=tries[1])
            element.remove(node)
            element.tell(Text("{text} means {count} tries", text=text_of(node), count=tries[1]))


def job_type(code: str) -> str:
    """Name the job type of a class, a bean or an expression: its last words."""
    bare = re.sub(r"^[$#]\{|\}$", "", code.strip()).partition("(")[0]
    parts = re.findall(r"\w+", bare)
    return ".".join(parts[-2:] if "(" in code else parts[-1:]) or "code"


def _job(element: Element, type_: str, what: Text) -> None:
    element.put("taskDefinition", type=type_)
    element.ask("import-code", Text("{what} is now the job type {type}", what=what, type=type_), _SERVE)


def _has_job(element: Element) -> bool:
    return element.holder().find("{*}taskDefinition") is not None


def _result(element: Element, said: Element) -> None:
    variable = said.get("resultVariable") or said.get("resultVariableName")
    if variable and _has_job(element):
        element.put_inside("ioMapping", "output", source="=result", target=variable)
        said.drop("resultVariable", "resultVariableName")
        element.ask(
            "import-result",
            Text("the variable {name} takes what the job gives as result", name=variable),
            Text("let the worker complete the job with the variable result"),
        )


def _connector(element: Element, node: Node) -> None:
    id_ = "".join(text_of(each) for each in element.of(node, "connectorId"))
    _job(element, id_ or "connector", Text("the connector {id}", id=id_))
    left = False
    for each in element.of(node, "inputOutput"):
        mappings(element, each)
        left = left or len(each) > 0
    if not left:
        element.remove(node)


def _field(element: Element, node: Node) -> None:
    """Translate an injected field: text becomes a header of the job, an expression an input mapping."""
    key = node.get("name") or ""
    inside = [text_of(each) for each in (*element.of(node, "string"), *element.of(node, "expression"))]
    value = node.get("stringValue") or node.get("expression") or "".join(inside)
    if juel.is_expression(value):
        found = element.calculated(value, key)
        if found is None:
            return
        element.put_inside("ioMapping", "input", source=found, target=key)
    else:
        element.put_inside("taskHeaders", "header", key=key, value=value)
    element.remove(node)
    element.tell(Text("the field {name} goes to the job", name=key))


# ---- scripts and decisions -------------------------------------------------------------------------------------------


def script(element: Element) -> None:
    """Translate a script: an expression stays one, code becomes a job type; the code stays in the file."""
    code = text_of(element.node.find(bpmn("script")))
    result = element.get("resultVariable")
    language = (element.node.get("scriptFormat") or "").lower()
    if language == "feel" and code:
        expression = f"={code.removeprefix('=')}"
    elif juel.is_expression(code) and language in ("", "juel", "expression"):
        try:
            expression = f"={juel.to_feel(code)}"
        except Untranslatable:
            expression = ""
    else:
        expression = ""
    element.drop("resultVariable")
    if expression:
        element.put("script", expression=expression, **({"resultVariable": result} if result else {}))
        element.tell(Text("the script {code} was translated", code=code[:200]))
        return
    type_ = f"script.{element.id}"
    _job(element, type_, Text("the script in {language}", language=language or Text("another language")))
    if result:
        element.put_inside("ioMapping", "output", source="=result", target=result)


def business_rule(element: Element) -> None:
    """Translate the call of a decision."""
    decision = element.get("decisionRef")
    if not decision:
        service(element)
        return
    found = element.feel(decision, "decisionRef")
    if found is None:
        return
    given = {"decisionId": found, "resultVariable": element.get("resultVariable")}
    binding(element, given, "decisionRef")
    element.put("calledDecision", **{name: value for name, value in given.items() if value})
    element.drop("decisionRef", "resultVariable")
    element.tell(Text("the decision {id} is called", id=decision))
    mapped = element.take("mapDecisionResult") or "resultList"
    if mapped not in _DIRECT:
        element.ask(
            "import-result",
            Text("the result was mapped with {mapping}; here it is what the decision gives", mapping=mapped),
            Text("compare with the hit policy of the table: Collect gives a list, every other single policy one value"),
        )


def binding(element: Element, given: dict[str, str], prefix: str) -> None:
    """Translate which version is meant; its number means nothing in another installation."""
    kind = element.take(f"{prefix}Binding")
    number, tag = element.take(f"{prefix}Version"), element.take(f"{prefix}VersionTag")
    element.drop(f"{prefix}TenantId")
    given["bindingType"] = kind if kind in ("latest", "deployment", "versionTag") else "latest"
    if kind == "versionTag":
        given["versionTag"] = tag
    elif kind == "version":
        element.ask(
            "import-version",
            Text("version {number} was meant; now it is the latest", number=number),
            Text("bind to the deployment or to a version tag if another is meant"),
        )


# ---- call activities and mappings ------------------------------------------------------------------------------------


def call(element: Element) -> None:
    """Translate a call activity: which process, and what goes in and out."""
    called = (element.node.get("calledElement") or "").strip()
    process = element.feel(called, "calledElement") if called else None
    if process is None:
        return
    given = {"processId": process}
    binding(element, given, "calledElement")
    if element.take("sameDeployment") == "true":
        given["bindingType"] = "deployment"
    element.drop("calledElementType")
    ways = {"in": element.take("inheritVariables") == "true", "out": False}
    for way, kind in (("in", "input"), ("out", "output")):
        for node in element.extensions(way):
            if node.get("variables") == "all":
                ways[way] = True
            elif node.get("businessKey"):
                element.ask(
                    "import-business-key",
                    Text("the business key {key} is not handed on", key=node.get("businessKey")),
                    Text("map it as a variable if the called process needs it"),
                )
            elif not _mapped(element, node, kind):
                continue
            element.remove(node)
    given["propagateAllParentVariables"] = str(ways["in"]).lower()
    given["propagateAllChildVariables"] = str(ways["out"]).lower()
    element.put("calledElement", **given)
    element.tell(Text("the call of {process} and its variables were translated", process=called))


def _mapped(element: Element, node: Node, kind: str) -> bool:
    target = node.get("target") or node.get("source") or ""
    source = node.get("source")
    value = f"${{{source}}}" if source else node.get("sourceExpression") or ""
    found = element.feel(value, target) if value else None
    if found is None or not target:
        return False
    element.put_inside("ioMapping", kind, source=found if found.startswith("=") else f"={found}", target=target)
    return True


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


def _parameter(element: Element, node: Node, name: str) -> str | None:
    inner = [each for each in node if isinstance(each.tag, str)]
    if not inner:
        return element.calculated(text_of(node), name)
    kind = str(inner[0].tag).rpartition("}")[2]
    if kind == "list":
        items = [element.calculated(text_of(each), name) for each in element.of(inner[0], "value")]
        return None if None in items else "=[" + ", ".join(each[1:] for each in items if each) + "]"
    if kind == "map":
        entries = [
            (each.get("key") or "", element.calculated(text_of(each), name)) for each in element.of(inner[0], "entry")
        ]
        if all(value is not None for _, value in entries):
            return "={" + ", ".join(f'"{key}": {value[1:]}' for key, value in entries if value) + "}"
        return None
    element.ask(
        "import-code",
        Text("the parameter {name} is calculated by a script", name=name),
        Text("write it in FEEL as a mapping; the script stays in the file until then"),
    )
    return None
