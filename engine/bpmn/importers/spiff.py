"""Files of SpiffWorkflow and Spiff-Arena: their extensions, and the Python in conditions and scripts."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from engine.bpmn.importers import flows, listeners, people, python
from engine.bpmn.importers.element import Element, Report
from engine.bpmn.importers.words import Untranslatable
from engine.bpmn.read.parts import bpmn, text_of
from engine.errors import Text

_PAYLOAD = "payload"
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
    elif element.kind == "multiInstanceLoopCharacteristics":
        flows.named_data(element)
    if element.kind in ("userTask", "manualTask"):
        _instructions(element)
    _message(element)
    _around(element)
    return element


def _script(element: Element) -> None:
    if element.ours("taskDefinition") is not None or element.ours("script") is not None:
        return
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
    if element.ours("taskDefinition") is not None:
        return  # an earlier import has said who does the work
    for operator in element.extensions("serviceTaskOperator")[:1]:
        type_ = operator.get("id") or "service"
        element.put("taskDefinition", type=type_)
        left = False
        for each in operator.iter(f"{{{element.namespace}}}parameter"):
            target = re.sub(r"\W+", "_", each.get("id") or "")
            found = element.feel(each.get("value") or "", target) if each.get("value") else None
            left = left or found is None
            if found is not None:
                element.put_inside("ioMapping", "input", source=found, target=target)
                kind = each.get("type") or ""
                element.tell(Text("the {way} parameter {name} was translated", way=kind, name=target))
        for each in operator.iter(f"{{{element.namespace}}}retry"):
            tries = each.get("retries") or ""
            if tries.isdecimal():
                element.put("taskDefinition", retries=tries)
            said = ", ".join(f"{key!s}={value!s}" for key, value in each.attrib.items())
            element.tell(Text("the setting {said} of how often it is tried was translated", said=said))
        if result := operator.get("resultVariable"):
            element.put_inside("ioMapping", "output", source="=result", target=result)
        element.ask(
            "import-code",
            Text("the operator {id} is now the job type {id}", id=type_),
            Text("let a connector or a worker serve jobs of this type and complete them with the variable result"),
        )
        if not left:
            element.remove(operator)


def _instructions(element: Element) -> None:
    """Make what people read in a task its documentation, which the page of the task shows; a template stays a question."""
    for node in element.extensions("instructionsForEndUser"):
        said = text_of(node)
        if said and "{{" not in said and "{%" not in said and element.node.find(bpmn("documentation")) is None:
            documentation = etree.Element(bpmn("documentation"))
            documentation.text = said
            element.node.insert(0, documentation)
            element.remove(node)
            element.tell(Text("the instructions are now the documentation"))


def _message(element: Element) -> None:
    """Translate what a message carries, one value: here it travels under a name."""
    is_event = element.kind == "messageEventDefinition"
    owner = element.node.getparent() if is_event else element.node
    if owner is None or not (is_event or element.kind in ("sendTask", "receiveTask")):
        return
    holder = Element(owner, element.namespace, element.report, dialect=python.to_feel)
    for node in element.extensions("messagePayload", "messageVariable"):
        said = text_of(node)
        if etree.QName(node).localname == "messageVariable":
            holder.put_inside("ioMapping", "output", source=f"={_PAYLOAD}", target=said)
        elif found := element.feel(said, "messagePayload"):
            holder.put_inside("ioMapping", "input", source=found, target=_PAYLOAD)
        else:
            element.asked.add("messagePayload")
            continue
        element.remove(node)
        element.ask(
            "import-message",
            Text("what the message carries, {said}, is now in its variable {name}", said=said[:80], name=_PAYLOAD),
            Text("let whatever sends or receives it outside do the same"),
        )


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
            listeners.refused(element, "executionListener", event, type_)
            element.ask(
                "import-listener",
                Text("the listener {code} on {event} is now the job type {type}", code=name, event=event, type=type_),
                Text(
                    "put a task of this type before or after the element and remove the listener; until then it is not deployed"
                ),
            )
