"""What processes ask of connectors is there: every job type is served, and answers what the process's manual promises."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from connectors.calls import Answer, Context, JobCall
from connectors.executor import Executor
from connectors.registry import Registry
from connectors.telemetry import service
from connectors.telemetry.inbound import Delivery
from connectors.telemetry.simulator import TRAPPED
from engine.model.values import SYSTEM
from engine.services import runtime
from engine.store.instances import Filter

ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"
PROCESSES = Path(__file__).parents[2] / "processes"
MANUAL = PROCESSES / "repair_ticket" / "README.md"
DIAGRAMS = sorted(PROCESSES.glob("*/*.bpmn"))
TICKET = {"ticket_no": "D000000-0001", "project": "yunting"}
LIFT = {"device_code": "YT-LIFT-03", "alarm_type": "trapped"}
GIVEN = {
    "register:check_reporter": {
        **TICKET,
        "channel": "app",
        "area_type": "private",
        "room": "1-1-0101",
        "category": "tap",
        "reporter_name": "张三",
        "phone": "13800000000",
    },
    "register:find_technicians": {**TICKET, "category": "tap", "priority": "P4", "exclude": []},
    "register:next_in_rotation": {**TICKET, "category": "tap", "priority": "P4", "exclude": []},
    "register:list_overdue_inspections": {},
    "register:update_device": {
        "ticket_no": "D000000-0001",
        "event": "in_repair",
        "device": "YT-LIFT-03",
        "parts_issued": [],
        "false_alarm": False,
    },
    "notify:send": {
        "template": "received",
        "to": [{"role": "dispatcher"}],
        "params": {"ticket_no": "1"},
        "link": "track",
    },
    "telemetry:acknowledge": {"ticket_no": "D000000-0001", **LIFT, "by": "王强"},
    "telemetry:clear": {"ticket_no": "D000000-0001", **LIFT},
    "telemetry:alarm_state": {"ticket_no": "D000000-0001", **LIFT},
    "ledger:post_repair": {
        **TICKET,
        "room": "",
        "payer": {"id": "p1", "name": "张三"},
        "labour_amount": 80,
        "parts_amount": 40,
    },
    "ledger:open_receivable": {
        "source": "D000000-0001",
        "project": "yunting",
        "payer": {"id": "p1"},
        "fee_item": "repair",
        "amount": 120,
    },
    "ledger:write_cost": {
        **TICKET,
        "area_type": "public",
        "fee_type": "free",
        "parts_issued": [{"item": "LED-BULB-9W", "qty": 2, "unit_cost": 8}],
        "labour_minutes": 20,
    },
    "ledger:receivable_state": {"receivable_id": "RECEIVABLE"},
    "ledger:receive": {"receivable_id": "RECEIVABLE", "amount": 120, "method": "cash"},
    "stock:list_parts": {"project": "yunting", "technician": "zhangwei"},
    "stock:receive_parts": {"project": "yunting", "received": [{"item": "LED-BULB-9W", "qty": 2}]},
    "stock:issue_parts": {**TICKET, "technician": "zhangwei", "parts": [{"item": "LED-BULB-9W", "qty": 999}]},
    "stock:return_parts": {**TICKET, "parts_issued": [{"item": "LED-BULB-9W", "qty": 1}]},
}


def promises() -> dict[str, tuple[set[str], set[str], set[str]]]:
    """Read {job type: (inputs, answers, answers that are never null)} from the manual."""
    found: dict[str, tuple[set[str], set[str], set[str]]] = {}
    inputs: set[str] = set()
    for line in MANUAL.read_text(encoding="utf-8").splitlines():
        row = re.match(r"\| `(\w+:\w+)` \| [^|]+ \| ([^|]+) \| ([^|]+) \|", line)
        if row:
            inputs = inputs if row[2] == "as above" else {name.rstrip("?") for name in names(row[2])}
            answers = names(row[3])
            found[row[1]] = (
                inputs,
                {name.rstrip("?") for name in answers},
                {name for name in answers if name[-1] != "?"},
            )
    return found


def names(cell: str) -> list[str]:
    """Give the variables that a cell of the manual names, without what explains them and the values that they may have."""
    cell = re.sub(r"\([^)]*\)|\{[^}]*\}|\[[^\]]*\]|what the one-time link opens:.*", "", cell)
    cell = re.sub(r"`\w+`(/`\w+`)+", "", cell)
    return re.findall(r"`(\w+\??)`", cell)


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)
def test_every_job_type_of_a_process_is_served_and_in_the_manual(path):
    served, promised = Registry().job_types, promises()

    asked = set(re.findall(r'taskDefinition type="([^"=]+)"', path.read_text(encoding="utf-8")))

    assert asked - served == set()
    assert asked - set(promised) == set()


def test_the_manual_promises_nothing_that_nobody_serves():
    assert set(promises()) - Registry().job_types == set()
    assert set(promises()) == set(GIVEN), "each promise is tried below"


@pytest.fixture(scope="module")
def ticket(demo):
    """A ticket that the alarm of a lift started."""
    settings = demo.registry.settings("telemetry")
    body = json.dumps({"values": dict(TRAPPED)}).encode()
    said = Delivery(topic="pm/yunting/YT-LIFT-03/telemetry", payload=body, source="test", received_at=datetime.now(UTC))
    service.intake(Context(demo.engine, settings, demo.registry.ports)).take([said])
    executor = Executor(demo.engine, demo.registry)
    service.tick(Context(demo.engine, settings, demo.registry.ports))
    executor.drain()
    return runtime.instances(demo.engine, Filter(roots_only=True), actor=SYSTEM, limit=1)[0]


@pytest.fixture(scope="module")
def receivable(demo, ticket):
    """A claim to be paid."""
    return str(call(demo, ticket, "ledger:open_receivable", GIVEN["ledger:open_receivable"], "claim")["receivable_id"])


def call(demo, ticket, job_type, values, key):
    """Do one job as the executor does it, and give what it answers."""
    served = demo.registry.operation(job_type)
    asked = JobCall(
        engine=demo.engine,
        settings=served.connector.settings,
        ports=demo.registry.ports,
        type=job_type,
        variables=values,
        key=key,
        instance=ticket.key,
        element_id="test",
        business_key=ticket.business_key,
        unit=ticket.unit,
    )
    given = served.run(asked)
    answer = given if isinstance(given, Answer) else Answer(given or {})
    if answer.also:
        with demo.engine.store.begin() as uow:
            answer.also(uow)
            uow.commit()
    return answer.variables


@pytest.mark.parametrize("job_type", sorted(GIVEN))
def test_a_job_type_takes_and_answers_what_the_manual_promises(demo, ticket, receivable, job_type):
    inputs, answers, never_null = promises()[job_type]
    values = {name: receivable if value == "RECEIVABLE" else value for name, value in GIVEN[job_type].items()}
    assert set(values) <= inputs, "only what the manual promises is handed in"

    answered = call(demo, ticket, job_type, values, f"test-{job_type}")

    assert answers - set(answered) == set()
    assert {name for name in never_null if answered[name] is None} == set()


def test_a_diagram_hands_over_no_variable_that_its_job_does_not_know():
    """Input mappings beyond the manual would be read by nobody."""
    promised = promises()
    strange = []
    for path in DIAGRAMS:
        for task in etree.parse(path).iterfind(f".//{ZEEBE}taskDefinition"):
            targets = {each.get("target") for each in task.getparent().iterfind(f"{ZEEBE}ioMapping/{ZEEBE}input")}
            element = task.getparent().getparent().get("id")
            strange += [f"{path.stem}.{element}: {name}" for name in sorted(targets - promised[task.get("type")][0])]

    assert strange == []
