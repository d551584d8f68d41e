"""The whole file: safe parse, schemas, root elements, then every process and global task in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.bpmn.definition import Definition
from engine.bpmn.read.identify import identify
from engine.bpmn.read.process import read_global_task, read_process
from engine.bpmn.read.reading import Reading
from engine.bpmn.read.roots import read_roots
from engine.bpmn.validate import LIMITS, DiagramLimits, parse, schema_problems
from engine.errors import Invalid, Problem


@dataclass(frozen=True, slots=True)
class Read:
    """What was read from one file.

    Attributes:
        definitions: one per process, in document order; then one per global task.
        problems: everything that is wrong with the file so far; an error refuses it.
        root_messages: {id: name as written} of its messages.
    """

    definitions: tuple[Definition, ...] = ()
    problems: tuple[Problem, ...] = ()
    root_messages: Mapping[str, str] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that refuse the file."""
        return tuple(problem for problem in self.problems if problem.severity == "error")


def read(xml: bytes, *, limits: DiagramLimits = LIMITS) -> Read:
    """Read a diagram; raises nothing about its content.

    (1) parsed safely, (2) checked against the OMG schemas, (3) read as far as it can be understood, even when (2) found
    faults, so that everything is reported at once.
    """
    try:
        root = parse(xml, limits=limits)
    except Invalid as refusal:
        return Read(problems=refusal.problems)
    reading = Reading(limits)
    reading.problems += schema_problems(root, limits=limits)
    identify(root)
    roots = read_roots(root, reading)
    definitions = [read_process(node, roots, reading) for node in roots.processes]
    definitions += [read_global_task(node, roots, reading) for node in roots.global_tasks]
    return Read(
        definitions=tuple(definition for definition in definitions if definition),
        problems=tuple(reading.problems),
        root_messages=roots.message_names,
    )
