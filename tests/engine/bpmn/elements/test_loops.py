"""Activities that run more than once."""

import pytest

from engine.bpmn.progress import CompleteElement, SendMessage, SendSignal, SetVariables
from tests.engine.bpmn.elements.conftest import ON, refusals
from tests.engine.diagrams import boundary, diagram, end, extended, flows, script, start

ITEMS = '<zeebe:loopCharacteristics inputCollection="=rooms" inputElement="room" outputCollection="done" outputElement="=result"/>'


def around(task, *more):
    return start(), task, *more, end(), flows("start>task", "task>end")


def standard(attributes="", condition=""):
    inner = f"<loopCondition>{condition}</loopCondition>" if condition else ""
    loop = f"<standardLoopCharacteristics {attributes}>{inner}</standardLoopCharacteristics>"
    return script("task", "=n + 1", "n").replace("</scriptTask>", f"{loop}</scriptTask>")


def multi(inner, attributes="", tag="userTask", content=""):
    loop = f"<multiInstanceLoopCharacteristics {attributes}>{inner}</multiInstanceLoopCharacteristics>"
    return f'<{tag} id="task">{loop}{content}</{tag}>'


@pytest.mark.parametrize(
    ("loop", "runs"),
    [
        (standard('testBefore="true"', "=n &lt; 3"), 3),
        (standard('testBefore="true"', "=n &lt; 0"), 0),
        (standard('testBefore="false"', "=n &lt; 0"), 1),
        (standard('loopMaximum="4"'), 4),
        (standard('loopMaximum="4"', "=loopCounter &lt; 2"), 2),
    ],
    ids=["before", "never", "after", "maximum", "counter"],
)
def test_a_standard_loop_runs_while_its_condition_holds(play, loop, runs):
    """BPMN 2.0.2, 10.3.8 and 13.3.6."""
    assert play(*around(loop), n=0).variables["n"] == runs


@pytest.mark.parametrize(
    ("loop", "rule"),
    [(standard(), "loop-endless"), (standard('loopMaximum="0"'), "loop-maximum")],
    ids=["endless", "never"],
)
def test_a_standard_loop_that_cannot_be_meant_is_refused(loop, rule):
    """BPMN 2.0.2, 10.3.8."""
    assert refusals(diagram(*around(loop))) == [rule]


def test_a_parallel_multi_instance_runs_all_at_once_and_gathers_in_order(play):
    """BPMN 2.0.2, 10.3.8 and 13.3.7."""
    instance = play(*around(multi(extended(ITEMS))), rooms=["a", "b", "c"])
    ids = sorted(instance.open)
    assert len(ids) == 3

    for id, result in ((ids[2], 3), (ids[0], 1), (ids[1], 2)):
        del instance.open[id]
        instance.give(CompleteElement(id, {"result": result}))

    assert instance.variables["done"] == [1, 2, 3]
    assert instance.outcome == "completed"


def test_a_sequential_multi_instance_runs_one_after_the_other(play):
    """BPMN 2.0.2, 10.3.8 and 13.3.7."""
    instance = play(*around(multi(extended(ITEMS), 'isSequential="true"')), rooms=["a", "b"])
    assert len(instance.open) == 1

    assert len(instance.complete("task", {"result": 1}).open) == 1
    assert instance.complete("task", {"result": 2}).variables["done"] == [1, 2]


@pytest.mark.parametrize(
    ("count", "runs"), [("3", 3), ("=level + 1", 2), ("0", 0)], ids=["number", "expression", "none"]
)
def test_a_multi_instance_runs_as_often_as_its_cardinality_says(play, count, runs):
    """BPMN 2.0.2, 10.3.8 and 13.3.7."""
    instance = play(*around(multi(f"<loopCardinality>{count}</loopCardinality>")))

    assert len(instance.open) == runs
    assert instance.outcome == ("active" if runs else "completed")


def test_a_completion_condition_ends_the_runs_that_are_left(play):
    """BPMN 2.0.2, 10.3.8 and 13.3.7: it sees how many runs are active, completed and terminated."""
    condition = "<completionCondition>=numberOfCompletedInstances / numberOfInstances &gt;= 0.5</completionCondition>"
    instance = play(*around(multi(f"<loopCardinality>4</loopCardinality>{condition}")))

    instance.complete("task").complete("task")

    assert instance.outcome == "completed"
    assert instance.open == {}


def test_a_completion_condition_sees_what_the_run_has_brought(play):
    """BPMN 2.0.2, 13.3.7: it is looked at after each run; a result that stays with the run is known to it."""
    condition = "<completionCondition>=result = false</completionCondition>"
    instance = play(*around(multi(extended(ITEMS) + condition)), rooms=[1, 2, 3])

    assert instance.complete("task", {"result": True}).outcome == "active"
    assert instance.complete("task", {"result": False}).outcome == "completed"
    assert instance.variables["done"] == [True, False, None]


