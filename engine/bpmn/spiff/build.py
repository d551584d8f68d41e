"""Builds SpiffWorkflow's specs from a definition: one process spec per scope, through public constructors only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.defaults import (
    BoundaryEvent,
    EndEvent,
    EventBasedGateway,
    ExclusiveGateway,
    InclusiveGateway,
    IntermediateCatchEvent,
    IntermediateThrowEvent,
    ParallelGateway,
    ParallelMultiInstanceTask,
    ScriptTask,
    SequentialMultiInstanceTask,
    StandardLoopTask,
    StartEvent,
    SubWorkflowTask,
    UserTask,
)
from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import SignalEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition, TerminateEventDefinition

from engine import feel
from engine.bpmn.definition import (
    GATEWAYS,
    Definition,
    Element,
    EventKind,
    JobWork,
    Kind,
    MultiInstance,
    StandardLoop,
    Work,
)
from engine.bpmn.spiff.excluded import ANSWERED


class Meanings(Protocol):
    """Turns what is written in the diagram into functions on the variables of a run."""

    def condition(self, expression: feel.Expression) -> Callable[[], bool]:
        """Give a function that says whether a condition holds."""
        ...

    def count(self, loop: MultiInstance) -> Callable[[], int]:
        """Give a function that says how often a multi-instance body runs."""
        ...

    def script(self, work: Work | None) -> Callable[[], None]:
        """Give a function that does what a task does by itself."""
        ...


class Builder:
    """Builds specs: one per scope. ``elements`` gives the element of each spec name."""

    def __init__(self, definition: Definition, meanings: Meanings) -> None:
        self.definition = definition
        self.meanings = meanings
        self.elements: dict[str, str] = {}
        self.specs: dict[str, Any] = {}
        self.into: dict[str, Any] = {}  # {element id: the spec that takes its tokens}
        self.out: dict[str, Any] = {}  # {element id: the spec that sends its tokens on}
        for element in definition.elements.values():
            if element.is_scope:
                self.specs[element.id] = BpmnProcessSpec(name=element.id)
        for element in definition.elements.values():
            if element.scope and element.kind is not Kind.BOUNDARY_EVENT:
                self._node(element)
        for element in definition.elements.values():
            if element.boundary:
                self._boundary(element)
        for element in definition.elements.values():
            if element.scope:
                self._connect(element)

    def _make(self, spec_class: Any, element: Element, suffix: str = "", **options: Any) -> Any:
        # names of our own kind cannot clash with those that SpiffWorkflow keeps for itself, such as Start and End
        name = f"element {element.id}{suffix}"
        spec = spec_class(self.specs[element.scope], name, **options)
        self.elements[name] = element.id
        return spec

    def _node(self, element: Element) -> None:
        if element.loop is None:
            self.into[element.id] = self.out[element.id] = self._single(element, "")
            return
        run = self._single(element, " [run]")
        scope, name, loop = self.specs[element.scope], f"loop {element.id}", element.loop
        if isinstance(loop, StandardLoop):
            condition = self.meanings.condition(loop.condition) if loop.condition else None
            body = StandardLoopTask(scope, name, run.name, loop.maximum, condition, loop.test_before)
        else:
            kind = SequentialMultiInstanceTask if loop.sequential else ParallelMultiInstanceTask
            completion = self.meanings.condition(loop.completion) if loop.completion else None
            body = kind(scope, name, task_spec=run.name, cardinality=self.meanings.count(loop), condition=completion)
        run.inputs = [body]
        self.into[element.id] = self.out[element.id] = body

    def _single(self, element: Element, suffix: str) -> Any:
        match element.kind:
            case Kind.START_EVENT:
                return self._make(StartEvent, element, suffix, event_definition=NoneEventDefinition())
            case Kind.END_EVENT:
                ends = element.event(EventKind.TERMINATE)
                thrown = TerminateEventDefinition() if ends else NoneEventDefinition()
                return self._make(EndEvent, element, suffix, event_definition=thrown)
            case Kind.THROW_EVENT:
                return self._make(IntermediateThrowEvent, element, suffix, event_definition=NoneEventDefinition())
            case Kind.CATCH_EVENT if element.event(EventKind.LINK):
                return self._make(IntermediateThrowEvent, element, suffix, event_definition=NoneEventDefinition())
            case Kind.CATCH_EVENT:
                return self._make(
                    IntermediateCatchEvent, element, suffix, event_definition=SignalEventDefinition(element.id)
                )
            case Kind.EVENT_BASED_GATEWAY:
                return self._make(EventBasedGateway, element, suffix, event_definition=MultipleEventDefinition())
            case Kind.EXCLUSIVE_GATEWAY:
                return self._make(ExclusiveGateway, element, suffix)
            case Kind.PARALLEL_GATEWAY:
                return self._make(ParallelGateway, element, suffix)
            case Kind.INCLUSIVE_GATEWAY:
                return self._make(InclusiveGateway, element, suffix)
            case Kind.SUB_PROCESS | Kind.TRANSACTION:
                return self._make(SubWorkflowTask, element, suffix, subworkflow_spec=element.id)
        if element.kind in ANSWERED or isinstance(element.work, JobWork):
            return self._make(UserTask, element, suffix)
        return self._make(ScriptTask, element, suffix, script=self.meanings.script(element.work))

    def _boundary(self, host: Element) -> None:
        scope, name = self.specs[host.scope], f"boundary {host.id}"
        split = BoundaryEventSplit(scope, f"{name} split")
        join = BoundaryEventJoin(scope, f"{name} join", split_task=split.name, cancel=True)
        split.connect(self.into[host.id])
        self.out[host.id].connect(join)
        for event_id in host.boundary:
            event = self.definition.elements[event_id]
            spec = self._make(
                BoundaryEvent,
                event,
                event_definition=SignalEventDefinition(event_id),
                cancel_activity=event.interrupting,
            )
            split.connect(spec)
            spec.connect(join)
            self.out[event_id] = spec
        self.into[host.id] = split

    def _connect(self, element: Element) -> None:
        scope, source = self.specs[element.scope], self.out[element.id]
        if element.kind is Kind.START_EVENT:
            scope.start.connect(source)
        targets = [self.into[self.definition.flows[flow].target] for flow in element.outgoing]
        targets += [self.into[partner] for partner in self._partners(element)]
        if not targets:
            source.connect(scope.end)
            return
        conditional = any(self.definition.flows[flow].condition for flow in element.outgoing)
        if element.kind not in GATEWAYS and (len(targets) > 1 or conditional):
            # SpiffWorkflow wants a gateway where BPMN lets an activity split by itself
            kind = InclusiveGateway if conditional else ParallelGateway
            gateway = kind(scope, f"split {element.id}")
            source.connect(gateway)
            source = gateway
        if isinstance(source, ExclusiveGateway | InclusiveGateway):
            self._choose(element, source)
        else:
            for target in targets:
                source.connect(target)

    def _choose(self, element: Element, gateway: Any) -> None:
        flows = [self.definition.flows[flow] for flow in element.outgoing]
        for flow in flows:
            target = self.into[flow.target]
            if flow.id == element.default or (flow.condition is None and len(flows) == 1):
                gateway.connect(target)
            elif flow.condition is None:
                gateway.connect_outgoing_if(lambda: True, target)
            else:
                gateway.connect_outgoing_if(self.meanings.condition(flow.condition), target)

    def _partners(self, element: Element) -> list[str]:
        """Give the link catch events that a link throw event jumps to."""
        link = element.event(EventKind.LINK) if element.kind is Kind.THROW_EVENT else None
        if link is None:
            return []
        beside = (self.definition.elements[child] for child in self.definition.elements[element.scope].children)
        return [
            each.id
            for each in beside
            if each.kind is Kind.CATCH_EVENT and (caught := each.event(EventKind.LINK)) and caught.link == link.link
        ]
