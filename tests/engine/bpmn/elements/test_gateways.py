"""Gateways."""

import pytest

from engine.bpmn.progress import Limits, SetVariables
from tests.engine.bpmn.elements.conftest import ON, ROOTS, refusals
from tests.engine.diagrams import catch, diagram, end, flows, on_message, parallel, start, user

CHOICES = ("high=level &gt; 5", "middle=level &gt; 2", "low")


def splitting(tag, attributes='default="g_low"'):
    ways = flows("start>g", *(f"g>{choice}" for choice in CHOICES), "high>end", "middle>end", "low>end")
    tasks = user("high"), user("middle"), user("low"), end()
    return start(), f'<{tag} id="g" {attributes}/>', *tasks, ways


def joining(gateway, *more):
    """Two tasks after a parallel split, and a gateway that they come to."""
    ways = flows("start>both", "both>a", "both>b", "a>g", "b>g", "g>after", "after>end", *more)
    return start(), parallel("both"), user("a"), user("b"), gateway, user("after"), end(), ways


@pytest.mark.parametrize(
    ("level", "taken"), [(9, "high"), (4, "middle"), (1, "low")], ids=["first", "second", "default"]
)
def test_an_exclusive_gateway_takes_the_first_flow_that_holds_or_the_default(play, level, taken):
    """BPMN 2.0.2, 10.6.2 and 13.4.2."""
    assert play(*splitting("exclusiveGateway"), level=level).active == [taken]


def test_an_exclusive_gateway_without_a_way_out_is_an_incident(play):
    """BPMN 2.0.2, 13.4.2: an exception is thrown when no condition holds and there is no default flow."""
    tasks = user("a"), user("b"), end(), flows("start>g", "g>a=level &gt; 5", "g>b=level &gt; 7", "a>end", "b>end")
    instance = play(start(), '<exclusiveGateway id="g"/>', *tasks)

    assert instance.kinds == ["condition"]
    assert instance.active == ["g"]


def test_an_exclusive_gateway_lets_every_token_through(play):
    """BPMN 2.0.2, 10.6.2 and 13.4.2: as a merge it passes each token on."""
    instance = play(*joining('<exclusiveGateway id="g"/>')).complete("a").complete("b")

    assert len(instance.waits_at("after")) == 2


def test_a_parallel_gateway_sends_a_token_along_every_flow(play):
    """BPMN 2.0.2, 10.6.4 and 13.4.1."""
    ways = flows("start>g", "g>a", "g>b", "a>end", "b>end")

    assert play(start(), parallel("g"), user("a"), user("b"), end(), ways).active == ["a", "b"]


def test_a_parallel_gateway_waits_for_a_token_on_every_flow(play):
    """BPMN 2.0.2, 10.6.4 and 13.4.1."""
    instance = play(*joining(parallel("g"))).complete("b")
    assert instance.active == ["a", "g"]

    assert instance.complete("a").active == ["after"]


def test_a_parallel_gateway_keeps_what_came_too_often_for_the_next_round(play):
    """BPMN 2.0.2, 13.4.1: excess tokens stay."""
    twice = '<task id="a" completionQuantity="2"/>'
    ways = flows(
        "start>both", "both>a", "both>b", "both>c", "a>g", "b>merge", "c>merge", "merge>g", "g>after", "after>end"
    )
    merge = '<exclusiveGateway id="merge"/>'
    instance = play(
        start(), parallel("both"), twice, user("b"), user("c"), merge, parallel("g"), user("after"), end(), ways
    )

    assert len(instance.complete("b").waits_at("after")) == 1
    assert len(instance.complete("c").waits_at("after")) == 2


@pytest.mark.parametrize(
    ("level", "taken"), [(9, ["high", "middle"]), (4, ["middle"]), (1, ["low"])], ids=["two", "one", "default"]
)
def test_an_inclusive_gateway_takes_every_flow_that_holds_or_the_default(play, level, taken):
    """BPMN 2.0.2, 10.6.3 and 13.4.3."""
    assert play(*splitting("inclusiveGateway"), level=level).active == taken


def test_an_inclusive_gateway_without_a_way_out_is_an_incident(play):
    """BPMN 2.0.2, 13.4.3: an exception is thrown when no condition holds and there is no default flow."""
    tasks = user("a"), user("b"), end(), flows("start>g", "g>a=level &gt; 5", "g>b=level &gt; 7", "a>end", "b>end")

    assert play(start(), '<inclusiveGateway id="g"/>', *tasks).kinds == ["condition"]


