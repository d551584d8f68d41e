"""Which version of a form or a decision a process means: the one deployed with it, the newest, or the newest with a version tag."""

from __future__ import annotations

import json
from xml.sax.saxutils import quoteattr

import pytest

from engine.bpmn.definition import Binding, FormRef
from engine.errors import Invalid, NotFound
from engine.model.values import SYSTEM, Resource
from engine.services import repository, tasks, versions
from tests.engine.diagrams import line, user


def deploy(h, **files: bytes):
    resources = [Resource(name.replace("__", "."), content) for name, content in files.items()]
    return repository.deploy(h.engine, resources, actor=SYSTEM)


def form(label: str, tag: str = "", id: str = "estimate") -> bytes:
    field = {"type": "textfield", "id": "f1", "key": "note", "label": label}
    return json.dumps({"id": id, "type": "default", "components": [field], "versionTag": tag}).encode()


def decision(value: int, tag: str = "") -> bytes:
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
        ' id="d" name="d" namespace="urn:limit"><decision id="limit" name="limit"><extensionElements>'
        f'<zeebe:versionTag value="{tag}"/></extensionElements><variable name="limit" typeRef="number"/>'
        f"<literalExpression><text>{value}</text></literalExpression></decision></definitions>"
    ).encode()


def asks(binding: str, tag: str = "", *, at_start: bool = False) -> bytes:
    """A process whose one task, or whose start event, has the form."""
    given = f'formId="estimate" bindingType="{binding}"' + (f" versionTag={quoteattr(tag)}" if tag else "")
    extension = f"<extensionElements><zeebe:formDefinition {given}/></extensionElements>"
    if at_start:
        return line(user("ask")).replace(b'<startEvent id="start">', f'<startEvent id="start">{extension}'.encode())
    return line(f'<userTask id="ask" name="Ask">{extension}</userTask>')


def decides(binding: str, tag: str = "", called: str = "limit") -> bytes:
    given = f'decisionId="{called}" resultVariable="limit" bindingType="{binding}"'
    given += f" versionTag={quoteattr(tag)}" if tag else ""
    rule = f'<businessRuleTask id="rule"><extensionElements><zeebe:calledDecision {given}/></extensionElements></businessRuleTask>'
    return line(rule, user("a"))


def label_shown(h) -> str:
    h.start("p")
    [task] = h.tasks()
    return tasks.form(h.engine, task.key, actor=SYSTEM).fields[0].label


def refusal(h, **files: bytes) -> list[tuple[str, str, str, str]]:
    with pytest.raises(Invalid) as refused:
        deploy(h, **files)
    return [(p.where, p.rule, p.message, p.remedy) for p in refused.value.problems if p.severity == "error"]


@pytest.mark.parametrize(
    ("binding", "tag", "shown"),
    [("deployment", "", "first"), ("latest", "", "third"), ("versionTag", "spring", "second")],
)
def test_a_task_shows_the_form_of_the_version_that_it_is_bound_to(h, binding, tag, shown):
    deploy(h, f__form=form("second", "spring"))
    deploy(h, p__bpmn=asks(binding, tag), f__form=form("first", "winter"))
    deploy(h, f__form=form("third", "summer"))

    assert label_shown(h) == shown


@pytest.mark.parametrize(
    ("binding", "tag", "shown"),
    [("deployment", "", "first"), ("latest", "", "third"), ("versionTag", "spring", "second")],
)
def test_a_start_event_asks_with_the_form_of_the_version_that_it_is_bound_to(h, binding, tag, shown):
    deploy(h, f__form=form("second", "spring"))
    deploy(h, p__bpmn=asks(binding, tag, at_start=True), f__form=form("first"))
    deploy(h, f__form=form("third"))

    row = repository.latest(h.engine, "p", actor=SYSTEM)
    _, definition = repository.definition(h.engine, row.key, actor=SYSTEM)
    [start] = definition.start_events(None)

    with h.store.read() as uow:
        assert versions.form(h.engine, uow, start.form, caller=row).fields[0].label == shown


