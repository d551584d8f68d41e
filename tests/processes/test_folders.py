"""What holds for every process folder that ships: valid files, nothing named that is not there, nothing there that is not named."""

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from lxml import etree

from connectors.notify import template as notices
from connectors.registry import Registry
from engine import forms
from engine.bpmn.definition import Call, JobWork, UserTask
from engine.bpmn.read import read
from engine.model.values import SYSTEM
from engine.scenarios import run_folder
from engine.scenarios.run import deployed_files
from engine.services import repository, roles
from engine.testing import Harness

ROOT = Path(__file__).parents[2]
PROCESSES = ROOT / "processes"
FOLDERS = sorted(path.parent for path in PROCESSES.glob("*/process.toml"))
OUTSIDE = {"vendor"}  # works by link, holds no role
PLACE = re.compile(r"\{([a-z][a-z0-9_.]*)[^{}]*\}")
JARGON = re.compile(
    r"^\d+[a-d]?([–、, -]+\d+)* (?!天|小时|分钟|days|hours|minutes)"  # numbers of rows, which the manual has
    r"|第 [\d、]+ 步|\b[Ss]teps? \d|\bD[123]\b|遥测|链接|\b([Tt]elemetry|link|SLA|ERP|API)\b|[a-z]+[._][a-z]+"
)
HAN = re.compile(r"[一-鿿]")
ids = [folder.name for folder in FOLDERS]


@cache
def toml(path):
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def definitions(folder):
    found = [each for path in sorted(folder.glob("*.bpmn")) for each in read(path.read_bytes()).definitions]
    return {each.process_id: each for each in found}


@cache
def elements(folder):
    return [element for each in definitions(folder).values() for element in each.elements.values()]


def catalogue():
    return toml(ROOT / "connectors" / "register" / "roles.toml")


def called(folder):
    """The folders of the processes that it calls and does not hold."""
    works = [element.work for element in elements(folder) if isinstance(element.work, Call)]
    ids = {work.process_id.text for work in works} - set(definitions(folder))
    return [each for each in FOLDERS if ids & set(definitions(each))]


def jobs(folder):
    return [element for element in elements(folder) if isinstance(element.work, JobWork)]


def sent(folder):
    """{template: expressions of its params}"""
    found = {}
    for element in jobs(folder):
        inputs = {each.target: each.source.text for each in element.inputs}
        if element.work.type.text == "notify:send":
            found.setdefault(inputs["template"], []).append((inputs["params"], "link" in inputs))
    return found


@pytest.mark.parametrize("folder", FOLDERS, ids=ids)
def test_it_deploys_without_a_warning_that_it_did_not_mean(folder):
    """Where the roles are those that ship, this judges process.toml and sla.toml with all that they name."""
    with Harness() as harness:
        roles.install(harness.engine, catalogue(), actor=SYSTEM)
        for other in called(folder):
            repository.deploy(harness.engine, deployed_files(other), actor=SYSTEM)
        made = repository.deploy(harness.engine, deployed_files(folder), actor=SYSTEM)

    # the caller catches what parts_request throws; vendors work by link and hold no role
    meant = {"parts_request": {"error-uncaught"}, "repair_ticket": {"group-unknown"}}.get(folder.name, set())
    assert {problem.rule for problem in made.warnings} <= meant
    assert {"process.toml", "sla.toml"} <= set(made.files)


@pytest.mark.parametrize("folder", FOLDERS, ids=ids)
def test_its_settings_speak_of_the_process_that_it_is_named_after(folder):
    assert folder.name in definitions(folder)
    assert toml(folder / "process.toml")["key"] == folder.name
    assert toml(folder / "sla.toml")["process"] == folder.name


@pytest.mark.parametrize("folder", FOLDERS, ids=ids)
def test_each_of_its_processes_says_how_long_it_is_kept(folder):
    assert [each.process_id for each in definitions(folder).values() if not each.history_ttl] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=ids)
def test_its_tasks_are_offered_to_roles_that_there_are(folder):
    for element in elements(folder):
        if isinstance(element.work, UserTask):
            groups = element.work.candidate_groups
            named = re.findall(r'"(\w+)"', groups.text) if groups and not groups.constant else None
            named = named if named is not None else groups.evaluate({})
            offered = {each for each in named if each != "vendor" or element.work.form_id}
            known = set(catalogue()) | OUTSIDE

            assert offered <= known, element.id
            assert element.work.form_id, f"{element.id} has no form"


@pytest.mark.parametrize("folder", FOLDERS, ids=ids)
def test_its_jobs_are_served_by_the_connectors_that_ship(folder):
    served = Registry().job_types

    assert {element.work.type.text for element in jobs(folder)} <= served


