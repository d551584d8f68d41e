"""Compensation: what is undone, and in which order."""

import pytest

from engine.bpmn import run
from engine.bpmn.progress import Activation, Modify
from tests.engine.bpmn.elements.conftest import ON, refusals
from tests.engine.diagrams import boundary, diagram, end, extended, flows, start, throw, user

JOB = '<zeebe:taskDefinition type="undo"/>'


def undoable(*ids, more="", tag="userTask", inner=""):
    """Tasks that can be undone, and the associations that belong at the end of their scope."""
    tasks = "".join(
        f'<{tag} id="{id}">{inner}</{tag}><userTask id="un_{id}" isForCompensation="true"/>'
        f'<boundaryEvent id="at_{id}" attachedToRef="{id}"><compensateEventDefinition/></boundaryEvent>'
        for id in ids
    )
    return tasks, "".join(f'<association id="by_{id}" sourceRef="at_{id}" targetRef="un_{id}"/>' for id in ids)


def undo(attributes=""):
    return throw("back", f"<compensateEventDefinition {attributes}/>")


def test_the_last_that_was_completed_is_undone_first(play):
    """BPMN 2.0.2, 10.7.2 and 13.5.5."""
    tasks, by = undoable("a", "b", "c")
    instance = play(start(), tasks, undo(), end(), flows("start>a", "a>b", "b>c", "c>back", "back>end"), by)
    instance.complete("a").complete("b").complete("c")

    undone = []
    while instance.outcome == "active":
        (at,) = [each for each in instance.active if each.startswith("un_")]
        undone.append(at)
        instance.complete(at)

    assert undone == ["un_c", "un_b", "un_a"]


def test_one_activity_is_undone_by_name(play):
    """BPMN 2.0.2, 10.5.5 and 13.5.5: activityRef."""
    tasks, by = undoable("a", "b")
    back = undo('activityRef="a"')
    instance = play(start(), tasks, back, end(), flows("start>a", "a>b", "b>back", "back>end"), by)

    assert instance.complete("a").complete("b").active == ["back", "un_a"]
    assert instance.complete("un_a").outcome == "completed"


def test_what_was_not_completed_is_not_undone(play):
    """BPMN 2.0.2, 10.7.2: only completed activities are compensated."""
    tasks, by = undoable("a", "b")
    both = '<parallelGateway id="both"/>'
    ways = flows("start>a", "a>both", "both>b", "both>back", "b>end", "back>end")
    instance = play(start(), tasks, both, undo(), end(), ways, by)

    assert instance.complete("a").active == ["b", "back", "un_a"]


def test_what_was_undone_is_not_undone_again(play):
    """BPMN 2.0.2, 13.5.5: a handler runs once for each completion."""
    tasks, by = undoable("a")
    again = throw("again", ON["compensate"])
    ways = flows("start>a", "a>back", "back>again", "again>end")
    instance = play(start(), tasks, undo(), again, end(), ways, by)

    assert instance.complete("a").complete("un_a").outcome == "completed"


def test_a_completed_subprocess_is_undone_from_inside(play):
    """BPMN 2.0.2, 10.7.2 and 13.5.5: without a handler of its own, what was completed in it is undone."""
    tasks, by = undoable("a", "b")
    sub = f'<subProcess id="sub">{start("first")}{tasks}{flows("first>a", "a>b")}{by}</subProcess>'
    instance = play(start(), sub, undo(), end(), flows("start>sub", "sub>back", "back>end"))
    instance.complete("a").complete("b")
    assert "un_b" in instance.active

    instance.complete("un_b").complete("un_a")

    assert instance.outcome == "completed"


def test_a_handler_of_a_subprocess_undoes_it_as_a_whole(play):
    """BPMN 2.0.2, 10.7.1 and 13.5.5: with a handler of its own, it is what runs."""
    tasks, by = undoable("a")
    inner = f"{start('first')}{tasks}{flows('first>a')}{by}"
    outer, outer_by = undoable("sub", tag="subProcess", inner=inner)
    instance = play(start(), outer, undo(), end(), flows("start>sub", "sub>back", "back>end"), outer_by)

    assert instance.complete("a").active == ["back", "un_sub"]
    assert instance.complete("un_sub").outcome == "completed"


