"""Deploying: all or nothing, every problem at once, versions, and which version is meant."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from engine.errors import Invalid, NotAllowed, NotFound
from engine.model.values import SYSTEM, Resource
from engine.services import repository, runtime, tasks
from engine.store.types import metadata
from tests.engine.diagrams import call, diagram, end, flows, line, message, on_message, start, user

FORM = {"id": "f", "type": "default", "components": [{"type": "textfield", "key": "note", "id": "f1", "label": "Note"}]}
DECISION = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:{id}">
<decision id="{id}" name="{id}"><variable name="{id}"/><literalExpression><text>{text}</text></literalExpression></decision>
</definitions>"""
DECIDE = (
    '<businessRuleTask id="rule"><extensionElements><zeebe:calledDecision decisionId="limit" resultVariable="limit"'
    ' bindingType="{binding}"/></extensionElements></businessRuleTask>'
)


def decision(text: str, id: str = "limit") -> bytes:
    return DECISION.format(text=text, id=id).encode()


def form(label: str) -> bytes:
    return json.dumps(FORM | {"components": [FORM["components"][0] | {"label": label}]}).encode()


def rows(store) -> dict[str, int]:
    with store.read() as uow:
        return {
            table.name: uow.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
            if table.name != "node"
        }


def deploy(h, **files: bytes):
    return repository.deploy(
        h.engine, [Resource(name.replace("__", "."), content) for name, content in files.items()], actor=SYSTEM
    )


# ---- refusing ------------------------------------------------------------------------------------------------------------


def test_one_bad_file_among_good_ones_refuses_all_and_changes_nothing(h):
    deploy(h, p__bpmn=line(user("a")))
    key = h.start("p")
    before = rows(h.store)

    with pytest.raises(Invalid) as refusal:
        deploy(
            h,
            p__bpmn=line(user("b")),
            bad__bpmn=diagram(start(), user("x"), end(), flows("start>x")),
            worse__bpmn=b"<definitions",
            f__form=b"[]",
            d__dmn=b"<nothing/>",
        )

    assert rows(h.store) == before
    said = {problem.where for problem in refusal.value.problems}
    assert {"end", "worse.bpmn line 1", "f.form line 1"} <= said
    assert any(place.startswith("d.dmn") for place in said)
    h.complete("a")
    assert h.state(key) == "completed"


@pytest.mark.parametrize(
    "resources",
    [
        [],
        [Resource("../p.bpmn", b"x")],
        [Resource("", b"x")],
        [Resource("/etc/p.bpmn", b"x")],
        [Resource("a.txt", b"x"), Resource("a.txt", b"y")],
        [Resource("big.txt", b"x" * 10_000_001)],
        [Resource(f"{n}.txt", b"x") for n in range(201)],
    ],
)
def test_bounds_of_a_deployment(h, resources):
    with pytest.raises(Invalid):
        repository.deploy(h.engine, resources, actor=SYSTEM)
    assert rows(h.store)["deployment"] == 0


def test_two_processes_of_one_id_are_refused(h):
    with pytest.raises(Invalid) as refusal:
        deploy(h, a__bpmn=line(user("a")), b__bpmn=line(user("b")))

    assert "p" in {problem.where for problem in refusal.value.problems}


def test_a_process_that_is_only_drawn_is_kept_in_its_file_and_never_runs(h):
    inner = start("s2") + user("x") + end("e2") + flows("s2>x", "x>e2")
    drawn = diagram(inner, id="drawn").replace(b'isExecutable="true"', b'isExecutable="false"')
    both = line(user("a")).replace(b"</definitions>", drawn[drawn.index(b"<process") :])

    with pytest.raises(Invalid) as refusal:
        deploy(h, drawn__bpmn=drawn)
    assert "drawn" in {problem.where for problem in refusal.value.problems}

    found = deploy(h, both__bpmn=both)

    assert [row.process_id for row in found.processes] == ["p"]
    with pytest.raises(NotFound):
        h.start("drawn")


def test_a_check_says_the_same_and_stores_nothing(h):
    bad = [Resource("p.bpmn", diagram(start(), user("x"), end(), flows("start>x")))]

    found = repository.check(h.engine, bad)

    with pytest.raises(Invalid) as refusal:
        repository.deploy(h.engine, bad, actor=SYSTEM)
    assert {problem.where for problem in found.problems} == {problem.where for problem in refusal.value.problems}
    assert rows(h.store)["deployment"] == 0


