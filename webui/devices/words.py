"""The words of devices: how they are called, where they are, their states, and what people did to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from connectors.register.store.devices import Device, DeviceState
from engine.store.audit import Entry
from webui.context import parts
from webui.i18n import formats, gettext, lazy_gettext
from webui.i18n.languages import language

STATES = {
    DeviceState.NORMAL: lazy_gettext("Normal"),
    DeviceState.FAULT: lazy_gettext("Fault"),
    DeviceState.REPAIR: lazy_gettext("In repair"),
    DeviceState.STOPPED: lazy_gettext("Out of use"),
}

DONE = {
    "device.report": lazy_gettext("A fault was reported"),
    "device.repair": lazy_gettext("The repair began"),
    "device.restore": lazy_gettext("It works again"),
    "device.give_up": lazy_gettext("The repair was broken off"),
    "device.stop": lazy_gettext("Taken out of use"),
    "device.maintenance": lazy_gettext("Maintenance was planned"),
    "device.maintenance_cancel": lazy_gettext("Maintenance was cancelled"),
    "rule.disable": lazy_gettext("A rule was switched off"),
    "rule.enable": lazy_gettext("A rule was switched on"),
}


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that somebody did to a device, as ``case.html`` shows a timeline."""

    text: str
    note: str
    who: str
    at: datetime
    css: str = ""
    element_id: str = ""


def deed(entry: Entry, rule: str) -> Deed:
    """Show one entry of a device's history: what was done, for how long, and why. ``rule``: what the rule that it is about is called."""
    data = entry.data
    until = data.get("until") or data.get("to")
    length = [formats.moment(datetime.fromisoformat(data["from"]))] if "id" in data else []
    if until and entry.action in ("device.maintenance", "device.maintenance_cancel", "rule.disable"):
        length.append(gettext("until %(moment)s", moment=formats.moment(datetime.fromisoformat(until))))
    why = data.get("reason") or data.get("note") or ""
    said = [rule, " ".join(length), why]
    return Deed(
        text=str(DONE.get(entry.action, entry.action)),
        note=" · ".join(each for each in said if each),
        who=entry.actor_name,
        at=entry.at,
    )


def name_of(device: Device) -> str:
    """Give a device's name in the reader's language."""
    return (device.name_en if language() == "en" else device.name_zh) or device.name_zh


def place_of(device: Device) -> str:
    """Give where a device is, in the reader's language."""
    location = (device.location_en if language() == "en" else device.location_zh) or device.location_zh
    unit = parts().directory.unit_name(device.unit, language())
    return location if location.startswith(unit) else f"{unit} {location}".strip()
