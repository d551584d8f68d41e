"""What service, script and business-rule tasks do: code becomes a job type that a person must serve."""

from __future__ import annotations

import re

from engine.bpmn.importers import calls, juel
from engine.bpmn.importers.element import Element
from engine.bpmn.importers.words import Untranslatable
from engine.bpmn.read.parts import bpmn, text_of
from engine.bpmn.validate import Node
from engine.errors import Text

_CODE = ("class", "delegateExpression", "expression")
_EXTERNAL = ("", "external", "external-worker")
_SERVE = Text("let a connector or a worker serve jobs of this type, or choose one that exists")
_DIRECT = ("", "singleEntry", "singleResult")


def service(element: Element, holder: Element | None = None) -> None:
    """Translate who does the work of a task or message event; ``holder``: the event definition that says so."""
    said = holder or element
    if _has_job(element):
        return  # an earlier import has said who does the work
    if holder is None and element.kind == "serviceTask" and (_decision(element) or _calculation(element)):
        return
    kind, topic = said.get("type"), said.get("topic")
    if kind in _EXTERNAL and (topic or kind):
        if found := said.attribute("topic"):
            element.put("taskDefinition", type=found)
            said.drop("type")
            element.tell(Text("the topic {topic} is now a job type", topic=topic))
    elif kind:
        said.drop("type")
        _job(element, kind, Text("the built-in task {kind}", kind=kind))
    else:
        for attribute in _CODE:
            if code := said.take(attribute):
                _job(element, job_type(code), Text("the {kind} {code}", kind=attribute, code=code))
                break
        else:
            _implementation(element)
    _result(element, said)
    for node in said.extensions("connector"):
        _connector(element, node)
    for node in said.extensions("field"):
        _field(element, node)
    _retries(element)


def _implementation(element: Element) -> None:
    """Make what a task names as its ``implementation`` a job type; Activiti 7 calls its connectors so."""
    named = (element.node.get("implementation") or "").strip()
    if named and not named.startswith("##") and "://" not in named:
        _job(element, named, Text("the implementation {code}", code=named))


def _retries(element: Element) -> None:
    for node in element.extensions("failedJobRetryTimeCycle"):
        tries = re.match(r"R([1-9]\d{0,2})/", text_of(node))
        if tries and _has_job(element):
            element.put("taskDefinition", retries=tries[1])
            element.remove(node)
            element.tell(Text("{text} means {count} tries", text=text_of(node), count=tries[1]))


def _decision(element: Element) -> bool:
    """Make the service task of Flowable that asks a decision a business rule task; tell whether it is one."""
    keys = ("decisionTableReferenceKey", "decisionServiceReferenceKey")
    field = next((each for each in element.extensions("field") if each.get("name") in keys), None)
    if element.get("type") != "dmn" or field is None or not (decision := _said(element, field)):
        return False
    found = element.feel(decision, "decisionRef")
    if found is None:
        return False
    element.become("businessRuleTask")
    element.put("calledDecision", decisionId=found, resultVariable=job_type(decision), bindingType="latest")
    element.remove(field)
    element.drop("type")
    element.ask(
        "import-result",
        Text("the result of the decision {id} is now in the variable {name}", id=decision, name=job_type(decision)),
        Text("name another variable where its outputs were variables of their own"),
    )
    return True


def _calculation(element: Element) -> bool:
    """Make a service task whose expression only calculates a script task; tell whether it is one."""
    variable = element.get("resultVariable") or element.get("resultVariableName")
    expression = element.get("expression")
    if not juel.is_expression(expression):
        return False
    try:
        found = juel.to_feel(expression)
    except Untranslatable:
        return False  # it calls code, which becomes a job
    element.become("scriptTask")
    element.put("script", expression=f"={found}", **({"resultVariable": variable} if variable else {}))
    element.drop("expression", "resultVariable", "resultVariableName")
    if variable:
        said = Text("the expression {code} was translated; the task calculates {name}", code=expression, name=variable)
    else:
        said = Text("the expression {code} was translated; nothing takes what it gives", code=expression)
    element.tell(said)
    return True


def job_type(code: str) -> str:
    """Name the job type of a class, a bean or an expression: its last words."""
    bare = re.sub(r"^[$#]\{|\}$", "", code.strip()).partition("(")[0]
    parts = re.findall(r"\w+", bare)
    return ".".join(parts[-2:] if "(" in code else parts[-1:]) or "code"


def _job(element: Element, type_: str, what: Text) -> None:
    element.put("taskDefinition", type=type_)
    element.ask("import-code", Text("{what} is now the job type {type}", what=what, type=type_), _SERVE)


def _has_job(element: Element) -> bool:
    return element.ours("taskDefinition") is not None


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
        calls.mappings(element, each)
        left = left or len(each) > 0
    if not left:
        element.remove(node)


def _said(element: Element, node: Node) -> str:
    """Give the value of an injected field, however it is written."""
    inside = [text_of(each) for each in (*element.of(node, "string"), *element.of(node, "expression"))]
    return node.get("stringValue") or node.get("expression") or "".join(inside)


def _field(element: Element, node: Node) -> None:
    """Translate an injected field: text becomes a header of the job, an expression an input mapping."""
    key, value = node.get("name") or "", _said(element, node)
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
    if element.ours("script") is not None or _has_job(element):
        return  # an earlier import has said what it does
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
    _retries(element)


def business_rule(element: Element) -> None:
    """Translate the call of a decision."""
    decision = element.get("decisionRef")
    if element.ours("calledDecision") is not None:
        return
    if not decision:
        service(element)
        return
    found = element.attribute("decisionRef")
    if found is None:
        return
    given = {"decisionId": found, "resultVariable": element.take("resultVariable")}
    calls.binding(element, given, "decisionRef")
    element.put("calledDecision", **{name: value for name, value in given.items() if value})
    element.tell(Text("the decision {id} is called", id=decision))
    mapped = element.take("mapDecisionResult") or "resultList"
    if mapped not in _DIRECT:
        element.ask(
            "import-result",
            Text("the result was mapped with {mapping}; here it is what the decision gives", mapping=mapped),
            Text("compare with the hit policy of the table: Collect gives a list, every other single policy one value"),
        )
