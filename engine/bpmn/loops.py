"""Loops: the body of a multi-instance or standard loop, and its runs.

Source: BPMN 2.0.2, 13.3.6 (loop activity) and 13.3.7 (multi-instance activity).
"""

from __future__ import annotations

import re
from typing import Any

from engine.bpmn.activities import arm_boundary
from engine.bpmn.definition import Element, MultiInstance, StandardLoop
from engine.bpmn.state import ElementInstance, Run
from engine.bpmn.step import Step, Stuck
from engine.bpmn.throws import throw_event
from engine.bpmn.variables import assign, evaluate_json, holds, put
from engine.model.json import Variables

_NAME = re.compile(r"[^\W\d]\w*")


def begin_loop(step: Step, node: ElementInstance) -> None:
    """Make the element instance a loop body and start its first runs."""
    element = step.element(node)
    run, items = _plan(step, node, element)
    arm_boundary(step, node, element)
    node.begun = True
    node.run = run
    step.state.touch(node)
    step.happened("element_activated", node)
    if isinstance(element.loop, StandardLoop):
        if element.loop.test_before and not _goes_on(step, node, element.loop, 1):
            step.do("leave", node)
        else:
            _start_run(step, node, element, None)
        return
    if run.total == 0:
        _finish(step, node, element)
    elif isinstance(element.loop, MultiInstance) and element.loop.sequential:
        run.items = items
        _start_run(step, node, element, items)
    else:
        for _ in range(run.total):
            _start_run(step, node, element, items)


def _plan(step: Step, node: ElementInstance, element: Element) -> tuple[Run, list[Any] | None]:
    loop = element.loop
    if not isinstance(loop, MultiInstance):
        return Run(-1), None
    items: list[Any] | None = None
    if loop.collection is not None:
        items = evaluate_json(step, loop.collection, node.id)
        if not isinstance(items, list):
            raise Stuck("expression", "{expression} gives no list to run over", expression=loop.collection.text)
    total: Any
    if items is not None:
        total = len(items)
    else:
        total = evaluate_json(step, loop.cardinality, node.id) if loop.cardinality else None
        if not isinstance(total, int) or isinstance(total, bool) or total < 0:
            raise Stuck(
                "expression", "the number of runs is {total}, not a whole number from 0 up", total=str(total)[:40]
            )
    limit = step.surroundings.limits.multi_instance
    if total > limit:
        raise Stuck("limit", "{total} runs are more than {limit}", total=total, limit=limit)
    return Run(total), items


def _start_run(step: Step, body: ElementInstance, element: Element, items: list[Any] | None) -> None:
    run = body.run
    assert run is not None
    run.started += 1
    inner = step.create(element.id, body.id)
    inner.inner = True
    inner.position = run.started
    inner.variables["loopCounter"] = run.started
    loop = element.loop
    if isinstance(loop, MultiInstance):
        if items is not None and loop.item:
            inner.variables[loop.item] = items[run.started - 1]
        if loop.output_element and _NAME.fullmatch(loop.output_element.text.removeprefix("=").strip()):
            # a run's result stays with the run, so that parallel runs do not overwrite one another's
            inner.variables.setdefault(loop.output_element.text.removeprefix("=").strip(), None)
        _count(step, body, run)
    step.move("activate", inner.id)


def _count(step: Step, body: ElementInstance, run: Run) -> None:
    put(step, body, "numberOfInstances", run.total)
    put(step, body, "numberOfActiveInstances", run.started - run.completed - run.terminated)
    put(step, body, "numberOfCompletedInstances", run.completed)
    put(step, body, "numberOfTerminatedInstances", run.terminated)


def gather(step: Step, inner: ElementInstance, element: Element) -> None:
    """Keep what a finished run hands to the output collection."""
    body = step.state.element_instance(inner.parent)
    if isinstance(element.loop, MultiInstance) and element.loop.output_element is not None and body.run is not None:
        body.run.results[str(inner.position - 1)] = evaluate_json(step, element.loop.output_element, inner.id)
        step.state.touch(body)


def run_done(step: Step, body: ElementInstance, last: Variables | None = None) -> None:
    """Count a run and go on. ``last``: the run's own variables, which the conditions of the loop see too."""
    assert body.run is not None
    body.run.completed += 1
    step.state.touch(body)
    if isinstance(step.element(body).loop, MultiInstance):
        _count(step, body, body.run)
    step.do("run_counted", body, last)


def run_counted(step: Step, body: ElementInstance, last: Variables | None = None) -> None:
    """Throw what the loop throws after a run; then start the next run, or end the body."""
    run = body.run
    element = step.element(body)
    assert run is not None
    if isinstance(element.loop, StandardLoop):
        if _goes_on(step, body, element.loop, run.started + 1, last):
            _start_run(step, body, element, None)
        else:
            step.do("leave", body)
        return
    assert isinstance(element.loop, MultiInstance)
    _throw_behavior(step, body, element.loop, run)
    if step.find(body.id) is None:  # what it threw has ended it
        return
    step.do("runs_checked", body, last)


def run_terminated(step: Step, body: ElementInstance) -> None:
    """Count a run that was ended from outside, so that those that are left end the body."""
    assert body.run is not None
    body.run.terminated += 1
    step.state.touch(body)
    if isinstance(step.element(body).loop, MultiInstance):
        _count(step, body, body.run)


def runs_checked(step: Step, body: ElementInstance, last: Variables | None = None) -> None:
    """End a multi-instance body when its completion condition holds or no run is left; else start the next sequential run."""
    run = body.run
    element = step.element(body)
    loop = element.loop
    assert run is not None
    assert isinstance(loop, MultiInstance)
    if loop.completion is not None and holds(step, loop.completion, body.id, last):
        for inner in step.state.instances(body.id):
            step.terminate(inner)
            run.terminated += 1
        _count(step, body, run)
        _finish(step, body, element)
    elif run.completed + run.terminated >= run.total:
        _finish(step, body, element)
    elif loop.sequential and not step.state.instances(body.id):
        _start_run(step, body, element, run.items)


def _finish(step: Step, body: ElementInstance, element: Element) -> None:
    loop, run = element.loop, body.run
    if isinstance(loop, MultiInstance) and run is not None and loop.output_collection:
        results = [run.results.get(str(position)) for position in range(run.total)]
        assign(step, body, {loop.output_collection: results}, start=body.parent)
    step.do("leave", body)


def _goes_on(
    step: Step, body: ElementInstance, loop: StandardLoop, next_run: int, last: Variables | None = None
) -> bool:
    if loop.maximum is not None and next_run > loop.maximum:
        return False
    return loop.condition is None or holds(step, loop.condition, body.id, {**(last or {}), "loopCounter": next_run - 1})


def _throw_behavior(step: Step, body: ElementInstance, loop: MultiInstance, run: Run) -> None:
    if loop.behavior == "None" or (loop.behavior == "One" and not run.thrown):
        run.thrown = True
        if loop.event is not None:
            throw_event(step, body, loop.event)
    elif loop.behavior == "Complex":
        for condition, event in loop.complex_events:
            if step.find(body.id) is not None and holds(step, condition, body.id):
                throw_event(step, body, event)
