"""A whole file of another engine in our dialect, with a report. What is drawn stays; what is not understood stays and is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lxml import etree

from engine.bpmn.importers import flows, people, spiff, work
from engine.bpmn.importers.element import Element, Report
from engine.bpmn.read.extensions import ENGINES
from engine.bpmn.read.parts import ZEEBE, bpmn, local_name
from engine.bpmn.read.roots import lane_names
from engine.bpmn.validate import Node, parse
from engine.errors import Problem, Text

SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
_ROOT = re.compile(rb"<((?:[\w.-]+:)?definitions)(?=[\s>/])")
_EXECUTED_UNSAID = frozenset({"Flowable", "Activiti"})
_HINTS = ("async", "asyncBefore", "asyncAfter", "asyncLeave", "exclusive", "jobPriority", "taskPriority")
_TRANSLATORS: dict[str, Callable[[Element], None]] = {
    "userTask": people.user_task,
    "startEvent": people.start_event,
    "serviceTask": work.service,
    "sendTask": work.service,
    "scriptTask": work.script,
    "businessRuleTask": work.business_rule,
    "callActivity": work.call,
    "sequenceFlow": flows.sequence_flow,
    "process": flows.process,
    "multiInstanceLoopCharacteristics": flows.multi_instance,
    "standardLoopCharacteristics": flows.standard_loop,
    "timerEventDefinition": flows.timer,
    "conditionalEventDefinition": flows.conditional,
    "messageEventDefinition": flows.message_event,
    "message": flows.named,
    "signal": flows.named,
}


@dataclass(frozen=True, slots=True)
class Imported:
    """A file in our dialect.

    Attributes:
        xml: the file; the same bytes where there was nothing to translate.
        report: what was translated (severity ``info``) and what needs a person (``warning``).
    """

    xml: bytes
    report: tuple[Problem, ...] = ()


def convert(xml: bytes) -> Imported:
    """Translate a file of Camunda 7, Operaton, Flowable, Activiti or SpiffWorkflow.

    Attributes that only declare something and simple expressions are translated; code becomes a job type. What cannot be
    translated stays in the file, where it has no effect, and is in the report.

    Raises:
        Invalid: it is not XML, or not safe to read.
    """
    parse(xml)
    root = etree.fromstring(_declared(xml), _parser())
    namespaces = [each for each in ENGINES if any(each in node.nsmap.values() for node in root.iter("{*}definitions"))]
    used = [each for each in namespaces if _speaks(root, each)]
    if not used:
        return Imported(xml)
    report = Report()
    lanes = lane_names(list(root.iter(bpmn("laneSet")))) if SPIFF in used else {}
    for number, namespace in enumerate(used):
        if ENGINES[namespace] in _EXECUTED_UNSAID:
            _execute(root, namespace, report)
        for node in [each for each in root.iter(f"{bpmn('')}*") if local_name(each)]:
            _translate(lanes, node, namespace, report, first=number == 0)
    return Imported(_written(root, xml), tuple(report.problems))


def _declared(xml: bytes) -> bytes:
    """Declare our namespace at the outermost element, so that it is not declared at each place again."""
    found = _ROOT.search(xml)
    if found is None or ZEEBE.encode() in xml or b"xmlns:zeebe" in xml:
        return xml
    return xml[: found.end()] + f' xmlns:zeebe="{ZEEBE}"'.encode() + xml[found.end() :]


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _speaks(root: etree._Element, namespace: str) -> bool:
    """Tell whether anything in a file is said in a namespace."""
    mark = f"{{{namespace}}}"
    return any(
        str(node.tag).startswith(mark) or any(str(key).startswith(mark) for key in node.attrib)
        for node in root.iter("*")
    )


def _translate(lanes: Mapping[str, str], node: Node, namespace: str, report: Report, *, first: bool) -> None:
    if namespace == SPIFF:
        element = spiff.translate(lanes, node, namespace, report)
    else:
        element = Element(node, namespace, report)
        for hint in _HINTS:
            if value := element.take(hint):
                element.tell(Text("{name}={value} is left out: every step is stored by itself", name=hint, value=value))
        translate = _TRANSLATORS.get(element.kind)
        if translate is not None and (first or element.remaining()):
            translate(element)
        for each in element.extensions("inputOutput"):
            work.mappings(element, each)
        flows.listeners(element)
    for name in element.remaining():
        if name in element.asked:
            continue
        element.ask(
            "import-left",
            Text("{name} of {engine} stays in the file and has no effect", name=name, engine=ENGINES[namespace]),
            Text("do by other means what it did, or remove it"),
        )


def _execute(root: etree._Element, namespace: str, report: Report) -> None:
    for process in root.iter(bpmn("process")):
        if process.get("isExecutable") is None:
            process.set("isExecutable", "true")
            message = Text("the process is executable, as it was for {engine}", engine=ENGINES[namespace])
            report.tell(process.get("id") or "", message)


def _written(root: etree._Element, xml: bytes) -> bytes:
    tree = root.getroottree()
    content = etree.tostring(tree, encoding="UTF-8", xml_declaration=False)
    head = b'<?xml version="1.0" encoding="UTF-8"?>\n'
    return head + content + (b"\n" if xml.endswith(b"\n") else b"")