def test_warnings_are_told_and_do_not_refuse(h):
    found = deploy(h, p__bpmn=line(user("a")))

    assert found.is_new
    assert {problem.severity for problem in found.warnings} <= {"warning"}
    assert found.warnings  # the task is offered to nobody


@pytest.mark.parametrize(
    ("who", "unit", "may"),
    [
        ("alice", "yunting", False),
        ("carol", "yunting", False),
        ("mallory", None, False),
        ("root", "yunting", True),
        ("root", None, True),
    ],
)
def test_who_may_deploy(office, who, unit, may):
    given = [Resource("p.bpmn", line(user("a")))]
    where = office.unit(unit) if unit else None
    if may:
        assert repository.deploy(office.engine, given, actor=office.actor(who), unit=where).is_new
    else:
        with pytest.raises(NotAllowed):
            repository.deploy(office.engine, given, actor=office.actor(who), unit=where)


# ---- versions ------------------------------------------------------------------------------------------------------------


def test_the_same_files_again_make_no_new_version(h):
    first = deploy(h, p__bpmn=line(user("a")), notes__txt=b"x")
    again = deploy(h, notes__txt=b"x", p__bpmn=line(user("a")))

    assert (again.key, again.is_new) == (first.key, False)
    assert [row.version for row in repository.definitions(h.engine, actor=SYSTEM, latest=False)] == [1]


def test_one_changed_file_makes_a_new_version_of_all_that_is_deployed_with_it(h):
    deploy(h, p__bpmn=line(user("a", form="f")), f__form=form("Old"))
    old = h.start("p")
    deploy(h, p__bpmn=line(user("a", form="f")), f__form=form("New"))
    new = h.start("p")

    def label(instance):
        [task] = h.tasks(instance)
        return tasks.form(h.engine, task.key, actor=SYSTEM).schema["components"][0]["label"]

    assert [row.version for row in repository.definitions(h.engine, actor=SYSTEM, latest=False)] == [2, 1]
    assert (label(old), label(new)) == ("Old", "New")


def test_going_back_to_older_files_is_a_new_version(h):
    for element in ("a", "b", "a"):
        deploy(h, p__bpmn=line(user(element)))

    assert [row.version for row in repository.definitions(h.engine, actor=SYSTEM, latest=False)] == [3, 2, 1]
    assert h.active(h.start("p")) == ["a"]


def test_the_bytes_come_back_as_they_were_and_are_stored_once(h):
    diagram_bytes = line(user("a")) + b"\n<!-- \xe4\xb8\xad\xe6\x96\x87 -->"
    first = deploy(h, p__bpmn=diagram_bytes, notice__md=b"# \xff\x00")
    deploy(h, p__bpmn=diagram_bytes, notice__md=b"other")

    [newest] = repository.definitions(h.engine, actor=SYSTEM)
    assert repository.xml(h.engine, newest.key, actor=SYSTEM) == diagram_bytes
    assert repository.file(h.engine, first.key, "notice.md", actor=SYSTEM) == b"# \xff\x00"
    assert [each.name for each in repository.files(h.engine, first.key, ".md", actor=SYSTEM)] == ["notice.md"]
    assert rows(h.store)["content"] == 3
    with pytest.raises(NotFound):
        repository.file(h.engine, first.key, "other", actor=SYSTEM)


def test_instances_stay_on_their_version(h):
    deploy(h, p__bpmn=line(user("a"), user("old")))
    key = h.start("p")
    deploy(h, p__bpmn=line(user("a"), user("new")))

    h.complete("a")

    assert h.active(key) == ["old"]
    assert runtime.instance(h.engine, key, actor=SYSTEM).version == 1


def test_only_the_newest_version_listens_for_what_starts_it(h):
    born = diagram(
        start(inner=on_message("m")), user("a"), end(), flows("start>a", "a>end"), roots=message("m", "alarm")
    )
    deploy(h, p__bpmn=born)
    deploy(h, p__bpmn=line(user("b")))

    assert h.publish("alarm") == []


# ---- which version is meant ------------------------------------------------------------------------------------------------


def test_a_decision_is_the_newest_or_the_one_that_was_deployed_together(h):
    def process(id, binding):
        return line(DECIDE.format(binding=binding), user(f"{id}_a"), id=id)

    deploy(h, one__bpmn=process("pinned", "deployment"), two__bpmn=process("free", "latest"), d__dmn=decision("5000"))
    deploy(h, d__dmn=decision("8000"))

    assert h.variables(h.start("pinned")) == {"limit": 5000}
    assert h.variables(h.start("free")) == {"limit": 8000}
    [told] = [event for event in h.history(h.start("free")) if event.kind == "decision_evaluated"]
    assert (told.data["decision"], told.data["version"], told.data["value"]) == ("limit", 2, 8000)


