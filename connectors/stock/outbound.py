"""The stock's job types. They work on our own database; the job's key makes a repeat harmless."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.calls import JobCall
from connectors.stock import stock


def list_parts(call: JobCall) -> Mapping[str, Any]:
    """Serve ``stock:list_parts``: ``project``, ``technician`` (a login or null); what can be picked from their stores."""
    *own, project = _stores(call)
    return {"stock_items": stock.listed(call.engine.store, own=own[0] if own else "", project=project)}


def issue_parts(call: JobCall) -> Mapping[str, Any]:
    """Serve ``stock:issue_parts``: ``ticket_no``, ``project``, ``technician`` (a login or null), ``parts`` [{item, qty}]."""
    return stock.issue(
        call.engine.store,
        reference=call.key,
        ticket=str(call.variables.get("ticket_no") or ""),
        stores=_stores(call),
        parts=call.variables.get("parts"),
    )


def return_parts(call: JobCall) -> Mapping[str, Any]:
    """Serve ``stock:return_parts``: ``ticket_no``, ``project``, ``parts_issued`` [{item, qty}] or null; they go to the project's store."""
    return stock.take_back(
        call.engine.store,
        reference=call.key,
        ticket=str(call.variables.get("ticket_no") or ""),
        place=_stores(call)[-1],
        parts=call.variables.get("parts_issued"),
    )


def receive_parts(call: JobCall) -> Mapping[str, Any]:
    """Serve ``stock:receive_parts``: ``project``, ``received`` [{item, qty}]; bought parts go into the project's store."""
    received = call.variables.get("received")
    return stock.receive(call.engine.store, reference=call.key, place=_stores(call)[-1], parts=received)


def _stores(call: JobCall) -> list[str]:
    project = f"project:{call.variables.get('project') or ''}"
    technician = call.variables.get("technician")
    return [f"technician:{technician}", project] if isinstance(technician, str) and technician else [project]
