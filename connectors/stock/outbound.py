"""The stock's job types. They work on our own database; the job's key makes a repeat harmless."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.calls import JobCall
from connectors.stock import stock


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
    """Serve ``stock:return_parts``: ``ticket_no``, ``project``, ``parts_issued`` [{item, qty}]; they go to the project's store."""
    return stock.take_back(
        call.engine.store,
        reference=call.key,
        ticket=str(call.variables.get("ticket_no") or ""),
        place=_stores(call)[-1],
        parts=call.variables.get("parts_issued"),
    )


def _stores(call: JobCall) -> list[str]:
    project = f"project:{call.variables.get('project') or ''}"
    technician = call.variables.get("technician")
    return [f"technician:{technician}", project] if isinstance(technician, str) and technician else [project]
