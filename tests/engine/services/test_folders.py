"""The settings of a process folder: what is wrong with them refuses the deployment, and every problem says where it is and what to do."""

from __future__ import annotations

import pytest

from engine.errors import Invalid
from engine.model.values import SYSTEM, Resource
from engine.services import folders, repository, roles
from engine.testing import Harness
from tests.engine.diagrams import diagram, end, flows, start

DIAGRAM = diagram(start(), '<task id="ask" name="Ask"/>', end(), flows("start>ask", "ask>end"))
TITLE = 'title = {zh = "上门", en = "Visit"}\n'
PROCESS = f"""key = "p"
[[start]]
by = "process"
channel = "call"
{TITLE}"""
SLA = """policy = "p"
process = "p"
[calendars.always]
title = {zh = "全天", en = "Always"}
hours = "00:00-24:00"
[[clock]]
kind = "step"
title = {zh = "单步", en = "Step"}
[clock.task]
ask = {within = "PT2H", calendar = "always"}
"""
LADDER = """[[ladder]]
clocks = ["step"]
measured_from = "target"
rungs = [{at = "-20%", notify = ["assignee", "clerk"]}]
"""


@pytest.fixture
def harness():
    with Harness() as harness:
        yield harness


def put(harness, **files):
    """Deploy the diagram with settings beside it: ``process`` and ``sla``, as text or bytes."""
    given = [Resource("p.bpmn", DIAGRAM)]
    for name, said in files.items():
        given.append(Resource(f"{name}.toml", said if isinstance(said, bytes) else said.encode()))
    return repository.deploy(harness.engine, given, actor=SYSTEM)


def refused(harness, **files):
    """Give (where, message, remedy, rule) of what refuses a deployment."""
    with pytest.raises(Invalid) as refusal:
        put(harness, **files)
    assert repository.definitions(harness.engine, actor=SYSTEM) == []
    return [(each.where, str(each.message), str(each.remedy), each.rule) for each in refusal.value.problems]


def test_settings_that_name_what_there_is_are_deployed_without_a_word(harness):
    made = put(harness, process=PROCESS, sla=SLA + LADDER)

    assert made.is_new
    assert made.warnings == ()


@pytest.mark.parametrize(
    "content",
    [b"key = ", b"title='x", "key = '工单'".encode("gbk"), b"\xff\xfe", b"a = " + b"[" * 100_000],
    ids=["no value", "no end", "GBK", "UTF-16", "too deep"],
)
@pytest.mark.parametrize("file", ["process", "sla"])
def test_what_is_not_toml_refuses_the_deployment_with_a_sentence(harness, file, content):
    ((where, message, remedy, rule),) = refused(harness, **{file: content})

    assert where == f"{file}.toml"
    assert message.startswith("this is not ")
    assert remedy
    assert rule == "settings-syntax"


@pytest.mark.parametrize(
    ("said", "where", "message"),
    [
        ('key = "p"\nstart = 5', "process.toml start", "here belongs a list"),
        ('key = "p"\nstart = []', "process.toml start", "this is empty"),
        ('key = "p"\nstart = [5]', "process.toml start[1]", "here belongs a mapping"),
        (f"title = 'x'\n{PROCESS}", "process.toml title", "here belongs a mapping"),
        (PROCESS.removeprefix('key = "p"\n'), "process.toml", "key is missing"),
        (f"retention = 'P5Y'\n{PROCESS}", "process.toml", "retention is not known here"),
        (PROCESS.replace('"process"', '"magic"'), "process.toml start[1].by", "magic is not known here"),
        (
            PROCESS.replace('"call"', '"Call Us"'),
            "process.toml start[1].channel",
            "Call Us is not written as it must be",
        ),
        (PROCESS.replace('"call"', f'"{"c" * 61}"'), "process.toml start[1].channel", "this is too long"),
        (PROCESS.replace('zh = "上门", ', ""), "process.toml start[1].title", "zh is missing"),
        (PROCESS + 'roles = ["a", "a"]', "process.toml start[1].roles", "the same is said twice"),
    ],
)
def test_what_has_not_the_shape_is_told_with_its_path_and_a_remedy(harness, said, where, message):
    problems = refused(harness, process=said)

    assert [each[:2] for each in problems] == [(where, message)]
    assert all(remedy for _, _, remedy, _ in problems)