def test_an_inclusive_gateway_waits_for_tokens_that_can_still_come(play):
    """BPMN 2.0.2, 10.6.3 and 13.4.3."""
    split = '<inclusiveGateway id="split" default="split_c"/>'
    out = flows("start>split", "split>a=level &gt; 0", "split>b=level &gt; 2", "split>c")
    ways = out + flows("a>g", "b>g", "c>g", "g>after", "after>end")
    tasks = user("a"), user("b"), user("c"), '<inclusiveGateway id="g"/>', user("after"), end()

    one = play(start(), split, *tasks, ways, level=1)
    two = play(start(), split, *tasks, ways, level=5)

    assert one.complete("a").active == ["after"]
    assert two.complete("a").active == ["b", "g"]
    assert two.complete("b").active == ["after"]
    assert len(two.waits_at("after")) == 1


COMPLEX = '<complexGateway id="g"><activationCondition>=activationCount &gt;= 2</activationCondition></complexGateway>'


def three_to(gateway):
    ways = flows("start>both", "both>a", "both>b", "both>c", "a>g", "b>g", "c>g", "g>after", "after>end")
    return start(), parallel("both"), user("a"), user("b"), user("c"), gateway, user("after"), end(), ways


def test_a_complex_gateway_goes_on_when_its_activation_condition_holds(play):
    """BPMN 2.0.2, 10.6.5 and 13.4.5."""
    instance = play(*three_to(COMPLEX)).complete("a")
    assert instance.active == ["b", "c", "g"]

    assert instance.complete("c").active == ["after", "b", "g"]


def test_a_complex_gateway_takes_the_tokens_that_come_after_its_activation(play):
    """BPMN 2.0.2, 10.6.5 and 13.4.5: it waits for them in order to reset."""
    instance = play(*three_to(COMPLEX)).complete("a").complete("c").complete("b")

    assert instance.active == ["after"]
    assert len(instance.waits_at("after")) == 1
    assert instance.complete("after").outcome == "completed"


def racing():
    """Two ways, the quicker of which lets a complex gateway fire, and a way back."""
    ways = flows("start>again", "again>both", "both>a", "both>b", "a>g", "b>g", "g>after", "after>more")
    gateway = COMPLEX.replace("&gt;= 2", "&gt;= 1")
    choices = '<exclusiveGateway id="again"/><exclusiveGateway id="more" default="more_end"/>'
    tasks = user("a"), user("b"), user("after")
    return start(), parallel("both"), *tasks, gateway, choices, end(), ways, flows("more>again=level = 1", "more>end")


def test_what_comes_too_often_while_a_complex_gateway_resets_begins_its_next_round(play):
    """BPMN 2.0.2, 13.4.5: it takes one token by each flow in a round."""
    instance = play(*racing()).complete("a").complete("after")  # the next round overtakes b of the first one
    assert instance.complete("a").active == ["b", "g"]

    assert instance.complete("b").active == ["after", "b", "g"]
    assert instance.complete("after", {"level": 2}).complete("b").outcome == "completed"
    assert instance.path.count("g") == 2


def test_a_complex_gateway_tells_its_conditions_whether_it_starts_or_resets(play):
    """BPMN 2.0.2, 13.4.5: waitingForStart; when it resets it may send tokens a second time, or none."""
    ways = flows("start>both", "both>a", "both>b", "a>g", "b>g", "quick>end", "late>end")
    gateway = COMPLEX.replace("&gt;= 2", "&gt;= 1")
    out = flows("g>quick=waitingForStart", "g>late=not(waitingForStart)")
    instance = play(
        start(), parallel("both"), user("a"), user("b"), gateway, user("quick"), user("late"), end(), ways, out
    )
    assert instance.complete("a").active == ["b", "g", "quick"]

    assert instance.complete("b").active == ["late", "quick"]


def test_a_complex_gateway_that_can_never_be_activated_is_an_incident(play):
    """BPMN 2.0.2, 13.4.5; it goes on when the variables are mended."""
    condition = "<activationCondition>=activationCount &gt;= wanted</activationCondition>"
    instance = play(*three_to(f'<complexGateway id="g">{condition}</complexGateway>'), wanted=4)
    instance.complete("a").complete("b").complete("c")
    assert instance.kinds == ["join"]

    instance.give(SetVariables({"wanted": 3})).retry("g")

    assert instance.active == ["after"]
    assert instance.kinds == []


def test_a_gateway_that_leads_back_to_itself_without_end_is_an_incident(drive):
    """BPMN 2.0.2, 13.4.3; its rounds count among the elements that may be completed without a wait."""
    gateway = '<inclusiveGateway id="g" default="g_end"/>'
    xml = diagram(start(), gateway, end(), flows("start>g", "g>g=n = 1", "g>end"))
    instance = drive(xml, limits=Limits(steps_per_transaction=50, steps_per_instance=500)).start({"n": 1})

    assert instance.kinds == ["limit"]


def test_a_complex_gateway_splits_by_conditions(play):
    """BPMN 2.0.2, 10.6.5 and 13.4.5."""
    assert play(*splitting("complexGateway"), level=9).active == ["high", "middle"]


