"""The scenario runner: what it plays, what it says when the world differs, what it refuses to read."""

import textwrap

import pytest

from engine.errors import Invalid, NotFound
from engine.scenarios import run_folder
from engine.store import candidates, tasks

DIAGRAM = """
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">
  <process id="leave" isExecutable="true">
    <startEvent id="start" />
    <serviceTask id="look_up">
      <extensionElements><zeebe:taskDefinition type="hr:balance" /></extensionElements>
    </serviceTask>
    <userTask id="approve">
      <extensionElements>
        <zeebe:userTask />
        <zeebe:formDefinition formId="answer" />
        <zeebe:assignmentDefinition candidateGroups="manager" />
      </extensionElements>
    </userTask>
    <exclusiveGateway id="agreed" default="f5" />
    <endEvent id="granted" />
    <endEvent id="refused" />
    <sequenceFlow id="f1" sourceRef="start" targetRef="look_up" />
    <sequenceFlow id="f2" sourceRef="look_up" targetRef="approve" />
    <sequenceFlow id="f3" sourceRef="approve" targetRef="agreed" />
    <sequenceFlow id="f4" sourceRef="agreed" targetRef="granted"><conditionExpression>=ok</conditionExpression></sequenceFlow>
    <sequenceFlow id="f5" sourceRef="agreed" targetRef="refused" />
  </process>
</definitions>
"""
FORM = """
{"type": "default", "id": "answer", "schemaVersion": 19, "components": [
  {"type": "checkbox", "id": "c1", "key": "ok", "label": "Granted"},
  {"type": "textarea", "id": "c2", "key": "why", "label": "Why", "validate": {"required": true}}]}
"""
HEAD = 'title: A leave\ngiven: {workers: {"hr:balance": {days: "=asked + 1"}}}\nsteps:\n'
BEGIN = "  - when: {start: {process: leave, variables: {asked: 2}}}\n"


@pytest.fixture
def leave(tmp_path):
    folder = tmp_path / "leave"
    (folder / "scenarios").mkdir(parents=True)
    (folder / "leave.bpmn").write_text(DIAGRAM, encoding="utf-8")
    (folder / "answer.form").write_text(FORM, encoding="utf-8")
    return folder


def play(folder, steps, head=HEAD, **options):
    (folder / "scenarios" / "one.yaml").write_text(
        head + textwrap.indent(textwrap.dedent(steps), "  "), encoding="utf-8"
    )
    return run_folder(folder, **options)


def test_a_scenario_that_comes_true_passes_and_says_what_nobody_walked(leave):
    report = play(
        leave,
        """\
        - when: {start: {process: leave, variables: {asked: 2}}}
          then: {tasks: [approve], offered: {approve: manager}, variables: {days: 3}, calls: ["hr:balance"]}
        - when: {complete: {task: approve, values: {ok: true, why: earned}}}
          then: {state: completed, path: [look_up, approve, granted], not_path: [refused]}
        """,
    )

    assert report.passed
    assert report.unwalked("leave") == ["f5", "refused"]
    assert "leave: not walked by any scenario: f5, refused" in str(report)


def test_what_differs_is_said_line_by_line_and_the_rest_is_not_played(leave):
    report = play(
        leave,
        """\
        - title: It waits for the boss
          when: {start: {process: leave, variables: {asked: 2}}}
          then: {tasks: [decide], variables: {days: 4}, state: completed}
        - when: {complete: approve}
        """,
    )

    (scenario,) = report.scenarios
    assert not report.passed
    assert (len(scenario.steps), scenario.skipped) == (1, 1)
    assert scenario.steps[0].differences == (
        "tasks (- expected, + found):",
        "  - decide",
        "  + approve",
        "variables: days is 3, not 4",
        "state: active, not completed",
    )
    assert "step 1 It waits for the boss" in str(report)


def test_a_task_is_completed_through_its_form(leave):
    report = play(
        leave,
        "- when: [{start: {process: leave, variables: {asked: 2}}}, {complete: {task: approve, values: {ok: true}}}]\n",
    )

    assert report.scenarios[0].steps[0].differences[0].startswith("Invalid: why:")


def test_a_form_that_refuses_is_what_a_scenario_may_expect(leave):
    steps = "- when: [{start: {process: leave, variables: {asked: 2}}}, {refuse: {task: approve, values: {ok: true}, fields: [why]}}]\n"

    assert play(leave, steps).passed


def test_an_incident_that_nobody_expects_fails_the_step(leave):
    head = HEAD.replace('{days: "=asked + 1"}', "{fail: no such person}")

    report = play(
        leave, "- when: {start: {process: leave}}\n- when: {workers: {}}\n  then: {incidents: [look_up]}\n", head
    )

    assert "  + look_up" in report.scenarios[0].steps[0].differences
    assert "no such person" in report.scenarios[0].steps[0].differences[-1]


