"""Conditions, timers, loops, messages, processes and listeners of Camunda 7, Operaton, Flowable and Activiti."""

from __future__ import annotations

from engine.bpmn.importers import juel, work
from engine.bpmn.importers.element import Element
from engine.bpmn.read.parts import bpmn, text_of
from engine.errors import Text

_JUEL = ("", "juel", "http://www.w3.org/1999/XPath")
# {what a listener listens to: what our dialect calls it}
_EVENTS = {
    "start": "start",
    "end": "end",
    "create": "creating",
    "assignment": "assigning",
    "update": "updating",
    "complete": "completing",
    "delete": "canceling",
}


def inner(element: Element, *names: str) -> None:
    """Translate the text of children of an element, such as a condition; what is code stays and is refused when deployed."""
    for name in names:
        for node in element.node.findall(bpmn(name)):
            value = text_of(node)
            if not juel.is_expression(value):
                continue
            if found := element.feel(value, name):
                node.text = found
                element.tell(Text("{name} {value} was translated", name=name, value=value))


def sequence_flow(element: Element) -> None:
    """Translate a condition."""
    for node in element.node.findall(bpmn("conditionExpression")):
        language = node.get("language") or ""
        if language not in _JUEL or node.get(f"{{{element.namespace}}}resource"):
            element.ask(
                "import-code",
                Text("the condition is a script in {language}", language=language or Text("a file of its own")),
                Text("write it in FEEL, beginning with ="),
            )
            return
    inner(element, "conditionExpression")


def conditional(element: Element) -> None:
    """Translate the condition of a conditional event."""
    inner(element, "condition")


def timer(element: Element) -> None:
    """Translate when a timer fires."""
    inner(element, "timeDate", "timeDuration", "timeCycle")


def standard_loop(element: Element) -> None:
    """Translate the condition of a loop."""
    inner(element, "loopCondition")


def multi_instance(element: Element) -> None:
    """Translate what a multi-instance activity runs over."""
    inner(element, "loopCardinality", "completionCondition")
    collection = element.get("collection")
    if collection:
        value = collection if juel.is_expression(collection) else f"${{{collection}}}"
        found = element.feel(value, "collection")
        if found is None:
            return
        item = element.take("elementVariable")
        element.put("loopCharacteristics", inputCollection=found, **({"inputElement": item} if item else {}))
        element.drop("collection")
        element.tell(Text("it runs over {collection}", collection=collection))


def message_event(element: Element) -> None:
    """Translate the work of a message event that is thrown: the event gets the job."""
    event = element.node.getparent()
    if event is not None and any(element.get(name) for name in ("class", "delegateExpression", "expression", "type")):
        work.service(Element(event, element.namespace, element.report), element)


def named(element: Element) -> None:
    """Translate the name of a message or signal, which may be calculated."""
    name = element.node.get("name") or ""
    if juel.is_expression(name) and (found := element.feel(name, "name")):
        element.node.set("name", found)
        element.tell(Text("{name} {value} was translated", name="name", value=name))


def process(element: Element) -> None:
    """Translate the version tag and how long history is kept; who may start it is a right here, not part of the diagram."""
    if tag := element.take("versionTag"):
        element.put("versionTag", value=tag)
        element.tell(Text("the version tag is {tag}", tag=tag))
    if kept := element.take("historyTimeToLive"):
        days = f"P{kept}D" if kept.isdigit() else kept
        element.put_inside("properties", "property", name="historyTimeToLive", value=days)
        element.tell(Text("history is kept for {time}", time=days))
    if starters := [each for each in ("candidateStarterGroups", "candidateStarterUsers") if element.get(each)]:
        names = ", ".join(element.take(each) for each in starters)
        element.ask(
            "import-starters",
            Text("{names} could start the process", names=names),
            Text("give them the right to start it"),
        )
    element.drop("isStartableInTasklist")


def listeners(element: Element) -> None:
    """Make listeners job types; deploying refuses them by name until a person has put a task in their place."""
    for node in element.extensions("executionListener", "taskListener"):
        kind = str(node.tag).rpartition("}")[2]
        event = node.get("event") or ("start" if kind == "executionListener" else "create")
        code = next(
            (node.get(each) or "" for each in ("class", "delegateExpression", "expression") if node.get(each)), ""
        )
        element.asked.add(kind)
        type_ = work.job_type(code) if code else f"script.{element.id}.{event}"
        element.ask(
            "import-listener",
            Text(
                "the listener {code} on {event} is now the job type {type}", code=code or kind, event=event, type=type_
            ),
            Text(
                "put a task of this type before or after the element and remove the listener; until then it is not deployed"
            ),
        )
        if event in _EVENTS and element.kind != "sequenceFlow":
            element.put_inside(f"{kind}s", kind, eventType=_EVENTS[event], type=type_)
            if code and len(node) == 0:
                element.remove(node)