def test_of_several_versions_with_a_tag_the_newest_is_meant(h):
    deploy(h, f__form=form("old", "spring"))
    deploy(h, f__form=form("new", "spring"), p__bpmn=asks("versionTag", "spring"))

    assert label_shown(h) == "new"


@pytest.mark.parametrize(
    ("binding", "tag", "value"), [("deployment", "", 1), ("latest", "", 3), ("versionTag", "spring", 2)]
)
def test_a_task_decides_by_the_version_that_it_is_bound_to(h, binding, tag, value):
    deploy(h, d__dmn=decision(2, "spring"))
    deploy(h, p__bpmn=decides(binding, tag), d__dmn=decision(1, "winter"))
    deploy(h, d__dmn=decision(3))

    assert h.variables(h.start("p")) == {"limit": value}


def test_a_version_that_is_not_there_refuses_the_deployment_with_element_and_remedy(h):
    deploy(h, f__form=form("any", "spring"), d__dmn=decision(1, "spring"))

    assert refusal(h, p__bpmn=asks("versionTag", "winter")) == [
        (
            "ask",
            "form-unknown",
            "there is no form estimate with the version tag winter",
            "deploy it with this version tag first, or correct the tag",
        )
    ]
    assert refusal(h, p__bpmn=asks("versionTag", "winter", at_start=True))[0][:2] == ("start", "form-unknown")
    assert refusal(h, p__bpmn=decides("versionTag", "winter"))[0][2] == (
        "there is no decision limit with the version tag winter"
    )
    for process, rule in ((asks("deployment"), "form-unknown"), (decides("deployment"), "decision-unknown")):
        [(_, broken, message, remedy)] = refusal(h, p__bpmn=process)
        assert (broken, "in this deployment" in message, "together" in remedy) == (rule, True, True)
    deploy(h, p__bpmn=asks("latest"))
    deploy(h, p__bpmn=decides("latest"))


def test_a_binding_by_tag_without_a_tag_and_a_binding_that_does_not_exist_are_refused(h):
    files = {"f__form": form("any"), "d__dmn": decision(1)}

    assert [rule for _, rule, *_ in refusal(h, p__bpmn=asks("versionTag"), **files)] == ["version-tag-missing"]
    assert [rule for _, rule, *_ in refusal(h, p__bpmn=asks("versionTag", at_start=True), **files)] == [
        "version-tag-missing"
    ]
    assert [rule for _, rule, *_ in refusal(h, p__bpmn=decides("versionTag"), **files)] == ["version-tag-missing"]
    assert [rule for _, rule, *_ in refusal(h, p__bpmn=asks("newest"), **files)] == ["attribute-invalid"]


def test_a_decision_whose_id_is_calculated_is_looked_up_when_it_is_called(h):
    deploy(h, p__bpmn=decides("versionTag", "winter", called="=which"), d__dmn=decision(1, "spring"))

    [incident] = h.incidents(h.start("p", {"which": "limit"}))

    assert (incident.kind, incident.element_id) == ("decision", "rule")
    assert "there is no decision limit with the version tag winter" in incident.message


def test_the_versions_of_forms_and_decisions_carry_their_tags(h):
    done = deploy(h, f__form=form("any", "spring"), d__dmn=decision(1, "summer"))

    assert [(each.form_id, each.version, each.version_tag) for each in done.forms] == [("estimate", 1, "spring")]
    assert [each.version_tag for each in done.decisions] == ["summer"]
    assert "the version tag is not text" in refusal(h, f__form=form("x").replace(b'""', b"7"))[0][2]


def test_a_tagged_form_that_was_never_deployed_is_not_found(h):
    deploy(h, p__bpmn=line(user("a")))
    row = repository.latest(h.engine, "p", actor=SYSTEM)

    with h.store.read() as uow, pytest.raises(NotFound, match="with the version tag spring"):
        versions.form(h.engine, uow, FormRef("f", Binding.VERSION_TAG, "spring"), caller=row)