def test_a_loop_condition_sees_what_the_run_has_brought(play):
    """BPMN 2.0.2, 13.3.6: also what input mappings keep inside the run."""
    inputs = extended('<zeebe:ioMapping><zeebe:input source="=true" target="again"/></zeebe:ioMapping>')
    loop = "<standardLoopCharacteristics><loopCondition>=again</loopCondition></standardLoopCharacteristics>"
    instance = play(*around(f'<userTask id="task">{inputs}{loop}</userTask>'))

    assert instance.complete("task", {"again": True}).outcome == "active"
    assert instance.complete("task", {"again": False}).outcome == "completed"


def test_a_run_is_counted_once_however_often_its_events_are_tried(play):
    """BPMN 2.0.2, 13.3.7: a condition that fails after a run stops the loop, and trying again counts nothing twice."""
    condition = "<condition>=wanted</condition><event id='e'><signalEventDefinition signalRef='s'/></event>"
    thrown = f"<complexBehaviorDefinition id='c'>{condition}</complexBehaviorDefinition>"
    instance = play(*around(multi(f"<loopCardinality>3</loopCardinality>{thrown}", 'behavior="Complex"')), wanted=None)
    instance.complete("task").retry("task")
    instance.retry("task")

    instance.give(SetVariables({"wanted": False})).retry("task")

    assert instance.complete("task").outcome == "active"
    assert instance.complete("task").outcome == "completed"


@pytest.mark.parametrize(
    ("tag", "content"), [("subProcess", '<userTask id="work"/>'), ("callActivity", "")], ids=["subprocess", "call"]
)
def test_subprocesses_and_calls_run_as_multi_instances_too(play, tag, content):
    """BPMN 2.0.2, 10.3.8 and 13.3.7."""
    called = extended('<zeebe:calledElement processId="other"/>') if tag == "callActivity" else ""
    task = multi("<loopCardinality>2</loopCardinality>", tag=tag, content=content).replace(
        'id="task">', f'id="task">{called}'
    )
    instance = play(*around(task))
    inner = "work" if content else "task"

    assert len(instance.waits_at(inner)) == 2
    assert instance.complete(inner).complete(inner).outcome == "completed"


BEHAVIORS = {
    "All": ("", []),
    "None": ('noneBehaviorEventRef="told"', ["storm", "storm", "storm"]),
    "One": ('oneBehaviorEventRef="told"', ["storm"]),
}


@pytest.mark.parametrize("behavior", BEHAVIORS)
def test_a_multi_instance_throws_a_signal_as_its_behavior_says(play, behavior):
    """BPMN 2.0.2, 10.3.8 and 13.3.7: All throws none, None after each run, One after the first."""
    reference, thrown = BEHAVIORS[behavior]
    shared = '<signalEventDefinition id="told" signalRef="s"/>'
    task = multi("<loopCardinality>3</loopCardinality>", f'behavior="{behavior}" {reference}')
    instance = play(*around(task), roots=shared)

    for _ in range(3):
        instance.complete("task")

    assert [ask.name for ask in instance.asks if isinstance(ask, SendSignal)] == thrown


def test_a_multi_instance_throws_what_its_complex_behavior_says(play):
    """BPMN 2.0.2, 10.3.8 and 13.3.7."""
    when = "<condition>=numberOfCompletedInstances = 2</condition>"
    event = f'<event id="half">{ON["message"]}</event>'
    behavior = f"<complexBehaviorDefinition>{when}{event}</complexBehaviorDefinition>"
    instance = play(*around(multi(f"<loopCardinality>3</loopCardinality>{behavior}", 'behavior="Complex"')))

    for _ in range(3):
        instance.complete("task")

    assert [ask.name for ask in instance.asks if isinstance(ask, SendMessage)] == ["paid"]


def test_what_a_multi_instance_throws_is_caught_at_its_border(play):
    """BPMN 2.0.2, 10.3.8: the event is thrown at the activity, so that a boundary event can catch it."""
    shared = '<escalationEventDefinition id="told" escalationRef="esc"/>'
    task = multi("<loopCardinality>3</loopCardinality>", 'behavior="One" oneBehaviorEventRef="told"')
    instance = play(
        *around(task, boundary("caught", "task", ON["escalation"]), end("first")), flows("caught>first"), roots=shared
    )

    assert instance.complete("task").path[-2:] == ["caught", "first"]
    assert instance.outcome == "completed"


@pytest.mark.parametrize(
    ("loop", "rule"),
    [
        (multi(""), "multi-instance-count"),
        (multi("<loopCardinality>-1</loopCardinality>"), "multi-instance-count"),
        (multi("<loopCardinality>3</loopCardinality>", 'behavior="One"'), "multi-instance-behavior"),
    ],
    ids=["endless", "negative", "eventless"],
)
def test_a_multi_instance_that_cannot_be_meant_is_refused(loop, rule):
    """BPMN 2.0.2, 10.3.8."""
    assert rule in refusals(diagram(*around(loop)))


def test_more_runs_than_the_bound_are_an_incident(play):
    """BPMN 2.0.2, 13.3.7: the number of runs is evaluated once, when the activity begins."""
    instance = play(*around(multi("<loopCardinality>=count</loopCardinality>")), count=2001)

    assert instance.kinds == ["limit"]
