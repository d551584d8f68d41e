from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.announcements import store as announcements
from connectors.telemetry import rules, watch
from connectors.telemetry.alarms import Alarm
from connectors.telemetry.batch import StormLimit
from connectors.telemetry.devices import Device
from connectors.telemetry.inbound import Delivery
from connectors.telemetry.intake import Intake, Taken
from connectors.telemetry.store import alarms as alarm_rows
from connectors.telemetry.store import arrivals
from connectors.telemetry.store import devices as device_rows
from engine.model import json
from engine.model.ports import FakeClock
from engine.store.units import Scope
from tests import people

EVERYTHING = Scope(everything=True)


@dataclass
class Book:
    """The devices of a project, in memory."""

    devices: dict[str, Device] = field(default_factory=dict)

    def find(self, codes: Collection[str]) -> Mapping[str, Device]:
        return {code: self.devices[code] for code in codes if code in self.devices}

    def change(self, code: str, **more: Any) -> None:
        self.devices[code] = replace(self.devices[code], **more)


@dataclass
class Plant:
    """Devices that speak, and what telemetry makes of it. Time stands still until it is moved."""

    branch: people.Office
    book: Book
    intake: Intake

    @property
    def clock(self) -> FakeClock:
        return self.branch.engine.clock  # type: ignore[return-value]

    def add(self, code: str, type_: str, **more: Any) -> str:
        unit = self.branch.unit("yunting-1")
        device = Device(code, code, type_, unit, self.branch.unit("yunting"), location="1F", **more)
        self.book.devices[code] = device
        return code

    def take(self, *told: tuple[str, Any], **more: Any) -> Taken:
        now = self.clock.now()
        return self.intake.take(
            [Delivery(topic, json.dumps(body).encode(), "mqtt", now, **more) for topic, body in told]
        )

    def read(self, code: str, ago_s: float = 0, **values: Any) -> Taken:
        at = self.clock.now() - timedelta(seconds=ago_s)
        return self.take((f"pm/yunting/{code}/telemetry", {"ts": at.isoformat(), "values": values}))

    def wait(self, seconds: int, *, alive: str = "", step_s: int = 60) -> None:
        """Let time pass as in production, with a tick every step; ``alive``: a device that gives signs of life meanwhile."""
        left = seconds
        while left > 0:
            self.clock.advance(timedelta(seconds=min(left, step_s)))
            left -= step_s
            if alive:
                self.read(alive, floor=1)
            watch.tick(self.intake)
            watch.forget(self.intake.engine, seen=timedelta(minutes=30), hours=timedelta(days=400))

    def repeat(self, seconds: int, code: str, *, every_s: int = 10, **values: Any) -> None:
        """Report the same for a while."""
        for _ in range(seconds // every_s + 1):
            self.read(code, **values)
            self.clock.advance(timedelta(seconds=every_s))

    # ---- what came of it --------------------------------------------------------------------------------------------

    def said(self) -> list[str]:
        """Every message so far: ``raised LIFT-3:trapped``."""
        with self.branch.engine.store.read() as uow:
            rows = uow.execute(
                announcements.announcement.select().order_by(announcements.announcement.c.key)
            ).mappings()
            return [f"{row['message'].rpartition('.')[2]} {row['correlation_key']}" for row in rows]

    def last(self) -> Mapping[str, Any]:
        """The variables of the last message."""
        with self.branch.engine.store.read() as uow:
            query = announcements.announcement.select().order_by(announcements.announcement.c.key.desc()).limit(1)
            found: Mapping[str, Any] = uow.execute(query).mappings().one()["variables"]
            return found

    def alarms(self) -> list[Alarm]:
        with self.branch.engine.store.read() as uow:
            return alarm_rows.alarms(uow, scope=EVERYTHING)[::-1]

    def device(self, code: str) -> device_rows.DeviceRow:
        with self.branch.engine.store.read() as uow:
            return device_rows.devices(uow, [code])[code]

    def counts(self) -> Mapping[str, int]:
        with self.branch.engine.store.read() as uow:
            return arrivals.counts(uow).get("mqtt", {})

    def quarantine(self) -> list[arrivals.Aside]:
        with self.branch.engine.store.read() as uow:
            return arrivals.quarantined(uow)


@pytest.fixture
def plant(branch: people.Office) -> Plant:
    book = Book()
    plant = Plant(branch, book, Intake(branch.engine, book, rules.shipped(), StormLimit(5, timedelta(minutes=5))))
    plant.add("LIFT-3", "lift")
    return plant