def test_history_keeps_what_each_decision_saw_and_which_rules_matched(h):
    table = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:t">
<decision id="span" name="span"><variable name="span"/><literalExpression><text>[1..5]</text></literalExpression></decision>
<decision id="limit" name="limit"><variable name="limit"/>
<informationRequirement><requiredDecision href="#span"/></informationRequirement>
<decisionTable hitPolicy="FIRST"><input label="span"><inputExpression><text>span</text></inputExpression></input>
<output name="limit"/><rule id="r1"><inputEntry><text>-</text></inputEntry><outputEntry><text>10</text></outputEntry></rule>
</decisionTable></decision></definitions>"""
    deploy(h, d__dmn=table.encode(), p__bpmn=line(DECIDE.format(binding="latest"), user("a")))

    [told] = [event for event in h.history(h.start("p")) if event.kind == "decision_evaluated"]

    span, limit = told.data["decisions"]
    assert span["output"] == "(range)"
    assert (limit["inputs"], limit["matched"], limit["rules"]) == ({"span": "(range)"}, [1], ["r1"])
    assert (limit["output"], limit["messages"]) == (10, [])


def test_what_looks_wrong_in_a_decision_table_is_a_warning_of_the_deployment(h):
    table = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:t">
<decision id="fee" name="fee"><variable name="fee"/><decisionTable hitPolicy="UNIQUE">
<input label="age"><inputExpression typeRef="number"><text>age</text></inputExpression></input><output name="fee"/>
<rule id="r1"><inputEntry><text>&lt; 18</text></inputEntry><outputEntry><text>0</text></outputEntry></rule>
<rule id="r2"><inputEntry><text>&gt; 10</text></inputEntry><outputEntry><text>9</text></outputEntry></rule>
</decisionTable></decision></definitions>"""

    done = deploy(h, fee__dmn=table.encode())

    assert [each.rule for each in done.warnings] == ["table-overlap"]
    assert "rules 1 and 2 both match" in done.warnings[0].message


def test_dmn_files_of_one_deployment_may_share_a_namespace_or_import_one_another(h):
    same = decision("1", "a").replace(b"urn:a", b"urn:x"), decision("2", "b").replace(b"urn:b", b"urn:x")
    deploy(h, a__dmn=same[0], b__dmn=same[1])

    importing = (
        b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:top">'
        b'<import name="base" namespace="urn:limit" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'
        b'<decision id="twice" name="twice"><variable name="twice"/>'
        b'<informationRequirement><requiredDecision href="urn:limit#limit"/></informationRequirement>'
        b"<literalExpression><text>base.limit * 2</text></literalExpression></decision></definitions>"
    )
    rule = DECIDE.format(binding="latest").replace('decisionId="limit"', 'decisionId="twice"')
    deploy(h, top__dmn=importing, base__dmn=decision("21"), p__bpmn=line(rule, user("a")))

    assert h.variables(h.start("p")) == {"limit": 42}


def test_a_called_process_is_the_newest_or_the_one_that_was_deployed_together(h):
    pinned = call("sub", "child").replace('processId="child"', 'processId="child" bindingType="deployment"')
    deploy(
        h, p__bpmn=line(pinned), child__bpmn=line(user("old"), id="child"), q__bpmn=line(call("sub", "child"), id="q")
    )
    deploy(h, child__bpmn=line(user("new"), id="child"))

    def child_of(process):
        [child] = h.children(h.start(process))
        return h.active(child)

    assert (child_of("p"), child_of("q")) == (["old"], ["new"])


def test_what_was_deployed_for_a_project_is_seen_there_and_by_those_above(office):
    found = repository.deploy(
        office.engine, [Resource("p.bpmn", line(user("a")))], actor=SYSTEM, unit=office.unit("yunting")
    )
    [version] = found.processes

    assert repository.definition(office.engine, version.key, actor=office.actor("root"))[0] == version
    for who in ("mallory", "dan"):
        with pytest.raises(NotFound):
            repository.definition(office.engine, version.key, actor=office.actor(who))
        assert repository.definitions(office.engine, actor=office.actor(who)) == []
    assert repository.latest(office.engine, "p", actor=office.actor("root")).version == 1
