"""Events in positions where they are not executed: refused by name."""

import pytest

from engine.bpmn.definition import EventKind
from engine.bpmn.lint import lint
from engine.bpmn.read import read
from engine.bpmn.rules.executed import POSITIONS
from tests.engine.bpmn.elements.conftest import ON, ROOTS, refusals
from tests.engine.diagrams import boundary, catch, diagram, end, flows, start, throw, user

PLACES = {
    "start of a process": lambda inner: start("event", inner),
    "start of a subprocess": lambda inner: f'<subProcess id="sub">{start("event", inner)}</subProcess>',
    "start of an event subprocess": lambda inner: (
        f'<subProcess id="sub" triggeredByEvent="true">{start("event", inner)}</subProcess>'
    ),
    "intermediateCatchEvent": lambda inner: catch("event", inner),
    "intermediateThrowEvent": lambda inner: throw("event", inner),
    "boundaryEvent": lambda inner: boundary("event", "work", inner),
    "endEvent": lambda inner: end("event", inner),
}
NOT_EXECUTED = [
    pytest.param(place, kind.value, id=f"{kind.value}-{place}")
    for place, executed in POSITIONS.items()
    for kind in EventKind
    if kind not in executed
]


def test_every_position_is_tried():
    assert set(PLACES) == {str(place) for place in POSITIONS}


@pytest.mark.parametrize(("place", "kind"), NOT_EXECUTED)
def test_an_event_where_it_is_not_executed_is_refused_by_name(place, kind):
    """BPMN 2.0.2, table 10.93 (10.5.5): which events stand where; what the table lacks, and a conditional start, is refused."""
    found = read(diagram(user("work"), PLACES[place](ON[kind]), roots=ROOTS))

    (problem,) = [each for each in lint(found.definitions[0]) if each.rule == "event-position"]
    assert problem.element_id == "event"
    assert kind in problem.message
    assert problem.remedy


@pytest.mark.parametrize("place", ["intermediateCatchEvent", "boundaryEvent"])
def test_an_event_that_waits_for_nothing_is_refused(place):
    """BPMN 2.0.2, 10.5.4: a catch event in the flow or at a border has a trigger."""
    assert "event-undefined" in refusals(diagram(start(), user("work"), PLACES[place](""), flows("start>work")))


@pytest.mark.parametrize("kind", ["error", "cancel"])
def test_an_event_that_must_interrupt_is_refused_beside_its_activity(kind):
    """BPMN 2.0.2, 10.5.6 and table 10.93: an error and a cancel always interrupt."""
    inner = f'<transaction id="work">{user("inside")}{end("no", ON["cancel"])}{flows("inside>no")}</transaction>'
    event = boundary("event", "work", ON[kind], interrupting=False)
    xml = diagram(start(), inner, event, user("after"), flows("start>work", "event>after"), roots=ROOTS)

    assert "interrupting" in refusals(xml)


def test_an_event_subprocess_for_an_error_that_does_not_interrupt_is_refused():
    """BPMN 2.0.2, 10.5.6 and table 10.93: an error always interrupts."""
    begin = start("event", ON["error"]).replace("Event id", 'Event isInterrupting="false" id', 1)
    xml = diagram(user("work"), f'<subProcess id="sub" triggeredByEvent="true">{begin}</subProcess>', roots=ROOTS)

    assert "interrupting" in refusals(xml)


@pytest.mark.parametrize("kind", ["error", "compensate", "cancel", "terminate"])
def test_what_ends_an_event_cannot_be_thrown_together_with_others(kind):
    """BPMN 2.0.2, 10.5.3: a multiple end event; what ends the element leaves no one to throw the rest."""
    xml = diagram(
        start(), user("work"), end("event", ON["message"] + ON[kind]), flows("start>work", "work>event"), roots=ROOTS
    )

    assert "event-mix" in refusals(xml)


@pytest.mark.parametrize("place", ["boundaryEvent", "start of an event subprocess"])
def test_what_is_thrown_inside_cannot_be_waited_for_together_with_others(place):
    """BPMN 2.0.2, 10.5.4: a parallel multiple event; an error or escalation ends what would still have to wait."""
    inner = PLACES[place](ON["message"] + ON["error"])
    tag = "boundaryEvent" if place == "boundaryEvent" else "startEvent"
    xml = diagram(user("work"), inner.replace(f"<{tag}", f'<{tag} parallelMultiple="true"'), roots=ROOTS)

    assert "event-mix" in refusals(xml)
