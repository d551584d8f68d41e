"""Small diagrams for tests of connectors."""

from __future__ import annotations

from engine.model.values import Resource

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d" targetNamespace="t">'
)


def service(job_type: str, *, process_id: str = "p", inputs: str = "", more: str = "", retries: int = 3) -> Resource:
    """Start -> one service task of a job type -> end; an error boundary event catches ``REFUSED``."""
    extension = f'<zeebe:taskDefinition type="{job_type}" retries="{retries}"/>'
    if inputs:
        extension += f"<zeebe:ioMapping>{inputs}</zeebe:ioMapping>"
    body = f"""
    <startEvent id="begin"/><sequenceFlow id="f1" sourceRef="begin" targetRef="work"/>
    <serviceTask id="work"><extensionElements>{extension}</extensionElements></serviceTask>
    <boundaryEvent id="refused" attachedToRef="work"><errorEventDefinition errorRef="refusal"/></boundaryEvent>
    <sequenceFlow id="f2" sourceRef="work" targetRef="done"/><endEvent id="done"/>
    <sequenceFlow id="f3" sourceRef="refused" targetRef="other"/><endEvent id="other"/>{more}"""
    process = f'<process id="{process_id}" isExecutable="true">{body}</process>'
    xml = f'{HEAD}<error id="refusal" errorCode="REFUSED"/>{process}</definitions>'
    return Resource(f"{process_id}.bpmn", xml.encode())
