"""Reads files that are to be deployed and says everything that is wrong with any of them, at once. Stores nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial

from engine import forms
from engine.bpmn.definition import Binding, Definition
from engine.bpmn.lint import lint
from engine.bpmn.read import read
from engine.bpmn.rules.surroundings import RESULT, Find, LintContext, Part
from engine.dmn import Decisions
from engine.dmn.check import check
from engine.dmn.model import Decision
from engine.errors import Invalid, LimitExceeded, Problem, Text
from engine.feel.kinds import Kinds
from engine.model.values import Resource
from engine.services import decisions, folders

MAX_FILES = 200
MAX_BYTES = 10_000_000
DIAGRAMS = (".bpmn", ".bpmn20.xml", ".bpmn2")
FORMS = (".form",)


@dataclass(frozen=True, slots=True)
class Defined:
    """A decision or a form in a file.

    Attributes:
        kinds: gives what it hands over to a process, by name.
    """

    file: str
    id: str
    name: str
    version_tag: str
    kinds: Callable[[], Kinds]


Deployed = Callable[[Part, str, str], Kinds | None]
"""Gives what the newest deployed version of an id hands over, with a version tag or with any (""); None when there is none."""


@dataclass(slots=True)
class Contents:
    """What the files of a deployment hold.

    Attributes:
        processes: (file name, definition) of those that are executable; others are only drawn.
        decisions, forms: what the files define of these.
        problems: everything that is wrong; an error refuses the deployment.
    """

    processes: list[tuple[str, Definition]] = field(default_factory=list)
    decisions: list[Defined] = field(default_factory=list)
    forms: list[Defined] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def errors(self) -> list[Problem]:
        """The problems that refuse the deployment."""
        return [problem for problem in self.problems if problem.severity == "error"]


def read_all(
    resources: Sequence[Resource], deployed: Deployed, job_types: frozenset[str] | None, roles: Collection[str]
) -> Contents:
    """Read every file and judge every process, and the settings beside it, in the light of all files and of what is deployed.

    Args:
        job_types: the types of jobs that are served; None when that is not known.
        roles: codes of the roles of the organisation; none: not known.
    """
    found = Contents()
    found.problems += _bounds(resources)
    if found.problems:
        return found
    several = len(resources) > 1
    drawn = _read(resources, found)
    # what a file that cannot be read would hold is not called missing
    unread = bool(found.errors)
    found.problems += _repeated(found)
    find = _finder(found, deployed)
    context = LintContext(find, job_types, frozenset(roles) or None)
    for name, definition in (*found.processes, *drawn):
        found.problems += _told(lint(definition, context=context), name, several)
    definitions = {definition.process_id: definition for _, definition in (*found.processes, *drawn)}
    found.problems += folders.judge(resources, None if unread else folders.Around(definitions, find, roles))
    return found


def once_deployed(resources: Sequence[Resource], deployed: Deployed) -> Deployed:
    """Give what will be there once other files are deployed, on top of what is; what cannot be read of them is not there."""
    found = Contents()
    _read(resources, found)
    find = _finder(found, deployed)
    return lambda part, id_, tag: find(part, id_, Binding.VERSION_TAG if tag else Binding.LATEST, tag)


def _read(resources: Sequence[Resource], found: Contents) -> list[tuple[str, Definition]]:
    """Read every file into ``found``; give the processes that are only drawn."""
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
                    Defined(each.name, one.id, one.name, one.version_tag, partial(_decided, loaded, one.id))
                    for one in own.elements.values()
                    if isinstance(one, Decision)
                ]
            elif name.endswith(FORMS):
                form = forms.read(each.content)
                found.problems += form.warnings()
                found.forms.append(Defined(each.name, form.id, form.id, form.version_tag, form.kinds))
        except Invalid as refusal:
            found.problems += _told(refusal.problems, each.name, several)
        except LimitExceeded as refusal:
            found.problems.append(Problem(each.name, refusal.text))
    return drawn


def _decided(loaded: Decisions, id_: str) -> Kinds:
    return {RESULT: loaded.kind(id_)}


def _finder(found: Contents, deployed: Deployed) -> Find:
    """Give what looks things up as they will be once these files are deployed."""
    here: dict[tuple[Part, str], tuple[str, Callable[[], Kinds]]] = {
        **{(Part.PROCESS, each.process_id): (each.version_tag, dict) for _, each in found.processes},
        **{(Part.DECISION, each.id): (each.version_tag, each.kinds) for each in found.decisions},
        **{(Part.FORM, each.id): (each.version_tag, each.kinds) for each in found.forms},
    }

    @cache
    def find(part: Part, id_: str, binding: Binding, version_tag: str) -> Kinds | None:
        tag, kinds = here.get((part, id_), ("", None))
        if kinds is not None and (binding is not Binding.VERSION_TAG or tag == version_tag):
            return kinds()
        if binding is Binding.DEPLOYMENT or (binding is Binding.VERSION_TAG and not version_tag):
            return None
        return deployed(part, id_, version_tag if binding is Binding.VERSION_TAG else "")

    return find


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
        [each.id for each in found.decisions],
        [each.id for each in found.forms],
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
