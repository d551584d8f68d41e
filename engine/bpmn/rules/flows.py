"""Rules about sequence flows, their conditions, and the gateways that choose between them."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.definition import ACTIVITIES, EventKind, Kind
from engine.bpmn.rules.rule import WARNING, Finding, Subject, rule
from engine.errors import Text

_CHOOSING = (Kind.EXCLUSIVE_GATEWAY, Kind.INCLUSIVE_GATEWAY)


@rule("flow-crosses")
def flow_crosses(subject: Subject) -> Iterator[Finding]:
    """A sequence flow stays in its process or subprocess."""
    elements = subject.elements
    for flow in subject.definition.flows.values():
        if elements[flow.source].scope != elements[flow.target].scope:
            yield Finding(
                flow.id,
                Text("{flow} crosses the border of a subprocess", flow=flow.name or flow.id),
                Text("end inside with an event, and go on outside from the subprocess or a boundary event"),
            )


@rule("flow-direction")
def flow_direction(subject: Subject) -> Iterator[Finding]:
    """Nothing flows into a start or boundary event, and nothing out of an end event."""
    for element in subject.of(Kind.START_EVENT, Kind.BOUNDARY_EVENT):
        for flow in element.incoming:
            yield Finding(
                flow,
                Text("{element} begins a way; nothing can flow into it", element=element.name or element.id),
                Text("lead the flow to an activity, a gateway or an intermediate event"),
            )
    for element in subject.of(Kind.END_EVENT):
        for flow in element.outgoing:
            yield Finding(
                flow,
                Text("{element} ends a way; nothing can flow out of it", element=element.name or element.id),
                Text("make it an intermediate throw event, or remove the flow"),
            )


@rule("flow-twice", WARNING)
def flow_twice(subject: Subject) -> Iterator[Finding]:
    """Two flows without a choice between them do not lead from one element to the same other one."""
    for element in subject.elements.values():
        if len(element.outgoing) < 2 or element.kind in (*_CHOOSING, Kind.COMPLEX_GATEWAY):
            continue
        seen: dict[str, str] = {}
        for flow in subject.flows(element.outgoing):
            if flow.condition is not None:
                continue
            first = seen.setdefault(flow.target, flow.id)
            if first != flow.id:
                yield Finding(
                    flow.id,
                    Text(
                        "{first} leads from {source} to {target} too, so that everything there happens twice",
                        first=first,
                        source=element.name or element.id,
                        target=subject.elements[flow.target].name or flow.target,
                    ),
                    Text("remove one of the two flows"),
                )


@rule("condition-missing")
def condition_missing(subject: Subject) -> Iterator[Finding]:
    """Every flow out of an exclusive or inclusive gateway has a condition, except the default flow or a single one."""
    for gateway in subject.of(*_CHOOSING):
        if len(gateway.outgoing) < 2:
            continue
        for flow in subject.flows(gateway.outgoing):
            if flow.condition is None and flow.id != gateway.default:
                yield Finding(
                    flow.id,
                    Text(
                        "{flow} has no condition, so {gateway} cannot tell when to take it",
                        flow=flow.name or flow.id,
                        gateway=gateway.name or gateway.id,
                    ),
                    Text("give it a condition, or make it the default flow"),
                )


@rule("condition-ignored")
def condition_ignored(subject: Subject) -> Iterator[Finding]:
    """Flows out of a parallel or event-based gateway have no conditions.

    Source: BPMN 2.0.2, 8.3.13 (the source of a conditional flow must not be a parallel or event gateway).
    """
    for gateway in subject.of(Kind.PARALLEL_GATEWAY, Kind.EVENT_BASED_GATEWAY):
        for flow in subject.flows(gateway.outgoing):
            if flow.condition is not None:
                yield Finding(
                    flow.id,
                    Text("{gateway} takes this flow whatever its condition says", gateway=gateway.name or gateway.id),
                    Text("remove the condition, or use an inclusive gateway"),
                )


@rule("default-missing", WARNING)
def default_missing(subject: Subject) -> Iterator[Finding]:
    """What chooses by conditions has a default flow."""
    for element in subject.of(*_CHOOSING, Kind.COMPLEX_GATEWAY, *ACTIVITIES):
        flows = subject.flows(element.outgoing)
        if flows and not element.default and all(flow.condition is not None for flow in flows):
            yield Finding(
                element.id,
                Text("if no condition holds, {element} stops with an incident", element=element.name or element.id),
                Text("make one of its flows the default flow"),
            )


@rule("default-condition", WARNING)
def default_condition(subject: Subject) -> Iterator[Finding]:
    """The default flow has no condition."""
    for element in subject.of(*_CHOOSING, Kind.COMPLEX_GATEWAY, *ACTIVITIES):
        flow = subject.definition.flows.get(element.default or "")
        if flow is not None and flow.condition is not None:
            yield Finding(
                flow.id,
                Text("the default flow is taken when no other is; its condition is ignored"),
                Text("remove the condition"),
            )


@rule("event-gateway-target")
def event_gateway_target(subject: Subject) -> Iterator[Finding]:
    """An event-based gateway leads to events or receive tasks that nothing else leads to."""
    for gateway in subject.of(Kind.EVENT_BASED_GATEWAY):
        if not gateway.outgoing:
            yield Finding(
                gateway.id,
                Text("{gateway} waits for no event", gateway=gateway.name or gateway.id),
                Text("lead it to the events that it should wait for"),
            )
        for flow in subject.flows(gateway.outgoing):
            target = subject.elements[flow.target]
            waits = target.kind is Kind.RECEIVE_TASK or (
                target.kind is Kind.CATCH_EVENT and target.events and not target.event(EventKind.LINK)
            )
            if not waits or target.parallel_multiple:
                yield Finding(
                    flow.id,
                    Text("an event-based gateway cannot wait for {target}", target=target.name or target.id),
                    Text("put a message, signal, timer or conditional catch event between them"),
                )
            elif len(target.incoming) > 1:
                yield Finding(
                    flow.id,
                    Text("another flow leads to {target} too", target=target.name or target.id),
                    Text("give the event-based gateway an event of its own"),
                )


@rule("event-gateway-single", WARNING)
def event_gateway_single(subject: Subject) -> Iterator[Finding]:
    """An event-based gateway has at least two events to choose from.

    Source: BPMN 2.0.2, 10.6.6 (an event gateway has two or more outgoing sequence flows).
    """
    for gateway in subject.of(Kind.EVENT_BASED_GATEWAY):
        if len(gateway.outgoing) == 1:
            yield Finding(
                gateway.id,
                Text("{gateway} has one event only, and nothing to choose", gateway=gateway.name or gateway.id),
                Text("lead it to a second event, such as a timer, or remove the gateway"),
            )


@rule("instantiate-position")
def instantiate_position(subject: Subject) -> Iterator[Finding]:
    """What starts a process stands at its beginning."""
    for element in subject.of(Kind.RECEIVE_TASK, Kind.EVENT_BASED_GATEWAY):
        if element.instantiate and (element.incoming or element.scope != subject.definition.process_id):
            yield Finding(
                element.id,
                Text(
                    "{element} should start the process but is not at its beginning", element=element.name or element.id
                ),
                Text("remove the flows into it, or switch off 'instantiate'"),
            )
        if not element.exclusive_event_gateway and not element.instantiate:
            yield Finding(
                element.id,
                Text("a parallel event-based gateway works only where it starts the process"),
                Text("use a parallel gateway with an event on each way"),
            )


@rule("quantity")
def quantity(subject: Subject) -> Iterator[Finding]:
    """An activity takes and gives at least one token."""
    for element in subject.of(*ACTIVITIES):
        for name, value in (
            ("startQuantity", element.start_quantity),
            ("completionQuantity", element.completion_quantity),
        ):
            if value < 1:
                yield Finding(
                    element.id,
                    Text("{name} of {element} is {value}", name=name, element=element.name or element.id, value=value),
                    Text("use 1 or more"),
                )
