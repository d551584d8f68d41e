"""What a ticket means to the register: whether the reporter belongs there, whether it is known already, what becomes of the device.

Works in the caller's transaction, for a project whose row is locked: of two reports of one burst pipe, the second finds the first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from connectors.register import devices as device_service
from connectors.register.actor import ACTOR
from connectors.register.places import clean_phone, relation_on, today
from connectors.register.sites import site
from connectors.register.store import devices, people, places, tickets, vendors
from connectors.register.store.devices import Device, DeviceState
from connectors.register.store.people import Person
from connectors.register.store.places import Room
from connectors.register.store.tickets import Ticket
from engine.store import units
from engine.store.database import UnitOfWork
from engine.store.units import Unit

SAME_WITHIN = timedelta(hours=24)
"""How long a second report of the same room and category is the same matter."""

INSPECTION = "XJ-"
"""Numbers of tickets for overdue inspections begin with it."""

UNPAID = "receivables"
"""Name of the port that knows unpaid bills; without it, nothing is unpaid."""


class Receivables(Protocol):
    """Knows what people owe."""

    def unpaid(self, payer: str, fee_item: str) -> int:
        """Count the unpaid bills of a payer for a fee item."""
        ...


@dataclass(frozen=True, slots=True)
class Report:
    """What was reported. Codes and texts are as they came; ``room`` and ``device`` may name nothing that exists."""

    number: str
    project: Unit
    category: str
    room: str = ""
    device: str = ""
    phone: str = ""
    dedup_key: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What the register knows of a report."""

    answer: Mapping[str, Any]
    payer: str


def check(uow: UnitOfWork, report: Report) -> Found:
    """Look a report up, and keep it as an open ticket unless it is a second report of one."""
    project = places.get_project(uow, report.project.key, lock=True)
    day = today(report.project, uow.now)
    room = places.room_by_code(uow, report.project.key, report.room) if report.room else None
    device = devices.find(uow, [report.device]).get(report.device) if report.device else None
    relation = relation_on(uow, room.key, day, phone=report.phone) if room else None
    reporter = relation[1] if relation else None
    known = relation is not None
    if reporter is None:
        reporter, known = _neighbour(uow, report, day, known_room=room is not None)
    payer = next((person for owed, person in people.occupants(uow, room.key, day) if owed.pays), None) if room else None
    vendor = vendors.find(uow, [device.vendor]).get(device.vendor) if device and device.vendor else None
    covered = (room.warranty_until if room else None) or (device.warranty_until if device else None)
    answer = {
        "reporter_known": known,
        "reporter_id": str(reporter.key) if reporter else None,
        "payer": {"id": str(payer.key), "name": payer.name} if payer else None,
        "room_label": room.name_zh if room else None,
        "duplicate_of": _keep(uow, report, room, device),
        "warranty": covered is not None and covered >= day,
        "device_type": device.type if device else None,
        "vendor": {"id": vendor.code, "name": vendor.name_zh, "phone": vendor.phone}
        if vendor and vendor.has_contract(day)
        else None,
        "dispatch_mode": project.dispatch_mode.value,
        "unpaid_limit": project.unpaid_limit,
        "site": site(uow, report.project, room=room, device=device, named=(report.room, report.device)),
    }
    return Found(answer, str(payer.key) if payer else "")


def _neighbour(uow: UnitOfWork, report: Report, day: date, *, known_room: bool) -> tuple[Person | None, bool]:
    """Give somebody of the project with the reporter's number; known only where the matter is not inside somebody's room."""
    phone = clean_phone(report.phone)
    if not phone:
        return None, False
    for person in people.people_with_phone(uow, report.project.key, phone):
        if people.rooms_of(uow, person.key, day):
            return person, not known_room and not report.room
    return None, False


