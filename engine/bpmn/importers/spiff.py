"""Files of SpiffWorkflow and Spiff-Arena: their extensions, and the Python in conditions and scripts."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from engine.bpmn.importers import people, python
from engine.bpmn.importers.element import Element, Report
from engine.bpmn.importers.words import Untranslatable
from engine.bpmn.read.parts import bpmn, text_of
from engine.errors import Text

_CALCULATED = {
    "sequenceFlow": ("conditionExpression",),
    "conditionalEventDefinition": ("condition",),
    "timerEventDefinition": ("timeDate", "timeDuration", "timeCycle"),
    "multiInstanceLoopCharacteristics": ("loopCardinality", "completionCondition"),
    "standardLoopCharacteristics": ("loopCondition",),
}


def translate(lanes: Mapping[str, str], node: etree._Element, namespace: str, report: Report) -> Element:
    """Translate what SpiffWorkflow says about one element."""
    element = Element(node, namespace, report, dialect=python.to_feel)
    for name in _CALCULATED.get(element.kind, ()):
        for child in node.findall(bpmn(name)):
            value = text_of(child)
            if value and not value.startswith("=") and (found := element.feel(value, name)):
                child.text = found
                element.tell(Text("{name} {value} was translated", name=name, value=value))
    if element.kind == "userTask":
        element.put("userTask")
        _form(element)
        people.lane_as_group(lanes, element)
    elif element.kind == "scriptTask":
        _script(element)
    elif element.kind == "serviceTask":
        _operator(element)
    elif element.kind == "businessRuleTask":
        _decision(element)
    _around(element)
    return element


def _script(element: Element) -> None:
    code = text_of(element.node.find(bpmn("script")))
    try:
        variable, expression = python.assignment(code)
    except Untranslatable as error:
        type_ = f"script.{element.id}"
        element.put("taskDefinition", type=type_)
        element.ask(
            "import-code",
            Text("the Python script is now the job type {type}: {reason}", type=type_, reason=error.text),
            Text("write it in FEEL, or let a worker serve jobs of this type; the script stays in the file"),
        )
        return
    element.put("script", expression=f"={expression}", resultVariable=variable)
    element.tell(Text("the script {code} was translated", code=code[:200]))


def _operator(element: Element) -> None:
    for operator in element.extensions("serviceTaskOperator"):
        type_ = operator.get("id") or "service"
        element.put("taskDefinition", type=type_)
        left = False
        for each in operator.iter(f"{{{element.namespace}}}parameter"):
            target = re.sub(r"\W+", "_", each.get("id") or "")
            found = element.feel(each.get("value") or "", target) if each.get("value") else None
            left = left or (found is None and bool(each.get("value")))
            if found is not None:
                element.put_inside("ioMapping", "input", source=found, target=target)
        if result := operator.get("resultVariable"):
            element.put_inside("ioMapping", "output", source="=result", target=result)
        element.ask(
            "import-code",
            Text("the operator {id} is now the job type {id}", id=type_),
            Text("let a connector or a worker serve jobs of this type and complete them with the variable result"),
        )
        if not left:
            element.remove(operator)


def _decision(element: Element) -> None:
    for node in element.extensions("calledDecisionId"):
        decision = text_of(node)
        element.put("calledDecision", decisionId=decision, resultVariable=decision, bindingType="latest")
        element.remove(node)
        element.ask(
            "import-result",
            Text("the result of the decision {id} is now in the variable {id}", id=decision),
            Text("name another variable where its outputs were variables of their own"),
        )


def _form(element: Element) -> None:
    for properties in element.extensions("properties"):
        for each in list(properties):
            if each.get("name") == "formJsonSchemaFilename" and (file := each.get("value")):
                id_ = re.sub(r"\W+", "_", file.rpartition(".")[0] or file)
                element.put("formDefinition", formId=id_)
                element.ask(
                    "import-form",
                    Text("the form {key} is now the form {id}", key=file, id=id_),
                    Text("draw the form and deploy it together with the process"),
                )
                properties.remove(each)
        if len(properties) == 0:
            element.remove(properties)


def _around(element: Element) -> None:
    """Make scripts before and after an element job types, which deploying refuses by name until a person has moved them."""
    for name, event in (("preScript", "start"), ("postScript", "end")):
        for _ in element.extensions(name):
            type_ = f"script.{element.id}.{event}"
            element.asked.add(name)
            element.put_inside("executionListeners", "executionListener", eventType=event, type=type_)
            element.ask(
                "import-listener",
                Text("the listener {code} on {event} is now the job type {type}", code=name, event=event, type=type_),
                Text(
                    "put a task of this type before or after the element and remove the listener; until then it is not deployed"
                ),
            )