def test_every_run_of_a_multi_instance_is_undone(play):
    """BPMN 2.0.2, 10.7.2 and 13.5.5."""
    loop = "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>"
    tasks, by = undoable("a", inner=loop)
    instance = play(start(), tasks, undo(), end(), flows("start>a", "a>back", "back>end"), by)
    for _ in range(3):
        instance.complete("a")

    for _ in range(3):
        assert "un_a" in instance.active
        instance.complete("un_a")

    assert instance.outcome == "completed"


@pytest.mark.parametrize(
    ("wait", "active"), [("true", ["back", "un_a"]), ("false", ["after", "back", "un_a"])], ids=["waits", "goes-on"]
)
def test_the_flow_waits_for_what_is_undone_unless_told_otherwise(play, wait, active):
    """BPMN 2.0.2, 10.5.5: waitForCompletion."""
    tasks, by = undoable("a")
    back = undo(f'waitForCompletion="{wait}"')
    ways = flows("start>a", "a>back", "back>after", "after>end")
    instance = play(start(), tasks, back, user("after"), end(), ways, by).complete("a")
    assert instance.active == active

    instance.complete("un_a").complete("after")

    assert instance.outcome == "completed"
    assert [instance.path.count(each) for each in ("back", "un_a", "after", "end")] == [1, 1, 1, 1]


def test_an_instance_ends_only_after_everything_is_undone(play):
    """BPMN 2.0.2, 10.5.5 and 13.2: also when the flow did not wait for it."""
    tasks, by = undoable("a")
    back = end("back", '<compensateEventDefinition waitForCompletion="false"/>')
    instance = play(start(), tasks, back, flows("start>a", "a>back"), by).complete("a")
    assert instance.outcome == "active"

    assert instance.complete("un_a").outcome == "completed"


def test_what_is_still_being_undone_holds_up_no_join(play):
    """BPMN 2.0.2, 10.5.5 and 13.4.3: its token has gone on, so none can come from it any more."""
    tasks, by = undoable("a")
    back = undo('waitForCompletion="false"')
    gateways = (
        '<inclusiveGateway id="split"/><exclusiveGateway id="which" default="which_join"/><inclusiveGateway id="join"/>'
    )
    ways = flows("start>a", "a>split", "split>back=true", "split>b=true", "back>which", "which>off=level &lt; 2")
    more = flows("which>join", "b>join", "join>after", "after>end")
    parts = user("b"), user("after"), end("off"), end()
    instance = play(start(), tasks, gateways, back, *parts, ways, more, by).complete("a")

    assert instance.complete("b").active == ["after", "back", "un_a"]


@pytest.mark.parametrize(
    ("parts", "rule"),
    [
        ((user("a"), boundary("b_a", "a", ON["compensate"]), flows("start>a")), "compensation-handler"),
        ((user("a"), undo('activityRef="a"'), end(), flows("start>a", "a>back", "back>end")), "compensation-target"),
    ],
    ids=["handlerless", "targetless"],
)
def test_compensation_that_could_do_nothing_is_refused(parts, rule):
    """BPMN 2.0.2, 10.7.1 and 10.7.2."""
    assert rule in refusals(diagram(start(), *parts))


CANCELED = boundary("canceled", "tx", ON["cancel"])


def transaction(inner, loop=""):
    """A transaction that is followed by ``after`` when it was canceled."""
    ways = flows("start>tx", "tx>end", "canceled>after", "after>end")
    return start(), f'<transaction id="tx">{loop}{inner}</transaction>', CANCELED, user("after"), end(), ways


def undo_all(instance):
    """Do what has to be undone, one after the other; give the order."""
    order = []
    while at := [each for each in instance.active if each.startswith("un_")]:
        assert len(at) == 1, "two were undone at once"
        order += at
        instance.complete(at[0])
    return order


