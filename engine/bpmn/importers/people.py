"""Who works on a user task, by when and with which form, as Camunda 7, Operaton, Flowable and Activiti write it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.bpmn.importers import juel
from engine.bpmn.importers.element import Element
from engine.bpmn.importers.words import text
from engine.bpmn.read.parts import bpmn, text_of
from engine.errors import Text

_STARTER = "$INITIATOR"  # as the modelers of Activiti and Flowable write it
_OWNER = re.compile(r"(user|group)\(([^()]*)\)")


def user_task(element: Element) -> None:
    """Translate assignment, schedule, priority and form of a user task."""
    element.put("userTask")
    for attribute in ("assignee", "candidateGroups", "candidateUsers"):
        _assign(element, attribute)
    _performers(element)
    for attribute in ("dueDate", "followUpDate"):
        _put(element, attribute, "taskSchedule")
    _put(element, "priority", "priorityDefinition")
    form(element)


def form(element: Element) -> None:
    """Translate the form of a user task or start event: its key becomes the id of a form, which a person must draw."""
    said = next((each for each in ("formRef", "formKey") if element.get(each)), "")
    key = element.get(said) if said and element.ours("formDefinition") is None else ""
    id_ = form_id(key)
    if juel.is_expression(key) or not id_:
        if key:
            element.asked.add(said)
            element.ask(
                "import-form",
                Text("which form it has is calculated: {key}", key=key),
                Text("name one form, and show its parts by conditions"),
            )
    else:
        given = {"formId": id_}
        version = element.get("formRefBinding")
        if version in ("latest", "deployment"):
            given["bindingType"] = element.take("formRefBinding")
        elif version == "version":
            given["bindingType"] = "latest"
            element.drop("formRefBinding")
            element.ask(
                "import-version",
                Text("version {number} was meant; now it is the latest", number=element.take("formRefVersion")),
                Text("bind to the deployment or to a version tag if another is meant"),
            )
        element.put("formDefinition", **given)
        element.drop(said)
        element.ask(
            "import-form",
            Text("the form {key} is now the form {id}", key=key, id=id_),
            Text("draw the form and deploy it together with the process"),
        )
    inside = element.extensions("formProperty")
    inside += [each for node in element.extensions("formData") for each in element.of(node, "formField")]
    if inside:
        names = ", ".join(f"{each.get('id') or '?'} ({each.get('type') or 'string'})" for each in inside)
        element.asked |= {"formProperty", "formData"}
        element.ask(
            "import-form",
            Text("it has a form of its own with the fields {names}", names=names),
            Text("draw a form with these keys and name it here; the fields stay in the file until then"),
        )


def form_id(key: str) -> str:
    """Make the id of a form out of its key, file or address: the last words of it."""
    last = key.rpartition("/")[2].rpartition(":")[2].partition("?")[0]
    bare = last.rpartition(".")[0] or last
    return re.sub(r"\W+", "_", bare).strip("_")


def _assign(element: Element, attribute: str) -> None:
    value = element.get(attribute)
    if not value:
        return
    if value == _STARTER:
        element.asked.add(attribute)
        element.ask(
            "import-initiator",
            Text("{attribute} {value} meant who started the process", attribute=attribute, value=value),
            Text("let the start form or the caller set a variable to that person, and assign the task to it"),
        )
        return
    if attribute != "assignee" and juel.is_expression(value):
        found = _list(element, value, attribute)
        if found is None:
            element.asked.add(attribute)
        else:
            element.drop(attribute)
    else:
        found = element.attribute(attribute)
    if found is not None:
        element.put("assignmentDefinition", **{attribute: found})
        element.tell(Text("{attribute} {value} was translated", attribute=attribute, value=value))


def _list(element: Element, value: str, attribute: str) -> str | None:
    """Translate names separated by commas, some of which are expressions; one expression may give a list itself."""
    names = [each.strip() for each in re.split(r",(?![^{]*\})", value) if each.strip()]
    if len(names) == 1:
        return element.feel(names[0], attribute)
    found = [element.feel(each, attribute) for each in names]
    if any(each is None for each in found):
        return None
    parts = [each[1:] if each.startswith("=") else text(each) for each in found if each]
    return "=flatten([" + ", ".join(parts) + "])"


def _put(element: Element, attribute: str, kind: str) -> None:
    value, found = element.get(attribute), element.attribute(attribute)
    if found is not None:
        element.put(kind, **{attribute: found})
        element.tell(Text("{attribute} {value} was translated", attribute=attribute, value=value))


def _performers(element: Element) -> None:
    """Translate the standard's own ``humanPerformer`` and ``potentialOwner``, which stay where they are."""
    taken: dict[str, list[str]] = {"assignee": [], "candidateUsers": [], "candidateGroups": []}
    for kind in ("humanPerformer", "potentialOwner"):
        for node in element.node.findall(bpmn(kind)):
            for formal in node.iter(bpmn("formalExpression")):
                value = text_of(formal)
                if kind == "humanPerformer":
                    taken["assignee"].append(value)
                    continue
                told = _OWNER.findall(value)
                for who, name in told:
                    taken["candidateUsers" if who == "user" else "candidateGroups"].append(name.strip())
                if not told and value:
                    taken["candidateGroups"] += [each.strip() for each in value.split(",")]
    for attribute, values in taken.items():
        given = [each for each in values if each]
        if not given:
            continue
        joined = ",".join(given)
        found = element.feel(joined, attribute) if attribute == "assignee" else _list(element, joined, attribute)
        if found is not None:
            plain = ",".join(given) if not juel.is_expression(joined) else found
            element.put("assignmentDefinition", **{attribute: plain})
            element.tell(Text("{attribute} {value} was translated", attribute=attribute, value=joined))


def start_event(element: Element) -> None:
    """Translate the form of a start event; that it keeps who started is for a person to replace."""
    form(element)
    if variable := element.get("initiator"):
        element.asked.add("initiator")
        element.ask(
            "import-initiator",
            Text("the variable {name} held who started the process", name=variable),
            Text("let the start form or the caller set {name}", name=variable),
        )


def lane_as_group(lanes: Mapping[str, str], element: Element) -> None:
    """Offer a user task to the group that its lane is named after; ``lanes``: {id of a flow node: name of its lane}."""
    if owner := lanes.get(element.node.get("id") or ""):
        element.put("assignmentDefinition", candidateGroups=owner)
        element.tell(Text("the task is offered to the group of its lane, {name}", name=owner))
