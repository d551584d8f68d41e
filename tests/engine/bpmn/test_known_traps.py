"""Where SpiffWorkflow 3.2.0 was measured to go wrong and no page of the standard has a row for it: small diagrams, done right.

The other faults that were found stand in ``docs/reference/bpmn.md``, each beside the test of its element.
"""

from engine.bpmn.progress import OpenSubscription, StartChild
from tests.engine.bpmn.conftest import Drive, definition
from tests.engine.diagrams import boundary, call, catch, diagram, end, extended, flows, on_timer, parallel, start, user

STORM = '<signal id="s" name="storm"/>'
ON_STORM = '<signalEventDefinition signalRef="s"/>'


def test_an_interrupting_cycle_fires_once(drive):
    """There it fires at every beat."""
    late = boundary("late", "a", on_timer(cycle="R3/PT1H"))
    xml = diagram(start(), user("a"), late, user("b"), end(), flows("start>a", "a>end", "late>b", "b>end"))
    instance = drive(xml).start()

    instance.fire("late")

    assert instance.active == ["b"]
    assert [ask.element_id for ask in instance.open.values()] == ["b"]


def test_of_two_timers_behind_an_event_based_gateway_each_has_its_own_time(drive):
    """There both have the time of one."""
    waits = catch("long", on_timer("PT2H")), catch("short", on_timer("PT1H"))
    ways = flows("start>g", "g>long", "g>short", "long>a", "short>b", "a>end", "b>end")
    xml = diagram(start(), '<eventBasedGateway id="g"/>', *waits, user("a"), user("b"), end(), ways)
    instance = drive(xml).start()
    due = {ask.element_id: ask.due_at - instance.now for ask in instance.open.values()}
    assert {id: span.total_seconds() for id, span in due.items()} == {"long": 7200, "short": 3600}

    instance.fire("short")

    assert instance.active == ["b"]
    assert len(instance.open) == 1


def test_the_variable_of_an_item_may_have_a_name_that_is_taken(drive):
    """There it is refused; here the runs have it to themselves."""
    inner = '<zeebe:loopCharacteristics inputCollection="=[7, 8]" inputElement="x" outputCollection="xs" outputElement="=x + 1"/>'
    loop = f"<multiInstanceLoopCharacteristics>{extended(inner)}</multiInstanceLoopCharacteristics>"
    xml = diagram(start(), f'<userTask id="a">{loop}</userTask>', end(), flows("start>a", "a>end"))
    instance = drive(xml).start({"x": "mine"})

    instance.complete("a").complete("a")

    assert instance.variables == {"x": "mine", "xs": [8, 9]}


def test_a_called_process_may_be_named_by_an_expression(drive):
    """There the name is fixed."""
    instance = drive(diagram(start(), call("c", '="p" + kind'), end(), flows("start>c", "c>end"))).start({"kind": "2"})

    assert [ask.process_id for ask in instance.open.values() if isinstance(ask, StartChild)] == ["p2"]


def test_a_data_object_is_seen_from_two_levels_below(drive):
    """There the parser never comes back."""
    data = '<dataObject id="o" name="order"/><dataObjectReference id="r" dataObjectRef="o"/>'
    write = extended('<zeebe:ioMapping><zeebe:output source="=1" target="order"/></zeebe:ioMapping>')
    deep = f'<subProcess id="two">{start("s2")}<userTask id="a">{write}</userTask>{flows("s2>a")}</subProcess>'
    outer = f'<subProcess id="one">{start("s1")}{deep}{flows("s1>two")}</subProcess>'
    instance = drive(diagram(data, start(), outer, end(), flows("start>one", "one>end"))).start({"order": 0})

    assert instance.complete("a").variables == {"order": 1}


def test_ids_that_an_engine_might_keep_for_itself_are_ids_like_others(drive):
    """There ``End`` vanishes and ``Start`` has no way out."""
    xml = diagram(
        '<startEvent id="Start"/><userTask id="Root"/><endEvent id="End"/><userTask id="p.EndJoin"/>',
        flows("Start>Root", "Root>p.EndJoin", "p.EndJoin>End"),
    )

    assert drive(xml).start().complete("Root").complete("p.EndJoin").path == ["Start", "Root", "p.EndJoin", "End"]


def test_what_happens_in_one_instance_changes_nothing_for_the_next_of_its_process():
    """There an event subprocess that began once begins by itself in every later instance."""
    begin = f'<startEvent id="begin" isInterrupting="false">{ON_STORM}</startEvent>'
    beside = f'<subProcess id="es" triggeredByEvent="true">{begin}{user("b")}{flows("begin>b")}</subProcess>'
    one = definition(diagram(start(), user("a"), end(), flows("start>a", "a>end"), beside, roots=STORM))
    first = Drive(one).start()
    [wait] = [id for id, ask in first.open.items() if isinstance(ask, OpenSubscription)]
    first.open = {wait: first.open[wait], **first.open}
    first.fire("begin")
    assert first.active == ["a", "b", "es"]

    second = Drive(one).start()

    assert second.active == ["a"]
    assert second.complete("a").outcome == "completed"


def test_two_branches_that_write_one_variable_after_each_other_keep_the_last(drive):
    """There what was begun earlier and completed later brings the old value back."""
    ways = flows("start>both", "both>x", "both>y", "x>join", "y>join", "join>end")
    xml = diagram(start(), parallel("both"), user("x"), user("y"), parallel("join"), end(), ways)
    instance = drive(xml).start({"v": "old", "list": [1, 2, 2, 3], "gone": {"a": 1, "b": 2}})

    instance.complete("x", {"v": "new", "gone": {"b": 2}}).complete("y", {"other": 1})

    assert instance.variables == {"v": "new", "list": [1, 2, 2, 3], "gone": {"b": 2}, "other": 1}
