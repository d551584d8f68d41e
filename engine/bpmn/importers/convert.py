"""A whole file of another engine in our dialect, with a report. What is drawn stays; what is not understood stays and is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lxml import etree

from engine.bpmn.importers import calls, flows, juel, leftovers, listeners, people, quartz, references, spiff, work
from engine.bpmn.importers.element import Element, Report
from engine.bpmn.read.extensions import ENGINES
from engine.bpmn.read.parts import ZEEBE, bpmn, local_name
from engine.bpmn.read.roots import lane_names
from engine.bpmn.validate import Node, parse
from engine.errors import Problem, Text

CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
_ROOT = re.compile(rb"<((?:[\w.-]+:)?definitions)(?=[\s>/])")
_EXECUTED_UNSAID = frozenset({"Flowable", "Activiti"})
# {attribute that means nothing here: why}
_HINTS = {
    **dict.fromkeys(
        (
            "async",
            "asyncBefore",
            "asyncAfter",
            "asyncLeave",
            "asyncLeaveExclusive",
            "noWaitStatesAsyncLeave",
            "completeAsync",
            "exclusive",
            "isEagerExecutionFetching",
        ),
        Text("every step is stored by itself"),
    ),
    **dict.fromkeys(("jobPriority", "taskPriority"), Text("jobs are taken in the order in which they are due")),
    **dict.fromkeys(
        ("decisionRefTenantId", "calledElementTenantId", "fallbackToDefaultTenant"), Text("there are no tenants")
    ),
}
# where the standard itself has expressions
_EXPRESSIONS = tuple(
    bpmn(each)
    for each in (
        "conditionExpression",
        "condition",
        "completionCondition",
        "loopCardinality",
        "loopCondition",
        "timeDate",
        "timeDuration",
        "timeCycle",
        "script",
    )
)
_DATA = tuple(bpmn(each) for each in ("dataInput", "dataOutput", "dataObject", "dataObjectReference"))
_TRANSLATORS: dict[str, Callable[[Element], None]] = {
    "userTask": people.user_task,
    "startEvent": people.start_event,
    "serviceTask": work.service,
    "sendTask": work.service,
    "scriptTask": work.script,
    "businessRuleTask": work.business_rule,
    "callActivity": calls.call,
    "adHocSubProcess": flows.ad_hoc,
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
    before = etree.tostring(root)
    used = _used(root, is_ours=ZEEBE.encode() in xml)
    if not used:
        return Imported(xml)
    report = Report(frozenset(str(node.get("id")) for node in root.iter(*_DATA)))
    lanes = lane_names(list(root.iter(bpmn("laneSet")))) if SPIFF in used else {}
    for number, namespace in enumerate(used):
        if ENGINES[namespace] in _EXECUTED_UNSAID:
            _execute(root, namespace, report)
            references.complete(root, report)
        for node in [each for each in root.iter(f"{bpmn('')}*") if local_name(each) not in ("", "extensionElements")]:
            _translate(lanes, node, namespace, report, first=number == 0)
        leftovers.elsewhere(root, namespace, report)
    changed = etree.tostring(root) != before
    return Imported(_written(root, xml) if changed else xml, tuple(report.problems))


def _declared(xml: bytes) -> bytes:
    """Declare our namespace at the outermost element, so that it is not declared at each place again."""
    found = _ROOT.search(xml)
    if found is None or ZEEBE.encode() in xml or b"xmlns:zeebe" in xml:
        return xml
    return xml[: found.end()] + f' xmlns:zeebe="{ZEEBE}"'.encode() + xml[found.end() :]


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _used(root: Node, *, is_ours: bool) -> list[str]:
    """Find the namespaces of the engines that a file was made for; expressions alone tell it too, and what an engine takes for granted."""
    declared = [each for each in ENGINES if any(each in node.nsmap.values() for node in root.iter("{*}definitions"))]
    if spoken := [each for each in declared if _speaks(root, each)]:
        return spoken
    if unsaid := [each for each in declared if ENGINES[each] in _EXECUTED_UNSAID and _is_unsaid(root)]:
        return unsaid[:1]
    if declared == [SPIFF]:
        return declared if any(True for _ in root.iter(*_EXPRESSIONS)) else []
    texts = [node.text or "" for node in root.iter(*_EXPRESSIONS)]
    theirs = [each for each in declared if each != SPIFF][:1]
    if any(map(juel.is_expression, texts)) or (theirs and any(map(quartz.is_cron, texts))):
        return theirs or ([] if is_ours else [CAMUNDA])
    return []


def _is_unsaid(root: Node) -> bool:
    """Tell whether a process leaves open whether it is executable, which those engines take for a yes."""
    return any(process.get("isExecutable") is None for process in root.iter(bpmn("process")))


def _speaks(root: Node, namespace: str) -> bool:
    """Tell whether anything that steers is said in a namespace."""
    mark = f"{{{namespace}}}"
    return any(
        str(node.tag).startswith(mark)
        or any(
            str(key).startswith(mark) and str(key).removeprefix(mark) not in leftovers.BOOKKEEPING
            for key in node.attrib
        )
        for node in root.iter("*")
    )


def _translate(lanes: Mapping[str, str], node: Node, namespace: str, report: Report, *, first: bool) -> None:
    if namespace == SPIFF:
        element = spiff.translate(lanes, node, namespace, report)
    else:
        element = Element(node, namespace, report)
        for hint, reason in _HINTS.items():
            if value := element.take(hint):
                element.tell(Text("{name}={value} is left out: {reason}", name=hint, value=value, reason=reason))
        translate = _TRANSLATORS.get(element.kind)
        if translate is not None and (first or element.foreign() or element.extensions()):
            translate(element)
        for each in element.extensions("inputOutput"):
            calls.mappings(element, each)
        listeners.translate(element)
        if first:
            leftovers.calculated_name(element)
    leftovers.tell(element)


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
