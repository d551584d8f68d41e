"""Windows of maintenance as people read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from connectors.register.store.devices import Device
from webui.context import engine
from webui.devices import status
from webui.states import State


@dataclass(frozen=True, slots=True)
class Window:
    """A planned maintenance. ``state``: whether it goes on now."""

    id: str
    state: State
    begin: datetime
    end: datetime
    reason: str
    by: str


def windows(device: Device) -> list[Window]:
    """List the maintenance of a device that has not passed."""
    now = engine().clock.now()
    found = []
    for each in device.windows:
        begin, end = (datetime.fromisoformat(each[name]) for name in ("from", "to"))
        if end > now:
            state = status.IN_MAINTENANCE if begin <= now else status.PLANNED
            found.append(Window(each["id"], state, begin, end, each["reason"], each["by"]))
    return found
