"""Telemetry over MQTT: QoS 1 with duplicates, a real mosquitto, a SQLite file with ``synchronous=FULL``. Nothing may be lost."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Mapping
from pathlib import Path

import connectors.schema  # noqa: F401 - declares their tables
from bench.measure import Figure
from connectors.telemetry import rules
from connectors.telemetry.devices import Device
from connectors.telemetry.intake import Intake
from connectors.telemetry.mqtt import Subscriber
from connectors.telemetry.store import arrivals
from connectors.telemetry.store import devices as device_rows
from engine.model.ports import SystemClock
from engine.model.values import SYSTEM
from engine.services import units
from engine.services.engine import Engine
from engine.store.database import Store
from tests.servers import Mosquitto

MESSAGES = 40_000
DEVICES = 190
REPEATED = 5  # every fifth is sent twice

PUBLISHER = """
import json, sys, time
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
port, messages, devices, repeated = map(int, sys.argv[1:])
client = mqtt.Client(CallbackAPIVersion.VERSION2)
client.max_inflight_messages_set(2000)
client.connect("127.0.0.1", port)
client.loop_start()
last = []
for n in range(messages):
    code = f"LIFT-{n % devices}"
    values = {"floor": n % 14, "run_state": "running", "door_state": "closed", "person_in_car": n % 2, "trapped_alarm": 0,
              "fault_code": 0, "speed": 1.75, "motor_vib": 2.2}
    body = json.dumps({"id": n, "ts": int(time.time() * 1000), "values": values})
    for _ in range(2 if n % repeated == 0 else 1):
        last.append(client.publish(f"pm/p/{code}/telemetry", body, qos=1))
    if len(last) > 4000:
        last.pop(0).wait_for_publish(30); last = last[-3000:]
for info in last:
    info.wait_for_publish(60)
client.loop_stop()
"""


class Book:
    """Lifts of one project."""

    def __init__(self, unit: int) -> None:
        self._devices = {f"LIFT-{n}": Device(f"LIFT-{n}", f"Lift {n}", "lift", unit, unit) for n in range(DEVICES)}

    def find(self, codes: Collection[str]) -> Mapping[str, Device]:
        return {code: self._devices[code] for code in codes}


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, Mosquitto() as broker:
        store = Store(f"sqlite:///{folder}/bench.db", clock=SystemClock())
        store.create_tables()
        engine = Engine(store, SystemClock())
        unit = units.create(engine, kind="project", code="p", name_zh="p", name_en="p", actor=SYSTEM).key
        subscriber = Subscriber(Intake(engine, Book(unit), rules.shipped()), url=broker.url, client_id="bench")
        subscriber.start()
        subscriber.connected.wait(10)
        script = Path(folder) / "publisher.py"
        script.write_text(PUBLISHER, encoding="utf-8")
        began, cpu = time.monotonic(), time.process_time()
        words = [sys.executable, str(script), *map(str, (broker.port, MESSAGES, DEVICES, REPEATED))]
        with subprocess.Popen(words) as publisher:
            while _accepted(store) < MESSAGES:
                time.sleep(0.05)
                if time.monotonic() - began > 300:
                    break
            taken, cpu = time.monotonic() - began, time.process_time() - cpu
            publisher.wait(60)
        time.sleep(0.5)
        subscriber.stop()
        counts, samples = _totals(store)
        store.close()
    delivered = MESSAGES + MESSAGES // REPEATED
    lost = MESSAGES - samples
    each = cpu / delivered * 1e6
    note = f"{delivered} messages, {counts.get('repeated', 0)} repeats dropped, {lost} lost, {each:.0f} us CPU each of ours"
    rate = delivered / taken if not lost else 0.0
    return [Figure("telemetry over MQTT, QoS 1, with duplicates", "messages/s", rate, None, rate, 2000, True, note)]


def _accepted(store: Store) -> int:
    with store.read() as uow:
        return arrivals.counts(uow).get("mqtt", {}).get("accepted", 0)


def _totals(store: Store) -> tuple[Mapping[str, int], int]:
    with store.read() as uow:
        rows = device_rows.devices(uow, [f"LIFT-{n}" for n in range(DEVICES)])
        return arrivals.counts(uow)["mqtt"], sum(row.samples for row in rows.values())
