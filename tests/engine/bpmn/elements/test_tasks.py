"""Tasks of every type."""

import pytest

from engine.bpmn.progress import OpenJob, OpenSubscription, OpenTask, SendMessage
from tests.engine.bpmn.elements.conftest import ROOTS, refusals
from tests.engine.diagrams import diagram, end, extended, flows, script, start, user

JOB = extended('<zeebe:taskDefinition type="meter:read" retries="2"/>')


def around(task):
    """A process with one task, whose id is ``task``."""
    return start(), task, end(), flows("start>task", "task>end")


@pytest.mark.parametrize("kind", ["task", "manualTask"])
def test_a_task_that_asks_nothing_of_the_engine_is_passed(play, kind):
    """BPMN 2.0.2, 10.3.3 and 13.3.3."""
    assert play(*around(f'<{kind} id="task"/>')).path == ["start", "task", "end"]


def test_a_user_task_waits_for_a_person(play):
    """BPMN 2.0.2, 10.3.3, 10.3.4 and 13.3.3."""
    instance = play(*around(user("task", groups="clerk", due="=duration(&quot;PT4H&quot;)".replace("&quot;", '"'))))

    (offered,) = instance.open.values()
    assert isinstance(offered, OpenTask)
    assert (offered.candidate_groups, offered.due_at) == (("clerk",), instance.now.replace(hour=4))
    assert instance.complete("task", {"fine": True}).variables["fine"] is True


@pytest.mark.parametrize("kind", ["serviceTask", "sendTask", "scriptTask", "businessRuleTask"])
def test_a_task_with_a_job_type_waits_for_a_worker(play, kind):
    """BPMN 2.0.2, 10.3.3 and 13.3.3."""
    instance = play(*around(f'<{kind} id="task">{JOB}</{kind}>'))

    (offered,) = instance.open.values()
    assert isinstance(offered, OpenJob)
    assert (offered.type, offered.retries) == ("meter:read", 2)
    assert instance.complete("task", {"value": 5}).variables["value"] == 5


def test_a_script_task_gives_the_value_of_its_expression(play):
    """BPMN 2.0.2, 10.3.3 and 13.3.3."""
    script = extended('<zeebe:script expression="=level + 1" resultVariable="next"/>')

    assert play(*around(f'<scriptTask id="task">{script}</scriptTask>')).variables["next"] == 2


@pytest.mark.parametrize("expression", ["=1 / 0", "=1 / none"], ids=["constant", "variable"])
def test_a_script_that_fails_is_an_incident(play, expression):
    """BPMN 2.0.2, 10.3.3 and 13.3.3: a null that nobody asked for is no value."""
    assert play(*around(script("task", expression, "n"))).kinds == ["expression"]


@pytest.mark.parametrize(
    ("task", "rule"),
    [
        ('<scriptTask id="task"/>', "script-missing"),
        ('<scriptTask id="task" scriptFormat="python"><script>print(1)</script></scriptTask>', "script-foreign"),
        ('<serviceTask id="task"/>', "job-type-missing"),
        ('<businessRuleTask id="task"/>', "decision-missing"),
        ('<sendTask id="task"/>', "message-unnamed"),
        ('<receiveTask id="task"/>', "message-unnamed"),
        ('<callActivity id="task"/>', "call-missing"),
    ],
    ids=["script", "code", "service", "decision", "send", "receive", "call"],
)
def test_a_task_that_says_nothing_to_do_is_refused(task, rule):
    """BPMN 2.0.2, 10.3.3 and 10.3.6."""
    assert refusals(diagram(*around(task), roots=ROOTS)) == [rule]


def test_a_business_rule_task_asks_its_decision(drive):
    """BPMN 2.0.2, 10.3.3 and 13.3.3."""
    called = extended('<zeebe:calledDecision decisionId="grade" resultVariable="priority"/>')
    instance = drive("".join(around(f'<businessRuleTask id="task">{called}</businessRuleTask>')))
    instance.decisions["grade"] = lambda variables: f"P{variables['level']}"

    assert instance.start({"level": 1}).variables["priority"] == "P1"


def test_a_send_task_publishes_its_message(play):
    """BPMN 2.0.2, 10.3.3 and 13.3.3."""
    instance = play(*around('<sendTask id="task" messageRef="m"/>'))

    assert [(ask.name, ask.key) for ask in instance.asks if isinstance(ask, SendMessage)] == [("paid", "A1")]
    assert instance.outcome == "completed"


def test_a_receive_task_waits_for_its_message(play):
    """BPMN 2.0.2, 10.3.3 and 13.3.3."""
    instance = play(*around('<receiveTask id="task" messageRef="m"/>'))
    assert [(ask.name, ask.key) for ask in instance.open.values() if isinstance(ask, OpenSubscription)] == [
        ("paid", "A1")
    ]

    assert instance.happen("message", "task", {"sum": 3}).variables["sum"] == 3


def test_a_receive_task_that_instantiates_begins_a_process(h):
    """BPMN 2.0.2, 10.3.3 and 13.2."""
    receive = '<receiveTask id="task" messageRef="begin" instantiate="true"/>'
    h.deploy(diagram(receive, user("work"), end(), flows("task>work", "work>end"), roots=ROOTS))

    (instance,) = h.publish("alarm", variables={"room": "1-502"})

    assert h.path(instance) == ["task"]
    assert h.variables(instance) == {"room": "1-502"}


def test_a_receive_task_that_instantiates_stands_at_the_beginning():
    """BPMN 2.0.2, 10.3.3: no start event and no flow leads to it."""
    receive = '<receiveTask id="task" messageRef="begin" instantiate="true"/>'

    assert "instantiate-position" in refusals(diagram(*around(receive), roots=ROOTS))


def test_data_of_a_task_is_mapped_in_and_out(play):
    """BPMN 2.0.2, 10.4.2 and 13.3.2: inputs are filled when the task begins, outputs are handed out when it completes."""
    mapping = (
        '<zeebe:ioMapping><zeebe:input source="=level * 2" target="double"/>'
        '<zeebe:output source="=double + given" target="sum"/></zeebe:ioMapping>'
    )
    instance = play(*around(f'<userTask id="task">{extended(mapping)}</userTask>')).complete(
        "task", {"given": 3, "noise": 1}
    )

    assert instance.variables == {"order": "A1", "level": 1, "sum": 5}