def _keep(uow: UnitOfWork, report: Report, room: Room | None, device: Device | None) -> str | None:
    """Give the number of the open ticket that this is a second report of; else keep this one as open."""
    like = tickets.like(
        uow,
        report.project.key,
        room=room.key if room else None,
        device=device.code if device else None,
        category=report.category,
        dedup_key=report.dedup_key,
        since=uow.now - SAME_WITHIN,
    )
    first = next((row for row in like if row.number != report.number), None)
    if first is not None:
        return first.number
    before = tickets.get(uow, report.number)
    row = Ticket(
        number=report.number,
        project=report.project.key,
        room=room.key if room else None,
        device=device.code if device else None,
        category=report.category,
        dedup_key=report.dedup_key,
        opened_at=before.opened_at if before else uow.now,
        device_state=before.device_state if before else device.state if device else None,
    )
    tickets.put(uow, row)
    if device and device.state is DeviceState.NORMAL:
        device_service.shift(uow, devices.get(uow, device.code, lock=True), "report", note=report.number, actor=ACTOR)
    return None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the work on a ticket went.

    Attributes:
        event: ``in_repair``, ``closed`` or ``cancelled``.
        root_device: the device that was to blame, where it is another one.
        parts: [(item, thousandths)] that were put in.
    """

    number: str
    event: str
    device: str = ""
    root_device: str = ""
    close_code: str = ""
    false_alarm: bool = False
    parts: Sequence[tuple[str, int]] = ()
    started_at: datetime | None = None
    finished_at: datetime | None = None


STOP_CODES = frozenset({"out_of_service", "scrapped"})
"""Ways to close a ticket after which the device is out of use."""


def settle(uow: UnitOfWork, outcome: Outcome) -> DeviceState | None:
    """Move the ticket's device on and, at the end, write down what was learnt and let go of the ticket; give the device's state.

    A ticket that was let go of before is settled: nothing is counted twice.
    """
    ticket = tickets.get(uow, outcome.number)
    code = outcome.device or (ticket.device if ticket and ticket.device else "")
    is_end = outcome.event != "in_repair"
    if is_end and ticket:
        tickets.remove(uow, outcome.number)
    if not code or code not in devices.find(uow, [code]):
        return None
    row = devices.get(uow, code, lock=True)
    if ticket is None:
        return row.state
    others = [each for each in tickets.on_device(uow, code) if each.number != outcome.number]
    action = _action(row, outcome, ticket, others)
    state = device_service.shift(uow, row, action, note=outcome.number, actor=ACTOR) if action else row.state
    if outcome.event == "closed":
        _learn(uow, outcome, ticket, row)
    return state


def _action(row: Device, outcome: Outcome, ticket: Ticket, others: Sequence[Ticket]) -> str:
    """Say which move of the device follows, if any."""
    if row.state is DeviceState.STOPPED:
        return ""
    if outcome.event == "in_repair":
        return "repair"
    if outcome.event == "closed" and outcome.close_code in STOP_CODES:
        return "stop"
    still_wrong = bool(others) or (outcome.event == "cancelled" and ticket.device_state is DeviceState.FAULT)
    if still_wrong:
        return "give_up" if row.state is DeviceState.REPAIR else ""
    return "restore"


def _learn(uow: UnitOfWork, outcome: Outcome, ticket: Ticket, row: Device) -> None:
    blamed = outcome.root_device if outcome.root_device in devices.find(uow, [outcome.root_device]) else row.code
    to_blame = row if blamed == row.code else devices.get(uow, blamed, lock=True)
    if outcome.false_alarm:
        devices.change(uow, blamed, false_alarms=to_blame.false_alarms + 1)
    else:
        spent = timedelta()
        if outcome.started_at and outcome.finished_at:
            spent = max(outcome.finished_at - outcome.started_at, spent)
        devices.change(
            uow,
            blamed,
            faults=to_blame.faults + 1,
            repairs=to_blame.repairs + 1,
            repair_minutes=to_blame.repair_minutes + int(spent.total_seconds() // 60),
            last_fault_at=ticket.opened_at,
        )
    devices.add_part_changes(
        uow,
        [{"device": blamed, "ticket": outcome.number, "item": item, "qty_milli": qty} for item, qty in outcome.parts],
    )
    if outcome.number.startswith(INSPECTION) and row.service_days:
        done_on = today(units.get(uow, row.project), uow.now)
        devices.change(uow, row.code, inspection_due=done_on + timedelta(days=row.service_days))


def overdue_inspections(uow: UnitOfWork, projects: Mapping[int, Unit]) -> list[dict[str, Any]]:
    """List what ``register:list_overdue_inspections`` answers: one entry per device that has no ticket for it yet.

    The number is made of the device and the day, so that looking twice names the same ticket.
    """
    found = []
    days = {key: today(unit, uow.now) for key, unit in projects.items()}
    for row in devices.overdue(uow, max(days.values())) if days else []:
        if row.project not in projects or row.inspection_due is None or row.inspection_due >= days[row.project]:
            continue
        number = f"{INSPECTION}{row.code}-{row.inspection_due:%Y%m%d}"
        if tickets.get(uow, number) is None:
            found.append(
                {
                    "ticket_no": number,
                    "project": projects[row.project].code,
                    "device": row.code,
                    "device_name": row.name_zh,
                    "location": row.location_zh or None,
                    "due_on": row.inspection_due.isoformat(),
                }
            )
    return found


def milli(parts: Any) -> list[tuple[str, int]]:
    """Read [{item, qty}] into [(item, thousandths)].

    Raises:
        ValueError: an entry has no item or no quantity.
    """
    try:
        return [(str(part["item"]), int(Decimal(part["qty"]) * 1000)) for part in parts or ()]
    except (KeyError, TypeError, ArithmeticError) as error:
        raise ValueError("a part needs an item and a quantity") from error
