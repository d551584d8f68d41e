"""Tasks, subprocesses, calls, loops, compensation and variables (BPMN 2.0.2, 13.3 and 13.5.5)."""

import pytest

from engine.bpmn.progress import Activation, Close, Limits, Modify, OpenTask, StartChild


def flow(id, source, target):
    return f'<sequenceFlow id="{id}" sourceRef="{source}" targetRef="{target}"/>'


def extended(tag, id, inner, attributes="", after=""):
    return f'<{tag} id="{id}" {attributes}><extensionElements>{inner}</extensionElements>{after}</{tag}>'


def script(id, expression, result, attributes="", after=""):
    return extended(
        "scriptTask", id, f'<zeebe:script expression="{expression}" resultVariable="{result}"/>', attributes, after
    )


def test_a_user_task_offers_who_when_and_which_form(drive):
    task = extended(
        "userTask",
        "t",
        '<zeebe:assignmentDefinition candidateGroups="=[role, &quot;manager@hq&quot;]" assignee="=null"/>'
        '<zeebe:taskSchedule dueDate="=duration(&quot;PT4H&quot;)"/><zeebe:formDefinition formId="f"/>'
        '<zeebe:priorityDefinition priority="=70"/>',
        'name="Look"',
    )
    instance = drive('<startEvent id="s"/>' + task + flow("_1", "s", "t")).start({"role": "technician"})

    offered = instance.open[instance.find("t")]
    assert offered == OpenTask(
        id=offered.id,
        element_id="t",
        name="Look",
        assignee=None,
        candidate_groups=("technician", "manager@hq"),
        candidate_users=(),
        form_id="f",
        due_at=instance.now.replace(hour=4),
        follow_up_at=None,
        priority=70,
    )


def test_input_mappings_make_locals_and_output_mappings_alone_come_back(drive):
    mapping = (
        '<zeebe:ioMapping><zeebe:input source="=total * 2" target="double"/>'
        '<zeebe:output source="=double + given" target="sum.x"/></zeebe:ioMapping>'
    )
    instance = drive('<startEvent id="s"/>' + extended("userTask", "t", mapping) + flow("_1", "s", "t")).start(
        {"total": 5}
    )

    instance.complete("t", {"given": 1, "noise": True})

    assert instance.variables == {"total": 5, "sum": {"x": 11}}


def test_a_failing_mapping_is_an_incident_that_keeps_what_was_handed_in(drive):
    from engine.bpmn.progress import SetVariables

    mapping = '<zeebe:ioMapping><zeebe:output source="=given + missing" target="x"/></zeebe:ioMapping>'
    instance = drive('<startEvent id="s"/>' + extended("userTask", "t", mapping) + flow("_1", "s", "t")).start()
    instance.complete("t", {"given": 1})
    assert instance.kinds == ["mapping"]

    instance.give(SetVariables({"missing": 2}))
    instance.retry("t")

    assert instance.variables == {"missing": 2, "x": 3}


def test_parallel_branches_share_their_scope_so_nothing_is_lost(drive):
    body = (
        '<startEvent id="s"/><parallelGateway id="g"/><parallelGateway id="j"/>'
        + '<userTask id="a"/><userTask id="b"/>'
        + script("x", "=append(log, &quot;x&quot;)", "log")
        + script("y", "=append(log, &quot;y&quot;)", "log")
        + flow("_1", "s", "g") + flow("_2", "g", "a") + flow("_3", "g", "b") + flow("_4", "a", "x") + flow("_5", "b", "y")
        + flow("_6", "x", "j") + flow("_7", "y", "j")
    )  # fmt: skip
    instance = drive(body).start({"log": []}).complete("b").complete("a")

    assert instance.variables["log"] == ["y", "x"]


def test_a_write_goes_to_the_nearest_scope_that_has_the_name(drive):
    inner = (
        '<startEvent id="is"/>'
        + script("w1", "=local + 1", "local")
        + script("w2", "=9", "fresh")
        + flow("i1", "is", "w1")
        + flow("i2", "w1", "w2")
    )
    sub = (
        '<subProcess id="sub"><extensionElements><zeebe:ioMapping><zeebe:input source="=1" target="local"/></zeebe:ioMapping>'
        f"</extensionElements>{inner}</subProcess>"
    )
    instance = drive('<startEvent id="s"/>' + sub + flow("_1", "s", "sub")).start({"local": 100})

    assert instance.variables == {"local": 100, "fresh": 9}


CALL = '<zeebe:calledElement processId="child" propagateAllChildVariables="{all}"/>'


