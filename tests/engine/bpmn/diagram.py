"""Writes small diagrams for tests: the namespaces and the outermost elements around what a test is about."""

import itertools

from engine.bpmn.definition import Definition
from engine.bpmn.read import Read, read

NAMESPACES = (
    'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="test"'
)


def definitions(content: str) -> bytes:
    return f"<definitions {NAMESPACES}>{content}</definitions>".encode()


def process(content: str, *, beside: str = "", id: str = "p", executable: str = "true") -> bytes:
    return definitions(f'{beside}<process id="{id}" isExecutable="{executable}">{content}</process>')


def read_process(content: str, *, beside: str = "") -> Definition:
    """Read one process that must be free of problems."""
    result = read(process(content, beside=beside))
    assert not result.problems, result.problems
    return result.definitions[0]


def problems(content: str, *, beside: str = "") -> Read:
    return read(process(content, beside=beside))


def flow(source: str, target: str, condition: str = "", id: str = "") -> str:
    inside = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
    flow_id = id or f"{source}_{target}"
    return f'<sequenceFlow id="{flow_id}" sourceRef="{source}" targetRef="{target}">{inside}</sequenceFlow>'


def chain(length: int, kind: str = "task", inside: str = "") -> bytes:
    """Give a process of ``length`` elements between start and end, one after the other."""
    ids = ["start", *(f"t{number}" for number in range(length)), "end"]
    nodes = ['<startEvent id="start"/>']
    nodes += [f'<{kind} id="{element}" name="Task {element}">{inside}</{kind}>' for element in ids[1:-1]]
    nodes.append('<endEvent id="end"/>')
    flows = [flow(source, target) for source, target in itertools.pairwise(ids)]
    return process("".join(nodes + flows))
