"""Moving the tokens of a live instance: in which scope an element is activated, and what becomes of scopes that are left empty."""

import pytest

from engine.bpmn.progress import Activation, Modify, OpenTask, OpenTimer
from engine.errors import Invalid, NotFound


def flow(source, target):
    return f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}"/>'


def over(items):
    return (
        f'<multiInstanceLoopCharacteristics isSequential="false"><extensionElements><zeebe:loopCharacteristics '
        f'inputCollection="={items}" inputElement="item" outputCollection="out" outputElement="=item"/></extensionElements>'
        f"</multiInstanceLoopCharacteristics>"
    )


def sub(id, *inner, loop=""):
    return f'<subProcess id="{id}">{loop}{"".join(inner)}</subProcess>'


TWO_LEVELS = (
    '<startEvent id="s"/>'
    + sub(
        "outer",
        '<startEvent id="os"/>',
        sub("inner", '<startEvent id="is"/><userTask id="a"/><userTask id="b"/>', flow("is", "a"), flow("a", "b")),
        '<userTask id="c"/>',
        flow("os", "inner"),
        flow("inner", "c"),
    )
    + '<userTask id="z"/>'
    + flow("s", "outer")
    + flow("outer", "z")
)
RUNS = (
    '<startEvent id="s"/>'
    + sub(
        "each",
        '<startEvent id="es"/><userTask id="a"/><userTask id="b"/>',
        flow("es", "a"),
        flow("a", "b"),
        loop=over("[7,8,9]"),
    )
    + '<userTask id="z"/>'
    + flow("s", "each")
    + flow("each", "z")
)


def modify(instance, activate=(), terminate=(), **more):
    places = tuple(each if isinstance(each, Activation) else Activation(each) for each in activate)
    return instance.give(Modify(places, tuple(terminate), **more))


def live(instance, element_id):
    return [node.id for node in instance.state.with_element(element_id)]


def refused(instance, **orders):
    before, instance.snapshots = dict(instance.stored), True
    with pytest.raises((Invalid, NotFound)) as refusal:
        modify(instance, **orders)
    assert instance.stored == before
    return str(refusal.value)


# ---- in which scope ------------------------------------------------------------------------------------------------------


def test_the_one_live_scope_takes_the_token(drive):
    instance = drive(TWO_LEVELS).start()

    modify(instance, ["b"])

    assert instance.active == ["a", "b", "inner", "outer"]
    assert len(live(instance, "inner")) == 1


def test_missing_scopes_are_opened_with_their_inputs_and_boundary_events(drive):
    body = TWO_LEVELS.replace(
        '<subProcess id="inner">',
        '<subProcess id="inner"><extensionElements><zeebe:ioMapping><zeebe:input source="=n + 1" target="m"/>'
        "</zeebe:ioMapping></extensionElements>",
    ).replace(
        '<userTask id="c"/>',
        '<userTask id="c"/><boundaryEvent id="late" attachedToRef="inner"><timerEventDefinition>'
        "<timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>",
    )
    instance = drive(body).start({"n": 0})

    modify(instance, ["b"], ["outer"], variables={"n": 41})

    assert instance.active == ["b", "inner", "outer"]
    assert instance.state.element_instance(live(instance, "inner")[0]).variables == {"m": 42}
    assert [ask.element_id for ask in instance.open.values() if isinstance(ask, OpenTimer)] == ["late"]
    assert instance.complete("b").active == ["c", "outer"]


def test_of_several_live_scopes_one_has_to_be_named(drive):
    instance = drive(RUNS).start()
    body, *runs = live(instance, "each")

    said = refused(instance, activate=["b"])

    assert f"each around b has 3 live instances: {', '.join(map(str, runs))}" in said
    modify(instance, [Activation("b", runs[1])])
    assert [instance.state.element_instance(id).parent for id in live(instance, "b")] == [runs[1]]
    assert "cannot hold b" in refused(instance, activate=[Activation("b", body)]), "the whole loop holds no token"


def test_an_ancestor_further_up_gets_new_scopes_between(drive):
    instance = drive(TWO_LEVELS).start()
    [outer], [root] = live(instance, "outer"), [instance.state.root]

    modify(instance, [Activation("b", outer)])
    assert len(live(instance, "inner")) == 2 and len(live(instance, "outer")) == 1
    assert "2 live instances" in refused(instance, activate=["b"])
    modify(instance, [Activation("c", root)])

    assert len(live(instance, "outer")) == 2


@pytest.mark.parametrize("named", ["z", "a", "gone"])
def test_what_does_not_surround_the_element_is_no_ancestor(drive, named):
    instance = drive(TWO_LEVELS).start()
    modify(instance, ["z"])
    within = 99 if named == "gone" else live(instance, named)[0]

    assert ("not live" if named == "gone" else "cannot hold b") in refused(instance, activate=[Activation("b", within)])


def test_a_loop_that_is_not_live_is_activated_as_a_whole(drive):
    instance = drive(RUNS).start()
    for _ in range(3):
        instance.complete("a").complete("b")

    assert "Activate each as a whole" in refused(instance, activate=["b"])
    assert modify(instance, ["each"], ["z"]).active == ["a", "each"]
    assert len(live(instance, "a")) == 3


def test_an_event_subprocess_is_opened_like_any_scope_and_activated_at_its_start(drive):
    handler = (
        '<subProcess id="esp" triggeredByEvent="true"><startEvent id="m"><messageEventDefinition messageRef="msg"/></startEvent>'
        '<userTask id="x"/><userTask id="y"/>' + flow("m", "x") + flow("x", "y") + "</subProcess>"
    )
    body = '<startEvent id="s"/><userTask id="a"/>' + flow("s", "a") + handler
    instance = drive(body, roots='<message id="msg" name="msg"/>').start()

    modify(instance, ["y"])
    assert instance.active == ["a", "esp", "y"]
    modify(instance, ["esp"], ["esp"])

    assert instance.active == ["a", "esp", "x"]