def test_a_call_hands_in_all_it_sees_and_takes_all_back_unless_told_otherwise(drive):
    def body(back):
        return '<startEvent id="s"/>' + extended("callActivity", "c", CALL.format(all=back)) + flow("_1", "s", "c")

    instance = drive(body("true")).start({"a": 1})
    asked = instance.open[instance.find("c", StartChild)]
    assert (asked.process_id, asked.variables, asked.depth) == ("child", {"a": 1}, 2)
    assert instance.complete("c", {"b": 2}).variables == {"a": 1, "b": 2}
    assert drive(body("false")).start({"a": 1}).complete("c", {"b": 2}).variables == {"a": 1}


def test_a_call_tells_the_child_which_errors_are_caught_here_and_above(drive):
    body = (
        '<startEvent id="s"/>'
        + extended("callActivity", "c", CALL.format(all="true"))
        + '<boundaryEvent id="b" attachedToRef="c"><errorEventDefinition errorRef="e1"/></boundaryEvent>'
        + flow("_1", "s", "c")
    )
    instance = drive(body, roots='<error id="e1" errorCode="X"/>').start()

    assert instance.open[instance.find("c")].catches.errors == frozenset({"X"})
    assert instance.throw("c", "X").path == ["s", "b"]


def test_calls_deeper_than_the_limit_are_an_incident(drive):
    body = '<startEvent id="s"/>' + extended("callActivity", "c", CALL.format(all="true")) + flow("_1", "s", "c")

    assert drive(body).start(depth=8).kinds == ["limit"]


def multi(id, loop, sequential=False, condition=""):
    return extended(
        "userTask",
        id,
        "",
        after=f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}"><extensionElements>{loop}</extensionElements>'
        f"{condition}</multiInstanceLoopCharacteristics>",
    ).replace("<extensionElements></extensionElements>", "", 1)


LOOP = '<zeebe:loopCharacteristics inputCollection="=items" inputElement="item" outputCollection="answers" outputElement="=answer"/>'


def test_a_parallel_multi_instance_gathers_results_in_the_order_of_its_items(drive):
    instance = drive('<startEvent id="s"/>' + multi("m", LOOP) + flow("_1", "s", "m")).start({"items": ["a", "b", "c"]})
    ids = sorted(instance.open)
    from engine.bpmn.progress import CompleteElement

    for id, answer in ((ids[2], 3), (ids[0], 1), (ids[1], 2)):
        del instance.open[id]
        instance.give(CompleteElement(id, {"answer": answer}))

    assert instance.variables == {"items": ["a", "b", "c"], "answers": [1, 2, 3]}
    assert instance.path == ["s", "m", "m", "m"]


def test_a_sequential_multi_instance_offers_one_run_at_a_time(drive):
    instance = drive('<startEvent id="s"/>' + multi("m", LOOP, sequential=True) + flow("_1", "s", "m")).start(
        {"items": [1, 2]}
    )

    assert len(instance.open) == 1
    instance.complete("m", {"answer": "x"})
    assert len(instance.open) == 1
    assert instance.complete("m", {"answer": "y"}).variables["answers"] == ["x", "y"]


def test_a_completion_condition_ends_the_runs_that_are_left(drive):
    condition = "<completionCondition>=numberOfCompletedInstances &gt;= 2</completionCondition>"
    instance = drive('<startEvent id="s"/>' + multi("m", LOOP, condition=condition) + flow("_1", "s", "m")).start(
        {"items": [1, 2, 3, 4]}
    )
    instance.complete("m", {"answer": 1}).complete("m", {"answer": 2})

    assert instance.outcome == "completed"
    assert sum(isinstance(ask, Close) for ask in instance.asks) == 2
    assert instance.open == {}


def test_an_empty_collection_runs_nothing(drive):
    instance = drive('<startEvent id="s"/>' + multi("m", LOOP) + flow("_1", "s", "m")).start({"items": []})

    assert instance.outcome == "completed"
    assert instance.variables["answers"] == []


def test_more_items_than_the_limit_are_an_incident(drive):
    instance = drive(
        '<startEvent id="s"/>' + multi("m", LOOP) + flow("_1", "s", "m"), limits=Limits(multi_instance=3)
    ).start({"items": [1] * 4})

    assert instance.kinds == ["limit"]


def test_a_standard_loop_runs_while_its_condition_holds(drive):
    loop = '<standardLoopCharacteristics testBefore="false"><loopCondition>=n &lt; 3</loopCondition></standardLoopCharacteristics>'
    instance = drive('<startEvent id="s"/>' + script("t", "=n + 1", "n", after=loop) + flow("_1", "s", "t")).start(
        {"n": 0}
    )

    assert instance.variables == {"n": 3}


def undoable(id):
    return (
        f'<userTask id="{id}"/><boundaryEvent id="{id}_b" attachedToRef="{id}"><compensateEventDefinition/></boundaryEvent>'
        f'<userTask id="undo_{id}" isForCompensation="true"/>'
    )


