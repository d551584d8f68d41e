"""Sequence flows: what leaves an element, and what comes together at one."""

import pytest

from tests.engine.bpmn.elements.conftest import refusals
from tests.engine.diagrams import diagram, end, flows, start, user


def test_a_token_goes_along_the_flow(play):
    """BPMN 2.0.2, 8.3.13 and 13.3.1."""
    instance = play(start(), user("a"), user("b"), end(), flows("start>a", "a>b", "b>end"))

    assert instance.complete("a").active == ["b"]


def test_every_flow_out_of_an_activity_gets_a_token(play):
    """BPMN 2.0.2, 13.3.1: uncontrolled flow, an implicit parallel split."""
    instance = play(start(), user("a"), user("b"), user("c"), end(), flows("start>a", "a>b", "a>c", "b>end", "c>end"))

    assert instance.complete("a").active == ["b", "c"]


def test_every_token_that_comes_to_an_activity_begins_it(play):
    """BPMN 2.0.2, 13.3.1 and 13.3.2: an uncontrolled merge."""
    both = user("b"), user("c"), user("z"), end()
    instance = play(start(), *both, flows("start>b", "start>c", "b>z", "c>z", "z>end"))

    assert len(instance.complete("b").complete("c").waits_at("z")) == 2


@pytest.mark.parametrize(
    ("level", "taken"), [(9, ["always", "high"]), (1, ["always", "low"])], ids=["holds", "default"]
)
def test_conditional_flows_out_of_an_activity_are_taken_where_they_hold(play, level, taken):
    """BPMN 2.0.2, 8.3.13 and 13.3.1: conditional flows, and the default flow where none of them holds."""
    tasks = '<task id="a" default="a_low"/>', user("high"), user("low"), user("always")
    ways = flows("start>a", "a>high=level &gt; 3", "a>low", "a>always")
    instance = play(start(), *tasks, ways, level=level)

    assert instance.active == taken


def test_an_activity_that_no_flow_leaves_ends_its_way(play):
    """BPMN 2.0.2, 13.2 and 13.3.2: an implicit end."""
    assert play(start(), user("a"), flows("start>a")).complete("a").outcome == "completed"


def test_a_flow_across_the_border_of_a_subprocess_is_refused():
    """BPMN 2.0.2, 10.3.5: a flow does not cross the boundary of a subprocess."""
    inner = start("first") + user("work") + flows("first>work")
    xml = diagram(
        start(), f'<subProcess id="sub">{inner}</subProcess>', user("after"), flows("start>sub", "work>after")
    )

    assert "flow-crosses" in refusals(xml)


def test_a_loop_of_flows_goes_round(play):
    """BPMN 2.0.2, 13.3.1: flows may lead back."""
    gateway = '<exclusiveGateway id="more" default="more_a"/>'
    ways = flows("start>a", "a>more", "more>end=done", "more>a")
    instance = play(start(), user("a"), gateway, end(), ways, done=False)

    assert instance.complete("a").complete("a", {"done": True}).path == ["start", "a", "more", "a", "more", "end"]


@pytest.mark.parametrize(("count", "begun"), [(1, 0), (2, 1), (4, 2)], ids=["one", "two", "four"])
def test_an_activity_with_a_start_quantity_waits_for_so_many_tokens(play, count, begun):
    """BPMN 2.0.2, 10.3.1 and 13.3.2."""
    sources = [f"t{number}" for number in range(count)]
    tasks = "".join(f'<task id="{each}"/>' for each in sources)
    ways = [f"start>{each}" for each in sources] + [f"{each}>work" for each in sources]
    instance = play(start(), tasks, '<userTask id="work" startQuantity="2"/>', end(), flows(*ways, "work>end"))

    assert len(instance.waits_at("work")) == begun


def test_an_activity_that_lacks_tokens_for_ever_is_an_incident_that_trying_again_does_not_pass(play):
    """BPMN 2.0.2, 13.3.2: it begins only with all of them."""
    instance = play(start(), '<userTask id="work" startQuantity="2"/>', end(), flows("start>work", "work>end"))
    assert instance.kinds == ["join"]

    instance.retry("work")

    assert instance.kinds == ["join"]
    assert instance.path == ["start"]


def test_an_activity_with_a_completion_quantity_sends_so_many_tokens(play):
    """BPMN 2.0.2, 10.3.1 and 13.3.2."""
    instance = play(
        start(), '<task id="a" completionQuantity="3"/>', user("b"), end(), flows("start>a", "a>b", "b>end")
    )

    assert len(instance.waits_at("b")) == 3


@pytest.mark.parametrize("attribute", ['startQuantity="0"', 'completionQuantity="0"'], ids=["start", "completion"])
def test_a_quantity_below_one_is_refused(attribute):
    """BPMN 2.0.2, 10.3.1: the value must be at least 1."""
    assert refusals(diagram(start(), f'<task id="a" {attribute}/>', flows("start>a"))) == ["quantity"]