def test_a_cancel_inside_a_subprocess_undoes_the_whole_transaction(play):
    """BPMN 2.0.2, 10.3.5 and 13.3.4: also what the subprocess has done half way; then it leaves by the cancel event."""
    (a, by_a), (b, by_b) = undoable("a"), undoable("b")
    inside = start("second") + b + end("no", ON["cancel"]) + flows("second>b", "b>no") + by_b
    ways = flows("first>a", "a>sub", "sub>well")
    inner = start("first") + a + f'<subProcess id="sub">{inside}</subProcess>' + end("well") + ways + by_a
    instance = play(*transaction(inner)).complete("a").complete("b")

    assert undo_all(instance) == ["un_b", "un_a"]
    assert instance.active == ["after"]
    assert instance.path.count("no") == 1


def test_a_cancel_in_one_run_of_a_transaction_undoes_all_runs(play):
    """BPMN 2.0.2, 10.3.5 and 10.3.8: the cancel event belongs to the activity with all its runs."""
    tasks, by = undoable("a")
    choice = '<exclusiveGateway id="ok" default="ok_well"/>'
    inner = start("first") + tasks + user("ask") + choice + end("no", ON["cancel"]) + end("well")
    ways = flows("first>a", "a>ask", "ask>ok", "ok>no=refused", "ok>well")
    loop = "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>"
    instance = play(*transaction(inner + ways + by, loop), refused=False)
    instance.complete("a").complete("a").complete("ask").complete("ask", {"refused": True})

    assert undo_all(instance) == ["un_a", "un_a"]
    assert instance.active == ["after"]


def test_a_cancel_undoes_what_is_being_undone_just_then(play):
    """BPMN 2.0.2, 10.3.5: nothing of a canceled transaction may stay."""
    tasks, by = undoable("a", "b")
    inner = start("first") + tasks + '<parallelGateway id="both"/>' + undo() + user("ask") + end("no", ON["cancel"])
    ways = flows("first>a", "a>b", "b>both", "both>back", "both>ask", "back>well", "ask>no")
    instance = play(*transaction(inner + end("well") + ways + by)).complete("a").complete("b")
    assert "un_b" in instance.active

    instance.complete("ask")

    assert undo_all(instance) == ["un_b", "un_a"]
    assert instance.active == ["after"]


def test_a_canceled_transaction_takes_no_more_events(play):
    """BPMN 2.0.2, 10.3.5: its event subprocesses are disarmed when it begins to undo."""
    tasks, by = undoable("a")
    beside = f'<subProcess id="es" triggeredByEvent="true">{start("come", ON["signal"])}{end("gone")}'
    inner = start("first") + tasks + end("no", ON["cancel"]) + flows("first>a", "a>no")
    instance = play(*transaction(inner + beside + flows("come>gone") + "</subProcess>" + by)).complete("a")

    assert instance.waits_at("come") == []
    assert undo_all(instance) == ["un_a"]


def test_an_error_while_undoing_is_not_caught_by_what_has_completed(play):
    """BPMN 2.0.2, 10.5.6 and 10.7.2: the boundary events of a completed subprocess are gone."""
    tasks, by = undoable("a")
    broken = tasks.replace('<userTask id="un_a"', '<sendTask id="un_a"').replace(
        'isForCompensation="true"/>', f'isForCompensation="true">{extended(JOB)}</sendTask>'
    )
    sub = f'<subProcess id="sub">{start("second")}{broken}{flows("second>a")}{by}</subProcess>'
    inner = start("first") + sub + boundary("wrong", "sub", ON["error"]) + undo() + flows("first>sub", "sub>back")
    outer = f'<subProcess id="outer">{inner}</subProcess>' + boundary("right", "outer", ON["error"])
    instance = play(start(), outer, end(), flows("start>outer", "outer>end", "right>end")).complete("a")

    instance.throw("un_a", "BROKEN")

    assert instance.outcome == "completed"
    assert "right" in instance.path
    assert "wrong" not in instance.path


def test_an_interrupted_handler_holds_up_nothing(play):
    """BPMN 2.0.2, 13.5.3 and 13.5.5: the flow goes on when nothing is left to undo."""
    tasks, by = undoable("a")
    late = boundary("late", "un_a", ON["timer"])
    instance = play(start(), tasks, late, undo(), end(), flows("start>a", "a>back", "back>end", "late>end"), by)

    instance.complete("a").happen("timer", "late")

    assert instance.outcome == "completed"


