"""The port through which telemetry learns what a device is. Whoever keeps the devices fills it in at the composition root."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

PORT = "devices"
"""The name under which the composition root supplies it."""


@dataclass(frozen=True, slots=True)
class Device:
    """What telemetry must know of a device.

    Attributes:
        type: picks the rules; a type that ``rules.toml`` does not describe has none.
        unit: where it stands in the organisation; tickets belong there.
        project: the unit within which a storm of alarms is counted.
        location: for people: building, floor, room.
        parent: the gateway or supply without which nothing can be heard of it, or an empty text.
        resting: it is in a maintenance window, under repair or out of use: alarms are recorded only.
        facts: what a process may want to know (vendor, model, importance); handed on as it is.
    """

    code: str
    name: str
    type: str
    unit: int
    project: int
    location: str = ""
    parent: str = ""
    resting: bool = False
    facts: Mapping[str, str] | None = None


class DeviceBook(Protocol):
    """Knows the devices."""

    def find(self, codes: Collection[str]) -> Mapping[str, Device]:
        """Give {code: device} of those that exist; a code that is missing is unknown and goes to quarantine."""
        ...
