"""What an activity does and how often: its work, its mappings, its loop."""

from __future__ import annotations

from engine import feel
from engine.bpmn.definition import (
    Binding,
    Call,
    Decision,
    JobWork,
    Kind,
    MultiInstance,
    Script,
    StandardLoop,
    UserTask,
    VariableMapping,
    Work,
)
from engine.bpmn.read.data import DataNames
from engine.bpmn.read.events import read_events, shared_event
from engine.bpmn.read.parts import Parts, reference, title
from engine.bpmn.read.reading import UNREADABLE, Reading
from engine.bpmn.read.roots import Roots
from engine.errors import Text

_JOB_KINDS = frozenset(
    {
        Kind.SERVICE_TASK,
        Kind.SEND_TASK,
        Kind.SCRIPT_TASK,
        Kind.BUSINESS_RULE_TASK,
        Kind.THROW_EVENT,
        Kind.END_EVENT,
    }
)


def read_work(kind: Kind, parts: Parts, reading: Reading) -> Work | None:
    """Read what an element does; None when it says nothing."""
    if kind is Kind.USER_TASK:
        return _user_task(parts, reading)
    if kind is Kind.CALL_ACTIVITY:
        return _call(parts, reading)
    if kind is Kind.SCRIPT_TASK and (script := parts.extension("script")) is not None:
        expression = reading.expression(script.get("expression"), parts.id)
        return Script(expression, script.get("resultVariable") or "") if expression else None
    if kind is Kind.SCRIPT_TASK and "taskDefinition" not in parts.zeebe and parts.text("script"):
        return _foreign_script(parts, reading)
    if kind is Kind.BUSINESS_RULE_TASK and (called := parts.extension("calledDecision")) is not None:
        decision = reading.expression(called.get("decisionId"), parts.id)
        if decision is None:
            return None
        return Decision(
            decision,
            called.get("resultVariable") or "",
            reading.binding(called.get("bindingType"), Binding.DEPLOYMENT, parts.id),
            called.get("versionTag") or "",
        )
    if kind in _JOB_KINDS and (job := parts.extension("taskDefinition")) is not None:
        job_type = reading.expression(job.get("type"), parts.id)
        if job_type is None:
            return None
        return JobWork(job_type, reading.number(job.get("retries"), parts.id), _headers(parts))
    return None


def _foreign_script(parts: Parts, reading: Reading) -> Script:
    language = parts.get("scriptFormat") or Text("another language")
    reading.refuse(
        parts.id,
        "script-foreign",
        Text(
            "the script of {task} in {language} is not executed", task=title(parts.node) or parts.id, language=language
        ),
        Text("write it in FEEL with a result variable, or give the task a job type that a worker serves"),
    )
    return Script(UNREADABLE)


def read_mappings(parts: Parts, direction: str, reading: Reading) -> tuple[VariableMapping, ...]:
    """Read the ``input`` or ``output`` mappings of an element."""
    mappings = []
    for io_mapping in parts.zeebe.get("ioMapping", ()):
        for node in io_mapping.iter(f"{{*}}{direction}"):
            source = reading.expression(node.get("source"), parts.id)
            target = (node.get("target") or "").strip()
            if not target:
                reading.refuse(
                    parts.id,
                    "mapping-incomplete",
                    Text("a mapping lacks its target"),
                    Text("name the variable that gets the value, or remove the mapping"),
                )
                continue
            if source is None:
                reading.warn(
                    parts.id,
                    "mapping-empty",
                    Text("{target} becomes empty, since its mapping has no source", target=target),
                    Text("give it a source, write =null, or remove the mapping"),
                )
            mappings.append(VariableMapping(source or feel.constant(None), target))
    return tuple(mappings)


def read_properties(parts: Parts) -> dict[str, str]:
    """Read the ``zeebe:properties`` of an element."""
    return {
        node.get("name") or "": node.get("value") or ""
        for properties in parts.zeebe.get("properties", ())
        for node in properties
    }