def test_answers_in_a_list_are_given_in_turn_and_the_last_again_and_again(leave):
    head = HEAD.replace('{days: "=asked + 1"}', "[{days: 1}, {days: 2}]")
    begin = "- when: {start: {process: leave}}\n  of: leave\n"

    report = play(leave, "".join(f"{begin}  then: {{variables: {{days: {n}}}}}\n" for n in (1, 2, 2)), head)

    assert report.passed, str(report)


def test_a_job_that_is_held_stays_open(leave):
    head = HEAD.replace('{days: "=asked + 1"}', "hold")

    assert play(
        leave, '- when: {start: {process: leave}}\n  then: {jobs: ["hr:balance"], active: [look_up]}\n', head
    ).passed


def test_routines_answers_and_shared_files_are_written_out(leave):
    (leave / "scenarios" / "_shared.yaml").write_text(
        'workers: {"hr:balance": {days: 9}}\n'
        "answers: {grant: {ok: true, why: earned}}\n"
        "routines: {asked: [{start: {process: leave}}]}\n",
        encoding="utf-8",
    )
    head = "title: Short\ngiven: {shared: _shared.yaml}\nsteps:\n"

    report = play(
        leave,
        "- when: [{do: asked}, {complete: {task: approve, values: [grant, {why: sick}]}}]\n  then: {variables: {days: 9, why: sick}}\n",
        head,
    )

    assert report.passed, str(report)


def refused(folder, steps, head=HEAD):
    with pytest.raises(Invalid) as refusal:
        play(folder, steps, head)
    return [str(problem) for problem in refusal.value.problems]


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ("- when: {launch: leave}\n", "steps[1].when: launch is not known here"),
        ("- then: {task: approve}\n", "steps[1].then: task is not known here"),
        ("- when: {complete: 5}\n", "steps[1].when.complete"),
        ("- when: {advance: {days: many}}\n", "steps[1].when.advance.days: here belongs a number"),
        ("- when: {message: {key: a}}\n", "steps[1].when.message: name is missing"),
        ("- then: {state: done}\n", "steps[1].then.state: done is not known here"),
        ("- then: {tasks: approve}\n", "steps[1].then.tasks: here belongs a list"),
        ("- [start]\n", "steps[1]: here belongs a mapping"),
        ("start: leave\n", "steps: here belongs a list"),
        ("[]\n", "steps: this is empty"),
    ],
)
def test_a_scenario_that_has_not_its_shape_is_refused_with_a_sentence(leave, steps, said):
    problems = refused(leave, steps)

    assert len(problems) == 1
    assert problems[0].startswith(f"one.yaml {said}")
    assert problems[0].endswith(")")  # a remedy


def test_what_scenarios_share_has_its_shape_and_is_there(leave):
    head = "title: Short\ngiven: {shared: _shared.yaml}\nsteps:\n"
    assert refused(leave, BEGIN, head)[0].startswith("_shared.yaml: there is no such file")

    (leave / "scenarios" / "_shared.yaml").write_text("answers: [1]\nsteps: []\n", encoding="utf-8")
    assert [each.partition(" (")[0] for each in refused(leave, BEGIN, head)] == [
        "_shared.yaml: steps is not known here",
        "_shared.yaml answers: here belongs a mapping",
    ]


def test_every_name_that_leads_nowhere_is_said_at_once(leave):
    problems = refused(
        leave, "- when: {do: it}\n- when: {complete: {task: a, values: nobody}}\n- when: [{do: it}, {do: that}]\n"
    )

    assert [each.partition(": ")[2] for each in problems] == [
        "there is no routine it",
        "there are no answers nobody",
        "there is no routine it",
        "there is no routine that",
    ]


def test_what_is_not_yaml_is_refused_by_name(leave):
    with pytest.raises(Invalid, match=r"one\.yaml: this is not YAML"):
        play(leave, "- [\n")


def test_a_folder_or_a_scenario_that_is_not_there_is_not_found(leave):
    with pytest.raises(NotFound):
        run_folder(leave / "nowhere")
    with pytest.raises(NotFound, match="no scenario two"):
        play(leave, BEGIN, only=["two"])


def test_the_clock_stands_where_the_scenario_begins_and_moves_as_it_says(leave):
    head = 'title: Time\ngiven: {now: "2026-03-02T09:00:00+08:00", workers: {"hr:balance": {at: "=string(now())"}}}\nsteps:\n'

    report = play(
        leave,
        '- when: [{advance: {hours: 2}}, {start: {process: leave}}]\n  then: {variables: {at: "2026-03-02T11:00:00@Asia/Shanghai"}}\n',
        head,
    )

    assert report.passed, str(report)


def test_what_should_never_be_fails_the_step_that_led_to_it(leave, monkeypatch):
    for lost in (tasks, candidates):
        monkeypatch.setattr(lost, "add", lambda uow, rows: None)

    report = play(leave, "- when: {start: {process: leave, variables: {asked: 2}}}\n")

    assert not report.passed
    assert "nothing will ever move this process instance" in str(report.scenarios[0].steps[0].differences)