def undone_by(*ids):
    return "".join(
        f'<association id="{id}_a" associationDirection="One" sourceRef="{id}_b" targetRef="undo_{id}"/>' for id in ids
    )


def test_compensation_undoes_what_was_completed_in_reverse_order(drive):
    body = (
        '<startEvent id="s"/>'
        + undoable("a")
        + undoable("b")
        + '<intermediateThrowEvent id="c"><compensateEventDefinition/></intermediateThrowEvent><endEvent id="e"/>'
        + flow("_1", "s", "a")
        + flow("_2", "a", "b")
        + flow("_3", "b", "c")
        + flow("_4", "c", "e")
        + undone_by("a", "b")
    )
    instance = drive(body).start().complete("a").complete("b")

    assert instance.active == ["c", "undo_b"]
    instance.complete("undo_b")
    assert instance.active == ["c", "undo_a"]
    assert instance.complete("undo_a").outcome == "completed"
    assert instance.path == ["s", "a", "b", "b_b", "undo_b", "a_b", "undo_a", "c", "e"]


def test_a_canceled_transaction_undoes_its_work_and_leaves_by_its_cancel_event(drive):
    body = (
        '<startEvent id="s"/><transaction id="tx"><startEvent id="is"/>'
        + undoable("a")
        + '<endEvent id="no"><cancelEventDefinition/></endEvent>'
        + flow("i1", "is", "a")
        + flow("i2", "a", "no")
        + undone_by("a")
        + '</transaction><endEvent id="e"/><endEvent id="canceled"/>'
        '<boundaryEvent id="b" attachedToRef="tx"><cancelEventDefinition/></boundaryEvent>'
        + flow("_1", "s", "tx")
        + flow("_2", "tx", "e")
        + flow("_3", "b", "canceled")
    )
    instance = drive(body).start().complete("a")
    assert instance.active == ["no", "tx", "undo_a"]

    instance.complete("undo_a")

    assert instance.outcome == "completed"
    assert instance.path == ["s", "is", "a", "a_b", "undo_a", "no", "b", "canceled"]


def test_a_token_is_moved_by_hand(drive):
    body = '<startEvent id="s"/><userTask id="a"/><userTask id="b"/>' + flow("_1", "s", "a") + flow("_2", "a", "b")
    instance = drive(body).start()

    instance.give(Modify(activate=(Activation("b"),), terminate=("a",)))

    assert instance.active == ["b"]
    assert instance.complete("b").outcome == "completed"


def test_an_instance_may_start_in_the_middle_even_inside_a_subprocess(drive):
    body = (
        '<startEvent id="s"/><subProcess id="sub"><startEvent id="is"/><userTask id="a"/>'
        + flow("i", "is", "a")
        + "</subProcess>"
        '<userTask id="after"/>' + flow("_1", "s", "sub") + flow("_2", "sub", "after")
    )
    instance = drive(body).start(before=("a",))

    assert instance.active == ["a", "sub"]
    assert instance.complete("a").active == ["after"]


def test_a_step_budget_ends_a_command_and_the_rest_goes_on_in_the_next(drive, chain):
    tasks = [f'<task id="t{i}"/>' for i in range(100)]
    instance = drive(chain(*tasks), limits=Limits(steps_per_transaction=30)).start()

    assert instance.outcome == "completed"
    assert len(instance.path) == 100


@pytest.mark.parametrize("budget", range(1, 9))
def test_a_subprocess_that_ends_when_the_step_budget_does_is_not_forgotten(drive, chain, budget):
    sub = '<subProcess id="sub"><startEvent id="first"/><endEvent id="last"/>'
    sub += '<sequenceFlow id="in" sourceRef="first" targetRef="last"/></subProcess>'
    beside = chain(*(f'<task id="t{number}"/>' for number in range(8)))
    body = f'<startEvent id="start"/>{sub}<userTask id="after"/>{beside}<userTask id="work"/>'
    for source, target in (("start", "sub"), ("sub", "after"), ("start", "t0"), ("t7", "work")):
        body += f'<sequenceFlow id="{source}-{target}" sourceRef="{source}" targetRef="{target}"/>'

    instance = drive(body, limits=Limits(steps_per_transaction=budget)).start()

    assert instance.active == ["after", "work"]


def test_an_ad_hoc_subprocess_in_sequence_starts_one_activity_after_the_other(drive):
    body = (
        '<startEvent id="s"/><adHocSubProcess id="ah" ordering="Sequential"><userTask id="a"/><userTask id="b"/></adHocSubProcess>'
        + flow("_1", "s", "ah")
    )
    instance = drive(body).start()

    assert instance.active == ["a", "ah"]
    assert instance.complete("a").active == ["ah", "b"]
    assert instance.complete("b").outcome == "completed"