def read_loop(parts: Parts, names: DataNames, roots: Roots, reading: Reading) -> StandardLoop | MultiInstance | None:
    """Read how often an activity runs; None means once."""
    if (node := parts.first("standardLoopCharacteristics")) is not None:
        loop = Parts(node)
        return StandardLoop(
            condition=reading.expression(loop.text("loopCondition"), parts.id),
            test_before=loop.flag("testBefore", default=False),
            maximum=loop.number("loopMaximum", 0) if loop.get("loopMaximum") else None,
        )
    if (node := parts.first("multiInstanceLoopCharacteristics")) is not None:
        return _multi_instance(Parts(node), parts, names, roots, reading)
    return None


def _multi_instance(loop: Parts, parts: Parts, names: DataNames, roots: Roots, reading: Reading) -> MultiInstance:
    settings = loop.extension("loopCharacteristics") or {}
    behavior = loop.get("behavior", "All")
    event_ref = {"None": "noneBehaviorEventRef", "One": "oneBehaviorEventRef"}.get(behavior, "")
    collection = reading.expression(settings.get("inputCollection"), parts.id)
    if collection is None:
        collection = reading.expression(names.collection(parts, loop.text("loopDataInputRef"), reading), parts.id)
    output_element = reading.expression(settings.get("outputElement"), parts.id)
    if output_element is None and (item := loop.first("outputDataItem")) is not None:
        output_element = reading.expression(f"={item.get('name') or item.get('id')}", parts.id)
    item = loop.first("inputDataItem")
    complex_events = []
    for node in loop.all("complexBehaviorDefinition"):
        definition = Parts(node)
        condition = reading.expression(definition.text("condition"), parts.id)
        if condition and (thrown := definition.first("event")) is not None:
            event = Parts(thrown)
            event.id = parts.id
            complex_events += [(condition, thrown_event) for thrown_event in read_events(event, roots, reading)[:1]]
    return MultiInstance(
        sequential=loop.flag("isSequential", default=False),
        collection=collection,
        item=settings.get("inputElement") or (item.get("name") or item.get("id") or "" if item is not None else ""),
        cardinality=reading.number(loop.text("loopCardinality"), parts.id),
        output_collection=settings.get("outputCollection")
        or names.known(parts, "loopDataOutputRef", loop.text("loopDataOutputRef"), reading),
        output_element=output_element,
        completion=reading.expression(loop.text("completionCondition"), parts.id),
        behavior=behavior,
        event=shared_event(reference(loop.get(event_ref)), parts, event_ref, roots, reading) if event_ref else None,
        complex_events=tuple(complex_events),
    )


def _user_task(parts: Parts, reading: Reading) -> UserTask:
    assignment = parts.extension("assignmentDefinition") or {}
    schedule = parts.extension("taskSchedule") or {}
    priority = parts.extension("priorityDefinition") or {}
    form = parts.extension("formDefinition") or {}
    return UserTask(
        assignee=reading.expression(assignment.get("assignee"), parts.id),
        candidate_groups=reading.names(assignment.get("candidateGroups"), parts.id),
        candidate_users=reading.names(assignment.get("candidateUsers"), parts.id),
        due_date=reading.expression(schedule.get("dueDate"), parts.id),
        follow_up_date=reading.expression(schedule.get("followUpDate"), parts.id),
        priority=reading.number(priority.get("priority"), parts.id),
        form_id=form.get("formId") or form.get("formKey") or "",
        form_binding=reading.binding(form.get("bindingType"), Binding.DEPLOYMENT, parts.id),
        form_version_tag=form.get("versionTag") or "",
    )


def _call(parts: Parts, reading: Reading) -> Call | None:
    called = parts.extension("calledElement") or {}
    process_id = reading.expression(called.get("processId") or reference(parts.get("calledElement")), parts.id)
    if process_id is None:
        return None
    return Call(
        process_id,
        reading.binding(called.get("bindingType"), Binding.LATEST, parts.id),
        called.get("versionTag") or "",
        all_in=called.get("propagateAllParentVariables") != "false",
        all_out=called.get("propagateAllChildVariables") != "false",
    )


def _headers(parts: Parts) -> dict[str, str]:
    return {
        node.get("key") or "": node.get("value") or ""
        for headers in parts.zeebe.get("taskHeaders", ())
        for node in headers
    }
