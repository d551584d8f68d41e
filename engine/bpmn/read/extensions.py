"""Extension elements that are not read: told, so that nothing that a diagram says is lost in silence."""

from __future__ import annotations

from engine.bpmn.read.parts import Parts
from engine.bpmn.read.reading import Reading
from engine.errors import Text

_READ = frozenset(
    {
        "assignmentDefinition",
        "calledDecision",
        "calledElement",
        "formDefinition",
        "ioMapping",
        "loopCharacteristics",
        "priorityDefinition",
        "properties",
        "publishMessage",
        "script",
        "subscription",
        "taskDefinition",
        "taskHeaders",
        "taskSchedule",
        "userTask",
        "versionTag",
    }
)
# {extension that would change what happens: what to use instead}
_REFUSED = {
    "executionListeners": Text("put a service task before or after this element"),
    "taskListeners": Text("put a service task before or after this task"),
    "adHoc": Text("let people choose the tasks, or decide with gateways"),
    "conditionalFilter": Text("put what the filter says into the condition"),
    "userTaskForm": Text("deploy the form as a file of its own and name it by its form id"),
}
# {namespace of an engine whose attributes steer execution: its name}
ENGINES = {
    "http://camunda.org/schema/1.0/bpmn": "Camunda 7",
    "http://flowable.org/bpmn": "Flowable",
    "http://activiti.org/bpmn": "Activiti",
    "http://operaton.org/schema/1.0/bpmn": "Operaton",
    "http://spiffworkflow.org/bpmn/schema/1.0/core": "SpiffWorkflow",
}


def check_extensions(parts: Parts, reading: Reading) -> None:
    """Note the extension elements and attributes of one element that the reader does not understand."""
    for name in sorted(parts.zeebe.keys() - _READ):
        if name in _REFUSED:
            message, note = Text("zeebe:{name} is not executed", name=name), reading.refuse
        else:
            message, note = Text("zeebe:{name} is not known and has no effect", name=name), reading.warn
        note(
            parts.id,
            "extension-unsupported",
            message,
            _REFUSED.get(name, Text("remove it, or leave it for other tools")),
        )
    for namespace in sorted(parts.namespaces() & ENGINES.keys()):
        reading.warn_once(
            parts.id,
            "extension-foreign",
            Text("what elements say for {engine} has no effect, here and elsewhere", engine=ENGINES[namespace]),
            Text(
                "import the file, which translates such extensions; what the import leaves is for a person to replace"
            ),
        )
