"""The subscriber at a real broker: nothing that was acknowledged to a publisher is lost, whatever dies."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from connectors.telemetry import rules
from connectors.telemetry.batch import StormLimit
from connectors.telemetry.intake import Intake
from connectors.telemetry.mqtt import Subscriber
from engine.errors import ConcurrentUpdate
from engine.model import json
from engine.model.ports import SystemClock
from engine.services.engine import Engine
from engine.store.database import Store
from tests.servers import Mosquitto


@pytest.fixture(scope="module")
def broker() -> Iterator[Mosquitto]:
    with Mosquitto() as server:
        yield server


@pytest.fixture
def live(plant, tmp_path) -> Iterator[object]:
    """The plant on a database file, under the real clock."""
    store = Store(f"sqlite:///{tmp_path}/telemetry.db", clock=SystemClock())
    source = plant.branch.engine.store.engine
    with store.engine.connect() as there, source.connect() as here:
        here.connection.driver_connection.backup(there.connection.driver_connection)
    plant.branch.engine = Engine(store, SystemClock())
    plant.intake = Intake(plant.branch.engine, plant.book, rules.shipped(), StormLimit())
    yield plant
    store.close()


def subscriber(live, broker, name) -> Subscriber:
    return Subscriber(live.intake, url=broker.url, client_id=name)


def publisher(broker) -> mqtt.Client:
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.max_inflight_messages_set(1000)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    return client


def send(client: mqtt.Client, code: str, number: int, **values: object) -> mqtt.MQTTMessageInfo:
    told = {"id": f"{code}-{number}", "ts": int(time.time() * 1000), "values": values}
    return client.publish(f"pm/yunting/{code}/telemetry", json.dumps(told), qos=1)


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


def accepted(live) -> int:
    return live.counts().get("accepted", 0)


def test_an_alarm_over_mqtt_is_told_to_processes_within_a_second(live, broker):
    running = subscriber(live, broker, "quick")
    running.start()
    assert running.connected.wait(60)
    client = publisher(broker)

    begin = time.monotonic()
    send(client, "LIFT-3", 1, trapped_alarm=1)
    until(lambda: live.said() == ["raised LIFT-3:trapped"])
    took = time.monotonic() - begin

    client.loop_stop()
    running.stop()
    assert took < 3, "the promise from event to ticket"


def test_duplicates_and_a_subscriber_that_dies_lose_nothing_and_count_nothing_twice(live, broker):
    codes = [live.add(f"DOOR-{number}", "access_control") for number in range(20)]
    first = subscriber(live, broker, "durable")
    first.start()
    assert first.connected.wait(60)
    client = publisher(broker)

    infos = []
    for number in range(1500):
        times = 2 if number % 5 == 0 else 1
        infos += [send(client, codes[number % 20], number, held_open=number % 7) for _ in range(times)]
        if number == 400:
            first._client.loop_stop()  # dies: no acknowledgement goes out any more, what it had taken is delivered again
            first._client._sock_close()
            first._stopping.set()
        if number == 900:
            second = subscriber(live, broker, "durable")
            second.start()
    for info in infos:
        info.wait_for_publish(60)
    until(lambda: accepted(live) >= 1500)
    time.sleep(0.3)

    client.loop_stop()
    second.stop()
    assert accepted(live) == 1500, "each distinct reading once"
    assert sum(live.device(code).samples for code in codes) == 1500
    assert live.counts()["repeated"] >= 300
    assert all(live.device(code).readings["held_open"][0] == (1480 + place) % 7 for place, code in enumerate(codes))


def test_what_a_broker_had_when_it_was_killed_comes_after_its_restart(live):
    with Mosquitto() as own:
        running = subscriber(live, own, "restart")
        running.start()
        assert running.connected.wait(60)
        running.stop()
        client = publisher(own)
        for number in range(50):
            send(client, "LIFT-3", number, floor=number % 9).wait_for_publish(60)
        client.loop_stop()
        time.sleep(1.5)  # the broker saves every second
        own.kill()
        own.start_again()

        again = subscriber(live, own, "restart")
        again.start()
        until(lambda: accepted(live) == 50)
        again.stop()


def test_a_batch_that_cannot_be_stored_is_not_acknowledged_and_tried_again(live, broker, monkeypatch):
    failures = iter([ConcurrentUpdate("busy"), OSError("disk full")])
    store = Intake.take

    def take(self, deliveries):
        for failure in failures:
            raise failure
        return store(self, deliveries)

    monkeypatch.setattr(Intake, "take", take)
    monkeypatch.setattr("connectors.telemetry.mqtt.REST_S", 0.05)
    running = subscriber(live, broker, "stubborn")
    running.start()
    assert running.connected.wait(60)
    client = publisher(broker)

    send(client, "LIFT-3", 1, floor=1)
    until(lambda: accepted(live) == 1)

    client.loop_stop()
    running.stop()


def test_malformed_payloads_are_acknowledged_and_kept_in_quarantine(live, broker):
    running = subscriber(live, broker, "careful")
    running.start()
    assert running.connected.wait(60)
    client = publisher(broker)

    client.publish("pm/yunting/LIFT-3/telemetry", b"\xff\x00garbage", qos=1)
    client.publish("pm/yunting/LIFT-3/event", b'{"state": "perhaps"}', qos=1)
    send(client, "LIFT-3", 1, floor=1)
    until(lambda: accepted(live) == 1)

    client.loop_stop()
    running.stop()
    assert live.counts()["unreadable"] == 2 and len(live.quarantine()) == 2


def test_a_subscriber_goes_on_trying_while_the_broker_is_away(live):
    with Mosquitto() as own:
        own.kill()
        running = subscriber(live, own, "patient")
        running.start()
        assert not running.connected.wait(0.3)
        own.start_again()
        assert running.connected.wait(10)
        running.stop()
    assert threading.active_count() < 20


def test_what_the_broker_retained_starts_no_ticket_however_often_we_subscribe(live, broker):
    client = publisher(broker)
    old = {"type": "lift_fault", "state": "raised", "severity": "CRITICAL", "ts": int(time.time() * 1000) - 3_600_000}
    topics = {"pm/yunting/LIFT-3/event": old, "pm/yunting/LIFT-3/telemetry": {"trapped_alarm": 1}}
    for topic, body in topics.items():
        client.publish(topic, json.dumps(body), qos=1, retain=True).wait_for_publish(60)

    for _ in range(2):
        running = subscriber(live, broker, "retained")
        running.start()
        seen = live.counts().get("late", 0) + live.counts().get("repeated", 0)
        until(lambda seen=seen: live.counts().get("late", 0) + live.counts().get("repeated", 0) >= seen + 2)
        running.stop()

    for topic in topics:
        client.publish(topic, b"", qos=1, retain=True).wait_for_publish(60)
    client.loop_stop()
    assert live.said() == [] and live.alarms() == []
