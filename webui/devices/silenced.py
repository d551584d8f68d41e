"""All that starts no ticket for now: maintenance of devices, and rules that somebody switched off; who, until when, why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from connectors.register import devices
from connectors.register.store import devices as rows
from connectors.register.store.devices import Device
from connectors.telemetry import disabled, service
from connectors.telemetry.store.disabled import DisabledRule
from engine.model.keys import UnitKey
from engine.services import identity
from engine.store import units
from webui.context import actor, engine, parts
from webui.devices import status
from webui.devices.rules import OFF, title
from webui.devices.windows import windows
from webui.devices.words import name_of, place_of
from webui.i18n import gettext
from webui.i18n.languages import language
from webui.states import State

SILENCED = "silenced"
"""Says in an address that this list comes next, not the page of the device."""


@dataclass(frozen=True, slots=True)
class Line:
    """One window of maintenance, or one rule that is off.

    Attributes:
        code: of the device; empty where it is for every device of a type.
        begin: when a window begins or a rule was switched off.
        cancel: the page that asks why a window is cancelled; empty where the reader may not.
        enable: where a rule is switched on; empty where the reader may not.
    """

    what: str
    state: State
    device: str
    code: str
    place: str
    by: str
    begin: datetime
    until: datetime
    reason: str
    cancel: str = ""
    enable: str = ""

    @property
    def is_planned(self) -> bool:
        """Whether it has not begun yet."""
        return self.state is status.PLANNED


def lines() -> list[Line]:
    """List what is silenced where the reader may see devices, what ends first at the top."""
    resting = devices.with_windows(engine(), actor=actor())
    off = disabled.select(engine(), _types(), actor=actor())
    with engine().store.read() as uow:
        named = rows.find(uow, {each.device for each in off if each.device})
        paths = units.paths(uow, {each.unit for each in resting} | {each.unit for each in off})
        change = identity.scope(uow, actor(), "update", "device")
        switch = identity.scope(uow, actor(), "disable", disabled.KIND)
    found = [line for each in resting for line in _maintenance(each, may=change.covers(paths[UnitKey(each.unit)]))]
    found += [_rule(each, named.get(each.device), may=switch.covers(paths[UnitKey(each.unit)])) for each in off]
    return sorted(found, key=lambda line: line.until)


def _types() -> list[str]:
    return list(service.rule_book(parts().registry.settings("telemetry")).types)


def _maintenance(device: Device, *, may: bool) -> Iterator[Line]:
    for window in windows(device):
        yield Line(
            what=gettext("Maintenance"),
            state=window.state,
            device=name_of(device),
            code=device.code,
            place=place_of(device),
            by=window.by,
            begin=window.begin,
            until=window.end,
            reason=window.reason,
            cancel=url_for("upkeep.cancel_form", code=device.code, window=window.id, back=SILENCED) if may else "",
        )


def _rule(off: DisabledRule, device: Device | None, *, may: bool) -> Line:
    kind = service.rule_book(parts().registry.settings("telemetry")).of(off.type)
    place = place_of(device) if device else parts().directory.unit_name(off.unit, language())
    every = gettext("Every device: %(kind)s", kind=status.say(kind.title))
    return Line(
        what=title(kind, off.rule),
        state=OFF,
        device=name_of(device) if device else off.device or every,
        code=off.device,
        place=place,
        by=off.by_name,
        begin=off.since,
        until=off.until,
        reason=off.reason,
        enable=url_for("upkeep.enable_listed", key=off.key) if may else "",
    )
