"""Tokens on flows and at gateways (BPMN 2.0.2, 13.3.1 and 13.4)."""

import pytest


def user(id):
    return f'<userTask id="{id}"/>'


def script(id, expression, result, attributes=""):
    return (
        f'<scriptTask id="{id}" {attributes}><extensionElements><zeebe:script expression="{expression}" '
        f'resultVariable="{result}"/></extensionElements></scriptTask>'
    )


def flow(id, source, target, condition=None):
    inner = f'<conditionExpression xsi:type="tFormalExpression">{condition}</conditionExpression>' if condition else ""
    return f'<sequenceFlow id="{id}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'


def test_a_process_waits_at_its_user_task_and_ends_after_it(drive, chain):
    instance = drive(chain('<startEvent id="s"/>', user("a"), '<endEvent id="e"/>')).start({"amount": 12})

    assert instance.active == ["a"]
    instance.complete("a", {"approved": True})

    assert instance.outcome == "completed"
    assert instance.path == ["s", "a", "e"]
    assert instance.variables == {"amount": 12, "approved": True}


def exclusive(default=True):
    return (
        '<startEvent id="s"/><exclusiveGateway id="x" ' + ('default="f3"' if default else "") + "/>"
        '<endEvent id="big"/><endEvent id="small"/><endEvent id="other"/>'
        + flow("f0", "s", "x")
        + flow("f1", "x", "big", "=amount > 100")
        + flow("f2", "x", "small", "=amount > 0")
        + (flow("f3", "x", "other") if default else "")
    )


@pytest.mark.parametrize(("amount", "end"), [(200, "big"), (5, "small"), (-1, "other")])
def test_an_exclusive_gateway_takes_the_first_flow_that_holds_else_the_default(drive, amount, end):
    instance = drive(exclusive()).start({"amount": amount})

    assert instance.path == ["s", "x", end]


def test_a_condition_that_is_null_is_an_incident_that_goes_on_when_the_variable_is_set(drive):
    from engine.bpmn.progress import SetVariables

    instance = drive(exclusive()).start({})
    assert instance.kinds == ["condition"]
    assert instance.active == ["x"]

    instance.give(SetVariables({"amount": 7}))
    instance.retry("x")

    assert instance.path == ["s", "x", "small"]
    assert instance.outcome == "completed"


def test_an_exclusive_gateway_without_a_way_out_is_an_incident(drive):
    instance = drive(exclusive(default=False)).start({"amount": -1})

    assert instance.kinds == ["condition"]


def test_a_parallel_join_waits_for_a_token_on_every_flow(drive):
    body = (
        '<startEvent id="s"/><parallelGateway id="split"/><parallelGateway id="join"/><endEvent id="e"/>'
        + user("a")
        + user("b")
        + flow("_1", "s", "split")
        + flow("_2", "split", "a")
        + flow("_3", "split", "b")
        + flow("_4", "a", "join")
        + flow("_5", "b", "join")
        + flow("_6", "join", "e")
    )
    instance = drive(body).start()

    instance.complete("b", {"from_b": 1})
    assert instance.active == ["a", "join"]
    instance.complete("a", {"from_a": 2})

    assert instance.outcome == "completed"
    assert instance.path == ["s", "split", "b", "a", "join", "e"]
    assert instance.variables == {"from_a": 2, "from_b": 1}


def test_a_join_that_can_never_complete_is_an_incident(drive):
    body = (
        '<startEvent id="s"/><exclusiveGateway id="split" default="_3"/><parallelGateway id="join"/><endEvent id="e"/>'
        + user("a")
        + user("b")
        + flow("_1", "s", "split")
        + flow("_2", "split", "a", "=true")
        + flow("_3", "split", "b")
        + flow("_4", "a", "join")
        + flow("_5", "b", "join")
        + flow("_6", "join", "e")
    )
    instance = drive(body).start().complete("a")

    assert instance.kinds == ["join"]


INCLUSIVE = (
    '<startEvent id="s"/><inclusiveGateway id="split" default="_4"/><inclusiveGateway id="join"/><endEvent id="e"/>'
    + user("a")
    + user("b")
    + user("c")
    + flow("_1", "s", "split")
    + flow("_2", "split", "a", "=x")
    + flow("_3", "split", "b", "=y")
    + flow("_4", "split", "c")
    + flow("_5", "a", "join")
    + flow("_6", "b", "join")
    + flow("_7", "c", "join")
    + flow("_8", "join", "e")
)


