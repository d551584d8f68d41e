"""Rules about what activities do: people, jobs, scripts, decisions, calls."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.definition import FOUR_EYES, Binding, Call, Decision, Element, JobWork, Kind, Script, UserTask
from engine.bpmn.read.reading import UNREADABLE
from engine.bpmn.rules.rule import WARNING, Finding, Subject, known, rule
from engine.bpmn.rules.surroundings import Part
from engine.errors import Text


@rule("job-type-missing")
def job_type_missing(subject: Subject) -> Iterator[Finding]:
    """A service task names the type of its job."""
    for task in subject.of(Kind.SERVICE_TASK):
        if not isinstance(task.work, JobWork):
            yield Finding(
                task.id,
                Text("{task} does not say what work it is", task=task.name or task.id),
                Text("give it a job type, or make it another kind of task"),
            )


@rule("script-missing")
def script_missing(subject: Subject) -> Iterator[Finding]:
    """A script task has a FEEL expression."""
    for task in subject.of(Kind.SCRIPT_TASK):
        if task.work is None:
            yield Finding(
                task.id,
                Text("{task} has no script", task=task.name or task.id),
                Text("give it a FEEL expression and a result variable, or a job type"),
            )


@rule("decision-missing")
def decision_missing(subject: Subject) -> Iterator[Finding]:
    """A business rule task names its decision."""
    for task in subject.of(Kind.BUSINESS_RULE_TASK):
        if task.work is None:
            yield Finding(
                task.id,
                Text("{task} does not say what it decides", task=task.name or task.id),
                Text("give it a called decision and a result variable, or a job type"),
            )


@rule("call-missing")
def call_missing(subject: Subject) -> Iterator[Finding]:
    """A call activity names the process that it calls."""
    for activity in subject.of(Kind.CALL_ACTIVITY):
        if activity.work is None:
            yield Finding(
                activity.id,
                Text("{activity} does not say which process it calls", activity=activity.name or activity.id),
                Text("give it the id of a process"),
            )


@rule("result-missing", WARNING)
def result_missing(subject: Subject) -> Iterator[Finding]:
    """What a script or decision gives goes to a variable."""
    for task in subject.of(Kind.SCRIPT_TASK, Kind.BUSINESS_RULE_TASK):
        unread = isinstance(task.work, Script) and task.work.expression is UNREADABLE
        if isinstance(task.work, Script | Decision) and not task.work.result and not unread:
            yield Finding(
                task.id,
                Text("the result of {task} goes nowhere", task=task.name or task.id),
                Text("give it a result variable"),
            )


@rule("job-type-unknown", WARNING)
def job_type_unknown(subject: Subject) -> Iterator[Finding]:
    """Somebody works on jobs of this type."""
    for element in subject.elements.values():
        name = known(element.work.type) if isinstance(element.work, JobWork) else None
        if name and subject.context.job_types is not None and name not in subject.context.job_types:
            yield Finding(
                element.id,
                Text("nobody works on jobs of the type {type}", type=name),
                Text("correct the type, or start a worker for it"),
            )


@rule("process-unknown")
def process_unknown(subject: Subject) -> Iterator[Finding]:
    """The process that is called is deployed, or deployed together with this one, in the version that is meant."""
    for activity in subject.of(Kind.CALL_ACTIVITY):
        if isinstance(activity.work, Call):
            called = known(activity.work.process_id)
            if called and called != subject.definition.process_id:
                yield from _missing(
                    subject, activity, Part.PROCESS, called, activity.work.binding, activity.work.version_tag
                )


@rule("decision-unknown")
def decision_unknown(subject: Subject) -> Iterator[Finding]:
    """The decision that is called is deployed, or deployed together with the process, in the version that is meant."""
    for task in subject.of(Kind.BUSINESS_RULE_TASK):
        if isinstance(task.work, Decision) and (called := known(task.work.decision_id)):
            yield from _missing(subject, task, Part.DECISION, called, task.work.binding, task.work.version_tag)


@rule("form-unknown")
def form_unknown(subject: Subject) -> Iterator[Finding]:
    """The form of a task or event is deployed, or deployed together with the process, in the version that is meant."""
    for element in subject.elements.values():
        if form := element.form:
            yield from _missing(subject, element, Part.FORM, form.id, form.binding, form.version_tag)


_NAMES = {Part.PROCESS: Text("process"), Part.DECISION: Text("decision"), Part.FORM: Text("form")}


def _missing(
    subject: Subject, element: Element, part: Part, called: str, binding: Binding, version_tag: str
) -> Iterator[Finding]:
    find = subject.context.find
    if find is None or find(part, called, binding, version_tag) is not None:
        return
    what = _NAMES[part]
    if binding is Binding.VERSION_TAG:
        if version_tag:  # where none is named, that is what is wrong
            yield Finding(
                element.id,
                Text("there is no {what} {id} with the version tag {tag}", what=what, id=called, tag=version_tag),
                Text("deploy it with this version tag first, or correct the tag"),
            )
    elif binding is Binding.DEPLOYMENT:
        yield Finding(
            element.id,
            Text("there is no {what} {id} in this deployment", what=what, id=called),
            Text("deploy it together with the process, or bind it to the latest version"),
        )
    else:
        yield Finding(
            element.id,
            Text("there is no {what} {id}", what=what, id=called),
            Text("deploy it first, or together with the process"),
        )


@rule("version-tag-missing")
def version_tag_missing(subject: Subject) -> Iterator[Finding]:
    """What is bound by version tag names the tag."""
    for element in subject.elements.values():
        work = element.work
        bound = work if isinstance(work, Call | Decision) else element.form
        if bound is not None and bound.binding is Binding.VERSION_TAG and not bound.version_tag:
            yield Finding(
                element.id,
                Text("{element} asks for a version tag but names none", element=element.name or element.id),
                Text("give it a version tag, or choose another binding"),
            )


@rule("form-missing", WARNING)
def form_missing(subject: Subject) -> Iterator[Finding]:
    """A user task has a form."""
    for task in subject.of(Kind.USER_TASK):
        if isinstance(task.work, UserTask) and not task.work.form_id:
            yield Finding(
                task.id,
                Text("{task} asks people nothing, because it has no form", task=task.name or task.id),
                Text("give it a form"),
            )


@rule("four-eyes-unknown")
def four_eyes_unknown(subject: Subject) -> Iterator[Finding]:
    """A task that wants other eyes than those of earlier steps names user tasks of its process."""
    for element in subject.elements.values():
        if FOUR_EYES not in element.properties:
            continue
        if element.kind is not Kind.USER_TASK:
            message = Text(
                "{element} is not done by people, and asks for four eyes", element=element.name or element.id
            )
            yield Finding(element.id, message, Text("take the property four_eyes away"))
            continue
        named = element.properties[FOUR_EYES].split()
        wrong = [id for id in named if id not in subject.elements or subject.elements[id].kind is not Kind.USER_TASK]
        if not named or wrong:
            message = Text(
                "{task} wants other eyes than those of {named}, which is no user task",
                task=element.name or element.id,
                named=", ".join(wrong) or "''",
            )
            yield Finding(element.id, message, Text("name the ids of user tasks, divided by blanks"))


@rule("assignment-missing", WARNING)
def assignment_missing(subject: Subject) -> Iterator[Finding]:
    """A user task says who may do it."""
    for task in subject.of(Kind.USER_TASK):
        work = task.work
        if isinstance(work, UserTask) and not (work.assignee or work.candidate_groups or work.candidate_users):
            yield Finding(
                task.id,
                Text("{task} is in nobody's inbox", task=task.name or task.id),
                Text("give it an assignee or candidate groups"),
            )


@rule("group-unknown", WARNING)
def group_unknown(subject: Subject) -> Iterator[Finding]:
    """A task is offered to roles of the organisation."""
    roles = subject.context.roles
    if roles is None:
        return
    for task in subject.of(Kind.USER_TASK):
        groups = known(task.work.candidate_groups) if isinstance(task.work, UserTask) else None
        for group in groups if isinstance(groups, list) else ():
            role = str(group).partition("@")[0]
            if role not in roles:
                yield Finding(
                    task.id,
                    Text("there is no role {role}, to which {task} is offered", role=role, task=task.name or task.id),
                    Text("correct the role, or set it up in the organisation"),
                )


@rule("name-missing", WARNING)
def name_missing(subject: Subject) -> Iterator[Finding]:
    """A task for people has a name that they can read."""
    for task in subject.of(Kind.USER_TASK):
        if not task.name.strip():
            yield Finding(
                task.id,
                Text("people will see this task as {id}", id=task.id),
                Text("give it a name"),
            )