@pytest.mark.parametrize("folder", FOLDERS, ids=ids)
def test_every_form_is_used_and_every_name_of_a_form_leads_to_one(folder):
    used = {element.work.form_id for element in elements(folder) if isinstance(element.work, UserTask)}
    used |= {element.properties["form"] for element in elements(folder) if "form" in element.properties}
    used |= {element.attributes["formId"] for element in elements(folder) if "formId" in element.attributes}
    used |= {start["form"] for start in toml(folder / "process.toml")["start"] if "form" in start}
    there = {forms.read(path.read_bytes()).id: path.stem for path in (folder / "forms").glob("*.form")}

    assert all(id_ == stem for id_, stem in there.items())
    assert used == set(there)


@pytest.mark.parametrize("folder", FOLDERS, ids=ids)
def test_every_notice_has_its_template_and_every_place_in_it_a_value(folder):
    templates = {path.stem: path for path in (folder / "templates").glob("*.toml")}
    sends = sent(folder)

    assert set(sends) == set(templates)
    for name, path in templates.items():
        words = notices.read(name, path.read_bytes()).words
        places = {place for each in words.values() for place in re.findall(r"\{([a-z_]+)", each.title + each.body)}
        for params, has_link in sends[name]:
            given = set(re.findall(r"[{,] ?(\w+):", params)) | ({"link"} if has_link else set())
            assert places <= given, name
        zh, en = (sorted(PLACE.findall(words[language].body)) for language in ("zh", "en"))
        assert zh == en, name


@pytest.mark.parametrize("folder", FOLDERS, ids=ids)
def test_every_chinese_text_has_an_english_one_and_none_is_left_over(folder):
    with (folder / "translations" / "en.po").open("rb") as file:
        english = {message.id: message.string for message in read_po(file, abort_invalid=True) if message.id}
    texts = {*_diagram_texts(folder), *_decision_texts(folder), *_form_texts(folder)}

    assert {text for text in texts if HAN.search(text)} == set(english)
    assert [text for text, said in english.items() if not said.strip() or HAN.search(said)] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=ids)
def test_steps_have_names_that_their_users_understand(folder):
    with (folder / "translations" / "en.po").open("rb") as file:
        english = {message.id: message.string for message in read_po(file) if message.id}
    told = {each.name for each in elements(folder) if each.name}
    told |= {each.documentation for each in elements(folder) if isinstance(each.work, UserTask) and each.documentation}

    assert {text for text in told | {english[each] for each in told} if JARGON.search(text)} == set()


def _diagram_texts(folder):
    for path in folder.glob("*.bpmn"):
        for node in etree.parse(path).iter("{*}*"):
            tag = etree.QName(node).localname
            if tag in ("documentation", "text"):
                yield node.text or ""
            elif tag == "property":
                yield node.get("value") if node.get("name") in ("milestone", "verb") else ""
            elif tag not in ("message", "error"):
                yield node.get("name") or ""


def _decision_texts(folder):
    for path in (folder / "decisions").glob("*.dmn"):
        for node in etree.parse(path).iter("{*}*"):
            tag = etree.QName(node).localname
            if tag in ("description", "question"):
                yield node.text or ""
            elif tag in ("input", "output", "definitions", "annotation"):
                yield node.get("label") or ""
                yield node.get("name") or ""


def _form_texts(folder):
    for path in (folder / "forms").glob("*.form"):
        yield from forms.read(path.read_bytes()).labels()


@pytest.mark.parametrize("folder", FOLDERS, ids=ids)
def test_its_manual_names_every_user_task_form_and_decision(folder):
    manual = (folder / "README.md").read_text(encoding="utf-8")
    asked = {element.work.form_id for element in elements(folder) if isinstance(element.work, UserTask)}
    named = {"revise_method", "coordinate", "hand_over", "approve_cancel", "handle_urge"}  # told by what happens
    decisions = {path.stem for path in (folder / "decisions").glob("*.dmn")}

    assert {form for form in asked - named if form not in manual} == set()
    assert {decision for decision in decisions if decision not in manual} == set()


@pytest.mark.parametrize(
    "folder", [each for each in FOLDERS if each.name != "repair_ticket"], ids=lambda each: each.name
)
def test_its_scenarios_pass_and_walk_all_of_it(folder):
    report = run_folder(folder)

    assert report.passed, str(report)
    assert report.unwalked(folder.name) == []


@pytest.mark.parametrize("path", sorted(PROCESSES.glob("*/decisions/*.dmn")), ids=lambda path: path.stem)
def test_every_id_of_a_decision_file_is_its_own(path):
    # editors drop the second element with an id
    names = [node.get("id") for node in etree.parse(path).iter("{*}*") if node.get("id")]

    assert len(names) == len(set(names))


def test_every_rule_of_every_decision_table_is_matched_by_a_scenario():
    folder = PROCESSES / "repair_ticket"
    drawn = {
        node.get("id") for path in (folder / "decisions").glob("*.dmn") for node in etree.parse(path).iter("{*}rule")
    }
    report = run_folder(folder, only=["grading", "dispatching", "visiting"])

    assert report.passed, str(report)
    assert drawn - set().union(*(each.rules for each in report.scenarios)) == set()
