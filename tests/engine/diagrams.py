"""Small processes for the engine's tests, written as lines of elements and flows."""

from __future__ import annotations

import itertools
import re
from xml.sax.saxutils import quoteattr

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d" targetNamespace="t">'
)


def diagram(*parts: str, id: str = "p", roots: str = "", attributes: str = "") -> bytes:
    """A file with one process."""
    inner = "".join(parts)
    return f'{HEAD}{roots}<process id="{id}" isExecutable="true" {attributes}>{inner}</process></definitions>'.encode()


def flows(*pairs: str) -> str:
    """Sequence flows, each as ``source>target`` or ``source>target=condition``."""
    found = []
    for pair in pairs:
        ends, _, condition = pair.partition("=")
        source, target = ends.split(">")
        inner = f"<conditionExpression>={condition}</conditionExpression>" if condition else ""
        found.append(
            f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'
        )
    return "".join(found)


def start(id: str = "start", inner: str = "") -> str:
    return f'<startEvent id="{id}">{inner}</startEvent>'


def end(id: str = "end", inner: str = "") -> str:
    return f'<endEvent id="{id}">{inner}</endEvent>'


def extended(*inner: str) -> str:
    return f"<extensionElements>{''.join(inner)}</extensionElements>" if inner else ""


def user(
    id: str,
    *,
    groups: str = "",
    users: str = "",
    assignee: str = "",
    form: str = "",
    due: str = "",
    priority: str = "",
    four_eyes: str = "",
) -> str:
    """A user task; expressions begin with ``=``."""
    given = "".join(
        f" {name}={quoteattr(value)}"
        for name, value in (("assignee", assignee), ("candidateGroups", groups), ("candidateUsers", users))
        if value
    )
    inner = ["<zeebe:userTask/>"]
    if given:
        inner.append(f"<zeebe:assignmentDefinition{given}/>")
    if form:
        inner.append(f'<zeebe:formDefinition formId="{form}" bindingType="deployment"/>')
    if due:
        inner.append(f"<zeebe:taskSchedule dueDate={quoteattr(due)}/>")
    if priority:
        inner.append(f"<zeebe:priorityDefinition priority={quoteattr(priority)}/>")
    if four_eyes:
        inner.append(
            f'<zeebe:properties><zeebe:property name="four_eyes" value={quoteattr(four_eyes)}/></zeebe:properties>'
        )
    return f'<userTask id="{id}" name="Do {id}">{extended(*inner)}</userTask>'


def service(id: str, type: str = "work", retries: str = "3", inner: str = "") -> str:
    work = f"<zeebe:taskDefinition type={quoteattr(type)} retries={quoteattr(retries)}/>"
    return f'<serviceTask id="{id}">{extended(work)}{inner}</serviceTask>'


def script(id: str, expression: str, result: str) -> str:
    work = f"<zeebe:script expression={quoteattr(expression)} resultVariable={quoteattr(result)}/>"
    return f'<scriptTask id="{id}">{extended(work)}</scriptTask>'


def call(id: str, process_id: str) -> str:
    return f'<callActivity id="{id}">{extended(f"<zeebe:calledElement processId={quoteattr(process_id)}/>")}</callActivity>'


def message(id: str, name: str, key: str = "") -> str:
    """A message of the file; ``key`` is the expression of its correlation key."""
    inner = extended(f"<zeebe:subscription correlationKey={quoteattr(key)}/>") if key else ""
    return f"<message id={quoteattr(id)} name={quoteattr(name)}>{inner}</message>"


def on_message(ref: str) -> str:
    return f'<messageEventDefinition messageRef="{ref}"/>'


def on_timer(duration: str = "", *, date: str = "", cycle: str = "") -> str:
    kind, text = ("timeDuration", duration) if duration else ("timeDate", date) if date else ("timeCycle", cycle)
    return f'<timerEventDefinition><{kind} xsi:type="tFormalExpression">{text}</{kind}></timerEventDefinition>'


def catch(id: str, inner: str) -> str:
    return f'<intermediateCatchEvent id="{id}">{inner}</intermediateCatchEvent>'


def throw(id: str, inner: str) -> str:
    return f'<intermediateThrowEvent id="{id}">{inner}</intermediateThrowEvent>'


def boundary(id: str, on: str, inner: str, *, interrupting: bool = True) -> str:
    flag = "true" if interrupting else "false"
    return f'<boundaryEvent id="{id}" attachedToRef="{on}" cancelActivity="{flag}">{inner}</boundaryEvent>'


def parallel(id: str) -> str:
    return f'<parallelGateway id="{id}"/>'


def line(*elements: str, id: str = "p", roots: str = "") -> bytes:
    """A process that goes through elements one after the other, from a start to an end event."""
    ids = [re.search(r'id="([^"]+)"', element)[1] for element in elements]
    order = ["start", *ids, "end"]
    pairs = [f"{a}>{b}" for a, b in itertools.pairwise(order)]
    return diagram(start(), *elements, end(), flows(*pairs), id=id, roots=roots)
