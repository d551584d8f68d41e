"""What a command costs in statements and commits: the promises of the design, held on both databases."""

from __future__ import annotations

import json

import pytest

from engine.model.values import SYSTEM, Resource
from engine.services import holding, inbox, repository, runtime, tasks
from engine.services.inbox import View
from engine.store import snapshots
from tests.engine.diagrams import boundary, diagram, end, flows, on_timer, start, user
from tests.meter import Meter

FORM = json.dumps(
    {"id": "f", "type": "default", "components": [{"type": "textfield", "key": "note", "id": "f1", "label": "Note"}]}
).encode()

# a ticket as they are: candidates, a form, a deadline on each step, a decision on the way
TICKET = diagram(
    start(),
    user("take", groups="technician", form="f", due="=now()"),
    boundary("late1", "take", on_timer("PT2H"), interrupting=False),
    '<exclusiveGateway id="ok" default="ok_check"/>',
    user("check", groups="technician,supervisor", form="f", due="=now()"),
    boundary("late2", "check", on_timer("PT2H"), interrupting=False),
    end(),
    end("ended"),
    flows("start>take", "take>ok", 'ok>end=note = "no"', "ok>check", "check>end", "late1>ended", "late2>ended"),
)


@pytest.fixture
def meter(office):
    return Meter(office.engine.store)


def test_completing_a_task_takes_at_most_15_statements_and_one_commit(office, meter):
    files = [Resource("p.bpmn", TICKET), Resource("f.form", FORM)]
    repository.deploy(office.engine, files, actor=SYSTEM)
    alice = office.actor("alice")
    for number in range(2):  # the first one compiles the diagram and the form
        key = runtime.start(office.engine, "p", {}, actor=SYSTEM, unit=office.unit("yunting-1"))
        [task] = tasks.of_instance(office.engine, key, actor=SYSTEM)
        holding.claim(office.engine, task.key, actor=alice)

        meter.reset()
        tasks.complete(office.engine, task.key, {"note": "yes"}, actor=alice, command_id=f"c{number}")

    assert 0 < meter.statements <= 15
    assert meter.commits == 1
    [task] = tasks.of_instance(office.engine, key, actor=SYSTEM)
    assert task.element_id == "check"


def test_starting_takes_at_most_15_statements_and_one_commit(office, meter):
    files = [Resource("p.bpmn", TICKET), Resource("f.form", FORM)]
    repository.deploy(office.engine, files, actor=SYSTEM)
    runtime.start(office.engine, "p", {}, actor=SYSTEM, unit=office.unit("yunting-1"))

    meter.reset()
    runtime.start(office.engine, "p", {}, actor=office.actor("alice"), unit=office.unit("yunting-1"), command_id="c")

    assert 0 < meter.statements <= 15
    assert meter.commits == 1


def test_an_inbox_page_takes_at_most_five_statements(office, meter):
    files = [Resource("p.bpmn", TICKET), Resource("f.form", FORM)]
    repository.deploy(office.engine, files, actor=SYSTEM)
    for _ in range(5):
        runtime.start(office.engine, "p", {}, actor=SYSTEM, unit=office.unit("yunting-1"))
    alice = office.actor("alice")

    meter.reset()
    page = inbox.page(office.engine, actor=alice, limit=3)
    inbox.counts(office.engine, actor=alice, views=(View.MINE, View.OFFERED, View.TEAM))

    assert len(page.tasks) == 3
    assert 0 < meter.statements <= 5


def test_a_step_costs_the_same_however_long_the_instance_has_lived(office, meter):
    loop = diagram(
        start(),
        user("a", groups="technician"),
        '<exclusiveGateway id="again" default="again_a"/>',
        end(),
        flows("start>a", "a>again", "again>a", "again>end=stop = true"),
    )
    repository.deploy(office.engine, [Resource("p.bpmn", loop)], actor=SYSTEM)
    key = runtime.start(office.engine, "p", {"stop": False}, actor=SYSTEM)
    costs = []
    for _ in range(30):
        [task] = tasks.of_instance(office.engine, key, actor=SYSTEM)
        meter.reset()
        tasks.complete(office.engine, task.key, {}, actor=SYSTEM, claiming=True)
        costs.append(meter.statements)

    assert len(set(costs)) == 1
    assert costs[0] > 0
    with office.engine.store.read() as uow:
        assert len(snapshots.of(uow, key)) == 2
