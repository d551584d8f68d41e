"""The register's job types. They work on our own database in one transaction each; the job's key makes a repeat get the same answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Any, TypeVar

from connectors.calls import JobCall
from connectors.register import crew, tickets
from connectors.register.actor import ACTOR
from connectors.register.places import project_above, zone_of
from engine.errors import ConnectorError, NotFound
from engine.services import command
from engine.store import units
from engine.store.database import UnitOfWork
from engine.store.units import Scope, Unit

Given = TypeVar("Given")


def check_reporter(call: JobCall) -> Mapping[str, Any]:
    """Serve ``register:check_reporter``: who reports, whether it is known already, warranty, vendor, unpaid bills."""

    def body(uow: UnitOfWork) -> dict[str, Any]:
        report = tickets.Report(
            number=_needed(call, "ticket_no"),
            project=_project(uow, call),
            category=_text(call, "category"),
            room=_text(call, "room"),
            device=_text(call, "device"),
            phone=_text(call, "phone"),
            dedup_key=_text(call, "dedup_key"),
        )
        found = tickets.check(uow, report)
        return {**found.answer, "payer_key": found.payer}

    answer = dict(_once(call, body))
    payer, limit = answer.pop("payer_key"), answer.pop("unpaid_limit")
    books: tickets.Receivables | None = call.ports.get(tickets.UNPAID)
    unpaid = books.unpaid(payer, "repair") if books and payer else 0
    return {**answer, "unpaid_repair_bills": unpaid, "paid_work_blocked": 0 < limit <= unpaid}


def find_technicians(call: JobCall) -> Mapping[str, Any]:
    """Serve ``register:find_technicians``: the technicians of the project, the best first."""
    with call.engine.store.read() as uow:
        project = _project(uow, call)
        found = crew.candidates(uow, project.key, _wanted(call, project, uow.now))
    return {
        "candidates": [
            {
                **_person(one),
                "on_shift": one.on_shift,
                "open_tickets": one.open_tickets,
                "distance_m": None,
                "label": one.label("zh"),
                "label_en": one.label("en"),
            }
            for one in found
        ]
    }


def next_in_rotation(call: JobCall) -> Mapping[str, Any]:
    """Serve ``register:next_in_rotation``: whose turn it is, or null when nobody is free."""

    def body(uow: UnitOfWork) -> dict[str, Any]:
        project = _project(uow, call)
        chosen = crew.next_in_turn(uow, project.key, _wanted(call, project, uow.now))
        return {"technician": _person(chosen) if chosen else None}

    return _once(call, body)


def update_device(call: JobCall) -> Mapping[str, Any]:
    """Serve ``register:update_device``: a ticket's work began, was closed or was cancelled."""
    event = _needed(call, "event")
    if event not in ("in_repair", "closed", "cancelled"):
        raise ConnectorError("there is no event {event} of a ticket", permanent=True, event=event[:40])

    def body(uow: UnitOfWork) -> dict[str, Any]:
        state = tickets.settle(
            uow,
            tickets.Outcome(
                number=_needed(call, "ticket_no"),
                event=event,
                device=_text(call, "device"),
                root_device=_text(call, "root_device"),
                close_code=_text(call, "close_code"),
                false_alarm=call.variables.get("false_alarm") is True,
                parts=_read(call, "parts_issued", tickets.milli),
                started_at=_instant(call, "started_at", call.engine.zone),
                finished_at=_instant(call, "finished_at", call.engine.zone),
            ),
        )
        return {"device_status": state.value if state else None}

    return _once(call, body)


def list_overdue_inspections(call: JobCall) -> Mapping[str, Any]:
    """Serve ``register:list_overdue_inspections``: devices whose planned inspection was missed and has no ticket yet."""
    with call.engine.store.read() as uow:
        here = project_above(uow, call.unit).path if call.unit else "/"
        projects = {
            int(unit.key): unit for unit in units.select(uow, Scope(everything=True)) if unit.path.startswith(here)
        }
        return {"overdue": tickets.overdue_inspections(uow, projects)}


def _once(call: JobCall, body: Callable[[UnitOfWork], dict[str, Any]]) -> Mapping[str, Any]:
    return command.run(call.engine, call.type, body, actor=ACTOR, command_id=call.key)


def _project(uow: UnitOfWork, call: JobCall) -> Unit:
    """Give the project that the variables name by code, or the one in which the instance lies."""
    code = _text(call, "project")
    try:
        here = units.by_code(uow, code).key if code else call.unit
        if here is None:
            raise NotFound("neither the variable project nor the instance names a project")
        return project_above(uow, here)
    except NotFound as error:
        raise ConnectorError("{reason}; correct it and retry", permanent=True, reason=str(error)) from error


def _wanted(call: JobCall, project: Unit, now: datetime) -> crew.Wanted:
    zone = zone_of(project)
    begin = _instant(call, "appoint_from", zone) or now
    certificate = _text(call, "certificate")
    limit = call.variables.get("open_limit")
    return crew.Wanted(
        category=_text(call, "category"),
        begin=begin,
        end=max(_instant(call, "appoint_to", zone) or begin, begin),
        priority=_text(call, "priority"),
        certificate="" if certificate == "none" else certificate,
        open_limit=limit if isinstance(limit, int) and limit > 0 else None,
        exclude=frozenset(str(login) for login in call.variables.get("exclude") or ()),
    )


def _person(one: crew.Candidate) -> dict[str, Any]:
    return {"account": one.technician.login, "name": one.technician.name_zh, "phone": one.technician.phone}


def _text(call: JobCall, name: str) -> str:
    value = call.variables.get(name)
    return "" if value is None else str(value).strip()


def _needed(call: JobCall, name: str) -> str:
    value = _text(call, name)
    if not value:
        raise ConnectorError("the variable {name} is missing", permanent=True, name=name)
    return value


def _instant(call: JobCall, name: str, zone: tzinfo) -> datetime | None:
    """Read an ISO instant; one without an offset is in ``zone``."""
    moment = _read(call, name, lambda value: datetime.fromisoformat(str(value)) if value else None)
    return moment.replace(tzinfo=zone) if moment is not None and moment.tzinfo is None else moment


def _read(call: JobCall, name: str, reader: Callable[[Any], Given]) -> Given:
    try:
        return reader(call.variables.get(name))
    except (TypeError, ValueError) as error:
        raise ConnectorError("the variable {name} is malformed", permanent=True, name=name) from error
