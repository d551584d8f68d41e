"""Pages of devices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import login_required

from connectors.register import devices
from connectors.register.store import vendors
from connectors.register.store.devices import Device, DeviceState
from connectors.telemetry import disabled, quarantine
from engine.services import identity
from webui import listing
from webui.case.facts import Fact
from webui.context import actor, engine
from webui.devices import rules, status
from webui.devices.aside import aside_row
from webui.devices.parts import put_in
from webui.devices.silenced import lines
from webui.devices.windows import windows
from webui.devices.words import Deed, deed, name_of, place_of
from webui.i18n import formats, gettext
from webui.i18n.languages import language
from webui.listing import Filters
from webui.states import State

blueprint = Blueprint("devices", __name__, template_folder="templates")
PAGE = 60
ASIDES = 100
FILTERS = {"view": "all", "q": "", "after": ""}


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the ways to look at the list. ``count`` is None where nothing is counted."""

    key: str
    name: str
    count: int | None
    href: str


@dataclass(frozen=True, slots=True)
class Row:
    """One device of the list."""

    code: str
    name: str
    state: State
    kind: str
    place: str
    alarm: str
    heard_at: datetime | None


@blueprint.get("/devices")
@login_required
def index() -> str:
    """Show the devices that the reader may see."""
    filters = listing.read(url_for("devices.index"), request.args, FILTERS)
    wanted = {each.value: each for each in DeviceState}
    states = [wanted[filters.view]] if filters.view in wanted else []
    found = devices.select(engine(), states=states, text=filters.q, after=filters.after, limit=PAGE + 1, actor=actor())
    page = found[:PAGE]
    known = status.told([device.code for device in page])
    return render_template(
        "devices/index.html",
        rows=[row(device, known[device.code]) for device in page],
        next_page=filters.href(after=page[-1].code) if len(found) > PAGE else "",
        views=tabs(filters),
        current=filters.view,
        filters=filters,
    )


def tabs(filters: Filters | None = None) -> Sequence[Tab]:
    """List the ways to look at the list, with how many are in each; what was searched for is kept."""
    filters = filters or listing.read(url_for("devices.index"), {}, FILTERS)
    counts: Counter[DeviceState] = Counter()
    for (_, state), count in devices.count(engine(), actor=actor()).items():
        counts[state] += count
    found = [
        ("all", gettext("All"), sum(counts.values())),
        (DeviceState.FAULT.value, gettext("Fault"), counts[DeviceState.FAULT]),
        (DeviceState.REPAIR.value, gettext("In repair"), counts[DeviceState.REPAIR]),
        (DeviceState.STOPPED.value, gettext("Out of use"), counts[DeviceState.STOPPED]),
    ]
    listed = [Tab(key, name, count, filters.href(view=key, after="")) for key, name, count in found]
    listed.append(Tab("silenced", gettext("Silenced"), None, url_for("devices.silenced")))
    listed.append(Tab("rules", gettext("Rules"), None, url_for("rules.index")))
    aside = quarantine.size(engine(), actor=actor())
    if aside is not None:
        listed.append(Tab("aside", gettext("Not understood"), aside, url_for("devices.aside")))
    return listed


def row(device: Device, known: status.Told) -> Row:
    """Show one device of the list."""
    return Row(
        code=device.code,
        name=name_of(device),
        state=status.state_of(device, known),
        kind=status.say(status.type_of(device).title),
        place=place_of(device),
        alarm=formats.listed(dict.fromkeys(status.say(alarm.cause.title) for alarm in known.open if alarm.holds)),
        heard_at=known.row.heard_at if known.row else None,
    )


def vendor_of(device: Device) -> str:
    """Give who maintains a device, in the reader's language."""
    with engine().store.read() as uow:
        found = vendors.find(uow, [device.vendor] if device.vendor else ()).get(device.vendor or "")
    if found is None:
        return device.vendor or ""
    return (found.name_en if language() == "en" else found.name_zh) or found.name_zh


@blueprint.get("/silenced")
@login_required
def silenced() -> str:
    """Show all that starts no ticket for now, of every device, and how to end it."""
    return render_template("devices/silenced.html", rows=lines(), views=tabs(), current="silenced")


@blueprint.get("/not-understood")
@login_required
def aside() -> str:
    """Show what telemetry could not take in, and how much came from each source."""
    found = quarantine.overview(engine(), limit=ASIDES, actor=actor())
    return render_template(
        "devices/aside.html",
        rows=[aside_row(entry) for entry in found.asides],
        total=found.total,
        counts=found.counts,
        views=tabs(),
        current="aside",
    )


@blueprint.post("/not-understood/<digest>")
@login_required
def let_go(digest: str) -> Any:
    """Let go of an entry that somebody has seen to."""
    quarantine.let_go(engine(), digest, actor=actor())
    flash(gettext("It is off the list."))
    return redirect(url_for("devices.aside"))


@blueprint.get("/devices/<code>")
@login_required
def page(code: str) -> str:
    """Show one device."""
    device = devices.get(engine(), code, actor=actor())
    known = status.told([code])[code]
    return render_template(
        "devices/page.html",
        device={
            "code": device.code,
            "name": name_of(device),
            "kind": status.say(status.type_of(device).title),
            "place": place_of(device),
            "state": status.state_of(device, known),
            "values": status.readings(device, known),
            "alarms": status.history(code),
            "rules": rules.of_device(device, known),
            "windows": windows(device),
            "parts": put_in(device),
            "facts": facts(device),
            "history": history(device),
        },
        **permissions(device),
    )


def history(device: Device) -> list[Deed]:
    """List what people did to a device, and why, the latest first."""
    found = devices.history(engine(), device.code, actor=actor())
    named = {name: rules.name_of(device, name) for name in {entry.data.get("rule", "") for entry in found} if name}
    return [deed(entry, named.get(entry.data.get("rule", ""), "")) for entry in found]


def permissions(device: Device) -> dict[str, bool]:
    """Say whether the reader may change a device, and switch its rules off."""
    with engine().store.read() as uow:
        return {
            "may_change": identity.allowed(uow, actor(), "update", "device", device.unit),
            "may_switch": identity.allowed(uow, actor(), "disable", disabled.KIND, device.unit),
        }


def facts(device: Device) -> list[Fact]:
    """List what is known of a device."""
    mttr = round(device.repair_minutes / device.repairs) if device.repairs else None
    told: list[tuple[str, str]] = [
        (gettext("Maker"), device.maker),
        (gettext("Model"), device.model),
        (gettext("Importance"), device.importance),
        (gettext("Maintained by"), vendor_of(device)),
        (gettext("Registration"), device.registration),
        (gettext("Installed"), formats.day(device.installed_on) if device.installed_on else ""),
        (gettext("Warranty until"), formats.day(device.warranty_until) if device.warranty_until else ""),
        (gettext("Next inspection"), formats.day(device.inspection_due) if device.inspection_due else ""),
        (gettext("Faults"), formats.number(device.faults)),
        (gettext("False alarms"), formats.number(device.false_alarms)),
        (gettext("Mean time to repair"), gettext("%(count)s min", count=mttr) if mttr else ""),
        (gettext("Last fault"), formats.moment(device.last_fault_at) if device.last_fault_at else ""),
    ]
    return [Fact(label, text) for label, text in told if text]
