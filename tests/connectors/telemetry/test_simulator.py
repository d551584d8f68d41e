from __future__ import annotations

import itertools
import time
from datetime import timedelta

from connectors.telemetry import rules
from connectors.telemetry.inbound import Delivery
from connectors.telemetry.simulator import PATTERNS, Simulated, Simulator, messages, trapped
from engine.model import json

LIFT = Simulated("LIFT-3", "lift", "yunting")


class Wire:
    def __init__(self, fails: int = 0) -> None:
        self.sent: list[tuple[str, bytes]] = []
        self.fails = fails
        self.closed = False

    def send(self, topic: str, body: bytes) -> None:
        if self.fails:
            self.fails -= 1
            raise OSError("no network")
        self.sent.append((topic, body))

    def close(self) -> None:
        self.closed = True


def test_every_type_of_device_with_rules_has_something_to_say():
    assert set(PATTERNS) == set(rules.shipped().types)


def test_what_healthy_devices_say_for_an_hour_raises_nothing(plant):
    devices = [Simulated(plant.add(f"{type_}-1", type_), type_, "yunting") for type_ in PATTERNS]
    start = plant.clock.now()
    for second, message in messages(devices, [], seed=7, every_s=60, until_s=3600):
        plant.clock.move_to(start + timedelta(seconds=second))
        body = json.dumps({"ts": plant.clock.now().isoformat(), "values": message.body}).encode()
        plant.intake.take([Delivery(message.topic, body, "mqtt", plant.clock.now())])

    assert plant.said() == []
    assert plant.counts() == {"accepted": 14 * 61 - 13}


def test_a_script_traps_somebody_and_frees_them_when_it_says(plant):
    script = [
        (second, message.body.get("trapped_alarm"))
        for second, message in messages([LIFT], [trapped("LIFT-3", 12, 47)], seed=1, every_s=10, until_s=60)
    ]

    assert script == [(0, 0), (10, 0), (12, 1), (20, 1), (30, 1), (40, 1), (47, 0), (50, 0), (60, 0)]


def test_the_same_seed_says_the_same():
    def first(seed):
        return list(itertools.islice(messages([LIFT], [], seed=seed, every_s=1, until_s=None), 20))

    assert first(1) == first(1) != first(2)


def test_without_devices_there_is_nothing_to_say():
    assert list(messages([], [], seed=1, every_s=1, until_s=10)) == []
    assert list(messages([Simulated("X", "unknown", "p")], [], seed=1, every_s=1, until_s=10)) == []


def test_a_simulator_ends_with_its_script_and_goes_on_when_it_cannot_be_heard():
    wire = Wire(fails=2)
    simulator = Simulator(wire, messages([LIFT], [], seed=1, every_s=1, until_s=9), pace=0)
    simulator.start()
    simulator.join(10)

    assert wire.closed and simulator.sent == 8 and wire.sent[0][0] == "pm/yunting/LIFT-3/telemetry"


def test_an_endless_simulator_stops_when_it_is_told():
    wire = Wire()
    simulator = Simulator(wire, messages([LIFT], [], seed=1, every_s=600, until_s=None))
    simulator.start()
    begin = time.monotonic()
    simulator.stop()

    assert wire.closed and time.monotonic() - begin < 60