@pytest.mark.parametrize("id", ["p", "late"])
def test_the_process_and_boundary_events_cannot_be_activated(drive, id):
    late = '<boundaryEvent id="late" attachedToRef="a"><signalEventDefinition signalRef="sig"/></boundaryEvent>'
    body = '<startEvent id="s"/><userTask id="a"/>' + late + '<userTask id="b"/>' + flow("s", "a") + flow("late", "b")

    assert "Activate what it leads to" in refused(
        drive(body, roots='<signal id="sig" name="sig"/>').start(), activate=[id]
    )


# ---- what is activated -----------------------------------------------------------------------------------------------------


def test_a_join_that_is_activated_waits_for_nothing(drive):
    body = (
        '<startEvent id="s"/><parallelGateway id="fork"/><userTask id="a"/><userTask id="b"/><parallelGateway id="join"/>'
        '<userTask id="z"/>'
        + flow("s", "fork")
        + flow("fork", "a")
        + flow("fork", "b")
        + flow("a", "join")
        + flow("b", "join")
        + flow("join", "z")
    )
    instance = drive(body).start()

    modify(instance, ["join"], ["a", "b"])

    assert instance.active == ["z"]


def test_a_link_catch_is_passed(drive):
    link = '<linkEventDefinition name="l"/>'
    body = (
        f'<startEvent id="s"/><userTask id="a"/><intermediateThrowEvent id="to">{link}</intermediateThrowEvent>'
        f'<intermediateCatchEvent id="from">{link}</intermediateCatchEvent><userTask id="b"/>'
        + flow("s", "a")
        + flow("a", "to")
        + flow("from", "b")
    )

    assert modify(drive(body).start(), ["from"], ["a"]).active == ["b"]


def test_an_end_event_that_is_activated_completes_the_instance(drive):
    body = '<startEvent id="s"/><userTask id="a"/><endEvent id="e"/>' + flow("s", "a") + flow("a", "e")

    assert modify(drive(body).start(), ["e"], ["a"]).outcome == "completed"


def test_an_activity_of_an_ad_hoc_subprocess_is_not_started_twice(drive):
    body = (
        '<startEvent id="s"/><userTask id="a"/><adHocSubProcess id="any" ordering="Sequential"><userTask id="x"/><userTask id="y"/>'
        "</adHocSubProcess>" + flow("s", "a") + flow("a", "any")
    )
    instance = modify(drive(body).start(), ["y"], ["a"])

    assert instance.active == ["any", "y"]
    assert instance.complete("y").active == ["any", "x"]
    assert instance.complete("x").outcome == "completed"


# ---- what is left empty ----------------------------------------------------------------------------------------------------


def test_a_scope_that_is_left_empty_ends_early_and_the_instance_with_it(drive):
    instance = drive(TWO_LEVELS).start()

    assert modify(instance, terminate=["a"]).outcome == "canceled"
    assert instance.path == ["s", "os", "is"]


def test_a_scope_that_keeps_something_lives_on(drive):
    instance = modify(drive(TWO_LEVELS).start(), ["c"])

    assert modify(instance, terminate=["a"]).active == ["c", "outer"]
    assert instance.complete("c").active == ["z"]


def test_the_runs_that_are_left_end_their_loop(drive):
    instance = drive(RUNS).start()
    _, first, *_ = live(instance, "each")

    modify(instance, terminate=[first])

    for _ in range(2):
        instance.complete("a").complete("b")
    assert instance.active == ["z"]
    assert instance.variables["out"] == [None, 8, 9]


def test_a_loop_without_runs_ends_with_them(drive):
    instance = drive(RUNS).start()

    assert modify(instance, terminate=live(instance, "each")[1:]).outcome == "canceled"


def test_one_of_several_element_instances_is_terminated_by_its_id(drive):
    instance = drive(RUNS).start()
    first, second, third = (id for id, ask in instance.open.items() if isinstance(ask, OpenTask))

    modify(instance, terminate=[second])

    assert [id for id, ask in instance.open.items() if isinstance(ask, OpenTask)] == [first, third]
    assert "not live" in refused(instance, terminate=[second])
    assert "Cancel the instance" in refused(instance, terminate=[instance.state.root])


COMPENSATED = (
    '<startEvent id="s"/><userTask id="a"/><userTask id="b"/><userTask id="undo" isForCompensation="true"/>'
    '<boundaryEvent id="c" attachedToRef="a"><compensateEventDefinition/></boundaryEvent>'
    '<intermediateThrowEvent id="t"><compensateEventDefinition/></intermediateThrowEvent><userTask id="z"/>'
    + flow("s", "a")
    + flow("a", "b")
    + flow("b", "t")
    + flow("t", "z")
    + '<association id="x" sourceRef="c" targetRef="undo"/>'
)


def test_a_compensation_goes_on_without_the_handler_that_was_terminated(drive):
    instance = drive(COMPENSATED).start().complete("a").complete("b")
    assert instance.active == ["t", "undo"]

    assert modify(instance, terminate=["undo"]).active == ["z"]


def test_a_handler_whose_throw_was_terminated_ends_the_instance_it_alone_kept_alive(drive):
    instance = drive(COMPENSATED).start().complete("a").complete("b")

    modify(instance, terminate=["t"])

    assert instance.complete("undo").outcome == "completed"
