"""A device simulator: readings that look alive, faults by script, sent over MQTT or signed HTTP. Bounded, stoppable, the same for a seed.

It speaks through the product's own doors only: whatever it sends, a real device could send.
"""

from __future__ import annotations

import itertools
import logging
import random
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from connectors.fetch import Allowed, fetch
from connectors.telemetry.patterns import PATTERNS, Readings
from connectors.webhooks import signature
from engine.model import json

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Simulated:
    """A device to play. ``project`` is the code of its project; ``type`` one of ``rules.toml``."""

    code: str
    type: str
    project: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Readings that a device is made to report from one second of the run until another."""

    device: str
    begin_s: float
    end_s: float
    readings: Mapping[str, Any]
    afterwards: Mapping[str, Any]


TRAPPED: Mapping[str, Any] = {
    "trapped_alarm": 1,
    "person_in_car": 1,
    "door_state": "closed",
    "run_state": "stopped",
    "speed": 0,
}
FREED: Mapping[str, Any] = {
    "trapped_alarm": 0,
    "person_in_car": 0,
    "door_state": "open",
    "run_state": "stopped",
    "speed": 0,
}


def trapped(device: str, begin_s: float, end_s: float) -> Fault:
    """Trap somebody in a lift and free them again: the demo's first story."""
    return Fault(device, begin_s, end_s, TRAPPED, FREED)


# ---- what devices say -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Message:
    """What one device says at one moment."""

    topic: str
    body: Mapping[str, Any]


def messages(
    devices: Sequence[Simulated], faults: Sequence[Fault], *, seed: int, every_s: float, until_s: float | None
) -> Iterator[tuple[float, Message]]:
    """Give (second of the run, message) in order: each device every so often, evenly spread; a fault as soon as it begins and ends.

    Endless without ``until_s``.
    """
    rng = random.Random(seed)  # noqa: S311 - plays devices, guards nothing
    known = [device for device in devices if device.type in PATTERNS]
    regular = _regular(known, every_s)
    changes = sorted(
        ((second, fault) for fault in faults for second in (fault.begin_s, fault.end_s)), key=lambda each: each[0]
    )
    by_code = {device.code: device for device in known}
    upcoming = iter(changes)
    change = next(upcoming, None)
    for second, device, turn in regular:
        while change is not None and change[0] <= second:
            if until_s is not None and change[0] > until_s:
                return
            at, fault = change
            if fault.device in by_code:
                yield at, _say(by_code[fault.device], dict(fault.readings if at < fault.end_s else fault.afterwards))
            change = next(upcoming, None)
        if until_s is not None and second > until_s:
            return
        readings = PATTERNS[device.type](rng, turn)
        for fault in faults:
            if fault.device == device.code and fault.begin_s <= second < fault.end_s:
                readings |= fault.readings
        yield second, _say(device, readings)


def _regular(devices: Sequence[Simulated], every_s: float) -> Iterator[tuple[float, Simulated, int]]:
    if not devices:
        return
    step = every_s / len(devices)
    for turn in itertools.count():
        for place, device in enumerate(devices):
            yield turn * every_s + place * step, device, turn


def _say(device: Simulated, readings: Readings) -> Message:
    return Message(f"pm/{device.project}/{device.code}/telemetry", readings)


# ---- how they say it ------------------------------------------------------------------------------------------------


class Channel(Protocol):
    """Sends messages somewhere."""

    def send(self, topic: str, body: bytes) -> None:
        """Send one."""
        ...

    def close(self) -> None:
        """Send what is on its way and leave."""
        ...


class MqttChannel:
    """Sends with QoS 1 to a broker."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2)
        self._client.max_inflight_messages_set(1000)
        self._client.connect(parts.hostname or "127.0.0.1", parts.port or 1883)
        self._client.loop_start()
        self._last: mqtt.MQTTMessageInfo | None = None

    def send(self, topic: str, body: bytes) -> None:
        """Publish one."""
        self._last = self._client.publish(topic, body, qos=1)

    def close(self) -> None:
        """Wait until the broker has the last one."""
        if self._last is not None:
            self._last.wait_for_publish(10)
        self._client.disconnect()
        self._client.loop_stop()


class HttpChannel:
    """Posts signed requests; ``url`` is followed by the topic."""

    def __init__(self, url: str, secret: str) -> None:
        parts = urlsplit(url)
        self._url = url.rstrip("/")
        self._secret = secret
        # whoever starts a simulator names the address; it may well be this machine
        self._allowed = Allowed((f"{parts.scheme}://{parts.netloc}",), ("127.0.0.0/8", "::1/128"))

    def send(self, topic: str, body: bytes) -> None:
        """Post one."""
        headers = signature.sign(body, self._secret, datetime.now(UTC)) | {"Content-Type": "application/json"}
        fetch(self._allowed, "POST", f"{self._url}/{topic}", headers=headers, body=body)

    def close(self) -> None:
        """Nothing is on its way: each was answered."""


class Simulator:
    """Plays devices in a thread until its script ends or it is stopped.

    Args:
        script: (second of the run, message), as ``messages`` gives.
        pace: how much faster than the clock it goes; 0: as fast as it can.
    """

    def __init__(self, channel: Channel, script: Iterable[tuple[float, Message]], *, pace: float = 1.0) -> None:
        self._channel = channel
        self._script = script
        self._pace = pace
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="propflow-simulator", daemon=True)
        self.sent = 0

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End early."""
        self._stopping.set()
        self.join()

    def join(self, timeout_s: float | None = None) -> None:
        """Wait until it has ended."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        begin = time.monotonic()
        try:
            for second, message in self._script:
                if self._pace and self._stopping.wait(max(0.0, begin + second / self._pace - time.monotonic())):
                    break
                if self._stopping.is_set():
                    break
                self._send(message)
        finally:
            self._channel.close()

    def _send(self, message: Message) -> None:
        told = {"ts": int(time.time() * 1000), "values": dict(message.body)}
        try:
            self._channel.send(message.topic, json.dumps(told).encode())
            self.sent += 1
        except Exception:
            # a device that cannot be heard goes on speaking
            log.warning("the simulator's message could not be sent", exc_info=True)
