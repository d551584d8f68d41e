"""Reads files that are to be deployed and says everything that is wrong with any of them, at once. Stores nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from engine import forms
from engine.bpmn.definition import Definition
from engine.bpmn.lint import lint
from engine.bpmn.read import read
from engine.bpmn.rules.rule import LintContext
from engine.dmn.check import check
from engine.dmn.model import Decision
from engine.errors import Invalid, LimitExceeded, Problem, Text
from engine.model.values import Resource
from engine.services import decisions

MAX_FILES = 200
MAX_BYTES = 10_000_000
DIAGRAMS = (".bpmn", ".bpmn20.xml", ".bpmn2")
FORMS = (".form",)


@dataclass(slots=True)
class Contents:
    """What the files of a deployment hold.

    Attributes:
        processes: (file name, definition) of those that are executable; others are only drawn.
        decisions: (file name, decision id, name, version tag).
        forms: (file name, form id, name).
        problems: everything that is wrong; an error refuses the deployment.
    """

    processes: list[tuple[str, Definition]] = field(default_factory=list)
    decisions: list[tuple[str, str, str, str]] = field(default_factory=list)
    forms: list[tuple[str, str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def errors(self) -> list[Problem]:
        """The problems that refuse the deployment."""
        return [problem for problem in self.problems if problem.severity == "error"]


def read_all(resources: Sequence[Resource], known: Callable[[str], frozenset[str]]) -> Contents:
    """Read every file and judge every process in the light of all files and of what is deployed.

    Args:
        known: gives the ids of ``process``, ``decision`` or ``form`` that are deployed, and the ``job_type`` that are served.
    """
    found = Contents()
    found.problems += _bounds(resources)
    if found.problems:
        return found
    several = len(resources) > 1
    drawn: list[tuple[str, Definition]] = []
    for each in resources:
        name = each.name.lower()
        try:
            if name.endswith(DIAGRAMS):
                result = read(each.content)
                found.problems += _told(result.problems, each.name, several)
                found.processes += [
                    (each.name, definition) for definition in result.definitions if definition.executable
                ]
                drawn += [(each.name, definition) for definition in result.definitions if not definition.executable]
                found.problems += _only_drawn(each.name, result.definitions)
            elif name.endswith(decisions.SUFFIX):
                loaded = decisions.load([one for one in resources if one.name.endswith(decisions.SUFFIX)], each.name)
                own = next(iter(loaded.models.values()))
                found.problems += _told([*loaded.problems, *check(loaded, own.namespace)], each.name, several)
                found.decisions += [
                    (each.name, one.id, one.name, one.version_tag)
                    for one in own.elements.values()
                    if isinstance(one, Decision)
                ]
            elif name.endswith(FORMS):
                form = forms.read(each.content)
                found.forms.append((each.name, form.id, form.id))
        except Invalid as refusal:
            found.problems += _told(refusal.problems, each.name, several)
        except LimitExceeded as refusal:
            found.problems.append(Problem(each.name, refusal.text))
    found.problems += _repeated(found)
    context = LintContext(
        processes=known("process") | {definition.process_id for _, definition in found.processes},
        decisions=known("decision") | {id_ for _, id_, *_ in found.decisions},
        forms=known("form") | {id_ for _, id_, _ in found.forms},
        job_types=known("job_type") or None,
    )
    for name, definition in (*found.processes, *drawn):
        found.problems += _told(lint(definition, context=context), name, several)
    return found


def _bounds(resources: Sequence[Resource]) -> list[Problem]:
    problems = []
    if not resources:
        problems.append(Problem("", Text("there is nothing to deploy"), Text("give at least one file")))
    if len(resources) > MAX_FILES:
        problems.append(
            Problem("", Text("{n} files are too many; {limit} are allowed", n=len(resources), limit=MAX_FILES))
        )
    names: set[str] = set()
    for each in resources:
        if not each.name or len(each.name) > 200 or each.name.startswith(("/", ".")) or ".." in each.name:
            problems.append(
                Problem(each.name[:200], Text("this is no name for a file"), Text("give a plain file name"))
            )
        if each.name in names:
            problems.append(Problem(each.name, Text("two files have this name"), Text("rename one of them")))
        names.add(each.name)
        if len(each.content) > MAX_BYTES:
            message = Text("the file has {size} bytes; {limit} are allowed", size=len(each.content), limit=MAX_BYTES)
            problems.append(Problem(each.name, message))
    return problems


def _only_drawn(name: str, definitions: Sequence[Definition]) -> Iterable[Problem]:
    if definitions and not any(definition.executable for definition in definitions):
        yield Problem(
            definitions[0].process_id,
            Text("no process in {file} is marked as executable, so that nothing of it would run", file=name),
            Text("mark the process as executable, or leave the file out"),
        )


def _repeated(found: Contents) -> Iterable[Problem]:
    for ids in (
        [definition.process_id for _, definition in found.processes],
        [id_ for _, id_, *_ in found.decisions],
        [id_ for _, id_, _ in found.forms],
    ):
        for id_ in sorted({each for each in ids if ids.count(each) > 1}):
            yield Problem(id_, Text("the id {id} is used twice in these files", id=id_), Text("rename one of them"))


def _told(problems: Iterable[Problem], name: str, several: bool) -> list[Problem]:
    """Say in which file a problem is, where its place is a line and there are several files."""
    if not several:
        return list(problems)
    return [
        replace(each, where=f"{name} {each.where}".strip())
        if not each.where or each.where.startswith("line ")
        else each
        for each in problems
    ]