def test_what_a_subprocess_handed_on_is_not_handed_on_again_when_it_is_undone(play):
    """BPMN 2.0.2, 13.3.2 and 13.5.5: outputs belong to its completion."""
    out = extended('<zeebe:ioMapping><zeebe:output source="=n + 1" target="n"/></zeebe:ioMapping>')
    handler = f'<subProcess id="handler" triggeredByEvent="true">{start("event", ON["compensate"])}</subProcess>'
    sub = f'<subProcess id="sub">{out}{start("first")}{user("a")}{flows("first>a")}{handler}</subProcess>'
    instance = play(start(), sub, undo(), end(), flows("start>sub", "sub>back", "back>end"), n=0).complete("a")

    assert instance.outcome == "completed"
    assert instance.variables["n"] == 1


def test_every_round_of_a_loop_of_flows_is_undone_and_no_round_makes_the_snapshot_longer(play):
    """BPMN 2.0.2, 10.7.2 and 13.5.5: a handler for each completion."""
    tasks, by = undoable("a", "b")
    more = '<exclusiveGateway id="more" default="more_a"/><exclusiveGateway id="merge"/>'
    ways = flows("start>merge", "merge>a", "a>b", "b>more", "more>back=enough", "back>end")
    back_again = '<sequenceFlow id="more_a" sourceRef="more" targetRef="merge"/>'
    instance = play(start(), tasks, more, undo(), end(), ways, back_again, by, enough=False)
    sizes = []
    for number in range(1, 41):
        instance.complete("a").complete("b", {"enough": number == 40})
        sizes.append(sum(map(len, instance.stored.values())))

    assert max(sizes[:-1]) - sizes[4] < 10
    assert undo_all(instance) == ["un_b", "un_a"] * 40
    assert instance.outcome == "completed"


def test_rounds_whose_subprocess_ended_with_different_variables_are_each_undone_with_their_own(play):
    """BPMN 2.0.2, 10.7.1 and 13.5.5: the handler sees what the subprocess ended with."""
    local = extended('<zeebe:ioMapping><zeebe:input source="=n" target="mine"/></zeebe:ioMapping>')
    note = throw("note", "") + user("ask")
    handler = start("event", ON["compensate"]) + note + end("noted") + flows("event>note", "note>ask", "ask>noted")
    inner = start("first") + user("a") + flows("first>a")
    sub = f'<subProcess id="sub">{local}{inner}<subProcess id="handler" triggeredByEvent="true">{handler}</subProcess></subProcess>'
    more = '<exclusiveGateway id="more" default="more_a"/><exclusiveGateway id="merge"/>'
    ways = flows("start>merge", "merge>sub", "sub>more", "more>back=n &gt; 3", "back>end")
    back_again = '<sequenceFlow id="more_a" sourceRef="more" targetRef="merge"/>'
    instance = play(start(), sub, more, undo(), end(), ways, back_again, n=1)
    for number in (1, 2, 3):
        instance.complete("a", {"n": number + 1})

    seen = []
    while "ask" in instance.active:
        seen.append(run.visible(instance.state, instance.find("ask"))["mine"])
        instance.complete("ask")

    assert seen == [3, 2, 1]
    assert instance.outcome == "completed"


def undone_in_part(play, inner="", ways=(), parts=(), **variables):
    """A subprocess that has begun to undo the younger of ``a`` and ``b``."""
    tasks, by = undoable("a", "b")
    inside = start("first") + tasks + undo() + end("well") + inner
    inside += flows("first>a", "a>b", "b>back", "back>well") + by
    sub = f'<subProcess id="sub">{inside}</subProcess>'
    instance = play(start(), sub, *parts, end(), flows("start>sub", "sub>end", *ways), **variables)
    return instance.complete("a").complete("b")


