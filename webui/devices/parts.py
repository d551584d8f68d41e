"""The parts that were put into a device, as people read them: what, how much, when, and the case in which it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flask import url_for

from connectors.register import devices
from connectors.register.store.devices import Device
from connectors.stock import store as stock
from engine.services import runtime
from engine.store.instances import Filter
from webui.context import actor, engine
from webui.i18n import formats
from webui.i18n.languages import language

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Part:
    """One part. ``name`` is its code where the stores do not know it; ``href`` is empty where the reader may not see the case."""

    name: str
    code: str
    quantity: str
    ticket: str
    href: str
    at: datetime


def put_in(device: Device) -> list[Part]:
    """List the parts that were put into a device, the latest first."""
    found = devices.part_changes(engine(), device.code, actor=actor())[:SHOWN]
    with engine().store.read() as uow:
        known = stock.items(uow, sorted({item for _, item, _, _ in found}))
    cases = {ticket: _case(ticket) for ticket in dict.fromkeys(ticket for ticket, _, _, _ in found)}
    return [
        Part(
            name=_name(known.get(item)) or item,
            code=item,
            quantity=formats.number(Decimal(milli) / 1000),
            ticket=ticket,
            href=cases[ticket],
            at=at,
        )
        for ticket, item, milli, at in found
    ]


def _name(item: stock.Item | None) -> str:
    if item is None:
        return ""
    return (item.name_en if language() == "en" else item.name_zh) or item.name_zh


def _case(ticket: str) -> str:
    found = runtime.instances(engine(), Filter(business_key=ticket, roots_only=True), actor=actor(), limit=1)
    return url_for("instances.page", key=found[0].key) if found else ""
