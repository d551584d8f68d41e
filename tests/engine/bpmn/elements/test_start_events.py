"""Start events of processes and subprocesses."""

import pytest

from tests.engine.bpmn.elements.conftest import ON, ROOTS, refusals
from tests.engine.diagrams import catch, diagram, end, flows, line, on_message, on_timer, start, user

SIGNAL = ON["signal"]


def begun_by(inner, **options):
    return diagram(
        start(inner=inner), user("work"), end(), flows("start>work", "work>end"), roots=ROOTS + options.pop("roots", "")
    )


def test_an_instance_begins_at_the_start_event_without_a_trigger(play):
    """BPMN 2.0.2, 10.5.2 and 13.2."""
    instance = play(start(), user("work"), end(), flows("start>work", "work>end"))

    assert instance.path == ["start"]
    assert instance.active == ["work"]


def test_a_message_starts_an_instance_that_has_its_variables(h):
    """BPMN 2.0.2, 10.5.2 and 13.5.1."""
    h.deploy(begun_by(on_message("begin")))

    (instance,) = h.publish("alarm", variables={"room": "1-502"})

    assert h.path(instance) == ["start"]
    assert h.variables(instance) == {"room": "1-502"}
    assert h.active(instance) == ["work"]


def test_a_new_version_takes_the_message_and_timer_starts_over(h):
    """BPMN 2.0.2, 10.5.2 and 13.5.1."""
    both = start("told", on_message("begin")) + start("clock", on_timer(cycle="R/PT1H"))
    old = diagram(both, user("old"), end(), flows("told>old", "clock>old", "old>end"), roots=ROOTS)
    new = diagram(both, user("new"), end(), flows("told>new", "clock>new", "new>end"), roots=ROOTS)
    h.deploy(old)
    h.deploy(new)

    h.publish("alarm")
    h.advance(hours=1)

    assert [h.active(each) for each in h.instances()] == [["new"], ["new"]]


@pytest.mark.parametrize(
    ("timer", "times"),
    [
        (on_timer(date="2026-01-05T00:00:00Z"), 1),
        (on_timer("PT48H"), 1),
        (on_timer(cycle="R3/PT24H"), 3),
        (on_timer(cycle="0 9 * * *"), 7),
    ],
    ids=["date", "duration", "cycle", "cron"],
)
def test_a_timer_starts_instances_when_it_is_due(h, timer, times):
    """BPMN 2.0.2, 10.5.2 and 13.5.1."""
    h.deploy(begun_by(timer.replace("2026-01-05T00:00:00Z", (h.now.replace(microsecond=0)).isoformat())))

    h.advance(days=7)

    assert len(h.instances()) == times


def test_a_signal_starts_one_instance_of_every_process_that_waits_for_it(h):
    """BPMN 2.0.2, 10.5.2 and 13.5.1."""
    for id in ("p", "q"):
        h.deploy(diagram(start(inner=SIGNAL), user("work"), flows("start>work"), id=id, roots=ROOTS))

    h.broadcast("storm", {"wind": 9})

    assert [h.variables(each) for each in h.instances()] == [{"wind": 9}, {"wind": 9}]


def test_each_of_several_triggers_of_a_start_event_starts_an_instance(h):
    """BPMN 2.0.2, 10.5.2 and 13.5.1: of a multiple start event one trigger is enough."""
    h.deploy(begun_by(on_message("begin") + SIGNAL))

    h.publish("alarm")
    h.broadcast("storm")

    assert len(h.instances("p")) == 2


def test_a_start_event_that_needs_all_its_triggers_is_refused():
    """BPMN 2.0.2, 10.5.2: a parallel multiple start event; refused, since no instance exists that could gather its triggers."""
    xml = begun_by(on_message("begin") + SIGNAL).replace(
        b'<startEvent id="start"', b'<startEvent id="start" parallelMultiple="true"'
    )

    assert refusals(xml) == ["event-mix"]


def test_several_start_events_are_alternatives(h):
    """BPMN 2.0.2, 10.5.2 and 13.5.1: each start event makes an instance of its own."""
    starts = start("by_hand") + start("by_alarm", on_message("begin"))
    h.deploy(diagram(starts, user("work"), flows("by_hand>work", "by_alarm>work"), roots=ROOTS))

    (alarmed,) = h.publish("alarm")
    started = h.start("p")

    assert [h.path(started), h.path(alarmed)] == [["by_hand"], ["by_alarm"]]


def test_without_a_start_event_everything_that_no_flow_leads_to_begins(play):
    """BPMN 2.0.2, 10.5.2 and 13.3.4: without start event all elements without incoming flow get a token."""
    assert play(user("a"), user("b"), end(), flows("a>end", "b>end")).active == ["a", "b"]


def test_a_subprocess_begins_at_its_start_event_without_a_trigger(play):
    """BPMN 2.0.2, 10.3.5 and 13.3.4."""
    inner = start("first") + user("work") + end("last") + flows("first>work", "work>last")
    instance = play(start(), f'<subProcess id="sub">{inner}</subProcess>', end(), flows("start>sub", "sub>end"))

    assert instance.active == ["sub", "work"]
    assert instance.complete("work").path == ["start", "first", "work", "last", "sub", "end"]


def test_an_event_after_the_start_is_no_start(h):
    """BPMN 2.0.2, 13.5.1 and 13.5.2: a message that an instance waits for starts none."""
    h.deploy(line(catch("wait", on_message("m")), roots=ROOTS))

    assert h.publish("paid", "A1") == []
    assert h.instances() == []