def test_what_an_interrupted_compensation_has_not_begun_is_undone_by_the_next(play):
    """BPMN 2.0.2, 13.3.2 and 13.5.5: it is completed still; what was being undone was ended."""
    inner = (
        start("come", ON["signal"]) + throw("rest", ON["compensate"]) + end("gone") + flows("come>rest", "rest>gone")
    )
    instance = undone_in_part(play, f'<subProcess id="es" triggeredByEvent="true">{inner}</subProcess>')
    assert "un_b" in instance.active

    instance.happen("signal", "come")

    assert undo_all(instance) == ["un_a"]
    assert instance.outcome == "completed"


def test_what_an_interrupted_compensation_has_left_goes_with_its_subprocess(play):
    """BPMN 2.0.2, 10.7.2: a subprocess that has not completed cannot be undone."""
    late = boundary("late", "sub", ON["timer"]) + throw("again", ON["compensate"])
    instance = undone_in_part(play, parts=(late,), ways=("late>again", "again>end"))

    instance.happen("timer", "late")

    assert instance.outcome == "completed"
    assert instance.path[-2:] == ["again", "end"]


def test_a_compensation_that_a_person_ends_leaves_what_it_has_not_begun(play):
    """BPMN 2.0.2, 13.5.5."""
    tasks, by = undoable("a", "b")
    ways = flows("start>a", "a>b", "b>back", "back>end")
    instance = play(start(), tasks, undo(), end(), ways, by).complete("a").complete("b")

    instance.give(Modify(activate=(Activation("back"),), terminate=("back", "un_b")))

    assert undo_all(instance) == ["un_a"]
    assert instance.outcome == "completed"


def test_what_a_subprocess_was_not_yet_undone_of_is_undone_by_the_next(play):
    """BPMN 2.0.2, 13.5.5: what was completed inside it, the youngest of which was being undone."""
    tasks, by = undoable("a", "b", "c")
    sub = f'<subProcess id="sub">{start("second")}{tasks}{flows("second>a", "a>b", "b>c")}{by}</subProcess>'
    taken_over = start("come", ON["signal"]) + throw("rest", ON["compensate"]) + flows("come>rest")
    inner = start("first") + sub + undo() + flows("first>sub", "sub>back")
    outer = f'<subProcess id="outer">{inner}<subProcess id="es" triggeredByEvent="true">{taken_over}</subProcess></subProcess>'
    instance = play(start(), outer, end(), flows("start>outer", "outer>end"))
    instance.complete("a").complete("b").complete("c").complete("un_c")
    assert "un_b" in instance.active

    instance.happen("signal", "come")

    assert undo_all(instance) == ["un_a"]
    assert instance.outcome == "completed"


def test_what_was_not_begun_is_undone_after_what_has_been_completed_since(play):
    """BPMN 2.0.2, 13.5.5: in reverse order of completion, though some of it was asked for before."""
    tasks, by = undoable("a", "b", "c")
    both = '<parallelGateway id="both"/>'
    taken_over = start("come", ON["signal"]) + throw("rest", ON["compensate"]) + flows("come>rest")
    es = f'<subProcess id="es" triggeredByEvent="true">{taken_over}</subProcess>'
    ways = flows("start>a", "a>b", "b>both", "both>back", "both>c", "back>end", "c>wait", "wait>end")
    instance = play(start(), tasks, both, undo(), user("wait"), end(), ways, es, by)
    instance.complete("a").complete("b").complete("c")

    instance.happen("signal", "come")

    assert undo_all(instance) == ["un_c", "un_a"]
    assert instance.outcome == "completed"


def test_a_throw_in_an_event_subprocess_undoes_its_own_work_and_then_that_of_its_scope(play):
    """BPMN 2.0.2, 10.5.5 and 13.5.5: its own level, and the scope that it belongs to."""
    (a, by_a), (b, by_b) = undoable("a"), undoable("b")
    begin = f'<startEvent id="come" isInterrupting="false">{ON["signal"]}</startEvent>'
    inner = begin + b + undo() + flows("come>b", "b>back") + by_b
    es = f'<subProcess id="es" triggeredByEvent="true">{inner}</subProcess>'
    instance = play(start(), a, user("ask"), end(), flows("start>a", "a>ask", "ask>end"), es, by_a)
    instance.complete("a").happen("signal", "come").complete("b")

    assert undo_all(instance) == ["un_b", "un_a"]
    assert instance.active == ["ask"]
