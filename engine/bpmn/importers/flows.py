"""Conditions, timers, loops, messages and processes of Camunda 7, Operaton, Flowable and Activiti."""

from __future__ import annotations

from engine.bpmn.importers import juel, quartz, words, work
from engine.bpmn.importers.element import Element
from engine.bpmn.importers.words import Untranslatable
from engine.bpmn.read.parts import bpmn, local_name, reference, text_of
from engine.bpmn.validate import Node
from engine.errors import Text

_FEEL = "https://www.omg.org/spec/DMN/"
_JUEL = ("", "juel", "http://www.w3.org/1999/XPath")
_DATES = ("timeDate", "timeDuration", "timeCycle")
_PASSED = ("loopDataInputRef", "inputDataItem", "loopDataOutputRef", "outputDataItem")


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
        if language.lower() == "feel" or language.startswith(_FEEL):
            node.text = f"={text_of(node).removeprefix('=')}"
            element.tell(Text("{name} {value} was translated", name="conditionExpression", value=text_of(node)))
            return
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
    inner(element, *_DATES)
    for node in element.node.findall(bpmn("timeCycle")):
        value = text_of(node)
        if not quartz.is_cron(value):
            continue
        try:
            node.text = quartz.to_cron(value)
        except Untranslatable as error:
            element.ask(
                "import-expression",
                Text(
                    "{what} is {text}, which cannot be translated: {reason}",
                    what="timeCycle",
                    text=value,
                    reason=error.text,
                ),
                Text("write a cycle such as R/P1D, or a cron expression such as 0 9 * * MON-FRI"),
            )
        else:
            element.tell(Text("{name} {value} was translated", name="timeCycle", value=value))


def ad_hoc(element: Element) -> None:
    """Translate the completion condition of an ad-hoc subprocess."""
    inner(element, "completionCondition")


def standard_loop(element: Element) -> None:
    """Translate the condition of a loop."""
    inner(element, "loopCondition")


def multi_instance(element: Element) -> None:
    """Translate what a multi-instance activity runs over."""
    inner(element, "loopCardinality", "completionCondition")
    named_data(element)
    _index(element)
    collection = element.get("collection")
    if collection:
        found = element.variable(collection, "collection")
        if found is None:
            element.asked.add("collection")
            return
        item = element.take("elementVariable")
        element.put("loopCharacteristics", inputCollection=found, **({"inputElement": item} if item else {}))
        element.drop("collection")
        element.tell(Text("it runs over {collection}", collection=collection))


def named_data(element: Element) -> None:
    """Translate data of a loop that are named as variables, where the standard has ids of data elements."""
    said = {kind: node for kind in _PASSED if (node := element.node.find(bpmn(kind))) is not None}
    given: dict[str, str] = {}
    for way, item, ours, ours_item in (
        ("loopDataInputRef", "inputDataItem", "inputCollection", "inputElement"),
        ("loopDataOutputRef", "outputDataItem", "outputCollection", "outputElement"),
    ):
        value = text_of(said.get(way))
        if not value or reference(value) in element.report.data:
            continue
        found = element.variable(value, way) if way == "loopDataInputRef" else value
        if found is None:
            continue
        given[ours] = found
        held = said.get(item)
        name = "" if held is None else held.get("name") or held.get("id") or ""
        if name:
            given[ours_item] = name if ours_item == "inputElement" else f"={words.name(name)}"
        element.node.remove(said[way])
        if held is not None:
            element.node.remove(held)
        element.tell(
            Text("it runs over {collection}", collection=value)
            if ours == "inputCollection"
            else Text("its results are gathered in {name}", name=value)
        )
    if given:
        element.put("loopCharacteristics", **given)


def _index(element: Element) -> None:
    """Translate the variable that counts the rounds of a loop from 0."""
    owner = element.node.getparent()
    if owner is not None and (variable := element.take("elementIndexVariable")):
        holder = Element(owner, element.namespace, element.report)
        holder.put_inside("ioMapping", "input", source="=loopCounter - 1", target=variable)
        element.tell(Text("{name} counts the rounds from 0", name=variable))


def message_event(element: Element) -> None:
    """Translate the work of a message event that is thrown, for which the event gets the job, and the correlation key of Activiti."""
    event = element.node.getparent()
    _correlated(element, event)
    if event is not None and any(element.get(name) for name in ("class", "delegateExpression", "expression", "type")):
        work.service(Element(event, element.namespace, element.report), element)


def _correlated(element: Element, event: Node | None) -> None:
    """Translate by what a message finds its instance: it is told when it is sent, and by the message that is waited for."""
    key = element.get("correlationKey")
    if not key or event is None:
        return
    found = element.feel(key, "correlationKey")
    if found is None:
        element.asked.add("correlationKey")
        return
    if local_name(event) in ("intermediateThrowEvent", "endEvent"):
        element.put("publishMessage", correlationKey=found)
    else:
        message = _message(element)
        if message is None:
            return
        said = message.ours("subscription")
        if said is not None and said.get("correlationKey") != found:
            return  # one message has one key here; the other one stays, and is told
        message.put("subscription", correlationKey=found)
    element.drop("correlationKey")
    element.tell(Text("{name} {value} was translated", name="correlationKey", value=key))


def _message(element: Element) -> Element | None:
    """Give the message that an event names; None where it is nowhere."""
    target = reference(element.node.get("messageRef"))
    found = element.node.getroottree().getroot().iterchildren(bpmn("message"))
    node = next((each for each in found if each.get("id") == target), None)
    return None if node is None else Element(node, element.namespace, element.report)


def named(element: Element) -> None:
    """Translate the name of a message or signal, which may be calculated, and how far a signal reaches."""
    if element.get("scope") == "global":
        reason = Text("a signal reaches every instance")
        value = element.take("scope")
        element.tell(Text("{name}={value} is left out: {reason}", name="scope", value=value, reason=reason))
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
    if startable := element.take("isStartableInTasklist"):
        element.tell(
            Text(
                "{name}={value} is left out: a right says who may start it",
                name="isStartableInTasklist",
                value=startable,
            )
        )