def test_every_problem_of_every_file_is_told_at_once(harness):
    problems = refused(
        harness,
        process='key = "p"\n[[start]]\nby = "role"\nchannel = "x"\n',
        sla=SLA.replace("24:00", "25:00").replace("PT2H", "2 hours"),
    )

    assert [each[:2] for each in problems] == [
        ("process.toml start[1]", "title is missing"),
        ("process.toml start[1]", "roles is missing"),
        ("process.toml start[1]", "form is missing"),
        ("sla.toml calendars.always.hours", "00:00-25:00 is not written as it must be"),
        ("sla.toml clock[1].task.ask.within", "2 hours is not written as it must be"),
    ]


@pytest.mark.parametrize(
    ("said", "where", "message", "rule"),
    [
        (PROCESS.replace('key = "p"', 'key = "q"'), "key", "there is no process q in these files", "settings-process"),
        (PROCESS + 'process = "q"', "start[1].process", "there is no process q in these files", "settings-process"),
        (
            PROCESS + 'message = "m"',
            "start[1].message",
            "no event of these diagrams waits for a message m",
            "settings-message",
        ),
        (PROCESS + 'form = "f"', "start[1].form", "there is no form f", "settings-form"),
    ],
)
def test_what_the_ways_to_start_name_is_there(harness, said, where, message, rule):
    problems = refused(harness, process=said)

    assert [(each[0], each[1], each[3]) for each in problems] == [(f"process.toml {where}", message, rule)]


@pytest.mark.parametrize(
    ("said", "where", "message", "rule"),
    [
        (
            SLA.replace('process = "p"', 'process = "q"'),
            "process",
            "there is no process q in these files",
            "settings-process",
        ),
        (SLA.replace("ask =", "answer ="), "clock[1].task", "the process p has no element answer", "settings-element"),
        (
            SLA.replace("[clock.task]", 'from = ["start", "there"]\n[clock.task]'),
            "clock[1].from",
            "the process p has no element there",
            "settings-element",
        ),
        (
            SLA.replace("[clock.task]", 'stop_early = {P0 = ["end", "start", "e"]}\n[clock.task]'),
            "clock[1].stop_early.P0",
            "the process p has no element e",
            "settings-element",
        ),
        (
            SLA + '[[pause]]\nreason = "r"\n' + TITLE + 'clocks = ["step"]\nat_most = "P1D"\nwhile = ["w"]',
            "pause[1].while",
            "the process p has no element w",
            "settings-element",
        ),
        (
            SLA.replace('calendar = "always"', 'calendar = "office"'),
            "clock[1].task.ask.calendar",
            "there is no calendar office",
            "settings-calendar",
        ),
    ],
)
def test_what_clocks_name_is_there(harness, said, where, message, rule):
    problems = refused(harness, sla=said)

    assert [(each[0], each[1], each[3]) for each in problems] == [(f"sla.toml {where}", message, rule)]


def test_a_role_that_nobody_set_up_is_told_and_deployed(harness):
    roles.install(harness.engine, {"clerk": {"zh": "文员", "en": "Clerk"}}, actor=SYSTEM)

    made = put(
        harness,
        process=f'owner = "boss"\n{PROCESS}',
        sla=SLA + LADDER.replace("clerk", "chief") + '[approval]\npauses_above = 2\nby = "clerk"\n',
    )

    assert [(each.where, str(each.message), each.rule) for each in made.warnings] == [
        ("process.toml owner", "there is no role boss", "settings-role"),
        ("sla.toml ladder[1].rungs[1].notify", "there is no role chief", "settings-role"),
    ]


def test_a_diagram_that_cannot_be_read_leaves_its_settings_in_peace(harness):
    given = [Resource("p.bpmn", b"<oops"), Resource("process.toml", PROCESS.encode())]

    found = repository.check(harness.engine, given)

    assert {each.rule for each in found.problems if each.rule.startswith("settings-")} == set()


def test_what_an_older_version_stored_is_read_without_the_names_that_went():
    said = folders.read(f'retention = "P5Y"\n{PROCESS}'.encode(), folders.PROCESS, stored=True)

    assert said["key"] == "p"
