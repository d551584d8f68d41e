"""The engine alone: the pure runtime with its snapshots, beside stock SpiffWorkflow with its own serializer."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from bench import diagrams
from bench.measure import Figure, cpu_seconds
from engine.bpmn import lint, run, snapshot, validate
from engine.bpmn.definition import Definition
from engine.bpmn.progress import CompleteElement, OpenTask, Start, Surroundings
from engine.bpmn.read import read

AROUND = Surroundings(datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo("Asia/Shanghai"), lambda *_, **__: (None, {}))


def definition(xml: bytes) -> Definition:
    return read(xml).definitions[0]


class Stored:
    """One instance that is loaded before and saved after every step."""

    def __init__(self, process: Definition) -> None:
        self.process = process
        self.head = ""
        self.nodes: dict[int, str] = {}
        self.tasks: list[int] = []

    def step(self, trigger: Any) -> None:
        state = snapshot.load(self.head, self.nodes) if self.head else None
        progress = run.advance(self.process, state, trigger, AROUND)
        self.tasks += [ask.id for ask in progress.asks if isinstance(ask, OpenTask)]
        dump = snapshot.dump(progress.state)
        self.head = dump.head
        for id in dump.removed:
            del self.nodes[id]
        self.nodes |= dump.changed

    def complete_next(self) -> None:
        self.step(CompleteElement(self.tasks.pop(0), {"seen": True}))

    @property
    def size(self) -> int:
        return len(self.head) + sum(map(len, self.nodes.values()))


def ours(instances: int) -> None:
    process = definition(diagrams.approval())
    for _ in range(instances):
        stored = Stored(process)
        stored.step(Start({"total": 0}))
        while stored.tasks:
            stored.complete_next()


def stock(instances: int) -> None:
    from SpiffWorkflow.bpmn.parser import BpmnParser
    from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
    from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
    from SpiffWorkflow.util.task import TaskState

    parser = BpmnParser()
    parser.add_bpmn_str(diagrams.approval(spiff=True))
    spec = parser.get_spec("p")
    serializer = BpmnWorkflowSerializer()
    for _ in range(instances):
        workflow = BpmnWorkflow(spec)
        workflow.data["total"] = 0
        workflow.do_engine_steps()
        text = serializer.serialize_json(workflow)
        while True:
            workflow = serializer.deserialize_json(text)
            ready = workflow.get_tasks(state=TaskState.READY, manual=True)
            if not ready:
                break
            ready[0].data["seen"] = True
            ready[0].data.setdefault("total", 0)
            ready[0].run()
            workflow.do_engine_steps()
            text = serializer.serialize_json(workflow)
        assert workflow.completed


def completions() -> Figure:
    """User-task completions per second with load and save at each step."""
    for name in ("spiff.task", "spiff.workflow"):
        logging.getLogger(name).setLevel(logging.WARNING)
    count = 20
    our_rate = count * diagrams.APPROVAL_TASKS / cpu_seconds(lambda: ours(count))
    their_rate = count * diagrams.APPROVAL_TASKS / cpu_seconds(lambda: stock(count), runs=3)
    return Figure(
        "user-task completions/s, 35 nodes, load + save each step, against stock SpiffWorkflow",
        "1/s",
        our_rate,
        their_rate,
        our_rate / their_rate,
        15,
        True,
    )


def loop_cost() -> Figure:
    """What a step costs in round 10,000 against round 10."""
    stored = Stored(definition(diagrams.loop()))
    stored.step(Start({"n": 0}))
    costs = []
    for _ in range(10_050):
        began = time.process_time_ns()
        stored.complete_next()
        costs.append(time.process_time_ns() - began)
    early, late = median(costs[10:510]), median(costs[-500:])
    return Figure(
        "step at loop round 10,000 against round 10",
        "us",
        late / 1000,
        early / 1000,
        late / early,
        1.2,
        False,
        f"{stored.size} bytes",
    )


def wide_fan() -> Figure:
    process = definition(diagrams.fan(1000))
    seconds = cpu_seconds(lambda: run.advance(process, None, Start({}), AROUND), runs=3)
    return Figure("1,000 parallel branches split and joined", "s", seconds, None, seconds, 0.5, False)


def many_items() -> Figure:
    stored = Stored(definition(diagrams.many()))
    stored.step(Start({"items": list(range(1000))}))
    costs = []
    while stored.tasks:
        began = time.process_time_ns()
        stored.complete_next()
        costs.append(time.process_time_ns() - began)
    first, last = median(costs[:50]), median(costs[-50:])
    return Figure(
        "1,000-item multi-instance with load + save, last items against first",
        "us",
        last / 1000,
        first / 1000,
        last / first,
        1.2,
        False,
    )


def long_chain() -> list[Figure]:
    xml = diagrams.chain(5000)

    def deploy() -> None:
        validate.validate(xml)
        for each in read(xml).definitions:
            lint.lint(each, context=lint.LintContext())

    process = definition(xml)
    seconds = cpu_seconds(deploy, runs=3)
    running = cpu_seconds(lambda: run.advance(process, None, Start({}), around_with(20_000)), runs=3)
    return [
        Figure("chain of 5,000 elements: validate, read, lint", "s", seconds, None, seconds, 1.5, False),
        Figure("chain of 5,000 elements: run", "s", running, None, running, 1.0, False),
    ]


def around_with(steps: int) -> Surroundings:
    from engine.bpmn.progress import Limits

    return Surroundings(AROUND.now, AROUND.zone, AROUND.decide, Limits(steps_per_transaction=steps))


def figures() -> list[Figure]:
    return [completions(), loop_cost(), wide_fan(), many_items(), *long_chain()]