def test_a_complex_gateway_without_a_condition_joins_what_can_come(play):
    """BPMN 2.0.2, 10.6.5: without an activation condition it joins like an inclusive gateway."""
    instance = play(*three_to('<complexGateway id="g"/>')).complete("a").complete("b")
    assert instance.active == ["c", "g"]

    assert instance.complete("c").active == ["after"]


def choosing(attributes=""):
    """An event-based gateway and three events after it."""
    events = catch("told", ON["message"]), catch("late", ON["timer"]), '<receiveTask id="got" messageRef="n"/>'
    ways = flows("start>g", "g>told", "g>late", "told>a", "late>b", "a>end", "b>end")
    return start(), f'<eventBasedGateway id="g" {attributes}/>', events[0], events[1], user("a"), user("b"), end(), ways


@pytest.mark.parametrize(
    ("kind", "event", "then"), [("message", "told", "a"), ("timer", "late", "b")], ids=["message", "timer"]
)
def test_an_event_based_gateway_takes_the_way_of_the_first_event(play, kind, event, then):
    """BPMN 2.0.2, 10.6.6 and 13.4.4."""
    instance = play(*choosing())
    assert instance.active == ["g"]

    instance.happen(kind, event)

    assert instance.active == [then]
    assert instance.path == ["start", "g", event]


@pytest.mark.parametrize("kind", ["message", "timer", "signal", "conditional"])
def test_an_event_based_gateway_waits_for_every_kind_of_event(play, kind):
    """BPMN 2.0.2, 10.6.6 and 13.4.4."""
    ways = flows("start>g", "g>one", "g>two", "one>a", "two>b", "a>end", "b>end")
    other = '<receiveTask id="two" messageRef="m"/>'
    instance = play(start(), '<eventBasedGateway id="g"/>', catch("one", ON[kind]), other, user("a"), user("b"), end(), ways)  # fmt: skip

    assert instance.happen(kind, "one").active == ["a"]


STARTED = catch("alarmed", on_message("begin")), catch("stormed", ON["signal"])


def beginning(attributes=""):
    gateway = f'<eventBasedGateway id="g" instantiate="true" {attributes}/>'
    ways = flows("g>alarmed", "g>stormed", "alarmed>a", "stormed>b", "a>end", "b>end")
    return diagram(gateway, *STARTED, user("a"), user("b"), end(), ways, roots=ROOTS)


def test_an_event_based_gateway_that_instantiates_begins_with_any_of_its_events(h):
    """BPMN 2.0.2, 10.6.6, 13.2 and 13.4.4."""
    h.deploy(beginning())

    h.publish("alarm")
    h.broadcast("storm")

    assert [h.active(each) for each in h.instances()] == [["a"], ["b"]]


def test_a_parallel_event_based_gateway_that_instantiates_waits_for_the_other_events(h):
    """BPMN 2.0.2, 10.6.6, 13.2 and 13.4.4."""
    h.deploy(beginning('eventGatewayType="Parallel"'))

    (instance,) = h.publish("alarm")
    assert h.active(instance) == ["a", "stormed"]
    h.broadcast("storm")

    assert h.active(instance) == ["a", "b"]


@pytest.mark.parametrize(
    ("inner", "rule"),
    [(user("a"), "event-gateway-target"), ('<intermediateThrowEvent id="a"/>', "event-gateway-target")],
    ids=["task", "throw"],
)
def test_an_event_based_gateway_that_leads_to_something_else_is_refused(inner, rule):
    """BPMN 2.0.2, 10.6.6: only catch events and receive tasks follow it."""
    xml = diagram(
        start(), '<eventBasedGateway id="g"/>', inner, catch("late", ON["timer"]), flows("start>g", "g>a", "g>late")
    )

    assert rule in refusals(xml)


@pytest.mark.parametrize("tag", ["exclusiveGateway", "inclusiveGateway"])
def test_a_flow_without_condition_out_of_a_choosing_gateway_is_refused(tag):
    """BPMN 2.0.2, 10.6.2 and 10.6.3: each flow but the default has a condition."""
    xml = diagram(start(), f'<{tag} id="g"/>', user("a"), user("b"), flows("start>g", "g>a=level &gt; 5", "g>b"))

    assert refusals(xml) == ["condition-missing"]


@pytest.mark.parametrize("gateway", [parallel("g"), '<eventBasedGateway id="g"/>'], ids=["parallel", "event-based"])
def test_a_condition_that_would_be_ignored_is_refused(gateway):
    """BPMN 2.0.2, 8.3.13: the source of a conditional flow is no parallel or event-based gateway."""
    events = catch("a", ON["timer"]), catch("b", ON["message"])
    xml = diagram(start(), gateway, *events, flows("start>g", "g>a=level &gt; 5", "g>b"), roots=ROOTS)

    assert refusals(xml) == ["condition-ignored"]