def test_an_inclusive_join_waits_only_for_tokens_that_can_still_come(drive):
    instance = drive(INCLUSIVE).start({"x": True, "y": True})

    assert instance.active == ["a", "b"]
    instance.complete("a")
    assert instance.active == ["b", "join"]
    instance.complete("b")

    assert instance.path == ["s", "split", "a", "b", "join", "e"]


def test_an_inclusive_join_goes_on_with_one_token_when_only_one_was_sent(drive):
    instance = drive(INCLUSIVE).start({"x": False, "y": False})

    instance.complete("c")

    assert instance.outcome == "completed"
    assert instance.path == ["s", "split", "c", "join", "e"]


def test_several_flows_out_of_a_task_all_get_a_token(drive):
    body = (
        '<startEvent id="s"/>'
        + user("t")
        + user("a")
        + user("b")
        + flow("_1", "s", "t")
        + flow("_2", "t", "a")
        + flow("_3", "t", "b")
    )
    instance = drive(body).start().complete("t")

    assert instance.active == ["a", "b"]
    assert instance.complete("a").complete("b").outcome == "completed"


def test_conditional_flows_out_of_a_task_fall_back_to_its_default(drive):
    body = (
        '<startEvent id="s"/><userTask id="t" default="_3"/>'
        + user("a")
        + user("b")
        + flow("_1", "s", "t")
        + flow("_2", "t", "a", "=x")
        + flow("_3", "t", "b")
    )

    assert drive(body).start({"x": True}).complete("t").active == ["a"]
    assert drive(body).start({"x": False}).complete("t").active == ["b"]


def test_a_loop_of_flows_costs_the_same_state_in_every_round(drive):
    body = (
        '<startEvent id="s"/>'
        + user("t")
        + script("count", "=n + 1", "n")
        + '<exclusiveGateway id="x" default="_4"/><endEvent id="e"/>'
        + flow("_1", "s", "t")
        + flow("_2", "t", "count")
        + flow("_3", "count", "x")
        + flow("_4", "x", "t")
        + flow("_5", "x", "e", "=n &gt;= 300")
    )
    instance = drive(body).start({"n": 0})
    instance.complete("t")
    size = len(instance.head) + sum(map(len, instance.stored.values()))
    for _ in range(299):
        instance.complete("t")

    assert instance.outcome == "completed"
    assert instance.path.count("t") == 300
    assert size < 400


def test_an_endless_loop_ends_in_an_incident_that_names_the_limit(drive):
    from engine.bpmn.progress import Limits

    body = (
        '<startEvent id="s"/><task id="a"/><task id="b"/>'
        + flow("_1", "s", "a")
        + flow("_2", "a", "b")
        + flow("_3", "b", "a")
    )
    instance = drive(body, limits=Limits(steps_per_transaction=50, steps_per_instance=500)).start()

    assert instance.kinds == ["limit"]
    assert "500" in next(iter(instance.incidents.values())).message


def test_a_long_chain_meets_no_stack(drive):
    tasks = [f'<task id="t{i}"/>' for i in range(5000)]
    flows = [flow(f"f{i}", f"t{i}", f"t{i + 1}") for i in range(4999)]
    instance = drive("".join(tasks + flows)).start()

    assert instance.outcome == "completed"
    assert len(instance.path) == 5000


def test_an_event_based_gateway_takes_the_event_that_comes_first(drive):
    body = (
        '<startEvent id="s"/><eventBasedGateway id="g"/>'
        '<intermediateCatchEvent id="late"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>'
        "</intermediateCatchEvent>"
        '<intermediateCatchEvent id="said"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>'
        + user("a")
        + user("b")
        + flow("_1", "s", "g")
        + flow("_2", "g", "late")
        + flow("_3", "g", "said")
        + flow("_4", "late", "a")
        + flow("_5", "said", "b")
    )
    roots = '<message id="m" name="answer"><extensionElements><zeebe:subscription correlationKey="=no"/></extensionElements></message>'
    instance = drive(body, roots=roots).start({"no": "T-1"})
    assert instance.active == ["g"]
    assert {ask.element_id for ask in instance.open.values()} == {"late", "said"}

    instance.fire("said", {"text": "yes"})

    assert instance.active == ["b"]
    assert instance.path == ["s", "g", "said"]
    assert instance.variables == {"no": "T-1", "text": "yes"}
    assert [ask.element_id for ask in instance.open.values()] == ["b"]
